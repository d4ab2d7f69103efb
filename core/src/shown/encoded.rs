//! Finds credentials by nothing but their letters: what looks encoded.

use std::ops::Range;

/// A run of such characters, mixed as encoded bytes are, is taken for a credential from this length on.
const LONG_RUN: usize = 32;

/// Base64 of fewer digits is not looked into: six characters.
const SHORTEST_USERINFO: usize = 8;

/// Kinds of characters that encoded bytes are written with; nothing for all others.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const OTHER: u8 = 8;

/// Long runs that mix cases and digits, JSON web tokens, and what is base64 of `user:password`.
pub(super) fn runs(text: &[u8], found: &mut Vec<Range<usize>>) {
    let (mut start, mut kinds) = (0, 0);
    for (at, byte) in text.iter().enumerate() {
        match KINDS[usize::from(*byte)] {
            0 => {
                found.extend(is_credential(&text[start..at], kinds).then_some(start..at));
                (start, kinds) = (at + 1, 0);
            }
            kind => kinds |= kind,
        }
    }
    found.extend(is_credential(&text[start..], kinds).then_some(start..text.len()));
}

/// Words are told by their kinds of characters: each message has many, and none of them is looked at again.
fn is_credential(run: &[u8], kinds: u8) -> bool {
    if run.len() < SHORTEST_USERINFO || kinds & (LOWER | UPPER) != LOWER | UPPER {
        return false;
    }
    let is_long = run.len() >= LONG_RUN || (run.len() >= LONG_RUN / 2 && run.starts_with(b"eyJ"));
    (is_long && kinds & DIGIT != 0) || is_encoded_userinfo(run)
}

/// Whether this is base64 of printing characters with a `:` among them, which hardly any word happens to be.
fn is_encoded_userinfo(run: &[u8]) -> bool {
    let digits = run.iter().position(|byte| *byte == b'=').unwrap_or(run.len());
    if digits < SHORTEST_USERINFO {
        return false;
    }
    let (mut bits, mut count, mut has_colon) = (0_u32, 0, false);
    for byte in &run[..digits] {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            match (bits >> count) & 0xff {
                0x3a => has_colon = true,
                0x20..=0x7e => {}
                _ => return false,
            }
        }
    }
    has_colon
}

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'+' | b'_' | b'-' | b'=' => OTHER,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};
