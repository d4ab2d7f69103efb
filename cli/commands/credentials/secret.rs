//! `pullcreds credentials secret`: the config.json for the secret store, and the commands that put it there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use pullcreds_core::transform::{self, Fixed, Named, Options, Selection, Surveyed, survey};
use pullcreds_credentials::archive::LARGEST_CONFIG;

use super::file::{self, Failed};
use super::{WRITER, gather};
use crate::args::Voice;
use crate::args::credentials::SecretArguments;
use crate::commands::fail;
use crate::config::{Finder, Folder};
use crate::outcome::{Exit, Problem};
use crate::pipeline::in_words;
use crate::printer;
use crate::report::safe;
use crate::sources::{Sources, parent};

/// Since this version, `--file`; before, `--value-file`.
const FILE_SINCE: (u16, u16) = (1, 12);

pub(super) fn run(arguments: &SecretArguments, voice: Voice) -> anyhow::Result<Exit> {
    let mut secrets = BTreeSet::new();
    for secret in &arguments.secrets {
        secrets.insert(path_in_store(secret).with_context(|| format!("{secret}: no path in the secret store"))?);
    }
    match listed(arguments)? {
        Ok(listed) => secrets.extend(listed),
        Err(Failed { name, text, problem }) => return fail(voice, &name, text.expose(), &problem),
    }
    if !arguments.from.is_given() {
        if arguments.list.is_empty() || arguments.apply {
            bail!("say where the credentials are: `--from-config FILE`, `--from-env` or `--from-acs APIMODEL`");
        }
        let lines: String = secrets
            .iter()
            .map(|secret| format!("{}\n", safe::line(secret)))
            .collect();
        printer::output(lines.as_bytes())?;
        return Ok(Exit::Clean);
    }
    if secrets.is_empty() {
        bail!("name the secret, as in `team/pullConfig`, or the definitions that need one, with `--list`");
    }
    let made = match gather::gather(&arguments.from) {
        Ok(made) => made,
        Err(Failed { name, text, problem }) => return fail(voice, &name, text.expose(), &problem),
    };
    let output = &arguments.output;
    let name = output.to_string_lossy().into_owned();
    let put = match made.text.expose().len() as u64 {
        _ if is_source(output, &arguments.from.from_config) => Err(Problem::new(
            "not written: the credentials are taken from this file; name another with `--output`",
        )),
        length if length > LARGEST_CONFIG => Err(Problem::new("more than 1 MiB, which the secret store does not take")),
        _ => put(output, &made.text),
    };
    if let Err(problem) = put {
        return fail(voice, &name, b"", &problem);
    }
    if !voice.quiet {
        let keys: Vec<_> = made.keys.iter().map(|key| format!("`{}`", safe::line(key))).collect();
        let said = format!(
            "{}: credentials for {}; mode 0600\n",
            safe::line(&name),
            keys.join(", ")
        );
        printer::messages(said.as_bytes())?;
    }
    let file_flag = if arguments.dcos_version < FILE_SINCE {
        "--value-file="
    } else {
        "--file="
    };
    let mut exit = Exit::Clean;
    for secret in &secrets {
        let words = [
            "dcos",
            "security",
            "secrets",
            "create",
            &format!("{file_flag}{name}"),
            secret,
        ]
        .map(str::to_owned);
        if arguments.apply {
            if !apply(&words, voice)? {
                exit = Exit::Failed;
            }
        } else {
            let line: Vec<_> = words.iter().map(|word| quoted(word)).collect();
            printer::output(format!("{}\n", line.join(" ")).as_bytes())?;
        }
    }
    if !arguments.apply && !voice.quiet {
        let said = "A secret that is there already is changed with `update` in place of `create`. Delete the file \
                    afterwards.\n";
        printer::messages(said.as_bytes())?;
    }
    Ok(exit)
}

fn is_source(output: &Path, sources: &[std::path::PathBuf]) -> bool {
    let output = output.canonicalize();
    output.is_ok_and(|output| {
        sources
            .iter()
            .any(|source| source.canonicalize().is_ok_and(|source| source == output))
    })
}

fn put(path: &Path, text: &pullcreds_credentials::Secret) -> Result<(), Problem> {
    if !path.exists() {
        return WRITER.put_private(path, None, text.expose());
    }
    let old = file::bytes(path)?;
    WRITER.put_private(path, Some(old.expose()), text.expose())
}

