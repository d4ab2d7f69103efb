//! What `cargo xtask …` does, as a library, so that tests can ask for it.
//!
//! Knows how artifacts are built and what must hold of them; nothing of what is in them.
#![forbid(unsafe_code)]

pub mod plugin;
mod target;
