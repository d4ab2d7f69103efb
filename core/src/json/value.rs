//! Cursors over the tape: what the rest of the program reads JSON with. Nothing is decoded before it is asked for.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::tape::Tag;
use super::{Document, Pointer, RawJson, equality};

/// The six kinds of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number of any length.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value of a [`Document`]. Copying it copies a reference and a number.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Value<'d> {
    pub(super) fn at(document: &'d Document<'d>, index: u32) -> Value<'d> {
        Value { document, index }
    }

    pub(super) fn document(&self) -> &'d Document<'d> {
        self.document
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }

    fn tag(&self) -> Tag {
        self.document.node(self.index).tag()
    }

    /// Which of the six kinds this is.
    pub fn kind(&self) -> Type {
        match self.tag() {
            Tag::Null => Type::Null,
            Tag::Bool => Type::Bool,
            Tag::Number => Type::Number,
            Tag::Plain | Tag::Escaped => Type::String,
            Tag::Array => Type::Array,
            // A value never is a closing bracket.
            Tag::Object | Tag::Close => Type::Object,
        }
    }

    /// The bytes of the value in the input, brackets and quotes included.
    pub fn span(&self) -> Range<usize> {
        self.document.start(self.index)..self.document.end(self.index)
    }

    /// The value as it is written.
    pub fn raw(&self) -> &'d str {
        self.document.raw(self.index)
    }

    /// The string, decoded; `None` for another kind. A lone surrogate becomes U+FFFD.
    pub fn as_str(&self) -> Option<Cow<'d, str>> {
        self.is_string().then(|| self.document.decoded(self.index))
    }

    /// `true` or `false`; `None` for another kind.
    pub fn as_bool(&self) -> Option<bool> {
        (self.tag() == Tag::Bool).then(|| self.raw() == "true")
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.tag() == Tag::Null
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        self.tag() == Tag::Object
    }

    /// Whether this is an array.
    pub fn is_array(&self) -> bool {
        self.tag() == Tag::Array
    }

    /// Whether this is a string.
    pub fn is_string(&self) -> bool {
        matches!(self.tag(), Tag::Plain | Tag::Escaped)
    }

    /// The member of an object by its key, escapes seen through; of duplicates the last, as Marathon's own reader has
    /// it. `None` for another kind.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        let mut found = None;
        for member in self.members() {
            if member.key.is(key) {
                found = Some(member.value);
            }
        }
        found
    }

    /// The members of an object in their order, duplicates included; none for another kind.
    pub fn members(&self) -> Members<'d> {
        Members(Children::of(self, Tag::Object))
    }

    /// The elements of an array; none for another kind.
    pub fn elements(&self) -> Elements<'d> {
        Elements(Children::of(self, Tag::Array))
    }

    /// Whether both are the same place of the same document.
    pub fn same_node(&self, other: &Value<'_>) -> bool {
        std::ptr::eq::<Document<'_>>(self.document, other.document) && self.index == other.index
    }

    /// Whether both mean the same, as RFC 6902's `test` has it: objects without order, strings decoded, numbers by
    /// their exact value.
    pub fn same_value(&self, other: &Value<'_>) -> bool {
        equality::Comparison::default().same(0, *self, *other)
    }

    /// The pointer that leads here.
    ///
    /// Found from the root each time, past all that stands before: for what is reported, not for every value.
    pub fn pointer(&self) -> Pointer {
        let mut pointer = Pointer::root();
        let mut around = self.document.root();
        while around.index != self.index {
            let inside = |value: &Value<'_>| self.index < self.document.after(value.index);
            let step = match around.tag() {
                Tag::Object => around.members().find(|member| inside(&member.value)).map(|member| {
                    pointer.push(&member.key.decoded());
                    member.value
                }),
                _ => around
                    .elements()
                    .enumerate()
                    .find(|(_, value)| inside(value))
                    .map(|(at, value)| {
                        pointer.push(&at.to_string());
                        value
                    }),
            };
            // Every node but the root lies inside a child of one that it lies inside.
            let Some(value) = step else { break };
            around = value;
        }
        pointer
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Value({:?}, {})", self.span(), self.raw())
    }
}

impl From<Value<'_>> for RawJson {
    fn from(value: Value<'_>) -> RawJson {
        RawJson::checked(value.raw().to_owned())
    }
}

/// Two values are equal when they are the same place in the same text; [`Value::same_value`] compares what they say.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.same_node(other)
    }
}

/// The key of a member.
#[derive(Clone, Copy)]
pub struct Key<'d> {
    document: &'d Document<'d>,
    index: u32,
}

impl<'d> Key<'d> {
    /// Whether the key means `name`, escapes seen through. A lone surrogate is no name's.
    #[inline]
    pub fn is(&self, name: &str) -> bool {
        self.document.says(self.index, name)
    }

