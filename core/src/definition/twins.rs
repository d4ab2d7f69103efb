//! Keys that stand twice in one object, where a fix may want to write. Marathon reads the last of them, other readers the
//! first or neither, so nothing is written there: which of the two a person meant is not known.
//!
//! Knows where in an app or pod fixes write, and nothing of what they write.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::json::{Operation, Patch, Pointer, Value};

/// The members below which fixes write, and those that they move. What they write themselves may have any name.
const ON_THE_WAY: [&str; 12] = [
    "container",
    "docker",
    "containers",
    "image",
    "pullConfig",
    "pullconfig",
    "pull_config",
    "pullConf",
    "fetch",
    "uris",
    "artifacts",
    SECRETS,
];

/// Below this there are objects under any key.
const SECRETS: &str = "secrets";

/// How many steps an app or pod's own fixes go down at most, and what they move does: to the `source` in misplaced
/// `/containers/0/image/secrets/KEY`.
const DEEPEST: usize = 6;

/// Where one key stands twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Twice {
    /// What it says.
    pub(crate) key: String,
    /// Where it stands first.
    pub(crate) first: Range<usize>,
    /// Where it stands last.
    pub(crate) last: Range<usize>,
}

/// The member of an object by its key, of several the last, and where else it stands.
pub(super) fn member<'d>(of: Value<'d>, key: &str) -> (Option<Value<'d>>, Option<Twice>) {
    let mut all = of.members().filter(|member| member.key.is(key));
    let Some(first) = all.next() else { return (None, None) };
    match all.last() {
        None => (Some(first.value), None),
        Some(last) => {
            let twice = Twice {
                key: key.to_owned(),
                first: first.key.span(),
                last: last.key.span(),
            };
            (Some(last.value), Some(twice))
        }
    }
}

/// The keys of an app or pod that stand twice where fixes write.
pub(crate) struct Twins(BTreeMap<Pointer, Twice>);

impl Twins {
    /// Looks for them; pointers are those from the app or pod.
    pub(crate) fn of(owner: Value<'_>) -> Twins {
        let mut twins = BTreeMap::new();
        let mut waiting = vec![(owner, Pointer::root(), 0, false)];
        while let Some((value, pointer, depth, in_secrets)) = waiting.pop() {
            if depth == DEEPEST {
                continue;
            }
            let mut seen = HashMap::new();
            for member in value.members() {
                let key = member.key.decoded();
                if in_secrets || ON_THE_WAY.contains(&key.as_ref()) {
                    let is_secrets = !in_secrets && key == SECRETS;
                    waiting.push((member.value, pointer.child(&key), depth + 1, is_secrets));
                }
                let span = member.key.span();
                let first: &Range<usize> = seen.entry(key.clone()).or_insert_with(|| span.clone());
                if *first != span {
                    let twice = Twice {
                        key: key.clone().into_owned(),
                        first: first.clone(),
                        last: span,
                    };
                    twins.insert(pointer.child(&key), twice);
                }
            }
            let elements = value.elements().enumerate().filter(|(_, element)| element.is_object());
            let there = |index: usize| pointer.child(&index.to_string());
            waiting.extend(elements.map(|(index, element)| (element, there(index), depth + 1, false)));
        }
        Twins(twins)
    }

    /// The first that lies on the way of a patch whose pointers begin at the app or pod, or in what it takes from its
    /// place: one of the two meanings would go with that.
    pub(crate) fn on_the_way(&self, patch: &Patch) -> Option<&Twice> {
        patch.operations.iter().find_map(|operation| match operation {
            Operation::Move { from, path } | Operation::Copy { from, path } => {
                self.at_or_below(from).or_else(|| self.above(path))
            }
            Operation::Remove { path } => self.at_or_below(path),
            Operation::Add { path, .. } | Operation::Replace { path, .. } | Operation::Test { path, .. } => {
                self.above(path)
            }
        })
    }

    /// The first on the way to a member, itself included.
    pub(crate) fn above(&self, pointer: &Pointer) -> Option<&Twice> {
        let mut step = Pointer::root();
        pointer.tokens().find_map(|token| {
            step.push(&token);
            self.0.get(&step)
        })
    }

    /// The first on the way to a member or in it.
    pub(crate) fn at_or_below(&self, pointer: &Pointer) -> Option<&Twice> {
        self.above(pointer).or_else(|| self.below(pointer).next())
    }

    /// Those in a member.
    pub(crate) fn below(&self, pointer: &Pointer) -> impl Iterator<Item = &Twice> {
        // Pointers are in the order of their texts, so all below one follow it and its slash.
        let beneath = self.0.range(pointer.child("")..);
        let inside = beneath.take_while(|(other, _)| other.starts_with_tokens(pointer));
        inside.map(|(_, twice)| twice)
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::json::{Document, RawJson};

    #[test]
    fn what_stands_twice_on_the_way_is_found() {
        let text = r#"{"cpus": 1, "cpus": 2, "fetch": [{"uri": "a", "cache": true, "cache": true}, {"uri": "b"}],
            "container": {"docker": {"image": "x", "im\u0061ge": "y"}}, "secrets": {"a/b": 1, "a/b": 2, "a/b": 3,
            "x": {"source": "a", "source": "b"}}}"#;
        let document = Document::parse(text.as_bytes()).expect("JSON");
        let twins = Twins::of(document.root());
        let found = |path: &str| {
            let path = Pointer::parse(path).expect("a pointer");
            let value = RawJson::null();
            let operations = vec![Operation::Add { path, value }];
            let twice = twins.on_the_way(&Patch { operations })?;
            Some((
                twice.key.clone(),
                text[twice.first.clone()].to_owned(),
                twice.last.clone(),
            ))
        };
        let key = |path: &str| found(path).map(|(key, ..)| key);
        assert_eq!(key("/cpus").as_deref(), Some("cpus"));
        assert_eq!(key("/fetch/0/cache").as_deref(), Some("cache"));
        assert_eq!(key("/container/docker/image").as_deref(), Some("image"));
        for free in [
            "/fetch/-",
            "/fetch/0/destPath",
            "/fetch/1/cache",
            "/container/type",
            "/labels",
        ] {
            assert_eq!(key(free), None, "{free}");
        }
        let removed = |path: &str| {
            let path = Pointer::parse(path).expect("a pointer");
            let operations = vec![Operation::Remove { path }];
            Some(twins.on_the_way(&Patch { operations })?.key.clone())
        };
        assert_eq!(removed("/fetch/0").as_deref(), Some("cache"));
        assert_eq!(removed("/fetch/1"), None);
        assert_eq!(removed("/secrets/x").as_deref(), Some("source"));
        let (key, first, last) = found("/secrets/a~1b/source").expect("three of them");
        assert_eq!((key.as_str(), first.as_str()), ("a/b", r#""a/b""#));
        assert!(text[last.end..].starts_with(": 3,"));
    }
}
