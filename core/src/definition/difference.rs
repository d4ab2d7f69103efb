//! The difference between what a definition says and what it should say, as one sequential RFC 6902 patch.
//!
//! Replacements first, then what is new in an entry of a list, then removals by descending index, then moves, then
//! additions and what changes in something that was moved; lists grow at `/-`. So every index that is named is the entry's
//! own. Nothing that did not change is named.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::model::{Artifact, Member, Model, Place, Secret, Site};
use crate::json::{Operation, Patch, Pointer, RawJson, Value};

/// The operations that lead from one model of an app or pod to another, with pointers below `base`.
pub(crate) fn difference(base: &Pointer, from: &Model<'_>, to: &Model<'_>, patch: &mut Patch) {
    let mut operations = Operations::default();
    container_type(base, from, to, &mut operations);
    for (before, after) in from.sites.iter().zip(&to.sites) {
        site(base, before, after, &mut operations);
    }
    for (before, after) in from.misplaced.iter().zip(&to.misplaced) {
        if after.moved && !before.moved {
            operations.removals.push(Operation::Remove {
                path: base.below(&before.tokens),
            });
        }
    }
    if from.fetch != to.fetch {
        artifacts(&base.child("fetch"), &from.fetch, &to.fetch, &mut operations);
    }
    if from.uris != to.uris {
        uris(&base.child("uris"), &from.uris, &to.uris, &mut operations);
    }
    if from.secrets != to.secrets {
        secrets(&base.child("secrets"), &from.secrets, &to.secrets, &mut operations);
    }
    patch.operations.extend(operations.replacements);
    patch.operations.extend(operations.completions);
    patch.operations.extend(operations.removals);
    patch.operations.extend(operations.moves);
    patch.operations.extend(operations.additions);
}

#[derive(Default)]
struct Operations {
    replacements: Vec<Operation>,
    /// Members that entries of lists gain, before a removal moves the entries.
    completions: Vec<Operation>,
    removals: Vec<Operation>,
    moves: Vec<Operation>,
    additions: Vec<Operation>,
}

fn container_type(base: &Pointer, from: &Model<'_>, to: &Model<'_>, operations: &mut Operations) {
    let path = || base.below(["container", "type"]);
    text(path, &from.container_type, &to.container_type, operations);
}

fn site(base: &Pointer, before: &Site<'_>, after: &Site<'_>, operations: &mut Operations) {
    if before == after {
        return;
    }
    let block = base.below(&before.place.tokens());
    if before.reference != after.reference {
        operations.replacements.push(Operation::Replace {
            path: block.child(before.place.image_key()),
            value: RawJson::string(&after.reference),
        });
    }
    text(|| block.child("kind"), &before.kind, &after.kind, operations);
    for (misspelt, renamed) in before.misspelt.iter().zip(&after.misspelt) {
        if renamed.renamed && !misspelt.renamed {
            operations.moves.push(Operation::Move {
                from: block.child(misspelt.wrong),
                path: block.child(misspelt.right),
            });
        }
    }
    pull_config(&block, before, after, operations);
    let container = match before.place {
        Place::App => base.clone(),
        Place::PodContainer(index) => base.below(["containers", &index.to_string()]),
    };
    artifacts(
        &container.child("artifacts"),
        &before.artifacts,
        &after.artifacts,
        operations,
    );
}

fn text(
    path: impl Fn() -> Pointer,
    from: &Member<Cow<'_, str>>,
    to: &Member<Cow<'_, str>>,
    operations: &mut Operations,
) {
    let Member::Present(value) = to else { return };
    if from == to {
        return;
    }
    let (path, value) = (path(), RawJson::string(value));
    match from {
        Member::Absent => operations.additions.push(Operation::Add { path, value }),
        _ => operations.replacements.push(Operation::Replace { path, value }),
    }
}

fn pull_config(block: &Pointer, from: &Site<'_>, to: &Site<'_>, operations: &mut Operations) {
    let mut misspelt = to.misspelt.iter().zip(&from.misspelt);
    let renamed = misspelt.find(|(after, before)| after.renamed && !before.renamed && after.right == "pullConfig");
    if from.pull_config == to.pull_config {
        return;
    }
    let path = block.child("pullConfig");
    if let Some((renamed, _)) = renamed {
        let moved = renamed.value.get("secret").and_then(|secret| secret.as_str());
        if let (Member::Present(wanted), Some(moved)) = (&to.pull_config, moved)
            && *wanted != moved
        {
            // After the move.
            operations.additions.push(Operation::Replace {
                path: path.child("secret"),
                value: RawJson::string(wanted),
            });
        }
        return;
    }
    match (&from.pull_config, &to.pull_config) {
        (Member::Absent, Member::Present(secret)) => {
            let value = RawJson::object([("secret", RawJson::string(secret))]);
            operations.additions.push(Operation::Add { path, value });
        }
        (Member::Null, Member::Present(secret)) => {
            let value = RawJson::object([("secret", RawJson::string(secret))]);
            operations.replacements.push(Operation::Replace { path, value });
        }
        (Member::Present(_), Member::Present(secret)) => {
            let (path, value) = (path.child("secret"), RawJson::string(secret));
            operations.replacements.push(Operation::Replace { path, value });
        }
        (_, Member::Absent) => operations.removals.push(Operation::Remove { path }),
        _ => {}
    }
}

fn artifacts(
    path: &Pointer,
    from: &Member<Vec<Artifact<'_>>>,
    to: &Member<Vec<Artifact<'_>>>,
    operations: &mut Operations,
) {
    list(path, from, to, operations, artifact_fields, artifact);
}

