//! The tape: the tokens of a text in their order, eight bytes each. Knows how they lie, not how they are read.

use std::borrow::Cow;
use std::ops::Range;

use super::{Pointer, SyntaxError, SyntaxErrorKind, Type, Value, syntax};

/// One token, or one end of a container.
///
/// Bits 0 to 28 are where it begins, 29 to 31 its tag. The upper half is, for a token, where it ends; for an opening
/// bracket the index of its closing one; for a closing bracket the index of its opening one.
/// While the text is being read, an opening bracket holds the index of the container around it there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Null,
    Bool,
    Number,
    /// A string (or key) without a backslash.
    Plain,
    /// A string (or key) with at least one.
    Escaped,
    Array,
    Object,
    Close,
}

impl Node {
    #[inline(always)]
    pub(super) fn new(tag: Tag, start: usize, upper: usize) -> Node {
        Node(start as u64 | (tag as u64) << 29 | (upper as u64) << 32)
    }

    #[inline(always)]
    pub(super) fn tag(self) -> Tag {
        match self.0 >> 29 & 7 {
            0 => Tag::Null,
            1 => Tag::Bool,
            2 => Tag::Number,
            3 => Tag::Plain,
            4 => Tag::Escaped,
            5 => Tag::Array,
            6 => Tag::Object,
            _ => Tag::Close,
        }
    }

    #[inline(always)]
    pub(super) fn start(self) -> usize {
        (self.0 & 0x1fff_ffff) as usize
    }

    #[inline(always)]
    pub(super) fn upper(self) -> usize {
        (self.0 >> 32) as usize
    }
}

/// A JSON text that was read strictly, and where its tokens are.
///
/// Takes the text and eight bytes a token (an array or object is two, and a key is one).
#[derive(Clone, Debug)]
pub struct Document<'t> {
    text: &'t str,
    tape: Tape,
}

/// The tokens of a text.
pub(super) type Tape = Vec<Node>;

