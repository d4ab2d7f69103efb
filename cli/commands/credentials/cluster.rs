//! `pullcreds credentials cluster`: credentials that the agents have themselves.

use std::path::Path;

use anyhow::bail;
use pullcreds_credentials::agent::{self, DEFAULT_PATH};

use super::file::{self, Failed};
use super::scripts::{Sent, yaml};
use super::{gather, nodes, words};
use crate::args::Voice;
use crate::args::agents::ClusterArguments;
use crate::commands::{fail, shown};
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::report::{self, safe};

pub(super) fn run(arguments: &ClusterArguments, voice: Voice) -> anyhow::Result<Exit> {
    if !arguments.check.is_empty() {
        return check(arguments, voice);
    }
    if !words::is_plain_path(&arguments.path) {
        bail!(
            "--path {}: write an absolute path of letters, digits and `._-+/`",
            arguments.path
        );
    }
    let agents = nodes::agents(&arguments.agents)?;
    if !arguments.from.is_given() {
        if !agents.is_empty() {
            bail!("say where the credentials are: `--from-config FILE`, `--from-env` or `--from-acs APIMODEL`");
        }
        printer::output(settings(&arguments.path).as_bytes())?;
        return Ok(Exit::Clean);
    }
    let output = &arguments.output;
    let file = output.file_name().unwrap_or_default().to_string_lossy();
    if !words::is_file_name(&file) {
        bail!("--output {}: give it a plainer name", output.display());
    }
    let made = match gather::gather(&arguments.from) {
        Ok(made) => made,
        Err(Failed { name, text, problem }) => return fail(voice, &name, text.expose(), &problem),
    };
    let name = output.to_string_lossy();
    // Nothing that was composed stops an agent; but what is written here could stop a cluster, so it is looked at.
    let written = match agent::stops_agent(made.text.expose()) {
        Some(stop) => Err(Problem::new(stop.message)),
        None => gather::put(output, &made, &arguments.from),
    };
    if let Err(problem) = written {
        return fail(voice, &name, b"", &problem);
    }
    let sent = Sent {
        file: &file,
        target: &arguments.path,
        user: "root",
        mode: 0o600,
    };
    printer::output(sent.cluster(&agents).as_bytes())?;
    if !voice.quiet {
        let keys: Vec<_> = made.keys.iter().map(|key| format!("`{}`", safe::line(key))).collect();
        let said = format!(
            "{}: credentials for {}, for every task of the cluster; mode 0600\nThe settings for config.yaml: `pullcreds \
             credentials cluster`\n",
            safe::line(&name),
            keys.join(", ")
        );
        printer::messages(said.as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// As DC/OS' page recommends: a blank file by the configuration, the real one by hand.
///
/// DC/OS writes a blank file to one place only, so with another path nothing is written by it.
fn settings(path: &str) -> String {
    let is_default = path == DEFAULT_PATH;
    let mut out = String::from(
        "# For DC/OS' config.yaml. No credentials here: the agents read them from a file of their own,\n# ",
    );
    out.push_str(&format!("{path}, mode 0600.\n"));
    if !is_default {
        out.push_str("# Put the file there before DC/OS is installed: without it, agents do not start.\n");
    }
    let path = yaml(path);
    let rows = [
        ("cluster_docker_credentials", "\"{}\""),
        ("cluster_docker_credentials_enabled", "\"true\""),
        ("cluster_docker_credentials_dcos_owned", "\"false\""),
        (
            "cluster_docker_credentials_write_to_etc",
            if is_default { "\"true\"" } else { "\"false\"" },
        ),
        ("cluster_docker_credentials_path", &path),
    ];
    let rows = &rows[..if is_default { 4 } else { 5 }];
    rows.iter()
        .for_each(|(name, value)| out.push_str(&format!("{name}: {value}\n")));
    out
}

/// Whether an agent would start with these files.
fn check(arguments: &ClusterArguments, voice: Voice) -> anyhow::Result<Exit> {
    let mut exit = Exit::Clean;
    for path in &arguments.check {
        match one(path, voice)? {
            Exit::Clean => {}
            // What could not be done weighs more than what was found.
            worse if exit != Exit::Failed => exit = worse,
            _ => {}
        }
    }
    Ok(exit)
}

fn one(path: &Path, voice: Voice) -> anyhow::Result<Exit> {
    let name = shown(path);
    let text = match file::bytes(path) {
        Ok(text) => text,
        Err(problem) => return fail(voice, &name, b"", &problem),
    };
    match agent::stops_agent(text.expose()) {
        None if voice.quiet => {}
        None => printer::messages(format!("{}: an agent starts with it\n", safe::line(&name)).as_bytes())?,
        Some(stop) => {
            let problem = Problem::new(format!("an agent does not start with it: {}", stop.message));
            let problem = if stop.span.is_empty() {
                problem
            } else {
                problem.at(stop.span)
            };
            let help = "`pullcreds credentials cluster --from-config FILE` makes one that is right";
            report::show_problem(voice, &name, text.expose(), &problem.with_help(help))?;
            return Ok(Exit::Found);
        }
    }
    Ok(Exit::Clean)
}