fn uris(path: &Pointer, from: &Member<Vec<Artifact<'_>>>, to: &Member<Vec<Artifact<'_>>>, operations: &mut Operations) {
    list(
        path,
        from,
        to,
        operations,
        |_, _, _, _| {},
        |entry| RawJson::string(entry.uri()),
    );
}

/// The difference of two lists whose entries know where they stood.
fn list(
    path: &Pointer,
    from: &Member<Vec<Artifact<'_>>>,
    to: &Member<Vec<Artifact<'_>>>,
    operations: &mut Operations,
    fields: fn(&Pointer, &Artifact<'_>, &Artifact<'_>, &mut Operations),
    build: fn(&Artifact<'_>) -> RawJson,
) {
    let (Member::Present(before), Member::Present(after)) = (from, to) else {
        match (from, to) {
            (Member::Absent, Member::Present(after)) => {
                let value = RawJson::array(after.iter().map(build));
                operations.additions.push(Operation::Add {
                    path: path.clone(),
                    value,
                });
            }
            (Member::Null | Member::Malformed, Member::Present(after)) => {
                let value = RawJson::array(after.iter().map(build));
                operations.replacements.push(Operation::Replace {
                    path: path.clone(),
                    value,
                });
            }
            (Member::Present(_), Member::Absent) => {
                operations.removals.push(Operation::Remove { path: path.clone() });
            }
            _ => {}
        }
        return;
    };
    let remaining: HashMap<_, _> = after.iter().map(|entry| (entry.id, entry)).collect();
    let known: HashSet<_> = before.iter().map(|entry| entry.id).collect();
    let kept = |entry: &Artifact<'_>| remaining.get(&entry.id).copied();
    for (index, entry) in before.iter().enumerate() {
        if let Some(kept) = kept(entry) {
            fields(&path.child(&index.to_string()), entry, kept, operations);
        }
    }
    for (index, entry) in before.iter().enumerate().rev() {
        if kept(entry).is_none() {
            operations.removals.push(Operation::Remove {
                path: path.child(&index.to_string()),
            });
        }
    }
    for entry in after {
        if !known.contains(&entry.id) {
            operations.additions.push(Operation::Add {
                path: path.child("-"),
                value: build(entry),
            });
        }
    }
}

fn artifact_fields(path: &Pointer, from: &Artifact<'_>, to: &Artifact<'_>, operations: &mut Operations) {
    let has = |key: &str| from.written.and_then(|written| written.get(key)).is_some();
    let mut set = |key: &str, value: RawJson| {
        let path = path.child(key);
        if has(key) {
            operations.replacements.push(Operation::Replace { path, value });
        } else {
            operations.completions.push(Operation::Add { path, value });
        }
    };
    let flags = [
        ("extract", from.extract, to.extract),
        ("executable", from.executable, to.executable),
        ("cache", from.cache, to.cache),
    ];
    for (key, before, after) in flags {
        if let (true, Some(after)) = (before != after, after) {
            set(key, RawJson::bool(after));
        }
    }
    if let (true, Some(dest_path)) = (from.dest_path != to.dest_path, &to.dest_path) {
        set("destPath", RawJson::string(dest_path));
    }
}

/// An entry as text: as somebody wrote it, where somebody did.
fn artifact(entry: &Artifact<'_>) -> RawJson {
    if let Some(written) = entry.written.filter(Value::is_object) {
        return raw(written);
    }
    let mut members = vec![("uri", RawJson::string(entry.uri()))];
    let flags = [
        ("extract", entry.extract.filter(|extract| !extract)),
        ("executable", entry.executable.filter(|executable| *executable)),
        ("cache", entry.cache.filter(|cache| *cache)),
    ];
    members.extend(
        flags
            .into_iter()
            .filter_map(|(key, flag)| Some((key, RawJson::bool(flag?)))),
    );
    if let Some(dest_path) = &entry.dest_path {
        members.push(("destPath", RawJson::string(dest_path)));
    }
    RawJson::object(members)
}

fn secrets(path: &Pointer, from: &Member<Vec<Secret<'_>>>, to: &Member<Vec<Secret<'_>>>, operations: &mut Operations) {
    let build = |secret: &Secret<'_>| match secret.written {
        Some(written) => raw(written),
        None => RawJson::object([("source", RawJson::string(secret.source.as_deref().unwrap_or_default()))]),
    };
    let whole =
        |secrets: &[Secret<'_>]| RawJson::object(secrets.iter().map(|secret| (secret.key.as_ref(), build(secret))));
    match (from, to) {
        (Member::Absent, Member::Present(after)) => {
            operations.additions.push(Operation::Add {
                path: path.clone(),
                value: whole(after),
            });
        }
        (Member::Null | Member::Malformed, Member::Present(after)) => {
            operations.replacements.push(Operation::Replace {
                path: path.clone(),
                value: whole(after),
            });
        }
        (Member::Present(_), Member::Absent) => {
            operations.removals.push(Operation::Remove { path: path.clone() });
        }
        (Member::Present(before), Member::Present(after)) => {
            let keys = |secrets: &[Secret<'_>]| -> HashSet<String> {
                secrets.iter().map(|secret| secret.key.clone().into_owned()).collect()
            };
            let (known, remaining) = (keys(before), keys(after));
            for secret in before {
                if !remaining.contains(secret.key.as_ref()) {
                    operations.removals.push(Operation::Remove {
                        path: path.child(&secret.key),
                    });
                }
            }
            for secret in after.iter().filter(|secret| !secret.original) {
                if !known.contains(secret.key.as_ref()) {
                    let (path, value) = (path.child(&secret.key), build(secret));
                    operations.additions.push(Operation::Add { path, value });
                }
            }
        }
        _ => {}
    }
}

fn raw(value: Value<'_>) -> RawJson {
    // It was read by the strict reader already.
    RawJson::parse(value.raw()).unwrap_or_else(|_| RawJson::null())
}
