//! `pullcreds credentials add`: one login into a config.json.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use anyhow::bail;
use pullcreds_core::finding::Severity;
use pullcreds_credentials::edit::{self, AddError};
use pullcreds_credentials::{Secret, host};

use super::file::{self, CredentialFile};
use super::{EVERYBODY, WRITER};
use crate::args::Voice;
use crate::args::credentials::AddArguments;
use crate::commands::fail;
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::report::safe;

/// No password is longer, and whoever pipes the wrong file is told.
const LONGEST_PASSWORD: usize = 64 * 1024;

pub(super) fn run(arguments: &AddArguments, voice: Voice) -> anyhow::Result<Exit> {
    let AddArguments {
        registry,
        username,
        file,
        ..
    } = arguments;
    let key = host::login_key(registry);
    if !host::is_registry(host::hostname(&key)) {
        bail!("{registry}: no registry: write its host, and its port where images are written with one");
    }
    if username.is_empty() || username.contains([':', '\n', '\r', '\0']) {
        bail!("--username: a user is not empty, and has no colon and no line end");
    }
    let name = file.to_string_lossy().into_owned();
    let old = match old(file) {
        Ok(old) => old,
        Err(problem) => return fail(voice, &name, b"", &problem),
    };
    let password = password()?;
    let text = old.as_ref().map(Secret::expose);
    let added = match edit::add(text, registry, username, &password) {
        Ok(added) => added,
        Err(error) => return fail(voice, &name, text.unwrap_or_default(), &problem(&error)),
    };
    if let Err(problem) = WRITER.put_private(file, text, added.text.expose()) {
        return fail(voice, &name, b"", &problem);
    }
    if !voice.quiet {
        printer::messages(said(&name, username, registry, &added, file).as_bytes())?;
    }
    Ok(Exit::Clean)
}

fn said(name: &str, user: &str, registry: &str, added: &edit::Added, file: &Path) -> String {
    let (name, key) = (safe::line(name), safe::line(&added.key));
    let done = if added.replaced { "replaced" } else { "added" };
    let mut out = format!(
        "{name}: {done} the entry for `{key}`, user `{}`; mode 0600\n",
        safe::line(user)
    );
    if !matches!(host::path(registry), "" | "v1" | "v2") && !host::is_hub(registry) {
        out.push_str("note: credentials count for the whole host; the path was left out, as `docker login` does\n");
    }
    let findings = CredentialFile::load(file).and_then(|file| file.findings(&EVERYBODY));
    if findings.is_ok_and(|findings| findings.iter().any(|finding| finding.severity == Severity::Error)) {
        out.push_str(&format!(
            "note: something else is wrong with the file: `pullcreds credentials check {name}`\n"
        ));
    }
    out
}

fn old(path: &Path) -> Result<Option<Secret>, Problem> {
    match path.try_exists() {
        Ok(false) => Ok(None),
        _ => file::bytes(path).map(Some),
    }
}

/// Standard input without one line end, in a buffer that never moves.
fn password() -> anyhow::Result<Secret> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("--password-stdin: the password would be seen here; give it through a pipe, or with `< FILE`");
    }
    let mut bytes = Vec::with_capacity(LONGEST_PASSWORD + 1);
    let read = stdin.lock().take(LONGEST_PASSWORD as u64).read_to_end(&mut bytes);
    let all = Secret::new(bytes);
    if read.is_err() {
        bail!("standard input cannot be read");
    }
    let text = all.expose();
    if text.len() >= LONGEST_PASSWORD {
        bail!("--password-stdin: that is no password: it is longer than 64 KiB");
    }
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        bail!("--password-stdin: standard input is empty");
    }
    if line.iter().any(|byte| matches!(byte, b'\n' | b'\r' | b'\0')) {
        bail!("--password-stdin: the password has several lines; give it as one");
    }
    Ok(Secret::new(line.to_vec()))
}

fn problem(error: &AddError) -> Problem {
    match error {
        AddError::Syntax(syntax) => Problem::new(syntax.to_string()).at(syntax.offset..syntax.offset.saturating_add(1)),
        AddError::Shape(shape) => Problem::new(shape.message.as_str()).at(shape.span.clone()),
        AddError::Edit(edit) => Problem::from(edit),
        AddError::Lost => Problem::new(error.to_string()),
    }
}
