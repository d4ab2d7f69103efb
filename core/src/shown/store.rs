//! Finds credentials where names of secrets and paths of the secret store belong: `secrets`, `pullConfig.secret`, and what
//! is said of them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memrchr_iter};

use super::mask::{is_end_of_word, until};

/// A longer name, and a longer password behind it, are not looked at.
const LONGEST_NAME: usize = 512;
/// How much of `secrets` is looked at from its beginning.
const LONGEST_SECRETS: usize = 4096;

/// The name of a secret, or its path in the store, as it may be said in a message: neither has a `:`, so what stands after
/// one is a credential that somebody has put there instead.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    match name.split_once(':') {
        Some((user, password)) if !password.is_empty() => {
            format!("{user}:{}", "*".repeat(password.chars().count())).into()
        }
        _ => name.into(),
    }
}

/// The password of `user:password` where the name of a secret belongs: in a definition, a pointer or a message.
pub(super) fn name_of_secret(text: &[u8], colon: usize) -> Option<Range<usize>> {
    if let Some(value) = value(text, colon) {
        return Some(value);
    }
    let is_outside = |byte: u8| byte == b'/' || is_end_of_word(byte);
    let near = text[..colon].iter().rev().take(LONGEST_NAME);
    let start = colon - (near.copied().position(is_outside)? + 1);
    let (before, delimiter) = (&text[..start], text[start]);
    let is_end = |byte: u8| match delimiter {
        // Of a pointer, only the next part ends a name.
        b'/' => matches!(byte, b'/' | b'"' | b'`') || byte.is_ascii_whitespace(),
        _ => is_outside(byte),
    };
    let end = until(&text[..text.len().min(colon + LONGEST_NAME)], colon + 1, is_end);
    let is_name = match delimiter {
        b'/' => before.ends_with(b"/secrets"),
        b'`' => before.ends_with(b"secret ") || before.ends_with(b"entry "),
        b' ' => before.ends_with(b" secret") || before.ends_with(b" source"),
        b'"' => without_spaces(&text[end..]).starts_with(b"\":{\"source\""),
        _ => false,
    };
    // A name with folders is a path, whatever stands before it.
    (is_name && (delimiter == b'/' || text.get(end) != Some(&b'/'))).then_some(colon + 1..end)
}

/// The same of the value of a member `secret` or `source`, in which anything may stand but the quote that ends it.
fn value(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let near = &text[colon.saturating_sub(LONGEST_NAME)..colon];
    let quote = memrchr_iter(b'"', near).find(|at| !near[..*at].ends_with(b"\\"))?;
    let key = near[..quote].trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let names_a_secret = key.ends_with(b"\"secret\"") || key.ends_with(b"\"source\"");
    names_a_secret.then(|| colon + 1..end_of_string(text, colon + 1))
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
