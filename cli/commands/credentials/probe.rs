//! `pullcreds credentials probe`: an app that fetches the archive on every agent, and what its tasks say.

use std::path::Path;

use anyhow::{Context, bail};
use pullcreds_core::definition::id;
use pullcreds_core::json::Document;
use serde::Serialize;

use super::nodes::{self, Agent};
use super::words;
use crate::args::Voice;
use crate::args::agents::ProbeArguments;
use crate::commands::{read, shown};
use crate::outcome::Exit;
use crate::printer;
use crate::report::safe;

/// Runs as long as there is something to see; shows nothing of the file.
const COMMAND: &str = "if [ -s \"${MESOS_SANDBOX:-.}/.docker/config.json\" ]; then echo \"pullcreds probe: \
                       .docker/config.json is here\"; while :; do sleep 3600; done; else echo \"pullcreds probe: no \
                       .docker/config.json came out of the archive\" >&2; exit 1; fi";

pub(super) fn run(arguments: &ProbeArguments, voice: Voice) -> anyhow::Result<Exit> {
    let id = arguments.id.as_str();
    if !id.starts_with('/') || id::resolve(id, None).is_err() {
        bail!("--id {id}: write an id as Marathon takes it, with a slash before it");
    }
    if arguments.user.as_deref().is_some_and(|user| !words::is_user(user)) {
        bail!("--user: no name of a user");
    }
    if arguments.uri.is_empty()
        || arguments
            .uri
            .chars()
            .any(|char| char.is_whitespace() || char.is_control())
    {
        bail!("{}: no URI", arguments.uri);
    }
    let agents = arguments.nodes.as_deref().map(|path| of_role(path, arguments.public));
    let agents = agents.transpose()?;
    if let (Some(tasks), Some(agents)) = (&arguments.tasks, &agents) {
        return told(tasks, agents);
    }
    let count = agents.map_or(arguments.instances.unwrap_or(1) as usize, |agents| agents.len());
    let text = serde_json::to_string_pretty(&definition(arguments, count)).context("internal error: no definition")?;
    printer::output(format!("{text}\n").as_bytes())?;
    if !voice.quiet {
        let id = words::command(&[id]);
        let said = format!(
            "Keep it as probe.json, then:\n    dcos marathon app add probe.json\n    dcos marathon task list {id}      an \
             agent with a running task can fetch it\n    dcos marathon app show {id}       `lastTaskFailure` names an agent \
             that cannot, and why\n    dcos marathon app remove {id}     when you have seen enough\n"
        );
        printer::messages(said.as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// No image, so nothing is pulled. A task that fails is started again after five seconds, always: the only agent that
/// is free for it is one that failed, and other failing ones get their turn.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Definition<'a> {
    id: &'a str,
    cmd: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    cpus: f64,
    mem: u32,
    instances: usize,
    constraints: [[&'a str; 2]; 1],
    accepted_resource_roles: [&'a str; 1],
    fetch: [Fetch<'a>; 1],
    backoff_seconds: u32,
    backoff_factor: u32,
    max_launch_delay_seconds: u32,
    port_definitions: [u16; 0],
}

#[derive(Serialize)]
struct Fetch<'a> {
    uri: &'a str,
}

fn definition(arguments: &ProbeArguments, instances: usize) -> Definition<'_> {
    Definition {
        id: &arguments.id,
        cmd: COMMAND,
        user: arguments.user.as_deref(),
        cpus: 0.01,
        mem: 32,
        instances,
        constraints: [["hostname", "UNIQUE"]],
        accepted_resource_roles: [if arguments.public { "slave_public" } else { "*" }],
        fetch: [Fetch { uri: &arguments.uri }],
        backoff_seconds: 5,
        backoff_factor: 1,
        max_launch_delay_seconds: 5,
        port_definitions: [],
    }
}

/// The agents that the app can be started on.
fn of_role(path: &Path, public: bool) -> anyhow::Result<Vec<Agent>> {
    let agents = nodes::of_file(path)?.into_iter();
    let agents: Vec<_> = agents
        .filter(|agent| agent.is_public.is_none_or(|is_public| is_public == public))
        .collect();
    if agents.is_empty() {
        let which = if public { "public" } else { "private" };
        bail!("{}: there are no {which} agents in it", shown(path));
    }
    Ok(agents)
}

/// What `dcos marathon task list --json` says of each agent.
fn told(path: &Path, agents: &[Agent]) -> anyhow::Result<Exit> {
    let name = shown(path);
    let bytes = read(path)?;
    let wrong = || format!("{name}: is not what `dcos marathon task list --json` prints");
    let document = Document::parse(&bytes).with_context(wrong)?;
    if !document.root().is_array() {
        bail!(wrong());
    }
    let mut running = Vec::new();
    for task in document.root().elements() {
        let text = |name: &str| task.get(name).and_then(|value| value.as_str());
        let host = text("host").with_context(wrong)?;
        if text("state").as_deref() == Some("TASK_RUNNING") {
            running.push(host.into_owned());
        }
    }
    let mut failing = 0;
    let mut out = String::new();
    for Agent { host, .. } in agents {
        let can = running.contains(host);
        failing += usize::from(!can);
        let said = if can { "fetches it" } else { "NO TASK RUNS THERE" };
        out.push_str(&format!("{}: {said}\n", safe::line(host)));
    }
    printer::output(out.as_bytes())?;
    Ok(if failing == 0 { Exit::Clean } else { Exit::Found })
}
