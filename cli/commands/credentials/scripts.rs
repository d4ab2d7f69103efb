//! Scripts and plays that bring a file to agents, and that a person reads and then runs. Their bodies are files in
//! `scripts/`; before a body stand the values that it works with.
//!
//! Values are plain words (`words`), so that they mean the same to a shell here, to one on an agent, and to Ansible.

use super::words::quoted;

/// On every agent over ssh: `agents.sh` after one of the two things that an agent can do with a file.
const AGENTS: &str = include_str!("scripts/agents.sh");
const PUT: &str = include_str!("scripts/put.sh");
const RESTART_AGENT: &str = include_str!("scripts/restart-agent.sh");
const DISTRIBUTE_PLAY: &str = include_str!("scripts/distribute.yml");

/// A file that goes to every agent.
pub(super) struct Sent<'a> {
    /// Here, as the script names it.
    pub(super) file: &'a str,
    /// There.
    pub(super) target: &'a str,
    /// Who is to be able to read it; the file gets the group of this user.
    pub(super) user: &'a str,
    pub(super) mode: u32,
}

impl Sent<'_> {
    fn values(&self, agents: &[String]) -> String {
        let mut out = format!(
            "file=${{FILE:-{}}}\ntarget={}\nuser={}\nmode={:04o}\n",
            quoted(self.file),
            quoted(self.target),
            quoted(self.user),
            self.mode
        );
        if !agents.is_empty() {
            let agents: Vec<_> = agents.iter().map(|agent| quoted(agent)).collect();
            out.push_str(&format!("[ $# -gt 0 ] || set -- {}\n", agents.join(" ")));
        }
        out
    }

    /// Puts an archive on all agents, and goes on where one fails.
    pub(super) fn distribute(&self, agents: &[String]) -> String {
        let head = format!(
            "#!/bin/sh\n\
             # Puts {file} on agents as {target}. Made by `pullcreds credentials distribute`.\n\
             #\n\
             #     sh THIS_FILE [AGENT...]\n\
             #\n\
             # The archive lies beside this script, or where FILE says; neither it nor its checksum is in here. Every user\n\
             # who can read it on an agent, and every task that fetches it, can read the passwords in it.\n\
             set -eu\n",
            file = self.file,
            target = self.target
        );
        [&head, &self.values(agents), PUT, AGENTS].concat()
    }

    /// Puts the agents' own credentials on one agent after the other, and stops where one does not start.
    pub(super) fn cluster(&self, agents: &[String]) -> String {
        let head = format!(
            "#!/bin/sh\n\
             # Puts {file} on agents as {target},\n\
             # and restarts them, one after the other; stops where one does not run afterwards, with its old file in place\n\
             # again. Made by `pullcreds credentials cluster`.\n\
             #\n\
             #     sh THIS_FILE [AGENT...]\n\
             #\n\
             # The file lies beside this script, or where FILE says; its contents are not in here.\n\
             set -eu\n",
            file = self.file,
            target = self.target
        );
        [&head, &self.values(agents), RESTART_AGENT, AGENTS].concat()
    }

    /// The play for an archive.
    pub(super) fn distribute_play(&self) -> String {
        DISTRIBUTE_PLAY
            .replace("@FILE@", &yaml(self.file))
            .replace("@TARGET@", &yaml(self.target))
            .replace("@USER@", &yaml(self.user))
            .replace("@MODE@", &yaml(&format!("{:04o}", self.mode)))
    }
}

/// A string of YAML, which takes those of JSON.
pub(super) fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
