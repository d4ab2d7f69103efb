//! `pullcreds`: the command line.
//!
//! It reads files and the policy, hands text to `pullcreds-core`, and shows or writes what comes back. What a Marathon
//! definition means is the core's business; nothing here looks inside one.

mod args;
mod baseline;
mod buffer;
mod commands;
mod config;
mod diff;
mod directory;
mod outcome;
mod pages;
mod paths;
mod pipeline;
mod plugins;
mod printer;
mod progress;
mod report;
mod sources;
mod starter;
mod write;

use std::process::ExitCode;

fn main() -> ExitCode {
    match commands::run(args::Arguments::of_process()) {
        Ok(exit) => exit.into(),
        Err(error) if printer::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            printer::complain(&error);
            outcome::Exit::Failed.into()
        }
    }
}
