//! `pullcreds credentials distribute`: docker.tar.gz on every agent, as a script or a play.

use anyhow::bail;
use pullcreds_core::finding::Severity;
use pullcreds_credentials::matching::Reader;

use super::file::{CredentialFile, Failed};
use super::scripts::Sent;
use super::{nodes, words};
use crate::args::Voice;
use crate::args::agents::DistributeArguments;
use crate::commands::{fail, shown};
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::report::safe;

pub(super) fn run(arguments: &DistributeArguments, voice: Voice) -> anyhow::Result<Exit> {
    let DistributeArguments { to, user, .. } = arguments;
    if !words::is_plain_path(to) {
        bail!("--to {to}: write an absolute path of letters, digits and `._-+/`");
    }
    if !words::is_user(user) {
        bail!("--user {user}: no name of a user");
    }
    let agents = nodes::agents(&arguments.agents)?;
    if let Err(Failed { name, text, problem }) = usable(arguments) {
        return fail(voice, &name, text.expose(), &problem);
    }
    // The script finds it beside itself.
    let file = arguments.archive.file_name().unwrap_or_default().to_string_lossy();
    if !words::is_file_name(&file) {
        bail!("{}: give the archive a plainer name", shown(&arguments.archive));
    }
    let mode = arguments.mode.unwrap_or(if user == "root" { 0o600 } else { 0o640 });
    let sent = Sent {
        file: &file,
        target: to,
        user,
        mode,
    };
    let script = if arguments.ansible {
        sent.distribute_play()
    } else {
        sent.distribute(&agents)
    };
    printer::output(script.as_bytes())?;
    if !voice.quiet {
        printer::messages(said(to, user, mode).as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// An archive with which pulls would fail is not spread.
fn usable(arguments: &DistributeArguments) -> Result<(), Failed> {
    let file = CredentialFile::load(&arguments.archive)?;
    let failed = |problem: Problem| Failed {
        name: file.name.clone(),
        text: pullcreds_credentials::Secret::default(),
        problem: Box::new(problem),
    };
    if !file.is_archive {
        let problem = Problem::new("is no archive").with_help("`pullcreds credentials archive` makes one");
        return Err(failed(problem));
    }
    let findings = file.findings(&[Reader::Docker])?;
    let wrong = file.layout.iter().chain(&findings);
    match wrong.into_iter().find(|finding| finding.severity == Severity::Error) {
        Some(finding) => Err(failed(
            Problem::new(format!("{}: {}", finding.code, finding.message)).with_help(format!(
                "`pullcreds credentials check {}` shows all",
                shown(&arguments.archive)
            )),
        )),
        None => Ok(()),
    }
}

fn said(to: &str, user: &str, mode: u32) -> String {
    let who = match (mode & 0o040 != 0, mode & 0o004 != 0) {
        (_, true) => "every user of an agent".to_owned(),
        (true, false) => format!("root and the group of {user}"),
        (false, false) => "root alone".to_owned(),
    };
    let to = safe::line(to);
    format!(
        "{to}: mode {mode:04o}, so {who} can read the passwords on an agent. In the definitions: `\"uri\": \"file://{to}\"`\n"
    )
}
