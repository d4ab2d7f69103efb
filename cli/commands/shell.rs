//! `pullcreds completions` and `pullcreds man`: made from the arguments themselves, so that they are never stale.

use anyhow::{Context, bail};
use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArguments, ManArguments};
use crate::outcome::Exit;
use crate::printer;

pub(crate) fn completions(arguments: &CompletionsArguments) -> anyhow::Result<Exit> {
    let mut out = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "pullcreds", &mut out);
    printer::output(&out)?;
    Ok(Exit::Clean)
}

pub(crate) fn man(arguments: &ManArguments) -> anyhow::Result<Exit> {
    let mut all = Arguments::command();
    // Gives each command its full name and the options that all of them have.
    all.build();
    let command = match &arguments.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let known: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
                bail!("{name}: there is no such command; there are {}", known.join(", "));
            }
        },
    };
    let mut out = Vec::new();
    let man = clap_mangen::Man::new(command);
    man.render(&mut out).context("the page cannot be made")?;
    printer::output(&out)?;
    Ok(Exit::Clean)
}
