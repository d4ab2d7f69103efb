//! Eight bytes at a time over whitespace and strings: the inner loops of the reader. Knows no grammar.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from `at`, the first in the lowest place; `None` where fewer are left.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*chunk))
}

/// A word of one byte eight times.
const fn all(byte: u8) -> u64 {
    ONES * byte as u64
}

/// Where the first byte at or after `at` stands that is none of JSON's four kinds of whitespace.
#[inline(always)]
pub(super) fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(&byte) if byte > b' ' => at,
        // `: ` and `, ` are the commonest gaps by far.
        Some(b' ') if bytes.get(at + 1).is_some_and(|&byte| byte > b' ') => at + 1,
        _ => skip_gap(bytes, at),
    }
}

#[inline(always)]
fn skip_gap(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            _ => return at,
        }
        // Indentation.
        while let Some(word) = word(bytes, at) {
            let others = word ^ all(b' ');
            if others != 0 {
                at += others.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
    }
}

/// Where the first `"`, `\` or control character at or after `at` stands; the length of the text if there is none.
#[inline(always)]
pub(super) fn skip_plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        // A byte below 0x80 from which a greater one is taken away has its high bit set: one below a space, and one that
        // is zero where what is looked for was taken out of it. Only the lowest mark is exact, and only that is used.
        let quotes = (word ^ all(b'"')).wrapping_sub(ONES);
        let escapes = (word ^ all(b'\\')).wrapping_sub(ONES);
        let controls = word.wrapping_sub(all(b' '));
        let found = (quotes | escapes | controls) & !word & HIGHS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|&byte| byte != b'"' && byte != b'\\' && byte >= b' ')
    {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scanners_agree_with_the_plain_loops() {
        // Every interesting byte at every offset of a window, with neighbours that tempt the borrow of the subtraction.
        for byte in 0..=255_u8 {
            for place in 0..20 {
                for filler in [b' ', b'a', b'!', b'#', 0x80, 0xff, b'\n'] {
                    let mut bytes = [filler; 20];
                    bytes[place] = byte;
                    let gap = bytes.iter().position(|byte| !b" \t\r\n".contains(byte)).unwrap_or(20);
                    assert_eq!(skip_whitespace(&bytes, 0), gap, "{bytes:?}");
                    let plain = bytes
                        .iter()
                        .position(|&byte| byte < 32 || byte == b'"' || byte == b'\\');
                    assert_eq!(skip_plain(&bytes, 0), plain.unwrap_or(20), "{bytes:?}");
                }
            }
        }
    }
}
