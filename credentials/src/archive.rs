//! `docker.tar.gz`: read with suspicion, written so that the same credentials give the same bytes.

mod read;
mod write;

pub use read::{ArchiveError, Contents, LARGEST_CONFIG, LARGEST_CONTENTS, Member, looks_like_archive, read};
pub use write::write;

/// Where Docker finds credentials in a sandbox.
pub const CONFIG_PATH: &str = ".docker/config.json";
/// Where Docker before 23.0 finds them as well.
pub const LEGACY_PATH: &str = ".dockercfg";

#[cfg(test)]
mod tests;
