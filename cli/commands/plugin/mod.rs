//! `pullcreds plugin`: looks into plugins, pins, tries, begins, builds and measures them.

mod bench;
mod build;
mod inspect;
mod new;
mod pin;
mod try_out;

use std::path::Path;

use anyhow::{Context, anyhow};
use pullcreds_core::policy::Plugin;
use serde_json::{Value, json};

use crate::args::Voice;
use crate::args::plugin::{PluginArguments, PluginCommand};
use crate::outcome::Exit;

pub(super) fn run(arguments: &PluginArguments, voice: Voice) -> anyhow::Result<Exit> {
    match &arguments.command {
        PluginCommand::Inspect(arguments) => inspect::run(arguments, voice),
        PluginCommand::Run(arguments) => try_out::run(arguments, voice),
        PluginCommand::Pin(arguments) => pin::run(arguments, voice),
        PluginCommand::New(arguments) => new::run(arguments, voice),
        PluginCommand::Build(arguments) => build::run(arguments, voice),
        PluginCommand::Bench(arguments) => bench::run(arguments, voice),
    }
}

/// A plugin of the command line, read as one of a policy is.
fn plugin(path: &Path, name: Option<&str>, allow: &[String], settings: &str) -> anyhow::Result<Plugin> {
    let settings: Value = serde_json::from_str(settings).context("--settings")?;
    let mut keys = json!({"path": path.to_string_lossy(), "allow": allow, "settings": settings});
    if let Some(name) = name {
        keys["name"] = name.into();
    }
    serde_json::from_value(keys).map_err(|error| anyhow!("{}: {error}", path.display()))
}
