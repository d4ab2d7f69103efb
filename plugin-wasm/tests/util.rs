//! The checkout, and the artifacts built from it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use xtask::plugin::{self, Artifacts};

/// Built once for all tests, and by cargo only when something has changed.
static ARTIFACTS: LazyLock<Artifacts> =
    LazyLock::new(|| plugin::build(&checkout(), &target_folder()).unwrap_or_else(|error| panic!("{error:#}")));

pub(crate) fn artifacts() -> &'static Artifacts {
    &ARTIFACTS
}

pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The one that these tests were built into.
pub(crate) fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// Says what is left out, unless nothing may be.
pub(crate) fn leave_out(what: &str, why: &str) {
    let message = format!("left out: {what}: {why}");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
    // Not by a macro: the runner of tests keeps from sight what those print in a test that passes.
    let _ = writeln!(std::io::stderr(), "{message}");
}
