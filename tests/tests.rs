//! Integration tests of the command line: files and a policy go in; output, files and an exit code come out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::expect_used, reason = "likewise")]

mod apply;
mod credentials;
mod elsewhere;
mod fix;
mod output;
mod policy;
mod sources;
mod util;
