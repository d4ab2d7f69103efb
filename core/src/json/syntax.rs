//! The reader: the grammar of RFC 8259, a byte at a time, onto the tape. No recursion: the tape is its own stack.
//! Knows nothing of what the values are for.
//!
//! What goes on at the place that the token before has ended at waits for that place, and this waiting is what the time
//! goes to, more than the number of instructions: sixteen bytes at a time by vectors are fewer of them, and slower.

use super::offence::{Around, Place, broken_string};
use super::scan::{byte_at, skip_plain, skip_usual, skip_whitespace};
use super::tape::{Node, Tag, Tape};
use super::{SyntaxError, SyntaxErrorKind};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const NOWHERE: u32 = u32::MAX;

/// Reads a text that is known to be UTF-8 and no longer than [`LONGEST_TEXT`](super::LONGEST_TEXT).
pub(super) fn read(bytes: &[u8]) -> Result<Tape, SyntaxError> {
    let at = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len() as u32
    } else {
        0
    };
    // A definition has a token about every ten bytes; a tape that has to grow is copied.
    let mut tape = Tape::with_capacity(bytes.len() / 8 + 8);
    let mut reader = Reader {
        bytes,
        at,
        tape: &mut tape,
        open: NOWHERE,
        around: Around::Nothing,
    };
    reader.document()?;
    Ok(tape)
}

struct Reader<'t> {
    bytes: &'t [u8],
    /// Half as wide as an address may be: so the compiler knows that a few bytes beyond it are no overflow, and one
    /// comparison with the length is all that a word needs.
    at: u32,
    /// Lent, not owned: what is lent on to grow cannot stay in registers, and the rest should.
    tape: &'t mut Tape,
    /// The innermost container that is still open, by its place on the tape, and what it is.
    open: u32,
    around: Around,
}

type Step = Result<(), SyntaxError>;
/// The byte that comes next, which whoever went there has looked at already; 0, which begins nothing, at the end of the
/// text.
type Next = Result<u8, SyntaxError>;

