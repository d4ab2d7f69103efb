//! Reading the command line with no more described than the command that was given.
//!
//! Describing all options of all commands, and taking the descriptions apart again, was a quarter of the instructions of a
//! check of one file. They are needed in full only for help and for what is wrong with a command line; so what is not read
//! without a word is read once more, with everything described, and what there is to say is said then.

use std::env;
use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{Args, Command, FromArgMatches, Parser};

use super::{Arguments, Voice};

/// A command's name, and what describes its own options.
type Row = (&'static str, fn(Command) -> Command);

/// All of them; one that were not here would be read the long way.
const COMMANDS: [Row; 11] = [
    ("check", super::CheckArguments::augment_args),
    ("fix", super::FixArguments::augment_args),
    ("patch", super::PatchArguments::augment_args),
    ("apply", super::ApplyArguments::augment_args),
    ("explain", super::ExplainArguments::augment_args),
    ("credentials", super::credentials::CredentialsArguments::augment_args),
    ("init", super::InitArguments::augment_args),
    ("plugin", super::plugin::PluginArguments::augment_args),
    ("completions", super::CompletionsArguments::augment_args),
    ("man", super::ManArguments::augment_args),
    ("dcos", super::DcosArguments::augment_args),
];

impl Arguments {
    /// What this process was told; ends it where that was wrong, or was to ask for help.
    pub(crate) fn of_process() -> Arguments {
        let given: Vec<OsString> = env::args_os().collect();
        Arguments::lean(&given).unwrap_or_else(|| Arguments::parse_from(given))
    }

    /// `None` for whatever has to be answered rather than done.
    fn lean(given: &[OsString]) -> Option<Arguments> {
        let mut words = given.iter().skip(1);
        let command = words.find_map(|word| COMMANDS.iter().find(|(name, _)| word == name))?;
        // Nobody misses its memory, and giving it back piece by piece takes as long as describing it.
        let mut command = ManuallyDrop::new(alone(command));
        let mut matches = command.try_get_matches_from_mut(given).ok()?;
        Arguments::from_arg_matches_mut(&mut matches).ok()
    }
}

/// The program as if it had one command.
fn alone((name, describe): &Row) -> Command {
    let program = Command::new("pullcreds").version(env!("CARGO_PKG_VERSION"));
    Voice::augment_args(program.propagate_version(true)).subcommand(describe(Command::new(*name)))
}

#[cfg(test)]
mod tests {
    use clap::builder::Resettable;
    use clap::{Arg, CommandFactory};

    use super::*;

    /// Names, and all that is said of the options beside their part of a help, of a command and those below it.
    fn described(command: &Command) -> String {
        let plain = |option: &Arg| {
            let option = option.clone().display_order(0);
            option.help(Resettable::Reset).long_help(Resettable::Reset)
        };
        let options: Vec<_> = command.get_arguments().map(plain).collect();
        let groups: Vec<_> = command.get_groups().collect();
        let below: Vec<_> = command.get_subcommands().map(described).collect();
        format!("{} {options:?} {groups:?} {below:?}", command.get_name())
    }

    #[test]
    fn each_command_is_described_alone_as_among_all() {
        let mut all = Arguments::command();
        all.build();
        let names: Vec<&str> = all.get_subcommands().map(Command::get_name).collect();
        let rows: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).chain(["help"]).collect();
        assert_eq!(names, rows);
        for (row, command) in COMMANDS.iter().zip(all.get_subcommands()) {
            let mut one = alone(row);
            one.build();
            let one = one.find_subcommand(row.0).unwrap();
            assert!(described(one) == described(command), "{}", row.0);
            assert_eq!(one.get_version(), command.get_version(), "{}", row.0);
        }
    }

    #[test]
    fn only_what_is_to_be_done_is_read_the_short_way() {
        for line in [
            "check",
            "-q check a.json",
            "fix - --diff",
            "dcos -- --version",
            "credentials check a",
        ] {
            assert!(lean(line).is_some(), "{line}");
        }
        for line in [
            "",
            "-h",
            "-V",
            "chek",
            "check -h",
            "check -V",
            "check --frmat json",
            "help check",
            "--color check",
            "patch",
            "credentials",
            "dcos --version",
            "-q -v check",
            "-- check",
        ] {
            assert!(lean(line).is_none(), "{line}");
        }
    }

    fn lean(line: &str) -> Option<Arguments> {
        let words: Vec<OsString> = std::iter::once("pullcreds")
            .chain(line.split_whitespace())
            .map(OsString::from)
            .collect();
        Arguments::lean(&words)
    }
}
