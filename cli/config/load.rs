//! Reading one `pullcreds.toml`, what it extends, and the flags that stand above both.
//!
//! Joining works on the TOML tables, before the core gives them a meaning, so that a new key needs nothing here.

use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use pullcreds_core::policy::Policy;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{Globs, Loaded};
use crate::args::PolicyArguments;
use crate::outcome::Problem;
use crate::pipeline::in_words;

/// How many policies may extend one another in a row.
const LONGEST_CHAIN: usize = 16;

/// A policy that cannot be used: nothing it governs is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BadPolicy {
    /// The file as a person would write it; empty where it is no file.
    pub(crate) name: String,
    /// Its text, to show the line.
    pub(crate) text: String,
    pub(crate) problem: Problem,
}

impl BadPolicy {
    fn new(name: &str, text: &str, problem: Problem) -> Arc<BadPolicy> {
        Arc::new(BadPolicy {
            name: name.to_owned(),
            text: text.to_owned(),
            problem,
        })
    }
}

impl From<anyhow::Error> for BadPolicy {
    fn from(error: anyhow::Error) -> BadPolicy {
        BadPolicy {
            problem: Problem::new(format!("{error:#}")),
            ..BadPolicy::default()
        }
    }
}

/// `--archive` and `--secret`, as a part of a policy.
#[derive(Debug, Default)]
pub(crate) struct Flags(Table);

impl Flags {
    /// # Errors
    /// When the core refuses a value.
    pub(crate) fn new(given: &PolicyArguments) -> anyhow::Result<Flags> {
        let mut flags = Table::new();
        for (key, value) in [("archive", &given.archive), ("secret", &given.secret)] {
            if let Some(value) = value {
                flags.insert(key.to_owned(), Value::String(value.clone()));
                // Alone, so that a refusal can say which of the two it is about.
                let alone = Flags(Table::from_iter([(key.to_owned(), Value::String(value.clone()))]));
                policy(alone.join(Table::new())).with_context(|| format!("--{key} {value}"))?;
            }
        }
        Ok(Flags(flags))
    }

    /// Above every registry that is given credentials, and for every image that no registry matches.
    fn join(&self, mut policy: Table) -> Table {
        if self.0.is_empty() {
            return policy;
        }
        let registries = policy.entry("registry").or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(registries) = registries else {
            return policy;
        };
        for registry in registries.iter_mut().filter_map(Value::as_table_mut) {
            if !registry.contains_key("credentials") {
                registry.extend(self.0.clone());
            }
        }
        let mut rest = self.0.clone();
        rest.insert("match".to_owned(), Value::String("**".to_owned()));
        registries.push(Value::Table(rest));
        policy
    }
}

/// What counts where there is no policy file.
pub(crate) fn without_file(flags: &Flags) -> anyhow::Result<Arc<Loaded>> {
    let policy = if flags.0.is_empty() {
        Policy::default()
    } else {
        policy(flags.join(Table::new()))?
    };
    Ok(Arc::new(Loaded {
        policy,
        ..Loaded::default()
    }))
}

/// Loads a policy; `None` when there is no such file.
///
/// # Errors
/// When the file is there and cannot be read. That it is wrong is the inner error.
pub(crate) fn file(
    path: &Path,
    name: &str,
    flags: &Flags,
) -> anyhow::Result<Option<Result<Arc<Loaded>, Arc<BadPolicy>>>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        // `x.json/pullcreds.toml`, where a folder was expected, is not there either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(anyhow::Error::new(error).context(format!("{name}: the policy cannot be read"))),
    };
    Ok(Some(Chain::default().load(path, name, text, flags)))
}

/// A policy and those that it extends, nearest first.
#[derive(Default)]
struct Chain {
    links: Vec<Link>,
}

struct Link {
    folder: PathBuf,
    table: Table,
}