impl Reader<'_> {
    #[inline(always)]
    fn document(&mut self) -> Step {
        // How far the line after a comma was indented last: members of an object, and elements, are so alike.
        let mut usual = 0;
        let first = self.peek();
        let mut byte = self.skip(first);
        loop {
            // A value begins here, and whitespace is behind.
            byte = match byte {
                b'"' => self.string()?,
                b'{' => {
                    let inside = self.open(Tag::Object);
                    if inside != b'}' {
                        byte = self.key(inside, None)?;
                        continue;
                    }
                    inside
                }
                b'[' => {
                    let inside = self.open(Tag::Array);
                    if inside != b']' {
                        byte = inside;
                        continue;
                    }
                    inside
                }
                b'-' | b'0'..=b'9' => self.number(byte)?,
                b't' => self.word(b"true", Tag::Bool)?,
                b'f' => self.word(b"false", Tag::Bool)?,
                b'n' => self.word(b"null", Tag::Null)?,
                _ => return Err(self.place().no_value()),
            };
            // A value has ended, or an empty container is about to.
            loop {
                byte = self.skip(byte);
                match (byte, self.around) {
                    (b',', Around::Array | Around::Object) => {
                        let comma = self.at;
                        byte = self.step();
                        if byte <= b' ' {
                            (self.at, byte) = skip_usual(self.bytes, self.at, byte, &mut usual);
                        }
                        if self.around == Around::Object {
                            byte = self.key(byte, Some(comma))?;
                        } else if byte == b']' {
                            return Err(SyntaxError {
                                offset: comma as usize,
                                kind: SyntaxErrorKind::TrailingComma,
                            });
                        }
                        break;
                    }
                    (b'}', Around::Object) | (b']', Around::Array) => byte = self.close(),
                    _ if self.around == Around::Nothing && self.at as usize == self.bytes.len() => return Ok(()),
                    _ => return Err(self.place().no_end()),
                }
            }
        }
    }

    /// The byte at hand; 0, which begins nothing, at the end of the text.
    #[inline(always)]
    fn peek(&self) -> u8 {
        byte_at(self.bytes, self.at)
    }

    /// One byte on.
    #[inline(always)]
    fn step(&mut self) -> u8 {
        self.at += 1;
        self.peek()
    }

    /// For an error.
    #[inline(always)]
    fn place(&self) -> Place<'_> {
        Place {
            bytes: self.bytes,
            at: self.at,
            around: self.around,
        }
    }

    /// Past the whitespace that may begin with `byte`.
    #[inline(always)]
    fn skip(&mut self, byte: u8) -> u8 {
        if byte > b' ' {
            return byte;
        }
        let (at, byte) = skip_whitespace(self.bytes, self.at, byte);
        self.at = at;
        byte
    }

    /// The same where hardly anybody has any.
    #[inline(always)]
    fn skip_unusual(&mut self, byte: u8) -> u8 {
        #[cold]
        #[inline(never)]
        fn skip(bytes: &[u8], at: u32, byte: u8) -> (u32, u8) {
            skip_whitespace(bytes, at, byte)
        }
        let (at, byte) = skip(self.bytes, self.at, byte);
        self.at = at;
        byte
    }

    #[inline(always)]
    fn push(&mut self, tag: Tag, start: u32, upper: u32) {
        self.tape.push(Node::new(tag, start as usize, upper as usize));
    }

    #[inline(always)]
    fn open(&mut self, tag: Tag) -> u8 {
        let index = self.tape.len() as u32;
        self.push(tag, self.at, self.open);
        self.open = index;
        self.around = if tag == Tag::Object {
            Around::Object
        } else {
            Around::Array
        };
        let byte = self.step();
        self.skip(byte)
    }

    #[inline(always)]
    fn close(&mut self) -> u8 {
        let closing = self.tape.len();
        let opening = &mut self.tape[self.open as usize];
        let outer = opening.upper();
        *opening = Node::new(opening.tag(), opening.start(), closing);
        self.push(Tag::Close, self.at, self.open);
        self.open = outer as u32;
        self.around = match self.tape.get(outer).map(|node| node.tag()) {
            None => Around::Nothing,
            Some(Tag::Object) => Around::Object,
            Some(_) => Around::Array,
        };
        self.step()
    }

    /// A key, which begins with `byte`, its colon, and the whitespace up to the value.
    #[inline(always)]
    fn key(&mut self, byte: u8, comma: Option<u32>) -> Next {
        if byte != b'"' {
            return Err(self.place().no_key(comma));
        }
        let mut byte = self.string()?;
        if byte != b':' {
            byte = self.skip_unusual(byte);
            if byte != b':' {
                return Err(self.place().no_colon());
            }
        }
        byte = self.step();
        if byte == b' ' {
            byte = self.step();
        }
        if byte <= b' ' {
            byte = self.skip_unusual(byte);
        }
        Ok(byte)
    }

    #[inline(always)]
    fn string(&mut self) -> Next {
        let start = self.at;
        let mut tag = Tag::Plain;
        let mut at = start + 1;
        loop {
            let (end, byte) = skip_plain(self.bytes, at);
            if byte == b'"' {
                self.push(tag, start, end + 1);
                self.at = end;
                return Ok(self.step());
            }
            if byte != b'\\' {
                return Err(broken_string(self.bytes, end));
            }
            tag = Tag::Escaped;
            at = escape(self.bytes, end)?;
        }
    }

    #[inline(always)]
    fn number(&mut self, first: u8) -> Next {
        let start = self.at;
        let mut byte = first;
        if byte == b'-' {
            byte = self.step();
        }
        if byte == b'0' {
            byte = self.step();
            if byte.is_ascii_digit() {
                return Err(SyntaxError {
                    offset: start as usize,
                    kind: SyntaxErrorKind::LeadingZero,
                });
            }
        } else {
            byte = self.digits(byte)?;
        }
        if byte == b'.' {
            byte = self.step();
            byte = self.digits(byte)?;
        }
        if matches!(byte, b'e' | b'E') {
            byte = self.step();
            if matches!(byte, b'+' | b'-') {
                byte = self.step();
            }
            byte = self.digits(byte)?;
        }
        self.push(Tag::Number, start, self.at);
        Ok(byte)
    }

    /// One digit or more.
    #[inline(always)]
    fn digits(&mut self, mut byte: u8) -> Next {
        if !byte.is_ascii_digit() {
            return Err(self.place().error(SyntaxErrorKind::ExpectedDigit));
        }
        while byte.is_ascii_digit() {
            byte = self.step();
        }
        Ok(byte)
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8], tag: Tag) -> Next {
        let start = self.at;
        let end = start + word.len() as u32;
        let after = self.bytes.get(end as usize).copied().unwrap_or(0);
        let ends = !after.is_ascii_alphanumeric() && after != b'_';
        if !ends || self.bytes.get(start as usize..end as usize) != Some(word) {
            return Err(self.place().error(SyntaxErrorKind::UnknownWord));
        }
        self.push(tag, start, end);
        self.at = end;
        Ok(after)
    }
}

/// One escape, its backslash at `at`; gives where it ends.
fn escape(bytes: &[u8], at: u32) -> Result<u32, SyntaxError> {
    let error = |kind| SyntaxError {
        offset: at as usize,
        kind,
    };
    match bytes.get(at as usize + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at as usize + 2..at as usize + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(error(SyntaxErrorKind::UnicodeEscape)),
        },
        Some(_) => Err(error(SyntaxErrorKind::UnknownEscape)),
        None => Err(broken_string(bytes, at + 1)),
    }
}
