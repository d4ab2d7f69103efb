//! The reader: the grammar of RFC 8259, a byte at a time, onto the tape. No recursion: the tape is its own stack.
//! Knows nothing of what the values are for.

use super::scan::{skip_plain, skip_whitespace};
use super::tape::{Node, Tag, Tape};
use super::{SyntaxError, SyntaxErrorKind};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const NOWHERE: usize = u32::MAX as usize;

/// Reads a text that is known to be UTF-8 and no longer than [`LONGEST_TEXT`](super::LONGEST_TEXT).
pub(super) fn read(bytes: &[u8]) -> Result<Tape, SyntaxError> {
    let at = if bytes.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    // A definition has a token about every ten bytes; a tape that has to grow is copied.
    let tape = Tape::with_capacity(bytes.len() / 8 + 8);
    let mut reader = Reader {
        bytes,
        at,
        tape,
        open: NOWHERE,
        in_object: false,
    };
    reader.document()?;
    Ok(reader.tape)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    tape: Tape,
    /// The innermost container that is still open, by its place on the tape.
    open: usize,
    in_object: bool,
}

type Step = Result<(), SyntaxError>;

impl Reader<'_> {
    fn document(&mut self) -> Step {
        self.skip();
        loop {
            // A value begins here, and whitespace is behind.
            match self.peek() {
                b'"' => self.string()?,
                b'{' => {
                    self.open(Tag::Object);
                    if self.peek() != b'}' {
                        self.key(None)?;
                        continue;
                    }
                }
                b'[' => {
                    self.open(Tag::Array);
                    if self.peek() != b']' {
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.word(b"true", Tag::Bool)?,
                b'f' => self.word(b"false", Tag::Bool)?,
                b'n' => self.word(b"null", Tag::Null)?,
                _ => return Err(self.no_value()),
            }
            // A value has ended, or an empty container is about to.
            loop {
                self.skip();
                match self.peek() {
                    b',' if self.open != NOWHERE => {
                        let comma = self.at;
                        self.at += 1;
                        self.skip();
                        if self.in_object {
                            self.key(Some(comma))?;
                        } else if self.peek() == b']' {
                            return Err(SyntaxError {
                                offset: comma,
                                kind: SyntaxErrorKind::TrailingComma,
                            });
                        }
                        break;
                    }
                    b'}' if self.in_object => self.close(),
                    b']' if !self.in_object && self.open != NOWHERE => self.close(),
                    _ if self.open == NOWHERE && self.at == self.bytes.len() => return Ok(()),
                    _ => return Err(self.no_end()),
                }
            }
        }
    }

    /// The byte at hand; 0, which begins nothing, at the end of the text.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip(&mut self) {
        self.at = skip_whitespace(self.bytes, self.at);
    }

    #[inline(always)]
    fn open(&mut self, tag: Tag) {
        self.tape.push(Node::new(tag, self.at, self.open));
        self.open = self.tape.len() - 1;
        self.in_object = tag == Tag::Object;
        self.at += 1;
        self.skip();
    }

    #[inline(always)]
    fn close(&mut self) {
        let opening = self.tape[self.open];
        self.tape[self.open] = Node::new(opening.tag(), opening.start(), self.tape.len());
        self.tape.push(Node::new(Tag::Close, self.at, self.open));
        self.at += 1;
        self.open = opening.upper();
        self.in_object = self.open != NOWHERE && self.tape[self.open].tag() == Tag::Object;
    }

    /// A key, its colon, and the whitespace up to the value.
    #[inline(always)]
    fn key(&mut self, comma: Option<usize>) -> Step {
        if self.peek() != b'"' {
            return Err(self.no_key(comma));
        }
        self.string()?;
        self.skip();
        if self.peek() != b':' {
            return Err(self.no_colon());
        }
        self.at += 1;
        self.skip();
        Ok(())
    }

    #[inline(always)]
    fn string(&mut self) -> Step {
        let start = self.at;
        let mut tag = Tag::Plain;
        let mut at = start + 1;
        loop {
            at = skip_plain(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    self.tape.push(Node::new(tag, start, self.at));
                    return Ok(());
                }
                Some(b'\\') => {
                    tag = Tag::Escaped;
                    at = self.escape(at)?;
                }
                _ => return Err(self.broken_string(at)),
            }
        }
    }

    /// One escape, its backslash at `at`; gives where it ends.
    fn escape(&self, at: usize) -> Result<usize, SyntaxError> {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => match self.bytes.get(at + 2..at + 6) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
                _ => Err(SyntaxError {
                    offset: at,
                    kind: SyntaxErrorKind::UnicodeEscape,
                }),
            },
            Some(_) => Err(SyntaxError {
                offset: at,
                kind: SyntaxErrorKind::UnknownEscape,
            }),
            None => Err(self.broken_string(at + 1)),
        }
    }

    #[inline(always)]
    fn number(&mut self) -> Step {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
            if self.peek().is_ascii_digit() {
                return Err(SyntaxError {
                    offset: start,
                    kind: SyntaxErrorKind::LeadingZero,
                });
            }
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        self.tape.push(Node::new(Tag::Number, start, self.at));
        Ok(())
    }

    /// One digit or more.
    #[inline(always)]
    fn digits(&mut self) -> Step {
        if !self.peek().is_ascii_digit() {
            return Err(self.error(SyntaxErrorKind::ExpectedDigit));
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8], tag: Tag) -> Step {
        let end = self.at + word.len();
        let ends = !self
            .bytes
            .get(end)
            .is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !ends || self.bytes.get(self.at..end) != Some(word) {
            return Err(self.error(SyntaxErrorKind::UnknownWord));
        }
        self.tape.push(Node::new(tag, self.at, end));
        self.at = end;
        Ok(())
    }
}