impl Chain {
    fn load(mut self, path: &Path, name: &str, text: String, flags: &Flags) -> Result<Arc<Loaded>, Arc<BadPolicy>> {
        let mut next = Some((path.to_owned(), name.to_owned(), text));
        let mut first = None;
        while let Some((path, name, text)) = next.take() {
            let (policy, table, extends) = parse(&name, &text)?;
            first.get_or_insert(policy);
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            if let Some((target, span)) = extends {
                let bad = |problem: Problem| BadPolicy::new(&name, &text, problem.at(span.clone()));
                if self.links.len() + 1 >= LONGEST_CHAIN {
                    return Err(bad(Problem::new(
                        "policies extend one another in a circle, or too many in a row",
                    )));
                }
                let path = resolve(&folder, &target);
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    bad(Problem::new(format!(
                        "the policy that this one extends cannot be read: {}",
                        in_words(&error)
                    ))
                    .with_help(format!(
                        "`extend` is relative to this file; looked for {}",
                        path.display()
                    )))
                })?;
                next = Some((path, neighbour(&name, &target), text));
            }
            self.links.push(Link { folder, table });
        }
        self.finish(first, flags)
            .map_err(|error| BadPolicy::new(name, "", Problem::new(format!("{error:#}"))))
    }

    fn finish(mut self, first: Option<Policy>, flags: &Flags) -> anyhow::Result<Arc<Loaded>> {
        let mut loaded = Loaded {
            base: self.base(),
            ..Loaded::default()
        };
        for link in &self.links {
            let globs = |key| -> anyhow::Result<Option<Globs>> {
                let globs = strings(link.table.get(key));
                if globs.is_empty() {
                    return Ok(None);
                }
                Globs::new(&link.folder, &globs)
                    .map(Some)
                    .with_context(|| format!("`{key}`"))
            };
            loaded.exclude.extend(globs("exclude")?);
            loaded.include.extend(globs("include")?);
        }
        loaded.silences_paths = self.links.iter().any(|link| {
            let ignores = link.table.get("ignore").and_then(Value::as_array);
            ignores.is_some_and(|ignores| ignores.iter().any(|ignore| ignore.get("path").is_some()))
        });
        loaded.policy = match first {
            // What was read for the errors' sake is what counts, in the usual case.
            Some(policy) if self.links.len() == 1 && flags.0.is_empty() => policy,
            _ => {
                self.anchor_paths(loaded.base.as_deref());
                let joined = self
                    .links
                    .into_iter()
                    .map(|link| link.table)
                    .reduce(extend)
                    .unwrap_or_default();
                policy(flags.join(joined))?
            }
        };
        Ok(Arc::new(loaded))
    }

    /// The folder that holds the folders of all the policies.
    fn base(&self) -> Option<PathBuf> {
        let mut folders = self.links.iter().map(|link| link.folder.as_path());
        let first = folders.next()?.to_owned();
        Some(folders.fold(first, |common, folder| {
            common
                .components()
                .zip(folder.components())
                .take_while(|(a, b)| a == b)
                .map(|(part, _)| part)
                .collect()
        }))
    }

    /// Makes `[[ignore]] path` of every policy relative to the one folder that paths are then matched from.
    fn anchor_paths(&mut self, base: Option<&Path>) {
        let Some(base) = base else { return };
        for link in &mut self.links {
            let Ok(prefix) = link.folder.strip_prefix(base) else {
                continue;
            };
            let prefix = super::slashes(prefix);
            let ignores = link.table.get_mut("ignore").and_then(Value::as_array_mut);
            for ignore in ignores.into_iter().flatten() {
                if let Some(Value::String(path)) = ignore.get_mut("path")
                    && !prefix.is_empty()
                {
                    *path = format!("{prefix}/{path}");
                }
            }
        }
    }
}

type Parsed = (Policy, Table, Option<(String, Range<usize>)>);

/// Reads one file on its own, so that every error stands at its place.
fn parse(name: &str, text: &str) -> Result<Parsed, Arc<BadPolicy>> {
    let bad = |error: &toml::de::Error| {
        let problem = Problem::new(error.message().replace('\n', "; "));
        let problem = match error.span() {
            Some(span) => problem.at(span),
            None => problem,
        };
        BadPolicy {
            name: name.to_owned(),
            text: text.to_owned(),
            problem,
        }
    };
    let mut document = DeTable::parse(text).map_err(|error| bad(&error))?;
    let extends = match document.get_mut().remove("extend") {
        None => None,
        Some(value) => match value.get_ref() {
            DeValue::String(target) => Some((target.to_string(), value.span())),
            _ => {
                let problem = Problem::new("`extend` must be a path in quotes").at(value.span());
                return Err(BadPolicy::new(name, text, problem));
            }
        },
    };
    let policy = Policy::deserialize(toml::de::Deserializer::from(document)).map_err(|error| bad(&error))?;
    let mut table: Table = toml::from_str(text).map_err(|error| bad(&error))?;
    table.remove("extend");
    Ok((policy, table, extends))
}

fn policy(table: Table) -> anyhow::Result<Policy> {
    table
        .try_into()
        .map_err(|error: toml::de::Error| anyhow::anyhow!("{}", error.message()))
}

/// The nearer policy's keys count; lists that are searched in order come first; globs were already taken.
fn extend(mut near: Table, far: Table) -> Table {
    for (key, far) in far {
        match (near.get_mut(&key), far) {
            (Some(Value::Array(near)), Value::Array(far)) => near.extend(far),
            (Some(Value::Table(near)), Value::Table(far)) => {
                for (key, value) in far {
                    near.entry(key).or_insert(value);
                }
            }
            (Some(_), _) => {}
            (None, far) => {
                near.insert(key, far);
            }
        }
    }
    near
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Lexical: the policy is a plain file in a plain folder, and `a/../b` need not exist in the middle.
fn resolve(folder: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// How the extended policy is named in errors, beside the one that extends it.
fn neighbour(name: &str, target: &str) -> String {
    match Path::new(name).parent() {
        Some(folder) => folder.join(target).to_string_lossy().into_owned(),
        None => target.to_owned(),
    }
}
