//! A text with the escapes of its JSON strings resolved, and where each byte stood: `bob\u003apw` is searched as `bob:pw`.
//!
//! For searching only. The text may be cut anywhere, or be no JSON, so what is no escape stands for itself.

use std::ops::Range;

/// Stands for any character beyond ASCII that is written as an escape.
const OTHER: u8 = 0x80;

pub(super) struct Resolved {
    pub(super) bytes: Vec<u8>,
    /// Where each byte began, and, one more, where the last ended.
    starts: Vec<usize>,
}

impl Resolved {
    pub(super) fn of(text: &[u8]) -> Resolved {
        let mut resolved = Resolved {
            bytes: Vec::with_capacity(text.len()),
            starts: Vec::with_capacity(text.len() + 1),
        };
        let mut at = 0;
        while at < text.len() {
            let (byte, length) = match text[at] {
                b'\\' => escape(&text[at + 1..]).unwrap_or((b'\\', 1)),
                byte => (byte, 1),
            };
            resolved.bytes.push(byte);
            resolved.starts.push(at);
            at += length;
        }
        resolved.starts.push(text.len());
        resolved
    }

    /// Whether a byte was written as an escape.
    pub(super) fn is_escape(&self, at: usize) -> bool {
        self.starts[at + 1] - self.starts[at] > 1
    }

    /// The place in the text as it is written.
    pub(super) fn written(&self, place: &Range<usize>) -> Range<usize> {
        self.starts[place.start]..self.starts[place.end]
    }
}

/// What an escape stands for and how long it is, by what follows its backslash.
fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let byte = match rest.first()? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'f' => 0x0c,
        byte @ (b'"' | b'\\' | b'/') => *byte,
        b'u' => {
            let digits = std::str::from_utf8(rest.get(1..5)?).ok()?;
            let unit = u16::from_str_radix(digits, 16).ok()?;
            return Some((u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(OTHER), 6));
        }
        _ => return None,
    };
    Some((byte, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back() {
        let text = br#"a\u003ab\"\n\x\u00"#;
        let resolved = Resolved::of(text);
        assert_eq!(resolved.bytes, b"a:b\"\n\\x\\u00");
        assert_eq!(resolved.written(&(1..2)), 1..7);
        assert_eq!(resolved.written(&(3..11)), 8..text.len());
        assert!(resolved.is_escape(1) && !resolved.is_escape(2) && resolved.is_escape(4) && !resolved.is_escape(5));
    }
}
