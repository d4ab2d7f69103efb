//! What can be said to `pullcreds plugin`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{RuleArguments, TextArguments};

#[derive(Debug, Args)]
pub(crate) struct PluginArguments {
    #[command(subcommand)]
    pub(crate) command: PluginCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    Inspect(InspectArguments),
    Run(Box<PluginRunArguments>),
    Pin(PinArguments),
    New(NewArguments),
    Build(BuildArguments),
    Bench(BenchArguments),
}

/// Show what a file is: its name and version, what it imports and exports, its size and digest
///
/// Only a file that can be a plugin is run, for its name, in the bounds of one. Exits with 1 where it cannot be one.
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ShownAs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShownAs {
    /// A line for each
    Text,
    /// For programs
    Json,
}

/// Run one plugin on one definition, without any rule and any policy, and print what it makes of it
///
/// Findings go to standard error. The plugin is held to what holds for one of a policy, but for its digest. Exits with 1
/// when something remains that would fail a check.
#[derive(Debug, Args)]
pub(crate) struct PluginRunArguments {
    /// The plugin
    #[arg(value_name = "PLUGIN")]
    pub(crate) plugin: PathBuf,
    /// The definition; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A place that it may write, as a JSON pointer from an app or pod: `/labels`
    #[arg(long, value_name = "POINTER")]
    pub(crate) allow: Vec<String>,
    /// What it is told, as JSON: the `[plugin.settings]` of a policy
    #[arg(long, value_name = "JSON", default_value = "{}", hide_default_value = true)]
    pub(crate) settings: String,
    /// The name under which it reports, if not that of its file
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Print a diff for `git apply` instead of the definition
    #[arg(long)]
    pub(crate) diff: bool,
    #[command(flatten)]
    pub(crate) text: TextArguments,
    #[command(flatten)]
    pub(crate) rules: RuleArguments,
}

/// Write the digests of its plugins into a policy, and leave every other byte alone
///
/// Pinned is what lies there now, so look at it first: `pullcreds plugin inspect`.
#[derive(Debug, Args)]
pub(crate) struct PinArguments {
    /// The policy
    #[arg(value_name = "POLICY", default_value = "pullcreds.toml")]
    pub(crate) policy: PathBuf,
}

/// Begin a plugin in Rust: a project that builds, with its own test
#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// Its name, and that of its folder: small letters, digits and `-`
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Make the component of a plugin's Rust project: NAME.wasm in its folder
///
/// Runs `cargo build` for wasm32-unknown-unknown and wraps the module as a component.
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// The folder of its Cargo.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,
}

/// Measure a plugin: compiling, starting from the cache, and a call beside pullcreds itself
#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// The plugin
    #[arg(value_name = "PLUGIN")]
    pub(crate) plugin: PathBuf,
    /// A definition; its first app or pod is used
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What it is told, as JSON; where that is a policy of pullcreds, it is the policy of the native call too
    #[arg(long, value_name = "JSON", default_value = "{}", hide_default_value = true)]
    pub(crate) settings: String,
    /// How it is shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ShownAs,
    /// How many calls
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) calls: usize,
}
