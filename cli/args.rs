//! What can be said on the command line, and nothing of what it does.

pub(crate) mod agents;
pub(crate) mod credentials;
mod lean;
pub(crate) mod plugin;
mod policy;
pub(crate) mod verify;
mod walk;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use pullcreds_core::finding::Severity;
use pullcreds_core::transform::Kind;

pub(crate) use self::policy::PolicyArguments;
pub(crate) use self::walk::WalkArguments;

/// Makes sure that Marathon apps and pods say where the credentials for their private images are.
///
/// Reads app, pod and group definitions, finds each image that is pulled from a private registry, and reports those for
/// which the definition names no credentials, or names them in a way that will not work. `fix` adds what is missing and
/// leaves every other byte alone. Which registries are private, and where their credentials are, is said by a policy,
/// pullcreds.toml: the nearest one, in the folder of a file or above it.
///
/// Exit codes: 0 nothing to complain of, 1 something was found, 2 the work could not be done.
#[derive(Debug, Parser)]
#[command(name = "pullcreds", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = FIRST_STEPS, after_long_help = FIRST_STEPS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) voice: Voice,
}

const FIRST_STEPS: &str = "\
First steps:
  pullcreds init             write a pullcreds.toml from the images found; read it
  pullcreds check            see what is missing in this folder
  pullcreds fix --diff       see what would be added; without --diff, add it
  pullcreds explain a.json   see what one file pulls, and why it is judged so";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for missing or wrong pull credentials; change nothing
    ///
    /// Folders are searched for `*.json`, honouring .gitignore. What is not a Marathon definition is passed over. Exits
    /// with 1 when a finding is at or above `--fail-on`.
    Check(CheckArguments),
    /// Add what is missing, in place, and touch nothing else
    ///
    /// Applies the safe fixes and shows what remains. A write is atomic: a killed run leaves every file whole, old or
    /// new. With `-`, standard input is rewritten to standard output. Exits with 1 when something at or above
    /// `--fail-on` remains.
    Fix(FixArguments),
    /// Print the fixes of one definition as a JSON Patch (RFC 6902)
    ///
    /// Prints `[]` when there is nothing to do. `pullcreds apply` lays the patch into the text again, as does any other
    /// implementation of RFC 6902.
    Patch(PatchArguments),
    /// Lay a JSON Patch into any JSON text, keeping every other byte
    ///
    /// The file need not be a Marathon definition. The result goes to standard output unless `--write` is given. The
    /// patch is laid whole or not at all.
    Apply(ApplyArguments),
    /// Explain a rule, what the policy makes of an image, or what a file pulls
    ///
    /// Of an image it shows which registry of the policy matches, which do not, and why. Of a file it shows each image
    /// that is pulled: by whom, for which app or pod, with which credentials, and what `fix` would add. Without an
    /// argument it lists all rules.
    Explain(ExplainArguments),
    /// Check and make what the references point to
    Credentials(credentials::CredentialsArguments),
    /// Write a first pullcreds.toml from the images that a folder's definitions pull
    ///
    /// Searches the folder as `check` does, and writes down the registries that may be private: with the archives and
    /// secrets that most of their images name already, or, where none does, as a question. Public registries are left
    /// out.
    Init(InitArguments),
    /// Look into plugins, pin them, try them and make them
    ///
    /// A plugin is a WebAssembly component that looks at one app or pod at a time, after the rules. A policy names it
    /// under `[[plugin]]`, with the digest of its file and the places that it may write.
    Plugin(plugin::PluginArguments),
    /// Print completions for a shell
    ///
    /// For bash: `pullcreds completions bash > ~/.local/share/bash-completion/completions/pullcreds`. For fish:
    /// `pullcreds completions fish > ~/.config/fish/completions/pullcreds.fish`. For zsh, as `_pullcreds` in a folder
    /// of `$fpath`.
    Completions(CompletionsArguments),
    /// Print the manual page, of the whole or of one command
    ///
    /// `pullcreds man | man -l -` shows it; `pullcreds man check > pullcreds-check.1` keeps one.
    Man(ManArguments),
    /// Run the real `dcos`, with definitions fixed on their way
    ///
    /// `pullcreds dcos marathon app add app.json` sends app.json as `pullcreds fix` would write it; the file stays as
    /// it is. So do `app update`, `pod add`, `pod update`, `group add` and `group update`, given as a file, a URL,
    /// standard input or `key=value`. Everything else goes to `dcos` untouched. For an update the stored definition is
    /// fetched first, so that nothing of it is lost. A definition with errors that cannot be fixed is not sent. Exits
    /// with 1 then, with 2 when it cannot be read, else as `dcos` does.
    ///
    /// Options of pullcreds come first; what follows the first word, or `--`, is for `dcos` alone.
    Dcos(DcosArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Files and folders; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Also say for every image whether these credentials (a config.json, a .dockercfg or an archive) would be found
    ///
    /// By Docker's matching and by UCR's, which differ. A private image whose credentials its containerizer does not
    /// find there is a finding (CC007, CC003, CC004), and so is one whose credentials the agents have and a fetched file
    /// hides.
    #[arg(long, value_name = "FILE")]
    pub(crate) config_json: Option<PathBuf>,
    /// Record all present findings in this file, for `--baseline`, instead of showing them
    #[arg(long, value_name = "FILE", conflicts_with = "baseline", help_heading = "Output")]
    pub(crate) write_baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Args)]
