//! Finds credentials where names of secrets and paths of the secret store belong: `secrets`, `pullConfig.secret`, and what
//! is said of them.

use std::ops::Range;

use memchr::memchr;

use super::mask::{is_end_of_word, until};

/// A longer name, and a longer password behind it, are not looked at.
const LONGEST_NAME: usize = 512;
/// How much of `secrets` is looked at from its beginning.
const LONGEST_SECRETS: usize = 4096;

/// The password of `user:password` where the name of a secret belongs: in a definition, a pointer or a message.
pub(super) fn name_of_secret(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let is_outside = |byte: u8| byte == b'/' || is_end_of_word(byte);
    let near = text[..colon].iter().rev().take(LONGEST_NAME);
    let start = colon - (near.copied().position(is_outside)? + 1);
    let (before, delimiter) = (&text[..start], text[start]);
    let end = until(&text[..text.len().min(colon + LONGEST_NAME)], colon + 1, is_outside);
    let is_name = match delimiter {
        b'/' => before.ends_with(b"/secrets"),
        b'`' => before.ends_with(b"secret ") || before.ends_with(b"entry "),
        b'"' => {
            let before = before.trim_ascii_end().strip_suffix(b":");
            let is_value = before.is_some_and(|before| before.trim_ascii_end().ends_with(b"\"secret\""));
            is_value || without_spaces(&text[end..]).starts_with(b"\":{\"source\"")
        }
        _ => false,
    };
    // A name with folders is a path, whatever stands before it.
    (is_name && (delimiter == b'/' || text.get(end) != Some(&b'/'))).then_some(colon + 1..end)
}

/// The beginning, as if it were written without spaces.
fn without_spaces(text: &[u8]) -> Vec<u8> {
    let spaced = text.iter().take(64).copied();
    spaced.filter(|byte| !byte.is_ascii_whitespace()).collect()
}

/// What stands in `secrets` in the place of a source: `{"x": {"value": "…"}}`, or `{"x": "…"}`, where it is no path; and
/// in the place of a name: `{"user:password": …}`.
pub(super) fn entries(text: &[u8], colon: usize, found: &mut Vec<Range<usize>>) {
    if !text[..colon].trim_ascii_end().ends_with(b"\"secrets\"") {
        return;
    }
    let end = text.len().min(colon + LONGEST_SECRETS);
    let (mut depth, mut key, mut at) = (0, 0..0, colon + 1);
    while at < end {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return,
            b'}' | b']' => depth -= 1,
            b'"' if depth > 0 => {
                let string = at + 1..end_of_string(text, at + 1);
                at = string.end;
                if text[(at + 1).min(end)..end].trim_ascii_start().starts_with(b":") {
                    if depth == 1
                        && let Some(colon) = memchr(b':', &text[string.clone()])
                    {
                        found.push(string.start + colon + 1..string.end);
                    }
                    key = string;
                } else if text[key.clone()] != *b"source" && (depth > 1 || !text[string.clone()].contains(&b'/')) {
                    found.push(string);
                }
            }
            byte if depth == 0 && !byte.is_ascii_whitespace() => return,
            _ => {}
        }
        at += 1;
    }
}

fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < text.len() && text[end] != b'"' {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    end.min(text.len())
}
