//! Findings that are known already: a file of them, so that only what is new is told.
//!
//! Entries say rule, app or pod, and place by names, never lines, and are counted where several are the same; so they
//! hold while a file is edited around them. How findings are found and told is not known here.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use pullcreds_core::finding::Finding;
use pullcreds_core::transform::Selection;
use serde::{Deserialize, Serialize};

use crate::outcome::in_words;
use crate::paths::parent;
use crate::report::identity::{Identity, identities};
use crate::report::root::Root;
use crate::report::safe;
use crate::write::Writer;

/// Changes only when an older file would be misread.
const VERSION: u32 = 1;
/// How many stale entries are named.
const MOST_NAMED: usize = 10;

/// Counts of the same finding, by file and identity.
type Counts = BTreeMap<String, BTreeMap<Identity, usize>>;

/// A baseline that was read, and what a run found of it.
#[derive(Debug)]
pub(crate) struct Baseline {
    name: String,
    root: Root,
    known: Counts,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    silenced: usize,
    /// Files of the baseline that were looked at.
    seen: HashSet<String>,
    /// What of those files was not found again.
    missing: Counts,
}

/// What a run found of a baseline.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) silenced: usize,
    /// Entries that nothing is found for any more, in words.
    pub(crate) stale: Vec<String>,
}

impl Baseline {
    /// # Errors
    /// When the file cannot be read, or is no baseline.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Baseline> {
        let name = path.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).map_err(|error| {
            anyhow::anyhow!(
                "--baseline {name}: cannot be read: {}; `pullcreds check --write-baseline {name}` writes it",
                in_words(&error)
            )
        })?;
        let file: File = serde_json::from_str(&text).with_context(|| {
            format!("--baseline {name}: is no baseline; `pullcreds check --write-baseline {name}` writes one")
        })?;
        if file.version != VERSION {
            bail!(
                "--baseline {name}: has version {}, and this pullcreds reads version {VERSION}",
                file.version
            );
        }
        let mut known = Counts::new();
        for entry in file.findings {
            let identity = Identity {
                rule: entry.rule,
                id: entry.id,
                place: entry.place,
            };
            let count = known.entry(entry.path).or_default().entry(identity).or_default();
            *count = count.saturating_add(entry.count);
        }
        Ok(Baseline {
            name,
            root: Root::at(parent(path)),
            known,
            used: Mutex::default(),
        })
    }

    /// The findings of one file that are new. Of several that are the same, the first ones are the known ones.
    pub(crate) fn sift(&self, name: &str, text: &[u8], findings: Vec<Finding>) -> Vec<Finding> {
        let path = self.root.relative(name);
        let Some(known) = self.known.get(&path) else {
            return findings;
        };
        let mut left = known.clone();
        let identities = identities(text, &findings);
        let before = findings.len();
        let new: Vec<Finding> = findings
            .into_iter()
            .zip(&identities)
            .filter(|(_, (identity, _))| match left.get_mut(identity) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
            .map(|(finding, _)| finding)
            .collect();
        left.retain(|_, count| *count > 0);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.silenced += before - new.len();
        used.seen.insert(path.clone());
        used.missing.insert(path, left);
        new
    }

    /// Nothing is written, so what was found in one file stays in it, and the entries for it hold, whatever was sifted.
    pub(crate) fn keep(&self, name: &str, text: &[u8], findings: &[Finding]) {
        let path = self.root.relative(name);
        let Some(mut missing) = self.known.get(&path).cloned() else {
            return;
        };
        for (identity, _) in identities(text, findings) {
            missing
                .entry(identity)
                .and_modify(|count| *count = count.saturating_sub(1));
        }
        missing.retain(|_, count| *count > 0);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.missing.insert(path, missing);
    }

    /// What the run found of it. An entry of a rule that was not asked for, or of a file that was not looked at, may
    /// still hold; one of a file that is gone does not.
    pub(crate) fn standing(&self, selection: &Selection) -> Standing {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = self
            .known
            .iter()
            .filter(|(path, _)| !used.seen.contains(*path) && !self.root.resolve(path).exists());
        let stale = used.missing.iter().chain(gone).flat_map(|(path, left)| {
            left.iter()
                .filter(|(identity, _)| is_asked_for(&identity.rule, selection))
                .map(move |(identity, count)| in_one_line(path, identity, *count))
        });
        Standing {
            silenced: used.silenced,
            stale: stale.collect(),
        }
    }

    /// For a person.
    pub(crate) fn notes(&self, standing: &Standing) -> String {
        let name = safe::line(&self.name);
        let mut notes = String::new();
        match standing.silenced {
            0 => {}
            1 => notes.push_str(&format!("note: 1 finding is known to {name} and was silenced\n")),
            count => notes.push_str(&format!(
                "note: {count} findings are known to {name} and were silenced\n"
            )),
        }
        let stale = &standing.stale;
        if !stale.is_empty() {
            match stale.len() {
                1 => notes.push_str(&format!("note: 1 entry of {name} is stale, nothing is found for it:\n")),
                count => notes.push_str(&format!(
                    "note: {count} entries of {name} are stale, nothing is found for them:\n"
                )),
            }
            for entry in stale.iter().take(MOST_NAMED) {
                notes.push_str(&format!("  {entry}\n"));
            }
            if stale.len() > MOST_NAMED {
                notes.push_str(&format!("  … and {} more\n", stale.len() - MOST_NAMED));
            }
            notes.push_str(&format!(
                "  `pullcreds check --write-baseline {name}` records anew what is found now\n"
            ));
        }
        notes
    }
}

