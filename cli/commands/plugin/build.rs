//! `pullcreds plugin build`: cargo's module of a plugin, wrapped as the component that a policy names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;
use wit_component::ComponentEncoder;

use crate::args::Voice;
use crate::args::plugin::BuildArguments;
use crate::outcome::Exit;
use crate::plugins::inspect;
use crate::printer;

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn run(arguments: &BuildArguments, voice: Voice) -> anyhow::Result<Exit> {
    let folder = &arguments.folder;
    let (name, module) = compile(folder)?;
    let module = std::fs::read(&module).with_context(|| format!("{}: cannot be read", module.display()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| anyhow::anyhow!("{error:#}"))
        .with_context(|| format!("{name}: its module cannot be made a component"))?;
    let usable = inspect::inspect(&component).and_then(|inspected| inspected.is_plugin());
    if let Err(problem) = usable {
        bail!("{name}: {}", problem.message);
    }
    let file = folder.join(format!("{name}.wasm"));
    std::fs::write(&file, &component).with_context(|| format!("{}: cannot be written", file.display()))?;
    if !voice.quiet {
        let told = format!(
            "{}: {} bytes, sha256 {}\n",
            file.display(),
            component.len(),
            inspect::sha256(&component)
        );
        printer::messages(told.as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// The name of the project, and its module.
fn compile(folder: &Path) -> anyhow::Result<(String, PathBuf)> {
    if !folder.join("Cargo.toml").is_file() {
        bail!(
            "{}: has no Cargo.toml; `pullcreds plugin new` begins a project",
            folder.display()
        );
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be run")?;
    if !output.status.success() {
        bail!(
            "{}: cargo could not build it; where the target is missing, `rustup target add {TARGET}` gets it",
            folder.display()
        );
    }
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut modules = messages.filter_map(|message| {
        let files = message["filenames"].as_array()?;
        let module = files
            .iter()
            .filter_map(Value::as_str)
            .find(|file| file.ends_with(".wasm"))?;
        let name = message["target"]["name"].as_str()?;
        Some((name.replace('_', "-"), PathBuf::from(module)))
    });
    // Dependencies come before what needs them.
    modules.next_back().with_context(|| {
        format!(
            "{}: cargo made no WebAssembly module; is it a `cdylib`?",
            folder.display()
        )
    })
}
