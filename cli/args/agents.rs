//! What can be said to those of `pullcreds credentials` that are about a cluster's agents.

use std::path::PathBuf;

use clap::Args;

use super::credentials::FromArguments;
use super::{PolicyArguments, TextArguments};

/// Which agents a script is for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Agents")]
pub(crate) struct AgentsArguments {
    /// Names or addresses, as ssh takes them; without any, the script wants them when it is run
    #[arg(value_name = "AGENT")]
    pub(crate) agents: Vec<String>,
    /// Take them from a file: one a line, or what `dcos node --json` prints; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) nodes: Option<PathBuf>,
}

/// Give credentials to the agents themselves, for all that they pull
///
/// Alone, prints the settings for DC/OS' config.yaml: credentials stay out of it. With credentials, makes the file that
/// agents read, and prints a script to read and run: it puts the file on one agent after the other, restarts the agent,
/// waits until it runs, and stops where one does not. With `--check`, says of files whether an agent would start with
/// them.
#[derive(Debug, Args)]
pub(crate) struct ClusterArguments {
    #[command(flatten)]
    pub(crate) agents: AgentsArguments,
    #[command(flatten)]
    pub(crate) from: FromArguments,
    /// The file that is made; mode 0600
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "docker_credentials",
        help_heading = "The agents' file"
    )]
    pub(crate) output: PathBuf,
    /// Where agents read it, if not where DC/OS puts a blank one
    #[arg(long, value_name = "PATH", default_value = pullcreds_credentials::agent::DEFAULT_PATH, help_heading = "The agents' file")]
    pub(crate) path: String,
    /// Only say whether an agent would start with these files; `-` is standard input
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = ["agents", "nodes", "from_config", "from_env", "from_acs"],
        help_heading = "The agents' file"
    )]
    pub(crate) check: Vec<PathBuf>,
}

/// Make agents trust the CA that signed a registry's certificate
///
/// Prints a script to read and to run on each agent as root, or an Ansible play: it puts the certificates where Docker
/// and where Mesos look for them, and changes nothing that is right already. Docker need not be restarted.
#[derive(Debug, Args)]
pub(crate) struct CaArguments {
    /// The certificates of the CA, PEM or DER; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The registry as images are written: its host, and its port if they have one
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) registry: String,
    /// An Ansible play instead of a shell script
    #[arg(long)]
    pub(crate) ansible: bool,
    /// Restart Docker too, which stops all its containers; only on agents that were drained
    #[arg(long)]
    pub(crate) restart_docker: bool,
}

/// Put docker.tar.gz on every agent
///
/// Prints a script to read and run, or an Ansible play. The archive is checked and lies beside the script; neither its
/// contents nor its checksum are in it. On each agent it is replaced as a whole, with owner and mode, and only after the
/// user that fetches was seen to be able to read it.
#[derive(Debug, Args)]
pub(crate) struct DistributeArguments {
    /// The archive, as `pullcreds credentials archive` makes it
    #[arg(value_name = "ARCHIVE")]
    pub(crate) archive: PathBuf,
    #[command(flatten)]
    pub(crate) agents: AgentsArguments,
    /// Where it goes, as in the definitions' `file://` URI
    #[arg(long, value_name = "PATH", default_value = "/etc/docker.tar.gz")]
    pub(crate) to: String,
    /// The user that tasks, and so their fetches, run as; `nobody` in DC/OS strict mode
    #[arg(long, value_name = "USER", default_value = "root")]
    pub(crate) user: String,
    /// The archive's mode on the agents; without it 0600 for root, and 0640 with the group of another user
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(crate) mode: Option<u32>,
    /// An Ansible play instead of a shell script; agents are then those of the inventory
    #[arg(long, conflicts_with_all = ["agents", "nodes"])]
    pub(crate) ansible: bool,
}

/// Print a checklist for new credentials, in an order that breaks no running service
///
/// Markdown, with the commands filled in and the apps and pods named that are concerned.
#[derive(Debug, Args)]
pub(crate) struct RotateArguments {
    /// Definitions: files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// The registry whose credentials change; may be given several times
    #[arg(long, value_name = "REGISTRY", required = true)]
    pub(crate) registry: Vec<String>,
    /// The config.json with the new credentials
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) from_config: PathBuf,
    /// The version of the cluster, for its `dcos security` command
    #[arg(long, value_name = "VERSION", default_value = "2.2", value_parser = super::credentials::version)]
    pub(crate) dcos_version: (u16, u16),
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) text: TextArguments,
}

/// Print an app that fetches the archive on every agent, and shows which agents cannot
///
/// The definition goes to standard output, the commands that add, read and remove it to standard error. It has no
/// image, so it needs no registry.
#[derive(Debug, Args)]
pub(crate) struct ProbeArguments {
    /// The archive, as in the definitions' `fetch`
    #[arg(value_name = "URI", default_value = "file:///etc/docker.tar.gz")]
    pub(crate) uri: String,
    /// How many agents there are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), required_unless_present = "nodes")]
    pub(crate) instances: Option<u32>,
    /// Count the agents in a file: one a line, or what `dcos node --json` prints; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "instances")]
    pub(crate) nodes: Option<PathBuf>,
    /// Instead, say of each agent whether it can: what `dcos marathon task list --json ID` printed; `-` is standard input
    #[arg(long, value_name = "FILE", requires = "nodes")]
    pub(crate) tasks: Option<PathBuf>,
    /// On the public agents, instead of the private ones
    #[arg(long)]
    pub(crate) public: bool,
    /// The user that it runs as, and so its fetch
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
    /// Its id
    #[arg(long, value_name = "ID", default_value = "/pullcreds-probe")]
    pub(crate) id: String,
}

/// `0640`
fn mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode & !0o777 == 0 && mode & 0o400 != 0 => Ok(mode),
        _ => Err("write it as 0640".to_owned()),
    }
}