    /// The key, decoded. A lone surrogate becomes U+FFFD.
    #[inline]
    pub fn decoded(&self) -> Cow<'d, str> {
        self.document.decoded(self.index)
    }

    /// The same as bytes: to be matched with names, most of which are told apart by their length alone.
    #[inline(always)]
    pub(crate) fn decoded_bytes(&self) -> Cow<'d, [u8]> {
        self.document.decoded_bytes(self.index)
    }

    /// The key as it is written, with its quotes.
    pub fn raw(&self) -> &'d str {
        self.document.raw(self.index)
    }

    /// The bytes of the key in the input, quotes included.
    pub fn span(&self) -> Range<usize> {
        self.document.start(self.index)..self.document.end(self.index)
    }

    pub(super) fn index(&self) -> u32 {
        self.index
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({:?}, {})", self.span(), self.raw())
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Member<'d> {
    /// The key.
    pub key: Key<'d>,
    /// The value.
    pub value: Value<'d>,
}

/// The members of an object: see [`Value::members`].
#[derive(Clone)]
pub struct Members<'d>(Children<'d>);

impl<'d> Iterator for Members<'d> {
    type Item = Member<'d>;

    #[inline]
    fn next(&mut self) -> Option<Member<'d>> {
        let Children { document, at, end } = self.0;
        if at >= end {
            return None;
        }
        let value = Value {
            document,
            index: at + 1,
        };
        self.0.at = document.after(at + 1);
        Some(Member {
            key: Key { document, index: at },
            value,
        })
    }
}

/// The elements of an array: see [`Value::elements`].
#[derive(Clone)]
pub struct Elements<'d>(Children<'d>);

impl<'d> Iterator for Elements<'d> {
    type Item = Value<'d>;

    #[inline]
    fn next(&mut self) -> Option<Value<'d>> {
        let Children { document, at, end } = self.0;
        if at >= end {
            return None;
        }
        self.0.at = document.after(at);
        Some(Value { document, index: at })
    }
}

/// The nodes between two brackets; none if the value is of another kind.
#[derive(Clone, Copy)]
struct Children<'d> {
    document: &'d Document<'d>,
    at: u32,
    end: u32,
}

impl<'d> Children<'d> {
    fn of(value: &Value<'d>, tag: Tag) -> Children<'d> {
        let node = value.document.node(value.index);
        let end = if node.tag() == tag { node.upper() as u32 } else { 0 };
        Children {
            document: value.document,
            at: value.index + 1,
            end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#" {"a": [1, {"b\u002fc": "\u00e9"}, []], "n": null, "a": {"t": true}, "": "x"} "#;

    #[test]
    fn cursors_see_kinds_spans_and_decoded_text() {
        let document = Document::parse(TEXT.as_bytes()).unwrap();
        let root = document.root();
        assert_eq!(
            (root.kind(), root.raw(), root.span()),
            (Type::Object, TEXT.trim(), 1..TEXT.len() - 1)
        );
        assert_eq!(
            root.members()
                .map(|member| member.key.decoded().into_owned())
                .collect::<Vec<_>>(),
            ["a", "n", "a", ""]
        );
        assert_eq!(root.get("a").unwrap().get("t").unwrap().as_bool(), Some(true));
        assert!(root.get("n").unwrap().is_null() && root.get("b").is_none());
        let array = root.members().next().unwrap().value;
        let kinds: Vec<Type> = array.elements().map(|element| element.kind()).collect();
        assert_eq!(kinds, [Type::Number, Type::Object, Type::Array]);
        let inner = array.elements().nth(1).unwrap().get("b/c").unwrap();
        assert_eq!((inner.as_str().unwrap().as_ref(), inner.raw()), ("é", r#""\u00e9""#));
        assert!(matches!(root.get("").unwrap().as_str(), Some(Cow::Borrowed("x"))));
        assert_eq!(
            (
                array.members().count(),
                root.elements().count(),
                inner.elements().count()
            ),
            (0, 0, 0)
        );
    }

    #[test]
    fn a_pointer_leads_back_to_its_value() {
        let document = Document::parse(TEXT.as_bytes()).unwrap();
        let array = document.root().members().next().unwrap().value;
        let inner = array.elements().nth(1).unwrap().get("b/c").unwrap();
        assert_eq!(inner.pointer().as_str(), "/a/1/b~1c");
        assert_eq!(document.root().pointer(), Pointer::root());
        let flag = document.find(&Pointer::parse("/a/t").unwrap()).unwrap();
        assert_eq!(flag.pointer().as_str(), "/a/t");
        assert!(flag.same_node(&document.root().get("a").unwrap().get("t").unwrap()) && !flag.same_node(&inner));
        let other = document.clone();
        assert!(!other.root().same_node(&document.root()) && other.root().same_value(&document.root()));
    }
}
