//! `pullcreds credentials archive`: docker.tar.gz, made and read back.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use pullcreds_credentials::Secret;
use pullcreds_credentials::archive;

use super::file::{self, Failed};
use super::{WRITER, gather};
use crate::args::Voice;
use crate::args::credentials::ArchiveArguments;
use crate::commands::fail;
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::report::safe;

pub(super) fn run(arguments: &ArchiveArguments, voice: Voice) -> anyhow::Result<Exit> {
    if !arguments.from.is_given() {
        bail!("say where the credentials are: `--from-config FILE`, `--from-env` or `--from-acs APIMODEL`");
    }
    let made = match gather::gather(&arguments.from) {
        Ok(made) => made,
        Err(Failed { name, text, problem }) => return fail(voice, &name, text.expose(), &problem),
    };
    let output = &arguments.output;
    let name = output.to_string_lossy().into_owned();
    let packed = archive::write(&made.text).context("internal error: the archive cannot be packed")?;
    if let Err(problem) = put(output, &packed).and_then(|()| verify(output, &made.text)) {
        return fail(voice, &name, b"", &problem);
    }
    if !voice.quiet {
        printer::messages(said(output, &made.keys).as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// One that is there keeps its mode and owner: somebody made it readable for those who fetch it.
fn put(path: &Path, packed: &Secret) -> Result<(), Problem> {
    if !path.exists() {
        return WRITER.put_private(path, None, packed.expose());
    }
    let old = file::bytes(path)?;
    if old == *packed {
        return Ok(());
    }
    if !old.expose().is_empty() && !archive::looks_like_archive(old.expose()) {
        return Err(Problem::new(
            "not written: a file of this name is there, and it is no archive",
        ));
    }
    WRITER.replace(path, old.expose(), packed.expose())
}

/// What lies there now is what was meant.
fn verify(path: &Path, config: &Secret) -> Result<(), Problem> {
    let bytes = file::bytes(path)?;
    let contents = archive::read(bytes.expose()).map_err(|error| Problem::new(error.to_string()))?;
    if contents.config.as_ref() == Some(config) && contents.members.len() == 2 {
        Ok(())
    } else {
        Err(Problem::new("was written, but reading it back gives something else"))
    }
}

fn said(path: &Path, keys: &[String]) -> String {
    let name = safe::line(&path.to_string_lossy());
    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", safe::line(key))).collect();
    let mut out = format!("{name}: credentials for {}; read back and right\n", keys.join(", "));
    if let Some(mode) = mode(path) {
        out.push_str(&readability(&name, mode));
    }
    out
}

/// The fetch runs as the task's user, and not as root.
fn readability(name: &str, mode: u32) -> String {
    let mut out = format!("mode {mode:04o}: ");
    out.push_str(match (mode & 0o040 != 0, mode & 0o004 != 0) {
        (_, true) => "every user of an agent can read the credentials\n",
        (true, false) => "its owner and group can read it\n",
        (false, false) => "only its owner can read it\n",
    });
    if mode & 0o004 == 0 {
        out.push_str(&format!(
            "The fetch of a `file://` URI runs as the user of the task, `nobody` in DC/OS strict mode. On the agents:\n    \
             chgrp nogroup {name} && chmod 0640 {name}    (the group of `nobody`; `nobody` on Red Hat and CoreOS)\n\
             or `chmod 0644`, and every user of the agent can read the credentials. Tasks of root need neither.\n"
        ));
    }
    out
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path)
        .ok()
        .map(|metadata| metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().and(None)
}