impl<'t> Document<'t> {
    /// Reads a text by RFC 8259, and by nothing beyond it.
    ///
    /// A leading UTF-8 byte order mark is accepted and kept; places count from the first byte of the input, mark
    /// included. Duplicate keys are grammatical and accepted, as are lone surrogates in `\u` escapes. Depth is not
    /// limited.
    ///
    /// # Errors
    /// The first offence, with its place; more than [`LONGEST_TEXT`](super::LONGEST_TEXT) bytes are one.
    pub fn parse(text: &'t [u8]) -> Result<Document<'t>, SyntaxError> {
        if text.len() > super::LONGEST_TEXT {
            return Err(SyntaxError {
                offset: super::LONGEST_TEXT,
                kind: SyntaxErrorKind::TooLong,
            });
        }
        match str::from_utf8(text) {
            Ok(text) => Document::of(text),
            Err(error) => Err(SyntaxError {
                offset: error.valid_up_to(),
                kind: SyntaxErrorKind::InvalidUtf8,
            }),
        }
    }

    pub(super) fn of(text: &'t str) -> Result<Document<'t>, SyntaxError> {
        if text.len() > super::LONGEST_TEXT {
            return Err(SyntaxError {
                offset: super::LONGEST_TEXT,
                kind: SyntaxErrorKind::TooLong,
            });
        }
        Ok(Document {
            text,
            tape: syntax::read(text.as_bytes())?,
        })
    }

    /// The whole input.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The one value that the text is.
    pub fn root(&self) -> Value<'_> {
        Value::at(self, 0)
    }

    /// The value that a pointer leads to; of duplicate keys the last counts.
    ///
    /// Goes past the siblings on the way one by one: for a few look-ups, not for thousands in one long array.
    pub fn find(&self, pointer: &Pointer) -> Option<Value<'_>> {
        let mut value = self.root();
        for token in pointer.tokens() {
            value = match value.kind() {
                Type::Object => value.get(&token)?,
                Type::Array => value.elements().nth(super::pointer::index(&token)?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// How many nodes the tape has.
    pub(super) fn len(&self) -> usize {
        self.tape.len()
    }

    #[inline(always)]
    pub(super) fn node(&self, index: u32) -> Node {
        self.tape[index as usize]
    }

    /// Where the token or container at `index` begins.
    #[inline(always)]
    pub(super) fn start(&self, index: u32) -> usize {
        self.node(index).start()
    }

    /// Where the token or container at `index` ends.
    #[inline(always)]
    pub(super) fn end(&self, index: u32) -> usize {
        let node = self.node(index);
        match node.tag() {
            Tag::Array | Tag::Object => self.tape[node.upper()].start() + 1,
            Tag::Close => node.start() + 1,
            _ => node.upper(),
        }
    }

    /// Where the token at `index` ends, of an opening bracket the bracket itself.
    #[inline(always)]
    pub(super) fn token_end(&self, index: u32) -> usize {
        let node = self.node(index);
        match node.tag() {
            Tag::Array | Tag::Object | Tag::Close => node.start() + 1,
            _ => node.upper(),
        }
    }

    /// The text of the token or container at `index`.
    #[inline(always)]
    pub(super) fn raw(&self, index: u32) -> &'t str {
        &self.text[self.start(index)..self.end(index)]
    }

    /// The index of what follows the value at `index`, its inside passed over.
    #[inline(always)]
    pub(super) fn after(&self, index: u32) -> u32 {
        let node = self.node(index);
        match node.tag() {
            Tag::Array | Tag::Object => node.upper() as u32 + 1,
            _ => index + 1,
        }
    }

    /// What is between the quotes of the string at `index`, still escaped.
    #[inline(always)]
    pub(super) fn inside(&self, index: u32) -> &'t str {
        let raw = self.raw(index);
        &raw[1..raw.len() - 1]
    }

    /// The same as bytes; where its characters begin and end need not be looked at.
    #[inline(always)]
    fn inside_bytes(&self, index: u32) -> &'t [u8] {
        let node = self.node(index);
        &self.text.as_bytes()[node.start() + 1..node.upper() - 1]
    }

    /// The string at `index`, decoded, as bytes.
    #[inline(always)]
    pub(super) fn decoded_bytes(&self, index: u32) -> Cow<'t, [u8]> {
        match self.node(index).tag() {
            Tag::Escaped => Cow::Owned(super::string::decode(self.inside(index)).into_bytes()),
            _ => Cow::Borrowed(self.inside_bytes(index)),
        }
    }

    /// The string at `index`, decoded.
    #[inline(always)]
    pub(super) fn decoded(&self, index: u32) -> Cow<'t, str> {
        match self.node(index).tag() {
            Tag::Escaped => Cow::Owned(super::string::decode(self.inside(index))),
            _ => Cow::Borrowed(self.inside(index)),
        }
    }

    /// Whether the string at `index` means `plain`, escapes seen through. A lone surrogate is in no plain string.
    #[inline]
    pub(super) fn says(&self, index: u32, plain: &str) -> bool {
        let node = self.node(index);
        match node.tag() {
            Tag::Escaped => super::string::means(self.inside(index), plain),
            // The length is on the tape: most strings are told apart without a look at the text.
            _ => node.upper() - node.start() == plain.len() + 2 && *self.inside_bytes(index) == *plain.as_bytes(),
        }
    }

    /// Some of its nodes.
    pub(super) fn nodes(&self, nodes: Range<u32>) -> &[Node] {
        &self.tape[nodes.start as usize..nodes.end as usize]
    }
}

/// Whether some nodes of a text and as many of another are the same tokens, white space left out.
pub(super) fn same_tokens(text: &str, nodes: &[Node], other: &Document<'_>, others: Range<u32>) -> bool {
    let (text, other_text) = (text.as_bytes(), other.text.as_bytes());
    nodes.iter().zip(other.nodes(others)).all(|(this, that)| {
        this.tag() == that.tag()
            && match this.tag() {
                Tag::Array | Tag::Object | Tag::Close => true,
                _ => text.get(this.start()..this.upper()) == other_text.get(that.start()..that.upper()),
            }
    })
}
