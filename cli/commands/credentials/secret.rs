//! `pullcreds credentials secret`: the config.json for the secret store, and the commands that put it there.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use pullcreds_core::transform::Named;
use pullcreds_credentials::archive::LARGEST_CONFIG;

use super::file::Failed;
use super::{definitions, gather, words};
use crate::args::Voice;
use crate::args::credentials::SecretArguments;
use crate::commands::fail;
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::report::safe;

/// Since this version, `--file`; before, `--value-file`.
const FILE_SINCE: (u16, u16) = (1, 12);

const DEFAULT_NAME: &str = "pull-config.json";

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
    // What `dcos` has read is not needed any more, so it lies where nobody else looks, and goes with this folder.
    let passing = (arguments.apply && arguments.output.is_none()).then(tempfile::tempdir);
    let passing = passing.transpose().context("no temporary folder can be made")?;
    let output = match (&arguments.output, &passing) {
        (Some(output), _) => output.clone(),
        (None, Some(folder)) => folder.path().join(DEFAULT_NAME),
        (None, None) => PathBuf::from(DEFAULT_NAME),
    };
    let name = output.to_string_lossy().into_owned();
    let put = match made.text.expose().len() as u64 {
        length if length > LARGEST_CONFIG => Err(Problem::new("more than 1 MiB, which the secret store does not take")),
        _ => gather::put(&output, &made, &arguments.from),
    };
    if let Err(problem) = put {
        return fail(voice, &name, b"", &problem);
    }
    if !voice.quiet && passing.is_none() {
        let keys: Vec<_> = made.keys.iter().map(|key| format!("`{}`", safe::line(key))).collect();
        let said = format!(
            "{}: credentials for {}; mode 0600\n",
            safe::line(&name),
            keys.join(", ")
        );
        printer::messages(said.as_bytes())?;
    }
    let file_flag = file_flag(arguments.dcos_version);
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
            let line = words::command(&words.each_ref().map(String::as_str));
            printer::output(format!("{line}\n").as_bytes())?;
        }
    }
    if !arguments.apply && !voice.quiet {
        let said = "A secret that is there already is changed with `update` in place of `create`. Delete the file \
                    afterwards.\n";
        printer::messages(said.as_bytes())?;
    }
    Ok(exit)
}

/// What the cluster's command calls the file.
pub(super) fn file_flag(version: (u16, u16)) -> &'static str {
    if version < FILE_SINCE {
        "--value-file="
    } else {
        "--file="
    }
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
    let looked = definitions::each(&arguments.list, &arguments.policy, |_, bytes, folder| {
        let sites = definitions::as_fixed(bytes, &arguments.text, folder)?;
        let named = sites.into_iter().flat_map(|site| site.named);
        secrets.extend(named.filter_map(|named| match named {
            Named::Secret { source, .. } => path_in_store(&source?),
            Named::Fetched { .. } => None,
        }));
        Ok(())
    })?;
    Ok(looked.map(|()| secrets))
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

#[cfg(test)]
mod tests {
    use super::path_in_store;

    #[test]
    fn paths_lose_their_slash() {
        assert_eq!(path_in_store("/team/pullConfig").as_deref(), Some("team/pullConfig"));
        for bad in ["", "/", "a//b", "../a", "a\nb", "--force"] {
            assert_eq!(path_in_store(bad), None, "{bad}");
        }
    }
}