/// Runs one command; whether it went well. What it says goes to standard error, for it is no data of ours.
fn apply(words: &[String], voice: Voice) -> anyhow::Result<bool> {
    let (program, rest) = words.split_first().context("internal error: an empty command")?;
    let output = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{program}` cannot be run; it must be on the PATH"))?;
    let secret = safe::line(rest.last().map_or("", String::as_str));
    printer::messages(&output.stdout)?;
    printer::messages(&output.stderr)?;
    if !output.status.success() {
        let said = format!(
            "error: {secret}: `{}` failed ({})\n",
            safe::line(&words.join(" ")),
            output.status
        );
        printer::messages(said.as_bytes())?;
    } else if !voice.quiet {
        printer::messages(format!("{secret}: created\n").as_bytes())?;
    }
    Ok(output.status.success())
}

/// The sources that definitions name, or would after `pullcreds fix`.
fn listed(arguments: &SecretArguments) -> anyhow::Result<Result<BTreeSet<String>, Failed>> {
    let mut secrets = BTreeSet::new();
    if arguments.list.is_empty() {
        return Ok(Ok(secrets));
    }
    let walk = crate::args::WalkArguments::default();
    let finder = match Finder::new(&arguments.policy, Some(&walk))? {
        Ok(finder) => finder,
        Err(bad) => bail!("{}: {}", bad.name, bad.problem.message),
    };
    let sources = Sources::new(&arguments.list);
    if sources.stdin {
        bail!("--list takes files and folders, not standard input");
    }
    let mut files = sources.files.clone();
    let found = std::sync::Mutex::new(Vec::new());
    sources.walk(&walk, &finder, || {
        |path: Result<&Path, ignore::Error>| {
            let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            found.push(path.map(Path::to_owned).map_err(|error| error.to_string()));
        }
    });
    for path in found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        files.push(path.map_err(anyhow::Error::msg)?);
    }
    files.sort();
    for path in files {
        let failed = |problem: Problem| Failed {
            name: path.to_string_lossy().into_owned(),
            text: pullcreds_credentials::Secret::default(),
            problem: Box::new(problem),
        };
        let folder = match finder.folder(parent(&path)) {
            Ok(folder) => folder,
            Err(bad) => bail!("{}: {}", bad.name, bad.problem.message),
        };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                return Ok(Err(failed(Problem::new(format!(
                    "cannot be read: {}",
                    in_words(&error)
                )))));
            }
        };
        match of_definition(&bytes, arguments, &folder) {
            Ok(found) => secrets.extend(found),
            Err(error) => {
                let problem = Problem {
                    span: None,
                    ..Problem::from(&error)
                };
                let help = format!("`pullcreds check {}` shows where", path.display());
                return Ok(Err(failed(problem.with_help(help))));
            }
        }
    }
    Ok(Ok(secrets))
}

fn of_definition(
    bytes: &[u8],
    arguments: &SecretArguments,
    folder: &Folder,
) -> Result<Vec<String>, transform::TransformError> {
    let selection = Selection::default();
    let options = Options {
        kind: arguments.text.kind,
        group: arguments.text.group.as_deref(),
        fix_patches: false,
        ..Options::new(folder.policy(), &selection)
    };
    let fixed = match transform::fix(bytes, &options)? {
        Fixed::Definition(rewrite) => rewrite.edited,
        Fixed::Passed(_) => return Ok(Vec::new()),
    };
    let text = fixed.as_ref().map_or(bytes, |(text, _)| text.as_bytes());
    let Surveyed::Definition(_, sites) = survey(text, &options)? else {
        return Ok(Vec::new());
    };
    let named = sites.into_iter().flat_map(|site| site.named);
    Ok(named
        .filter_map(|named| match named {
            Named::Secret { source, .. } => path_in_store(&source?),
            Named::Fetched { .. } => None,
        })
        .collect())
}

/// As the store has it: without a leading slash.
fn path_in_store(text: &str) -> Option<String> {
    let path = text.strip_prefix('/').unwrap_or(text);
    let is_good = !path.is_empty()
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
        && !path.starts_with('-')
        && !path.chars().any(char::is_control);
    is_good.then(|| path.to_owned())
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{path_in_store, quoted};

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("--file=a/b.json"), "--file=a/b.json");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn paths_lose_their_slash() {
        assert_eq!(path_in_store("/team/pullConfig").as_deref(), Some("team/pullConfig"));
        for bad in ["", "/", "a//b", "../a", "a\nb", "--force"] {
            assert_eq!(path_in_store(bad), None, "{bad}");
        }
    }
}
