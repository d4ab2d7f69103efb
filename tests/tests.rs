//! Integration tests of the command line: files and a policy go in; output, files and an exit code come out.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::expect_used, reason = "likewise")]

#[cfg(unix)]
mod agents;
mod apply;
mod baseline;
mod ci_page;
mod credentials;
mod dcos;
mod debian;
mod elsewhere;
mod explain;
mod fix;
mod formats;
mod init;
mod installed;
mod output;
mod picture;
#[cfg(feature = "plugins")]
mod plugins;
mod policy;
mod pre_commit;
#[cfg(feature = "network")]
mod registry;
mod sarif;
mod schemas;
mod shell;
mod snapshot;
mod sources;
mod util;
