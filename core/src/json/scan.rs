//! Eight bytes at a time over whitespace and strings: the inner loops of the reader. Knows no grammar.
//!
//! Each gives the byte at which it stops as well, since the reader's next step depends on it.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from `at`, the first in the lowest place; `None` where fewer are left.
#[inline(always)]
fn word(bytes: &[u8], at: u32) -> Option<u64> {
    let at = at as usize;
    let chunk = bytes.get(at..at + 8)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// A word of one byte eight times.
const fn all(byte: u8) -> u64 {
    ONES * byte as u64
}

/// The byte at `at`; 0, which begins nothing, at the end of the text.
#[inline(always)]
pub(super) fn byte_at(bytes: &[u8], at: u32) -> u8 {
    bytes.get(at as usize).copied().unwrap_or(0)
}

/// Where the first byte at or after `at` stands that is none of JSON's four kinds of whitespace, and that byte.
/// `byte` is the one at `at`.
#[inline(always)]
pub(super) fn skip_whitespace(bytes: &[u8], mut at: u32, mut byte: u8) -> (u32, u8) {
    while matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
        // Indentation, as a rule.
        at = skip_spaces(bytes, at + 1);
        byte = byte_at(bytes, at);
    }
    (at, byte)
}

/// The same for whoever has not looked at the byte at `at`, and has no use for the one where it ends.
pub(super) fn past_whitespace(bytes: &[u8], at: usize) -> usize {
    let at = at as u32;
    skip_whitespace(bytes, at, byte_at(bytes, at)).0 as usize
}

/// The same for a gap that mostly is a new line with as many spaces as the one before.
///
/// That the guess was right has to be found out, but nothing waits for it: without it, the place of the next token would
/// be known only when the spaces have been counted, and all that follows would stand in line.
#[inline(always)]
pub(super) fn skip_usual(bytes: &[u8], mut at: u32, mut byte: u8, usual: &mut u32) -> (u32, u8) {
    if byte == b'\n' {
        let spaces = skip_spaces(bytes, at + 1) - (at + 1);
        if spaces != *usual {
            *usual = spaces;
        }
        at += 1 + *usual;
        byte = byte_at(bytes, at);
    }
    skip_whitespace(bytes, at, byte)
}

/// Where the first byte at or after `at` stands that is no space; in the last seven bytes of a text, `at` itself.
#[inline(always)]
fn skip_spaces(bytes: &[u8], mut at: u32) -> u32 {
    while let Some(word) = word(bytes, at) {
        let others = word ^ all(b' ');
        if others != 0 {
            return at + others.trailing_zeros() / 8;
        }
        at += 8;
    }
    at
}

/// Where the first `"`, `\` or control character at or after `at` stands, and that byte; 0 beyond the end of the text.
#[inline(always)]
pub(super) fn skip_plain(bytes: &[u8], mut at: u32) -> (u32, u8) {
    while let Some(word) = word(bytes, at) {
        // A byte below 0x80 from which a greater one is taken away has its high bit set: one below a space, and one that
        // is zero where what is looked for was taken out of it. With its second bit turned over, a quotation mark is a
        // space and a space is none, and control characters stay below, so that one comparison finds both. Only the
        // lowest mark is exact, and only that is used.
        let quotes_and_controls = (word ^ all(2)).wrapping_sub(all(b' ' + 1));
        let escapes = (word ^ all(b'\\')).wrapping_sub(ONES);
        let found = (quotes_and_controls | escapes) & !word & HIGHS;
        if found != 0 {
            at += found.trailing_zeros() / 8;
            return (at, byte_at(bytes, at));
        }
        at += 8;
    }
    loop {
        let byte = byte_at(bytes, at);
        if matches!(byte, 0..b' ' | b'"' | b'\\') {
            return (at, byte);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_scanners_agree_with_the_plain_loops() {
        // Every interesting byte at every offset of a window, with neighbours that tempt the borrow of the subtraction.
        for byte in 0..=255_u8 {
            for place in 0..40_usize {
                for filler in [b' ', b'a', b'!', b'#', 0x80, 0xff, b'\n'] {
                    let mut bytes = [filler; 40];
                    bytes[place] = byte;
                    let gap = bytes.iter().position(|byte| !b" \t\r\n".contains(byte)).unwrap_or(40);
                    assert_eq!(
                        skip_whitespace(&bytes, 0, bytes[0]),
                        (gap as u32, bytes.get(gap).copied().unwrap_or(0)),
                        "{bytes:?}"
                    );
                    for mut usual in [0, 3, place as u32] {
                        assert_eq!(
                            skip_usual(&bytes, 0, bytes[0], &mut usual),
                            skip_whitespace(&bytes, 0, bytes[0]),
                            "{bytes:?}"
                        );
                    }
                    let plain = bytes
                        .iter()
                        .position(|&byte| byte < 32 || byte == b'"' || byte == b'\\');
                    let plain = plain.unwrap_or(40);
                    assert_eq!(
                        skip_plain(&bytes, 0),
                        (plain as u32, bytes.get(plain).copied().unwrap_or(0)),
                        "{bytes:?}"
                    );
                }
            }
        }
    }
}
