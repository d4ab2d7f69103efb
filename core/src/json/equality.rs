//! Whether two values mean the same (RFC 6902, section 4.6), with a stack of its own instead of recursion.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::tape::Tag;
use super::{Type, Value, number, string};

/// The members of an object by key, of duplicates the last.
pub(super) type Sorted = Vec<(Vec<u8>, u32)>;

/// Compares many small values with parts of one large one, each at the cost of the small one.
#[derive(Default)]
pub(super) struct Comparison {
    /// Objects on the left that had more members than what they were compared with, by source and place.
    sorted: BTreeMap<(u32, u32), Rc<Sorted>>,
}

impl Comparison {
    /// Whether `left`, of the text that `source` stands for, and `right` mean the same.
    pub(super) fn same(&mut self, source: u32, left: Value<'_>, right: Value<'_>) -> bool {
        let mut pairs = vec![(left, right)];
        while let Some((left, right)) = pairs.pop() {
            let alike = left.kind() == right.kind()
                && match left.kind() {
                    Type::Null => true,
                    Type::Bool => left.raw() == right.raw(),
                    Type::Number => number::same(left.raw(), right.raw()),
                    Type::String => same_string(left, right),
                    Type::Array => {
                        let (mut these, mut those) = (left.elements(), right.elements());
                        loop {
                            match (these.next(), those.next()) {
                                (Some(this), Some(that)) => pairs.push((this, that)),
                                (None, None) => break true,
                                _ => break false,
                            }
                        }
                    }
                    Type::Object => match self.matched(source, left, right) {
                        Some(matched) => {
                            pairs.extend(matched);
                            true
                        }
                        None => false,
                    },
                };
            if !alike {
                return false;
            }
        }
        true
    }

    /// The values of two objects key by key; `None` if they have different keys.
    fn matched<'l, 'r>(
        &mut self,
        source: u32,
        left: Value<'l>,
        right: Value<'r>,
    ) -> Option<Vec<(Value<'l>, Value<'r>)>> {
        let those = sorted(right);
        let more = left.members().nth(right.members().count()).is_some();
        let these = if more {
            // Only duplicates could still make them equal; looked into once.
            Rc::clone(
                self.sorted
                    .entry((source, left.index()))
                    .or_insert_with(|| Rc::new(sorted(left))),
            )
        } else {
            Rc::new(sorted(left))
        };
        let same_keys = these.len() == those.len() && these.iter().zip(&those).all(|(this, that)| this.0 == that.0);
        same_keys.then(|| {
            let pairs = these.iter().zip(&those);
            pairs
                .map(|(this, that)| (Value::at(left.document(), this.1), Value::at(right.document(), that.1)))
                .collect()
        })
    }
}

/// An object's members by key, each key once: the last of its kind.
pub(super) fn sorted(object: Value<'_>) -> Sorted {
    let mut members: Sorted = object
        .members()
        .map(|member| (exact_key(object, member.key.index()).into_owned(), member.value.index()))
        .collect();
    // By key, the last first, so that it is the one that stays.
    members.sort_unstable_by(|this, that| this.0.cmp(&that.0).then(that.1.cmp(&this.1)));
    members.dedup_by(|later, earlier| later.0 == earlier.0);
    members
}

fn exact_key<'d>(object: Value<'d>, key: u32) -> Cow<'d, [u8]> {
    string::exact(object.document().inside(key))
}

fn same_string(left: Value<'_>, right: Value<'_>) -> bool {
    let tag = |value: Value<'_>| value.document().node(value.index()).tag();
    if tag(left) == Tag::Plain && tag(right) == Tag::Plain {
        return left.raw() == right.raw();
    }
    string::same(
        left.document().inside(left.index()),
        right.document().inside(right.index()),
    )
}

#[cfg(test)]
mod tests {
    use crate::json::Document;

    fn same(left: &str, right: &str) -> bool {
        let (left, right) = (
            Document::parse(left.as_bytes()).unwrap(),
            Document::parse(right.as_bytes()).unwrap(),
        );
        let answer = left.root().same_value(&right.root());
        assert_eq!(answer, right.root().same_value(&left.root()));
        answer
    }

    #[test]
    fn values_are_compared_by_what_they_mean() {
        assert!(same(
            r#"{"a": [1, {"b": null}], "c": "\u0041"}"#,
            r#"{"c":"A","\u0061":[1.0,{"b":null}]}"#
        ));
        assert!(!same("[1, 2]", "[2, 1]") && !same("[1]", "[1, 1]") && !same("[]", "{}"));
        assert!(!same(r#"{"a": 1}"#, r#"{"a": 2}"#) && !same(r#"{"a": 1}"#, r#"{"b": 1}"#));
        assert!(!same("true", "false") && !same("null", "false") && !same("0", r#""0""#) && same("{}", "{ }"));
    }

    #[test]
    fn of_duplicates_the_last_counts() {
        assert!(same(r#"{"a": 1, "b": 3, "\u0061": 2}"#, r#"{"b": 3, "a": 2}"#));
        assert!(!same(r#"{"a": 1, "a": 2}"#, r#"{"a": 1}"#));
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 100_000;
        let nested = |core: &str| "[".repeat(depth) + core + &"]".repeat(depth);
        assert!(same(&nested("1"), &nested("1.0")) && !same(&nested("1"), &nested("2")));
    }
}
