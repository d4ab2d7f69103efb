//! What references to registry credentials point to: `config.json`, `.dockercfg` and `docker.tar.gz`.
//!
//! Bytes in, findings or bytes out: it reads and makes these files in memory, says what Docker and the Universal
//! Container Runtime (UCR) will make of them, and never touches a disk, the network, the clock or the environment. It
//! knows nothing of definitions; it gets image references from whoever does.
//!
//! Passwords are held in [`Secret`], which is wiped when dropped and never printed.
#![forbid(unsafe_code)]

pub mod acs;
pub mod agent;
pub mod archive;
pub mod auth;
#[cfg(feature = "certificates")]
pub mod certificate;
pub mod compose;
pub mod config;
pub mod edit;
pub mod host;
pub mod matching;
pub mod registry;
pub mod rules;
mod secret;

pub use secret::Secret;
