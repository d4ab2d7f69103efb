//! What stays of a finding when lines move: the rule, the app or pod, and the place by names instead of positions.
//!
//! Fingerprints of reports and the entries of a baseline are made of it, so a change here makes old ones unknown.

use std::collections::HashMap;

use pullcreds_core::finding::Finding;
use pullcreds_core::json::{Document, Pointer, Value};

use super::safe;

/// Members by which an element of an array is known, the first that it has.
const NAMES: [&str; 5] = ["id", "name", "key", "uri", "containerPath"];
/// Longer names are cut.
const LONGEST: usize = 120;

/// Who a finding is, within one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Identity {
    pub(crate) rule: String,
    /// The app or pod; empty where it is not known.
    pub(crate) id: String,
    /// As a pointer, with names in brackets for the elements of arrays: `/fetch/[file:///etc/docker.tar.gz]`.
    pub(crate) place: String,
}

/// The identities of one file's findings, each with how many before it are the same.
pub(crate) fn identities(text: &[u8], findings: &[Finding]) -> Vec<(Identity, usize)> {
    if findings.is_empty() {
        return Vec::new();
    }
    let document = Document::parse(text).ok();
    let mut arrays = HashMap::new();
    let mut counts: HashMap<Identity, usize> = HashMap::new();
    let identity = |finding: &Finding| {
        let identity = Identity {
            rule: finding.code.to_string(),
            id: finding.id.as_deref().map(short).unwrap_or_default(),
            place: place(document.as_ref().map(Document::root), &finding.pointer, &mut arrays),
        };
        let before = counts.entry(identity.clone()).or_default();
        *before += 1;
        (identity, *before - 1)
    };
    findings.iter().map(identity).collect()
}

/// 32 hexadecimal digits that are the same wherever in the file the finding stands.
pub(crate) fn fingerprint(path: &str, identity: &Identity, before: usize) -> String {
    let before = before.to_string();
    digest(&[path, &identity.rule, &identity.id, &identity.place, &before])
}

/// FNV-1a, 128 bits: nobody gains by a collision, and it is the same on every machine and in every release.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash ^= u128::from(byte);
        hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}

/// `arrays` remembers the elements of arrays by where they begin, as many findings stand in one.
fn place<'d>(root: Option<Value<'d>>, pointer: &Pointer, arrays: &mut HashMap<usize, Vec<Value<'d>>>) -> String {
    let mut place = String::new();
    let mut here = root;
    for token in pointer.tokens() {
        place.push('/');
        match here {
            Some(array) if array.is_array() => {
                let elements = arrays
                    .entry(array.span().start)
                    .or_insert_with(|| array.elements().collect());
                let index = token.parse::<usize>().ok();
                here = index.and_then(|index| elements.get(index)).copied();
                place.push('[');
                place.push_str(&here.and_then(name).unwrap_or_default());
                place.push(']');
            }
            other => {
                here = other.and_then(|value| value.get(&token));
                place.push_str(&short(&token));
            }
        }
    }
    // A part alone may not show what it is among the others.
    safe::data(&place).into_owned()
}

fn name(element: Value<'_>) -> Option<String> {
    let mut names = NAMES.iter().filter_map(|key| element.get(key)?.as_str());
    let name = element.as_str().or_else(|| names.next())?;
    Some(short(&name))
}

/// On one line, without what looks like a credential, and not too long.
fn short(name: &str) -> String {
    let name = safe::line(name);
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

#[cfg(test)]
mod tests;
