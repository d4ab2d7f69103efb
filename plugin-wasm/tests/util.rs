//! The checkout, and the artifacts built from it.

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

/// Says what was left out because a program is missing; in CI nothing may be.
pub(crate) fn left_out(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "wanted here: {what}");
    eprintln!("left out: {what}");
}