/// What to say when something else stands there than the grammar wants.
impl Reader<'_> {
    fn error(&self, kind: SyntaxErrorKind) -> SyntaxError {
        SyntaxError { offset: self.at, kind }
    }

    #[cold]
    fn no_value(&self) -> SyntaxError {
        self.odd(match self.peek() {
            b',' => SyntaxErrorKind::LeadingComma,
            b'+' => SyntaxErrorKind::LeadingPlus,
            b'.' => SyntaxErrorKind::ExpectedDigit,
            byte @ (b'}' | b']') if self.open == NOWHERE => SyntaxErrorKind::LoneClose(byte.into()),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => SyntaxErrorKind::UnknownWord,
            _ => SyntaxErrorKind::ExpectedValue,
        })
    }

    #[cold]
    fn no_key(&self, comma: Option<usize>) -> SyntaxError {
        match (self.peek(), comma) {
            (b'}', Some(comma)) => SyntaxError {
                offset: comma,
                kind: SyntaxErrorKind::TrailingComma,
            },
            (b',', _) => self.error(SyntaxErrorKind::LeadingComma),
            // `{{name}}`: the mark began a byte earlier.
            (b'{' | b'%' | b'#', None) if self.bytes[self.at - 1] == b'{' => SyntaxError {
                offset: self.at - 1,
                kind: SyntaxErrorKind::TemplateMark,
            },
            _ => self.odd(SyntaxErrorKind::ExpectedKey),
        }
    }

    #[cold]
    fn no_colon(&self) -> SyntaxError {
        self.odd(SyntaxErrorKind::ExpectedColon)
    }

    /// After a value, where a comma, the closing bracket or the end should stand.
    #[cold]
    fn no_end(&self) -> SyntaxError {
        let byte = self.peek();
        self.odd(match (byte, self.open == NOWHERE, self.in_object) {
            (b'}' | b']', _, _) => SyntaxErrorKind::LoneClose(byte.into()),
            (_, true, _) => SyntaxErrorKind::TextAfterEnd,
            (_, false, true) => SyntaxErrorKind::ExpectedCommaOrBrace,
            (_, false, false) => SyntaxErrorKind::ExpectedCommaOrBracket,
        })
    }

    #[cold]
    fn broken_string(&self, at: usize) -> SyntaxError {
        let kind = match self.bytes.get(at) {
            None => SyntaxErrorKind::EndInString,
            Some(b'\n' | b'\r') => SyntaxErrorKind::LineEndInString,
            Some(&byte) => SyntaxErrorKind::ControlCharacter(byte),
        };
        SyntaxError {
            offset: at.min(self.bytes.len()),
            kind,
        }
    }

    /// `otherwise`, unless the text ends here or another dialect's habit explains it better.
    fn odd(&self, otherwise: SyntaxErrorKind) -> SyntaxError {
        let rest = &self.bytes[self.at..];
        let marks: [&[u8]; 6] = [b"{{", b"{%", b"{#", b"<%", b"${", b"$("];
        let kind = match rest {
            [] if self.in_object => SyntaxErrorKind::EndInObject,
            [] if self.open != NOWHERE => SyntaxErrorKind::EndInArray,
            [] => SyntaxErrorKind::Empty,
            [b'/', b'/' | b'*', ..] | [b'#', ..] => SyntaxErrorKind::Comment,
            [b'\'', ..] => SyntaxErrorKind::SingleQuote,
            _ if marks.iter().any(|mark| rest.starts_with(mark)) => SyntaxErrorKind::TemplateMark,
            [0x80..=0xff, ..] => match self.character() {
                '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => SyntaxErrorKind::TypographicQuote,
                space if space.is_whitespace() || matches!(space, '\u{feff}' | '\u{200b}'..='\u{200d}') => {
                    SyntaxErrorKind::ForeignSpace(space.into())
                }
                _ => otherwise,
            },
            [0x0b | 0x0c, ..] => SyntaxErrorKind::ForeignSpace(rest[0].into()),
            _ => otherwise,
        };
        self.error(kind)
    }

    /// The character at hand.
    fn character(&self) -> char {
        let rest = &self.bytes[self.at..];
        let chunk = &rest[..rest.len().min(4)];
        chunk
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next())
            .unwrap_or('\0')
    }
}