pub(crate) struct FixArguments {
    /// Files and folders; `-` is standard input, rewritten to standard output
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print a diff for `git apply` instead of writing; exit with 1 when it is not empty
    #[arg(long)]
    pub(crate) diff: bool,
    /// Exit with 1 when something was fixed, too
    #[arg(long)]
    pub(crate) exit_non_zero_on_fix: bool,
    #[command(flatten)]
    pub(crate) write: WriteArguments,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PatchArguments {
    /// The definition; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) text: TextArguments,
    #[command(flatten)]
    pub(crate) rules: RuleArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    /// The patch (RFC 6902); `-` is standard input
    #[arg(value_name = "PATCH")]
    pub(crate) patch: PathBuf,
    /// The JSON text; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Rewrite the file instead of printing the result
    #[arg(short, long)]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) how: WriteArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// A rule's code or name (`MC013`, `missing-archive`), an image, or a file
    #[arg(value_name = "RULE|IMAGE|FILE")]
    pub(crate) what: Option<String>,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The folder to search and to write pullcreds.toml in; `-` searches this one and prints
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Print instead of writing
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Overwrite a pullcreds.toml that is there
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) walk: WalkArguments,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// A command, such as `check`
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DcosArguments {
    /// What `dcos` is told, for example `marathon app add app.json`
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
    /// Print the definition that would be sent, and send nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// The least severity that keeps a definition from being sent
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub(crate) fail_on: SeverityName,
    /// The name under which standard input is shown and its policy found
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) rules: RuleArguments,
}

/// What `check` and `fix` share.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    #[command(flatten)]
    pub(crate) rules: RuleArguments,
    #[command(flatten)]
    pub(crate) text: TextArguments,
    #[command(flatten)]
    pub(crate) walk: WalkArguments,
    /// The least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "warning", help_heading = "Output")]
    pub(crate) fail_on: SeverityName,
    /// How findings are shown: `human` on standard error, all others on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    pub(crate) format: Format,
    /// Be silent about the findings that this file records
    ///
    /// `pullcreds check --write-baseline FILE` writes it. What is new still fails; entries that nothing is found for any
    /// more are named.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArguments {
    /// Only these rules (by code, start of a code, or name); opt-in fixes of rules named in full are applied
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Apply fixes that may change what a service does
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What the text is")]
pub(crate) struct TextArguments {
    /// Read every text as this kind, whatever it looks like
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    pub(crate) kind: Option<Kind>,
    /// The group that the definition will be added under; relative ids resolve against it
    #[arg(long, value_name = "ID")]
    pub(crate) group: Option<String>,
    /// The stored definition that an update is merged into
    #[arg(long, value_name = "FILE")]
    pub(crate) current: Option<PathBuf>,
    /// The name under which standard input is shown and its policy found
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// Fail on text with template marks outside its strings, instead of passing it over
    #[arg(long)]
    pub(crate) strict_templates: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct WriteArguments {
    /// Write files that have several hard links; the other names keep the old text
    #[arg(long)]
    pub(crate) write_hard_links: bool,
    /// Do not wait until what was written is on the disk
    #[arg(long)]
    pub(crate) no_fsync: bool,
}

#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Voice {
    /// Say more: also name the files that were passed over
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Say less: findings and errors only, no notes and no closing count
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Diagnostics for people
    Human,
    /// Everything, for programs (docs/json-format.md)
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// JUnit's XML, as Jenkins reads it
    Junit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SeverityName {
    Info,
    Warning,
    Error,
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Severity {
        match name {
            SeverityName::Info => Severity::Info,
            SeverityName::Warning => Severity::Warning,
            SeverityName::Error => Severity::Error,
        }
    }
}

/// Kinds by the names that the core has for them.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::NAMES.map(|(_, name)| name))
        .try_map(|name| Kind::from_name(&name).ok_or("there is no such kind"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Arguments::command().debug_assert();
    }
}
