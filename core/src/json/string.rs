//! Strings: decoding escapes, comparing without decoding, encoding. Only text that the reader has passed comes here.

use std::borrow::Cow;
use std::fmt::Write;

/// One step of a string: a character, or half a surrogate pair that stands alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Char(char),
    Lone(u16),
}

/// Decodes what stands between the quotes, where something is escaped. A lone surrogate, which no `str` can hold, becomes U+FFFD.
#[cold]
pub(super) fn decode(inside: &str) -> String {
    let mut decoded = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        let (unit, length) = escape(&rest[at..]);
        decoded.push(match unit {
            Unit::Char(character) => character,
            Unit::Lone(_) => char::REPLACEMENT_CHARACTER,
        });
        rest = &rest[at + length..];
    }
    decoded.push_str(rest);
    decoded
}

/// Decodes without loss, as generalised UTF-8 in which a lone surrogate is its three bytes: two strings are the same
/// exactly when these bytes are.
pub(super) fn exact(inside: &str) -> Cow<'_, [u8]> {
    if !inside.contains('\\') {
        return Cow::Borrowed(inside.as_bytes());
    }
    let mut bytes = Vec::with_capacity(inside.len());
    for unit in units(inside) {
        match unit {
            Unit::Char(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Lone(unit) => {
                bytes.extend([
                    0xe0 | (unit >> 12) as u8,
                    0x80 | (unit >> 6 & 63) as u8,
                    0x80 | (unit & 63) as u8,
                ]);
            }
        }
    }
    Cow::Owned(bytes)
}

/// Whether two strings, both still escaped, are the same one. A lone surrogate is equal to itself only.
pub(super) fn same(left: &str, right: &str) -> bool {
    // Not `contains` first: that would read all of a long one for each short one that it is compared with.
    left == right || units(left).eq(units(right))
}

/// Whether an escaped string means `plain`.
pub(super) fn means(inside: &str, plain: &str) -> bool {
    // An escape is never shorter than what it stands for.
    plain.len() <= inside.len() && units(inside).eq(plain.chars().map(Unit::Char))
}

/// Appends a string with its quotes. Only what must be escaped is.
pub(super) fn encode(plain: &str, out: &mut String) {
    out.reserve(plain.len() + 2);
    out.push('"');
    if !plain.bytes().any(|byte| matches!(byte, 0..0x20 | b'"' | b'\\')) {
        out.push_str(plain);
        out.push('"');
        return;
    }
    let mut written = 0;
    for (at, byte) in plain.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&plain[written..at]);
        out.push_str(escape);
        if escape.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        }
        written = at + 1;
    }
    out.push_str(&plain[written..]);
    out.push('"');
}

fn units(inside: &str) -> impl Iterator<Item = Unit> {
    let mut rest = inside;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (unit, length) = if first == '\\' {
            escape(rest)
        } else {
            (Unit::Char(first), first.len_utf8())
        };
        rest = &rest[length..];
        Some(unit)
    })
}

/// The escape that `text` begins with, and its length; two that make a surrogate pair are one.
fn escape(text: &str) -> (Unit, usize) {
    let character = match text.as_bytes()[1] {
        b'u' => {
            let first = hexadecimal(&text[2..6]);
            let second = text
                .get(6..12)
                .filter(|next| next.starts_with("\\u"))
                .map(|next| hexadecimal(&next[2..]));
            return match char::decode_utf16([first].into_iter().chain(second)).next() {
                Some(Ok(character)) => (Unit::Char(character), if character > '\u{ffff}' { 12 } else { 6 }),
                _ => (Unit::Lone(first), 6),
            };
        }
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        plain => plain.into(),
    };
    (Unit::Char(character), 2)
}

/// Four hexadecimal digits; the reader has seen that they are.
fn hexadecimal(digits: &str) -> u16 {
    u16::from_str_radix(digits, 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_decode_to_what_they_stand_for() {
        assert_eq!(
            decode(r#"\"\\\/\b\f\n\r\tA\u00e9\ud83D\uDE00é"#),
            "\"\\/\u{8}\u{c}\n\r\tAé\u{1f600}é"
        );
        assert_eq!(
            decode(r"\ud800x\udc00\ud83d\ud83d\ude00"),
            "\u{fffd}x\u{fffd}\u{fffd}\u{1f600}"
        );
    }

    #[test]
    fn sameness_is_that_of_the_decoded_text() {
        assert!(same(r"a\u002fb", "a/b") && same(r"\/", r"\u002F") && same(r"\ud83d\ude00", "\u{1f600}"));
        assert!(same(r"\uD800", r"\ud800") && !same(r"\ud800", r"\ud801") && !same(r"\ud800", "\u{fffd}"));
        assert!(!same("a", "b") && !same("a", r"a\n"));
        assert!(means(r"\u0061b", "ab") && !means(r"\ud800", "\u{fffd}") && !means("a", "ab"));
        assert_eq!(*exact(r"\ud800"), [0xed, 0xa0, 0x80]);
        assert_eq!(*exact(r"\u00e9\ud83d\ude00"), *"é\u{1f600}".as_bytes());
    }

    #[test]
    fn encoding_escapes_what_it_must_and_decodes_back() {
        let mut out = String::new();
        let plain = "a\"b\\c\n\r\t\u{8}\u{c}\u{1}/é\u{7f}\u{2028}";
        encode(plain, &mut out);
        assert_eq!(out, "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001/é\u{7f}\u{2028}\"");
        assert_eq!(decode(&out[1..out.len() - 1]), plain);
    }
}
