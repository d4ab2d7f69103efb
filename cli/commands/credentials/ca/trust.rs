//! What makes an agent trust a CA, as a script or as a play that runs it.

use crate::commands::credentials::scripts::yaml;
use crate::commands::credentials::words::quoted;

const SCRIPT: &str = include_str!("../scripts/ca.sh");
const RESTART_DOCKER: &str = include_str!("../scripts/restart-docker.sh");
const PLAY: &str = include_str!("../scripts/ca.yml");

/// Where Docker looks for a registry's certificates, and where Mesos looks for any.
const DOCKER_FOLDER: &str = "/etc/docker/certs.d";
const MESOS_FOLDER: &str = "/var/lib/dcos/pki/tls/certs";

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
        [&head, SCRIPT, restart].concat()
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
        let play = PLAY.replace("@REGISTRY@", &yaml(&format!("Trust the CA of {}", self.registry)));
        play.replace("@SCRIPT@\n", &script)
    }
}