/// Gathers what a run finds, to be known from then on.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    root: Root,
    found: Mutex<Counts>,
}

impl Recorder {
    pub(crate) fn new(path: &Path) -> Recorder {
        Recorder {
            path: path.to_owned(),
            root: Root::at(parent(path)),
            found: Mutex::default(),
        }
    }

    /// Takes one file's findings.
    pub(crate) fn record(&self, name: &str, text: &[u8], findings: &[Finding]) {
        let mut counts: BTreeMap<Identity, usize> = BTreeMap::new();
        for (identity, _) in identities(text, findings) {
            *counts.entry(identity).or_default() += 1;
        }
        if !counts.is_empty() {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.insert(self.root.relative(name), counts);
        }
    }

    /// Writes the file, whole or not at all, and says so in one line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(self) -> anyhow::Result<String> {
        let name = self.path.to_string_lossy().into_owned();
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let files = found.len();
        let count: usize = found.values().flat_map(BTreeMap::values).sum();
        let text = print(found)?;
        write(&self.path, &text).with_context(|| format!("--write-baseline {name}"))?;
        let findings = if count == 1 { "finding" } else { "findings" };
        let of = if files == 1 { "file" } else { "files" };
        let name = safe::line(&name);
        Ok(format!(
            "Recorded {count} {findings} of {files} {of} in {name}; from now on, `pullcreds check --baseline {name}` tells only what is new.\n"
        ))
    }
}

/// Entries as they are written, ordered by file, app, rule and place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Relative to the folder of the baseline.
    path: String,
    rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    place: String,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// An entry a line, so that a difference of two baselines reads well and branches merge.
fn print(found: Counts) -> anyhow::Result<String> {
    let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
    let mut separator = "\n    ";
    for (path, counts) in found {
        for (identity, count) in counts {
            let entry = Entry {
                path: path.clone(),
                rule: identity.rule,
                id: identity.id,
                place: identity.place,
                count,
            };
            text.push_str(separator);
            text.push_str(&serde_json::to_string(&entry)?);
            separator = ",\n    ";
        }
    }
    text.push_str("\n  ]\n}\n");
    Ok(text)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = |error: &io::Error| anyhow::anyhow!("cannot be written: {}", in_words(error));
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {
            let writer = Writer {
                hard_links: false,
                fsync: false,
            };
            let old = std::fs::read(path).map_err(|error| cannot(&error))?;
            let replaced = writer.replace(path, &old, text.as_bytes());
            replaced.map_err(|problem| anyhow::anyhow!("{}", problem.message))
        }
        // New, or a pipe, which is not replaced.
        _ => std::fs::write(path, text).map_err(|error| cannot(&error)),
    }
}

/// As `--select` and `--ignore` choose rules, as far as that can make a rule silent.
fn is_asked_for(rule: &str, selection: &Selection) -> bool {
    let named = |codes: &[String]| {
        codes.iter().any(|code| {
            rule.get(..code.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(code))
        })
    };
    (selection.select.is_empty() || named(&selection.select)) && !named(&selection.ignore)
}

fn in_one_line(path: &str, identity: &Identity, count: usize) -> String {
    let times = if count == 1 {
        String::new()
    } else {
        format!(" ({count} times)")
    };
    safe::line(&format!(
        "{path}: {} {} {}{times}",
        identity.rule, identity.id, identity.place
    ))
}

#[cfg(test)]
mod tests;
