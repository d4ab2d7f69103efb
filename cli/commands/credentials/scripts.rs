//! Scripts and plays that a person reads and then runs. Their bodies are files in `scripts/`; before a body stand the
//! values that it works with.
//!
//! Values are plain words (`words`), so that they mean the same to a shell here, to one on an agent, and to Ansible.

use super::words::quoted;

/// On every agent over ssh: `agents.sh` after one of the two things that an agent can do with a file.
const AGENTS: &str = include_str!("scripts/agents.sh");
const PUT: &str = include_str!("scripts/put.sh");
const RESTART_AGENT: &str = include_str!("scripts/restart-agent.sh");
/// On one agent.
const CA: &str = include_str!("scripts/ca.sh");
const RESTART_DOCKER: &str = include_str!("scripts/restart-docker.sh");
/// Plays.
const CA_PLAY: &str = include_str!("scripts/ca.yml");
const DISTRIBUTE_PLAY: &str = include_str!("scripts/distribute.yml");

/// Where Docker looks for a registry's certificates, and where Mesos looks for any.
const DOCKER_FOLDER: &str = "/etc/docker/certs.d";
const MESOS_FOLDER: &str = "/var/lib/dcos/pki/tls/certs";

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
        let checked = "stop_at_failure=\n\
             checked() {\n    \
                 tar -tzf \"$file\" | grep -Eqx '(\\./)?\\.docker/config\\.json' || fail \"$file: there is no .docker/config.json in it\"\n\
             }\n";
        [&head, &self.values(agents), checked, PUT, AGENTS].concat()
    }

    /// Puts the agents' own credentials on one agent after the other, and stops where one does not start.
    pub(super) fn cluster(&self, agents: &[String]) -> String {
        let head = format!(
            "#!/bin/sh\n\
             # Puts {file} on agents as {target} and restarts them, one after the other; stops where one does not run\n\
             # afterwards, with its old file in place again. Made by `pullcreds credentials cluster`.\n\
             #\n\
             #     sh THIS_FILE [AGENT...]\n\
             #\n\
             # The file lies beside this script, or where FILE says; its contents are not in here.\n\
             set -eu\n",
            file = self.file,
            target = self.target
        );
        let checked = "stop_at_failure=yes\n\
             checked() {\n    \
                 if command -v pullcreds > /dev/null; then\n        \
                     pullcreds --quiet credentials cluster --check \"$file\" || fail \"$file: no agent would start with it\"\n    \
                 fi\n\
             }\n";
        [&head, &self.values(agents), checked, RESTART_AGENT, AGENTS].concat()
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

/// Trust in a registry's CA.
pub(super) struct Trust<'a> {
    pub(super) registry: &'a str,
    /// All certificates, as PEM.
    pub(super) certificates: &'a str,
    /// A line for each: whose it is, and until when it counts.
    pub(super) said: &'a [String],
    pub(super) restart_docker: bool,
}

impl Trust<'_> {
    pub(super) fn script(&self) -> String {
        let said: String = self.said.iter().map(|line| format!("#   {line}\n")).collect();
        let name = self.registry.replace(':', "-").replace(['[', ']'], "");
        let head = format!(
            "#!/bin/sh\n\
             # Makes Docker and Mesos trust the CA of {registry}. Made by `pullcreds credentials ca`. Run it on each agent,\n\
             # as root:\n\
             #\n\
             #     ssh AGENT sudo sh -s < THIS_FILE\n\
             #\n\
             # What is right already stays as it is, and nothing is removed. CHECK=yes says what would change; ROOT=FOLDER\n\
             # works below a folder. The certificates:\n\
             #\n\
             {said}\
             set -eu\n\
             docker_folder={docker}\n\
             mesos_folder={MESOS_FOLDER}\n\
             mesos_name={mesos}\n\
             certificates() {{\n    \
                 cat << 'END'\n{certificates}END\n\
             }}\n",
            registry = self.registry,
            docker = quoted(&format!("{DOCKER_FOLDER}/{}", self.registry)),
            mesos = quoted(&format!("docker-registry-ca-{name}")),
            certificates = self.certificates
        );
        let restart = if self.restart_docker { RESTART_DOCKER } else { "" };
        [&head, CA, restart].concat()
    }

    pub(super) fn play(&self) -> String {
        let script: String = self
            .script()
            .lines()
            .map(|line| {
                if line.is_empty() {
                    "\n".to_owned()
                } else {
                    format!("      {line}\n")
                }
            })
            .collect();
        let play = CA_PLAY.replace("@REGISTRY@", &yaml(&format!("Trust the CA of {}", self.registry)));
        play.replace("@SCRIPT@\n", &script)
    }
}

/// A string of YAML, which takes those of JSON.
pub(super) fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
