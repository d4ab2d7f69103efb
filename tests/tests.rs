//! Integration tests of the command line: files and a policy go in, output and exit code come out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
