//! Which policy counts for a file: the nearest `pullcreds.toml`, found once a folder and shared by all threads.
//!
//! The contents of a policy are `load`'s business and the core's.

mod globs;
mod load;
mod places;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use pullcreds_core::policy::Policy;

use self::globs::Globs;
pub(crate) use self::load::BadPolicy;
use crate::args::{PolicyArguments, WalkArguments};
use crate::plugins::Plugins;

/// The name that is looked for.
pub(crate) const FILE_NAME: &str = "pullcreds.toml";

/// A policy as it was loaded, with what only the command line needs of it.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) policy: Policy,
    /// The file, and those that it extends, as a person would write them; none without a file.
    files: Vec<String>,
    /// The folder that `[[ignore]] path` is relative to; `None` without a file.
    base: Option<PathBuf>,
    /// Files and folders that are left out.
    exclude: Vec<Globs>,
    /// Files that a search takes beside `*.json`.
    include: Vec<Globs>,
    /// What runs after the rules.
    plugins: Plugins,
    /// Whether a rule is silenced by path, so that paths are worth computing.
    silences_paths: bool,
}

/// One folder and the policy that counts in it.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Absolute.
    path: PathBuf,
    loaded: Arc<Loaded>,
    /// The folder relative to the policy's, with `/` between its parts; `None` where it is not below it.
    relative: Option<String>,
}

/// Finds policies.
#[derive(Debug)]
pub(crate) struct Finder {
    current: PathBuf,
    flags: load::Flags,
    /// The policy for everything: from `--config`, or none with `--isolated`.
    fixed: Option<Arc<Loaded>>,
    exclude: Option<Globs>,
    include: Option<Globs>,
    /// By absolute folder. A broken policy is remembered too, to be told once.
    folders: RwLock<HashMap<PathBuf, Found>>,
}

/// The policy of a folder, or why there is none.
pub(crate) type Found = Result<Arc<Folder>, Arc<BadPolicy>>;

impl Finder {
    /// Takes the policy's arguments; reads `--config` at once.
    ///
    /// # Errors
    /// When the current folder or the policy cannot be read, or a glob is wrong.
    pub(crate) fn new(
        policy: &PolicyArguments,
        walk: Option<&WalkArguments>,
    ) -> anyhow::Result<Result<Finder, Arc<BadPolicy>>> {
        let current = std::env::current_dir().context("the current folder cannot be found")?;
        let flags = load::Flags::new(policy)?;
        let fixed = if policy.isolated {
            Some(load::without_file(&flags)?)
        } else if let Some(path) = &policy.config {
            match load::file(&current.join(path), &path.to_string_lossy(), &flags)? {
                Some(Ok(loaded)) => Some(loaded),
                Some(Err(bad)) => return Ok(Err(bad)),
                None => anyhow::bail!("{}: no such policy", path.display()),
            }
        } else {
            None
        };
        let globs = |given: &[String], flag: &str| -> anyhow::Result<Option<Globs>> {
            if given.is_empty() {
                return Ok(None);
            }
            Globs::new(&current, given).map(Some).with_context(|| flag.to_owned())
        };
        let exclude = walk.map_or(Ok(None), |walk| globs(&walk.exclude, "--exclude"))?;
        let include = walk.map_or(Ok(None), |walk| globs(&walk.include, "--include"))?;
        Ok(Ok(Finder {
            current,
            flags,
            fixed,
            exclude,
            include,
            folders: RwLock::default(),
        }))
    }

    /// The policy that counts for a file in this folder, given relative to the current one or absolute.
    ///
    /// # Errors
    /// When the policy is broken.
    pub(crate) fn folder(&self, folder: &Path) -> Found {
        self.absolute_folder(self.absolute(folder))
    }

    /// Whether a file or folder is to be left out, by policy or `--exclude`, or because a folder above it is.
    pub(crate) fn excludes(&self, parent: &Folder, path: &Path, is_folder: bool) -> bool {
        let lists = parent.loaded.exclude.iter().chain(&self.exclude);
        parent.any(lists, path, is_folder)
    }

    /// Whether a search takes this file although it is not called `*.json`.
    pub(crate) fn includes(&self, parent: &Folder, path: &Path) -> bool {
        parent.any(parent.loaded.include.iter().chain(&self.include), path, false)
    }

    /// Whether any search may take files that are not called `*.json`, as far as this folder's policy goes.
    pub(crate) fn has_includes(&self, parent: &Folder) -> bool {
        self.include.is_some() || !parent.loaded.include.is_empty()
    }

    fn absolute_folder(&self, path: PathBuf) -> Found {
        if let Some(found) = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(&path) {
            return found.clone();
        }
        let found = self.find(&path);
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        folders.entry(path).or_insert(found).clone()
    }

    fn find(&self, path: &Path) -> Found {
        let loaded = match &self.fixed {
            Some(loaded) => Arc::clone(loaded),
            None => {
                let file = path.join(FILE_NAME);
                match load::file(&file, &self.shown(&file), &self.flags) {
                    Ok(Some(Ok(loaded))) => loaded,
                    Ok(Some(Err(bad))) => return Err(bad),
                    Ok(None) => match path.parent() {
                        Some(parent) => Arc::clone(&self.absolute_folder(parent.to_owned())?.loaded),
                        None => load::without_file(&self.flags).map_err(|error| Arc::new(BadPolicy::from(error)))?,
                    },
                    Err(error) => return Err(Arc::new(BadPolicy::from(error))),
                }
            }
        };
        let relative = loaded
            .base
            .as_deref()
            .and_then(|base| path.strip_prefix(base).ok())
            .map(slashes);
        Ok(Arc::new(Folder {
            path: path.to_owned(),
            loaded,
            relative,
        }))
    }

    /// Lexical where that is safe: `..` after a symbolic link is not what it seems.
    fn absolute(&self, folder: &Path) -> PathBuf {
        if folder.components().any(|part| part == Component::ParentDir) {
            let resolved: io::Result<PathBuf> = self.current.join(folder).canonicalize();
            if let Ok(resolved) = resolved {
                return resolved;
            }
        }
        // Collecting components drops the `.` ones.
        self.current.join(folder).components().collect()
    }

    /// A path as a person in the current folder would write it.
    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.current)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    }
}

impl Folder {
    /// The policy.
    pub(crate) fn policy(&self) -> &Policy {
        &self.loaded.policy
    }

    /// What runs after the rules.
    pub(crate) fn plugins(&self) -> &Plugins {
        &self.loaded.plugins
    }

    /// The file that the policy was read from, and after it those that it extends; none without a file.
    pub(crate) fn policy_files(&self) -> &[String] {
        &self.loaded.files
    }

    /// The path that `[[ignore]] path` is matched with for a file of this folder, where any such rule is.
    pub(crate) fn policy_path(&self, file: &Path) -> Option<String> {
        if !self.loaded.silences_paths {
            return None;
        }
        let name = file.file_name()?.to_string_lossy();
        match self.relative.as_deref()? {
            "" => Some(name.into_owned()),
            folder => Some(format!("{folder}/{name}")),
        }
    }

    fn any<'g>(&self, lists: impl Iterator<Item = &'g Globs>, path: &Path, is_folder: bool) -> bool {
        let mut lists = lists.peekable();
        lists.peek().is_some()
            && path.file_name().is_some_and(|name| {
                let path = self.path.join(name);
                lists.any(|globs| globs.matches(&path, is_folder))
            })
    }
}

fn slashes(path: &Path) -> String {
    let parts: Vec<OsString> = path.components().map(|part| part.as_os_str().to_owned()).collect();
    parts
        .iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests;
