//! Which policy counts, and what the command line says before it.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArguments {
    /// Use this policy instead of the nearest pullcreds.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use no pullcreds.toml at all
    #[arg(long, conflicts_with = "config")]
    pub(crate) isolated: bool,
    /// Run the plugins that a pullcreds.toml names which was found, too
    ///
    /// One that `--config` names needs no leave: what was found may have come with the files. Without either, plugins are
    /// left out, and a note says so.
    #[arg(long, conflicts_with = "isolated")]
    pub(crate) plugins: bool,
    /// The credential archive for the Docker containerizer, before what the policy says
    ///
    /// For example `file:///etc/docker.tar.gz`. Used for the registries of the policy (not for those with
    /// `credentials`), and for images on possibly private hosts that no registry matches.
    #[arg(long, value_name = "URI")]
    pub(crate) archive: Option<String>,
    /// The secret for UCR and pods, before what the policy says
    ///
    /// A path in the secret store, in which `{id}`, `{group}`, `{top}` and `{app}` stand for parts of the app's id. Used
    /// as `--archive` is.
    #[arg(long, value_name = "PATH")]
    pub(crate) secret: Option<String>,
}
