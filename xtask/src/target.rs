//! The target that the plugin is built for: whether it is there, and how it comes to be.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

/// One target serves both artifacts.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that the compiler has a standard library for the target: asks rustup for it where it is missing.
///
/// # Errors
/// Where it is missing and cannot be had; says what to do.
pub(crate) fn ensure() -> anyhow::Result<()> {
    if is_there()? {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    let tried = match &added {
        Ok(status) if status.success() && is_there()? => return Ok(()),
        Ok(status) => format!("`rustup target add {TARGET}` was tried ({status})"),
        Err(error) => format!("`rustup` cannot be run ({error})"),
    };
    bail!(
        "the compiler has no standard library for {TARGET}, and {tried}.\n\
         With rustup: `rustup target add {TARGET}`, where the network can be reached.\n\
         With the compiler of Debian or Ubuntu: `apt install libstd-rust-dev-wasm32`; of Fedora: `dnf install \
         rust-std-static-{TARGET}`. Debian's rustc-web has no such package: take rustup's compiler.\n\
         The rest of pullcreds needs none of this."
    )
}

fn is_there() -> anyhow::Result<bool> {
    let folder = PathBuf::from(rustc(&["--print", "target-libdir", "--target", TARGET])?);
    let Ok(entries) = folder.read_dir() else {
        return Ok(false);
    };
    let mut names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    Ok(names.any(|name| name.to_string_lossy().starts_with("libstd-")))
}

/// What the compiler prints, without the final line end.
pub(crate) fn rustc(arguments: &[&str]) -> anyhow::Result<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&program)
        .args(arguments)
        .output()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    if !output.status.success() {
        bail!(
            "rustc {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
