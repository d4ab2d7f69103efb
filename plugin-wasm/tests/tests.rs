//! The artifacts as other people's programs meet them: built, looked into, and run by the examples of `examples/hosts`
//! over all fixture cases.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod answers;
mod artifacts;
mod host;
mod hosts;
mod native;
mod page;
mod requests;
mod util;
