//! One plugin of a policy, ready to be run: read and held to its digest, compiled when the first app or pod comes.

use std::path::Path;
use std::sync::OnceLock;

use pullcreds_core::json::Pointer;
use pullcreds_core::policy::{Limits, Plugin};

use super::host::{Compiled, Host};
use super::inspect;
use crate::outcome::Problem;

/// A plugin and what it may do.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) allow: Vec<Pointer>,
    /// What it is told, as JSON.
    pub(crate) settings: String,
    limits: Limits,
    bytes: Vec<u8>,
    sha256: String,
    host: OnceLock<Result<Host, Problem>>,
}

impl Stage {
    /// Reads the file of a plugin, and holds it to its digest and to what a plugin must be.
    ///
    /// # Errors
    /// The key of the policy that is at fault, and why.
    pub(crate) fn open(plugin: &Plugin, file: &Path) -> Result<Stage, (&'static str, Problem)> {
        let bytes = inspect::read(file).map_err(|problem| ("path", problem))?;
        let sha256 = inspect::sha256(&bytes);
        match plugin.sha256() {
            Some(pinned) if pinned == sha256 => {}
            Some(_) => {
                let problem = Problem::new(format!("its file has another digest, sha256 = \"{sha256}\""));
                return Err((
                    "sha256",
                    problem.with_help("if the new file is to be trusted, `pullcreds plugin pin` writes its digest"),
                ));
            }
            None => {
                let problem = Problem::new(format!(
                    "no digest is pinned; that of its file is sha256 = \"{sha256}\""
                ));
                return Err((
                    "path",
                    problem.with_help("if the file is to be trusted, `pullcreds plugin pin` writes its digest"),
                ));
            }
        }
        Stage::of(plugin, bytes, sha256).map_err(|problem| ("path", problem))
    }

    /// A plugin that somebody names on the command line, and so trusts, whatever its digest.
    ///
    /// # Errors
    /// Where its file is no plugin.
    pub(crate) fn trusted(plugin: &Plugin, file: &Path) -> Result<Stage, Problem> {
        let bytes = inspect::read(file)?;
        let sha256 = inspect::sha256(&bytes);
        Stage::of(plugin, bytes, sha256)
    }

    fn of(plugin: &Plugin, bytes: Vec<u8>, sha256: String) -> Result<Stage, Problem> {
        inspect::inspect(&bytes)?.is_plugin()?;
        Ok(Stage {
            name: plugin.name().to_owned(),
            allow: plugin.allow().to_owned(),
            settings: plugin.settings().to_owned(),
            limits: plugin.limits(),
            bytes,
            sha256,
            host: OnceLock::new(),
        })
    }

    /// What runs it; compiled when first asked for.
    ///
    /// # Errors
    /// Where it cannot be compiled.
    pub(crate) fn host(&self) -> Result<&Host, Problem> {
        let host = || Host::new(&self.bytes, &self.sha256, self.limits, Compiled::Cached);
        self.host.get_or_init(host).as_ref().map_err(Problem::clone)
    }
}
