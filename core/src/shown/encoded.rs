//! Finds credentials by nothing but their letters: what looks encoded.

use std::ops::Range;

use super::mask::until;

/// A run of such characters, mixed as encoded bytes are, is taken for a credential from this length on.
const LONG_RUN: usize = 32;

/// Base64 of fewer digits is not looked into: six characters.
const SHORTEST_USERINFO: usize = 8;

/// Long runs that mix cases and digits, JSON web tokens, and what is base64 of `user:password`.
pub(super) fn runs(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    while start < text.len() {
        let end = until(text, start, |byte| !is_encoded(byte));
        let run = &text[start..end];
        let is_mixed = run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(u8::is_ascii_digit);
        let is_long = run.len() >= LONG_RUN || (run.len() >= LONG_RUN / 2 && run.starts_with(b"eyJ"));
        if (is_mixed && is_long) || is_encoded_userinfo(run) {
            found.push(start..end);
        }
        start = end + 1;
    }
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

fn is_encoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'_' | b'-' | b'=')
}
