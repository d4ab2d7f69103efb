//! Integration tests of the command line: files and a policy go in; output, files and an exit code come out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::expect_used, reason = "likewise")]

mod apply;
mod explain;
mod fix;
mod init;
mod output;
mod picture;
mod policy;
mod pre_commit;
mod schemas;
mod shell;
mod sources;
mod util;
