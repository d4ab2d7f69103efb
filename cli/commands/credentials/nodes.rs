//! Which agents there are: named, or in a file.

use std::path::Path;

use anyhow::{Context, bail};
use pullcreds_core::json::Document;

use super::words;
use crate::args::agents::AgentsArguments;
use crate::commands::{read, shown};

/// An agent of a file.
pub(super) struct Agent {
    pub(super) host: String,
    /// Whether it is a public one; a file with one name a line does not say.
    pub(super) is_public: Option<bool>,
}

/// Those that were named, and then those of the file, each once.
pub(super) fn agents(arguments: &AgentsArguments) -> anyhow::Result<Vec<String>> {
    let mut agents = arguments.agents.clone();
    if let Some(path) = &arguments.nodes {
        agents.extend(of_file(path)?.into_iter().map(|agent| agent.host));
    }
    let mut unique: Vec<String> = Vec::with_capacity(agents.len());
    for agent in agents {
        if !words::is_agent(&agent) {
            bail!("{agent}: no agent: write its name or address as ssh takes it");
        }
        if !unique.contains(&agent) {
            unique.push(agent);
        }
    }
    Ok(unique)
}

/// The agents that a file names: one a line, or what `dcos node --json` prints, without the masters.
pub(super) fn of_file(path: &Path) -> anyhow::Result<Vec<Agent>> {
    let name = shown(path);
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{name}: is not valid UTF-8"))?;
    let agents = if text.trim_start().starts_with(['[', '{']) {
        of_json(text).with_context(|| format!("{name}: is not what `dcos node --json` prints"))?
    } else {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let named = lines.filter(|line| !line.is_empty());
        let agent = |host: &str| Agent {
            host: host.to_owned(),
            is_public: None,
        };
        named.map(agent).collect()
    };
    if agents.is_empty() {
        bail!("{name}: there are no agents in it");
    }
    Ok(agents)
}

/// Masters have an `ip`; agents a `hostname` (dcoscli 0.6.1, `node/main.py`; dcos-core-cli likewise).
fn of_json(text: &str) -> anyhow::Result<Vec<Agent>> {
    let document = Document::parse(text.as_bytes())?;
    let root = document.root();
    if !root.is_array() {
        bail!("an array is expected");
    }
    let mut agents = Vec::new();
    for node in root.elements() {
        let text = |name: &str| node.get(name).and_then(|value| value.as_str());
        let kind = text("type").with_context(|| "a node has no `type`")?;
        if kind.starts_with("agent") {
            let host = text("hostname").with_context(|| "an agent has no `hostname`")?;
            // An attribute that DC/OS gives its public agents.
            let public = node
                .get("attributes")
                .and_then(|attributes| attributes.get("public_ip"));
            agents.push(Agent {
                host: host.into_owned(),
                is_public: Some(public.and_then(|value| value.as_str()).as_deref() == Some("true")),
            });
        }
    }
    Ok(agents)
}
