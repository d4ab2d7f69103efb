//! What to say where a text is not what the grammar wants: the first thing that a person would mend there. Knows where the
//! reader stood, not how it came there.

use super::scan::byte_at;
use super::{SyntaxError, SyntaxErrorKind};

/// What a token stands in, kept beside the tape because each comma and bracket asks for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Nothing,
    Array,
    Object,
}

#[cold]
#[inline(never)]
pub(super) fn broken_string(bytes: &[u8], at: u32) -> SyntaxError {
    let kind = match bytes.get(at as usize) {
        None => SyntaxErrorKind::EndInString,
        Some(b'\n' | b'\r') => SyntaxErrorKind::LineEndInString,
        Some(&byte) => SyntaxErrorKind::ControlCharacter(byte),
    };
    SyntaxError {
        offset: (at as usize).min(bytes.len()),
        kind,
    }
}

/// Where the reader stands, copied for whoever says what is wrong: what is lent to them could not stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    pub(super) bytes: &'t [u8],
    pub(super) at: u32,
    pub(super) around: Around,
}

/// What to say when something else stands there than the grammar wants.
impl Place<'_> {
    fn peek(&self) -> u8 {
        byte_at(self.bytes, self.at)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn error(self, kind: SyntaxErrorKind) -> SyntaxError {
        SyntaxError {
            offset: self.at as usize,
            kind,
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn no_value(self) -> SyntaxError {
        self.odd(match self.peek() {
            b',' => SyntaxErrorKind::LeadingComma,
            b'+' => SyntaxErrorKind::LeadingPlus,
            b'.' => SyntaxErrorKind::ExpectedDigit,
            byte @ (b'}' | b']') if self.around == Around::Nothing => SyntaxErrorKind::LoneClose(byte.into()),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => SyntaxErrorKind::UnknownWord,
            _ => SyntaxErrorKind::ExpectedValue,
        })
    }

    #[cold]
    #[inline(never)]
    pub(super) fn no_key(self, comma: Option<u32>) -> SyntaxError {
        match (self.peek(), comma) {
            (b'}', Some(comma)) => SyntaxError {
                offset: comma as usize,
                kind: SyntaxErrorKind::TrailingComma,
            },
            (b',', _) => self.error(SyntaxErrorKind::LeadingComma),
            // `{{name}}`: the mark began a byte earlier.
            (b'{' | b'%' | b'#', None) if self.bytes[self.at as usize - 1] == b'{' => SyntaxError {
                offset: self.at as usize - 1,
                kind: SyntaxErrorKind::TemplateMark,
            },
            _ => self.odd(SyntaxErrorKind::ExpectedKey),
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn no_colon(self) -> SyntaxError {
        self.odd(SyntaxErrorKind::ExpectedColon)
    }

    /// After a value, where a comma, the closing bracket or the end should stand.
    #[cold]
    #[inline(never)]
    pub(super) fn no_end(self) -> SyntaxError {
        let byte = self.peek();
        self.odd(match (byte, self.around) {
            (b'}' | b']', _) => SyntaxErrorKind::LoneClose(byte.into()),
            (_, Around::Nothing) => SyntaxErrorKind::TextAfterEnd,
            (_, Around::Object) => SyntaxErrorKind::ExpectedCommaOrBrace,
            (_, Around::Array) => SyntaxErrorKind::ExpectedCommaOrBracket,
        })
    }

    /// `otherwise`, unless the text ends here or another dialect's habit explains it better.
    fn odd(self, otherwise: SyntaxErrorKind) -> SyntaxError {
        let rest = &self.bytes[self.at as usize..];
        let marks: [&[u8]; 6] = [b"{{", b"{%", b"{#", b"<%", b"${", b"$("];
        let kind = match rest {
            [] if self.around == Around::Object => SyntaxErrorKind::EndInObject,
            [] if self.around == Around::Array => SyntaxErrorKind::EndInArray,
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
        let rest = &self.bytes[self.at as usize..];
        let chunk = &rest[..rest.len().min(4)];
        chunk
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next())
            .unwrap_or('\0')
    }
}
