//! What can be said to `pullcreds credentials`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Format, SeverityName, TextArguments};

#[derive(Debug, Args)]
pub(crate) struct CredentialsArguments {
    #[command(subcommand)]
    pub(crate) command: CredentialsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    Check(CredentialsCheckArguments),
    Add(AddArguments),
    Archive(ArchiveArguments),
    Secret(Box<SecretArguments>),
    Verify(Box<super::verify::VerifyArguments>),
    Cluster(Box<super::agents::ClusterArguments>),
    Ca(super::agents::CaArguments),
    Distribute(super::agents::DistributeArguments),
    Rotate(Box<super::agents::RotateArguments>),
    Probe(super::agents::ProbeArguments),
}

/// Look for what Docker or UCR cannot use (rules CC001 to CC007)
///
/// Reads a config.json, a .dockercfg or an archive. An archive is checked for Docker, since UCR never reads one; other
/// files for both. No password is shown.
#[derive(Debug, Args)]
pub(crate) struct CredentialsCheckArguments {
    /// A config.json, a .dockercfg or an archive (docker.tar.gz); `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Who will read it; said twice for both
    #[arg(long = "for", value_name = "READER")]
    pub(crate) readers: Vec<ReaderName>,
    /// Rename a key for Docker Hub that Docker does not find (CC003), and touch nothing else
    #[arg(long)]
    pub(crate) fix: bool,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub(crate) fail_on: SeverityName,
    /// How findings are shown: `human` on standard error, `json` on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
}

/// Write a login into a config.json, as `docker login` would, but never into a key chain
///
/// Nothing is asked of the registry. Other entries stay as they are, byte for byte; the file gets mode 0600. Give the
/// password on standard input, so that it is in no list of processes and no history:
///
///     pullcreds credentials add registry.example.com --username deploy --password-stdin < password.txt
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct AddArguments {
    /// Host, and port where images are written with one; `docker.io` is Docker Hub
    #[arg(value_name = "REGISTRY")]
    pub(crate) registry: String,
    /// The user
    #[arg(short, long, value_name = "USER")]
    pub(crate) username: String,
    /// Take the password from standard input, without its final line end
    #[arg(long, required = true)]
    pub(crate) password_stdin: bool,
    /// The file; made where there is none
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    pub(crate) file: PathBuf,
}

/// Where logins are taken from, and which of them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct FromArguments {
    /// Take them from a config.json, a .dockercfg or an archive; may be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) from_config: Vec<PathBuf>,
    /// Take them from the environment: `DOCKER_AUTH_CONFIG` (a config.json's text), or `PULLCREDS_REGISTRY`,
    /// `PULLCREDS_USERNAME` and `PULLCREDS_PASSWORD`
    #[arg(long)]
    pub(crate) from_env: bool,
    /// Take registry, user and password from models of acs-engine; one registry each
    #[arg(long, value_name = "APIMODEL", num_args = 1..)]
    pub(crate) from_acs: Vec<PathBuf>,
    /// Only this registry; may be given several times
    #[arg(long, value_name = "REGISTRY", conflicts_with = "all")]
    pub(crate) registry: Vec<String>,
    /// All registries that are there
    #[arg(long)]
    pub(crate) all: bool,
}

impl FromArguments {
    /// Whether any place is named.
    pub(crate) fn is_given(&self) -> bool {
        self.from_env || !self.from_config.is_empty() || !self.from_acs.is_empty()
    }
}

/// Pack logins into docker.tar.gz for the Docker containerizer
///
/// The archive holds `.docker/config.json` with the registries asked for and nothing else; the same logins give the
/// same bytes. It is read back before it counts as done.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArguments {
    #[command(flatten)]
    pub(crate) from: FromArguments,
    /// The archive. A new one gets mode 0600, one that is there keeps its mode and owner
    #[arg(short, long, value_name = "FILE", default_value = "docker.tar.gz")]
    pub(crate) output: PathBuf,
}

/// Make the config.json for the DC/OS secret store, and the commands that put it there
///
/// For UCR and pods. With `--list` alone, prints the secrets that definitions name in their `pullConfig`, or would after
/// `pullcreds fix`, one a line.
#[derive(Debug, Args)]
pub(crate) struct SecretArguments {
    /// Paths in the secret store
    #[arg(value_name = "SECRET")]
    pub(crate) secrets: Vec<String>,
    /// Also every secret that these definitions (files or folders) need for their pulls
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) list: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) from: FromArguments,
    /// The config.json that is made; mode 0600 [default: pull-config.json; with `--apply`, none is kept]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The version of the cluster: up to 1.11 its command takes `--value-file`, since then `--file`
    #[arg(long, value_name = "VERSION", default_value = "2.2", value_parser = version)]
    pub(crate) dcos_version: (u16, u16),
    /// Run the commands, with the `dcos` on the PATH, instead of printing them
    #[arg(long)]
    pub(crate) apply: bool,
    #[command(flatten)]
    pub(crate) policy: super::PolicyArguments,
    #[command(flatten)]
    pub(crate) text: TextArguments,
}

/// Who reads credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReaderName {
    Docker,
    Ucr,
}

/// `1.11`, `2.1.3`
pub(super) fn version(text: &str) -> Result<(u16, u16), String> {
    let mut parts = text.split('.').map(str::parse::<u16>);
    match (parts.next(), parts.next(), parts.all(|part| part.is_ok())) {
        (Some(Ok(major)), Some(Ok(minor)), true) => Ok((major, minor)),
        _ => Err("write it as 1.11 or 2.1".to_owned()),
    }
}
