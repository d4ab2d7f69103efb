//! `cargo xtask …`: builds of pullcreds that cargo alone cannot do.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to whoever builds")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};
use xtask::plugin;

const HELP: &str = "\
Usage: cargo xtask plugin [--verify] [--lint]

  plugin      build the WebAssembly component and the WASI filter into target/plugin/
  --verify    build them again from a copy of the checkout, and compare every byte
  --lint      run clippy and rustdoc over the guests instead
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["plugin"] => build(false),
        ["plugin", "--verify"] => build(true),
        ["plugin", "--lint"] => lint(),
        [] | ["--help" | "-h" | "help"] | ["plugin", "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(anyhow::anyhow!("no such task: {}\n\n{HELP}", arguments.join(" "))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build(is_verified: bool) -> anyhow::Result<()> {
    let (checkout, target) = (checkout()?, target_folder()?);
    let artifacts = plugin::build(&checkout, &target)?;
    for file in artifacts.files() {
        println!("{:>9} bytes  {}", std::fs::metadata(file)?.len(), file.display());
    }
    if is_verified {
        plugin::verify(&checkout, &target, &artifacts)?;
        println!("built again from another folder: the same bytes");
    }
    Ok(())
}

fn lint() -> anyhow::Result<()> {
    plugin::lint(&checkout()?, &target_folder()?)
}

fn checkout() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own.parent().context("xtask stands in the checkout")?.to_owned())
}

fn target_folder() -> anyhow::Result<PathBuf> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(checkout()?)
        .output()
        .context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo metadata names no target folder")?.into())
}
