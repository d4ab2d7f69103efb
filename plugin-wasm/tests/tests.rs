//! The artifacts as other people's programs meet them: built, looked into, and run by two hosts over all fixture cases.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "it says what was left out")]

mod artifacts;
mod examples;
mod hosts;
mod native;
mod requests;
mod util;
