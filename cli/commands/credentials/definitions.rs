//! Definitions for those of `pullcreds credentials` that ask them something: found as `check` finds them, and read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use pullcreds_core::transform::{Fixed, Options, PullSite, Selection, Surveyed, TransformError, fix, survey};

use super::file::Failed;
use crate::args::{PolicyArguments, TextArguments, WalkArguments};
use crate::config::{Finder, Folder};
use crate::outcome::{Problem, in_words};
use crate::paths::parent;
use crate::sources::Sources;

/// Shows each definition's text to `look`, in the order of their names.
pub(super) fn each(
    paths: &[PathBuf],
    policy: &PolicyArguments,
    mut look: impl FnMut(&Path, &[u8], &Folder) -> Result<(), TransformError>,
) -> anyhow::Result<Result<(), Failed>> {
    let walk = WalkArguments::default();
    let finder = match Finder::new(policy, Some(&walk))? {
        Ok(finder) => finder,
        Err(bad) => bail!("{}: {}", bad.name, bad.problem.message),
    };
    let sources = Sources::new(paths);
    if sources.stdin {
        bail!("definitions are files and folders here, not standard input");
    }
    let mut files = sources.files.clone();
    let found = Mutex::new(Vec::new());
    sources.walk(&walk, &finder, || {
        |path: Result<&Path, ignore::Error>| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push(path.map(Path::to_owned).map_err(|error| error.to_string()));
        }
    });
    for path in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        files.push(path.map_err(anyhow::Error::msg)?);
    }
    files.sort();
    for path in files {
        let failed = |problem: Problem| Failed {
            name: path.to_string_lossy().into_owned(),
            text: pullcreds_credentials::Secret::default(),
            problem: Box::new(problem),
        };
        let folder = match finder.folder(parent(&path)) {
            Ok(folder) => folder,
            Err(bad) => bail!("{}: {}", bad.name, bad.problem.message),
        };
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let problem = Problem::new(format!("cannot be read: {}", in_words(&error)));
                return Ok(Err(failed(problem)));
            }
        };
        if let Err(error) = look(&path, &bytes, &folder) {
            let problem = Problem {
                span: None,
                ..Problem::from(&error)
            };
            let help = format!("`pullcreds check {}` shows where", path.display());
            return Ok(Err(failed(problem.with_help(help))));
        }
    }
    Ok(Ok(()))
}

/// What a definition pulls, and with which credentials, once `pullcreds fix` has been at it.
pub(super) fn as_fixed(bytes: &[u8], text: &TextArguments, folder: &Folder) -> Result<Vec<PullSite>, TransformError> {
    let selection = Selection::default();
    let options = Options {
        kind: text.kind,
        group: text.group.as_deref(),
        fix_patches: false,
        ..Options::new(folder.policy(), &selection)
    };
    let fixed = match fix(bytes, &options)? {
        Fixed::Definition(rewrite) => rewrite.edited,
        Fixed::Passed(_) => return Ok(Vec::new()),
    };
    let text = fixed.map(|edited| edited.text());
    let text = text.as_ref().map_or(bytes, String::as_bytes);
    Ok(match survey(text, &options)? {
        Surveyed::Definition(_, sites) => sites,
        Surveyed::Passed(_) => Vec::new(),
    })
}
