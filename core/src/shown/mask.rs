//! Finds what looks like a credential in a piece of text, so that reports do not carry it on.
//!
//! The piece may be cut anywhere, so no grammar is assumed: this is a net, and it is better woven too tight. What must
//! stay readable is what findings are about: images, URIs without userinfo, paths and names of secrets.

use std::ops::Range;

use memchr::memchr;

use super::escapes::Resolved;
use super::store::{entries, name_of_secret};
use super::{commands, encoded};

/// Parts of a key's name that say that its value is one.
const TELLING: [&str; 14] = [
    "signature",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "private_key",
    "privatekey",
    "access_key",
    "secret_key",
    "client_secret",
];
/// Whole names, and ends of names, that say so.
const TELLING_ENDS: [&str; 6] = ["sig", "auth", "_secret", "authorization", "credentials", "_pass"];
/// Ends of names whose values are where a credential is, or no value at all, rather than the credential.
const POINTING_ENDS: [&str; 10] = [
    "file", "path", "dir", "stdin", "url", "uri", "endpoint", "ttl", "timeout", "interval",
];
/// Longer keys are not looked at.
const LONGEST_KEY: usize = 200;
/// How often escapes are resolved: in a string, and in a string within one.
const ESCAPED_IN: usize = 2;

/// What looks like a credential: byte ranges, ordered, not overlapping.
#[must_use]
pub fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    search(text, &mut found);
    // As it is written and as it is meant: an escape may hide what a net looks for, and resolving one what it stops at.
    if memchr(b'\\', text).is_some() {
        resolved(text, ESCAPED_IN, &mut found);
    }
    found.extend(commands::passwords(text).into_iter().map(|password| password.place));
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup_by(|next, kept| {
        let overlaps = next.start <= kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    found
}

fn resolved(text: &[u8], levels: usize, found: &mut Vec<Range<usize>>) {
    let text = Resolved::of(text);
    let mut inside = Vec::new();
    search(&text.bytes, &mut inside);
    if levels > 1 && memchr(b'\\', &text.bytes).is_some() {
        resolved(&text.bytes, levels - 1, &mut inside);
    }
    found.extend(inside.iter().map(|place| text.written(place)));
}

fn search(text: &[u8], found: &mut Vec<Range<usize>>) {
    // Where what was looked at last ends: what lies before it is not read again and again.
    let (mut end_of_value, mut end_of_userinfo) = (0, 0);
    for (at, byte) in text.iter().enumerate() {
        let value = match byte {
            b':' if text[at..].starts_with(b"://") => userinfo(text, at + 3),
            b':' => {
                entries(text, at, found);
                member(text, at)
                    .or_else(|| header(text, at))
                    .or_else(|| name_of_secret(text, at))
                    .or_else(|| bare_userinfo(text, at, &mut end_of_userinfo))
            }
            b'=' if at >= end_of_value => {
                let value = assignment(text, at);
                end_of_value = value.as_ref().map_or(0, |value| value.end);
                value
            }
            b' ' if ends_with_scheme(&text[..at]) => Some(at + 1..until(text, at + 1, is_end_of_word)),
            _ => None,
        };
        found.extend(value);
    }
    encoded::runs(text, found);
}

/// `//user:password@`
fn userinfo(text: &[u8], start: usize) -> Option<Range<usize>> {
    let end = until(text, start, |byte| {
        matches!(byte, b'/' | b'?' | b'#') || is_end_of_word(byte)
    });
    let at = text[start..end].iter().rposition(|byte| *byte == b'@')?;
    Some(start..start + at)
}

/// The password of `user:password@host/…`, as people put it before an image; `name:tag@sha256:…` is none.
fn bare_userinfo(text: &[u8], colon: usize, known_end: &mut usize) -> Option<Range<usize>> {
    if *known_end <= colon {
        *known_end = until(text, colon + 1, |byte| {
            matches!(byte, b'@' | b'/') || is_end_of_word(byte)
        });
    }
    let end = *known_end;
    let is_digest = text[end..].starts_with(b"@sha");
    (text.get(end) == Some(&b'@') && !is_digest).then_some(colon + 1..end)
}

/// `"key": "value"`, also inside a string, where the quotes are escaped.
fn member(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let before = text[..colon].trim_ascii_end().strip_suffix(b"\"")?;
    let before = trim_backslashes(before);
    let start = before.iter().rev().take(LONGEST_KEY).position(|byte| *byte == b'"')?;
    let key = &before[before.len() - start..];
    let context = &before[(before.len() - start).saturating_sub(200)..];
    let is_secret = is_telling(key) || (key == b"secret" && contains(context, b"\"principal\""));
    if !is_secret {
        return None;
    }
    let rest = &text[colon + 1..];
    let mut value = colon + 1 + (rest.len() - rest.trim_ascii_start().len());
    let escaped = text[value..].iter().take_while(|byte| **byte == b'\\').count();
    value += escaped;
    if text.get(value) != Some(&b'"') {
        return None;
    }
    let start = value + 1;
    let mut end = start;
    while end < text.len() && text[end] != b'"' {
        // Of a string in a string, any quote ends it.
        end += if text[end] == b'\\' && escaped == 0 { 2 } else { 1 };
    }
    let end = end.min(text.len());
    Some(
        start
            ..end
                - text[start..end]
                    .iter()
                    .rev()
                    .take(escaped)
                    .take_while(|byte| **byte == b'\\')
                    .count(),
    )
}

/// `'X-Api-Key: value'`
fn header(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let name = text[..colon].iter().rev().take(LONGEST_KEY);
    let length = name.copied().position(|byte| !is_word(byte))?;
    let start = colon - length;
    let quote = text[start - 1];
    (matches!(quote, b'\'' | b'"') && text.get(colon + 1) == Some(&b' ') && is_telling(&text[start..colon])).then(
        || {
            colon + 2..until(text, colon + 2, |byte| {
                byte == quote || (quote == b'"' && byte == b'\\')
            })
        },
    )
}

/// `KEY=value`, as in commands and URIs; also `KEY='some words'`.
fn assignment(text: &[u8], equals: usize) -> Option<Range<usize>> {
    let start = text[..equals]
        .iter()
        .rposition(|byte| !is_word(*byte))
        .map_or(0, |at| at + 1);
    if !is_telling(&text[start..equals]) {
        return None;
    }
    let value = equals + 1;
    Some(match text.get(value) {
        Some(quote @ (b'\'' | b'"')) => value + 1..until(text, value + 1, |byte| byte == *quote),
        _ => value..until(text, value, |byte| byte == b'&' || is_end_of_word(byte)),
    })
}

fn ends_with_scheme(before: &[u8]) -> bool {
    [&b"bearer"[..], b"basic"].iter().any(|scheme| {
        before.len() >= scheme.len() && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    })
}

/// Whether a name says that its value is a credential.
pub(super) fn is_telling(key: &[u8]) -> bool {
    // In lower case it is the name of a secret: `{"secret": "pullConfigSecret"}`.
    if key == b"SECRET" || key.ends_with(b"Secret") {
        return true;
    }
    let key = key.to_ascii_lowercase();
    if POINTING_ENDS.iter().any(|end| key.ends_with(end.as_bytes())) {
        return false;
    }
    TELLING.iter().any(|part| contains(&key, part.as_bytes()))
        || TELLING_ENDS.iter().any(|end| key.ends_with(end.as_bytes()))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn trim_backslashes(mut text: &[u8]) -> &[u8] {
    while let Some(shorter) = text.strip_suffix(b"\\") {
        text = shorter;
    }
    text
}

pub(super) fn until(text: &[u8], start: usize, is_end: impl Fn(u8) -> bool) -> usize {
    text[start..]
        .iter()
        .position(|byte| is_end(*byte))
        .map_or(text.len(), |at| start + at)
}

pub(super) fn is_end_of_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\' | b'`' | b';' | b',')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for range in secrets(text.as_bytes()) {
            bytes[range].fill(b'*');
        }
        String::from_utf8(bytes).unwrap()
    }

    /// Pieces that the nets look for, cut and put together anyhow.
    const PIECES: &str = r#"(://|[:=@/ ,;|&{}\[\]`'"\\-]|\\"|\\n|\\u003a|\n|-p|-u|--password|--password-stdin|docker|login|<|<<|>|echo|"secrets":|"secret"|secret `|source|token|auth|dXNlcjpw|ä|a){0,40}"#;

    proptest! {
        #[test]
        fn any_text_is_searched(text in PIECES) {
            let found = secrets(text.as_bytes());
            prop_assert!(found.is_sorted_by_key(|range| range.start));
            prop_assert!(found.iter().all(|range| range.start < range.end && range.end <= text.len()));
            let _ = super::super::safe::lines(&text);
        }
    }

    #[test]
    fn credentials_are_found() {
        for (text, expected) in [
            (
                r#""uri": "https://me:pw@example.com/a""#,
                r#""uri": "https://*****@example.com/a""#,
            ),
            (r#""auth" : "dXNlcjpwYXNz""#, r#""auth" : "************""#),
            (r#""DB_PASSWORD":"a\"b", "x": 1"#, r#""DB_PASSWORD":"****", "x": 1"#),
            (
                r#""SECRET": "abc", "clientSecret": "abc""#,
                r#""SECRET": "***", "clientSecret": "***""#,
            ),
            (
                r#""secret": "me:p/w@x, 'y'", "source" : "me:p\"w", "source": "team/me:pw""#,
                r#""secret": "me:**********", "source" : "me:****", "source": "team/me:**""#,
            ),
            (r#""{\"source\":\"me:pw\"}""#, r#""{\"source\":\"me:**\"}""#),
            ("may not read the secret me:pw", "may not read the secret me:**"),
            ("/secrets/me:p,w/source", "/secrets/me:***/source"),
            (r#""identitytoken": "abc"#, r#""identitytoken": "***"#),
            (r#""{\"auth\": \"abc\"}""#, r#""{\"auth\": \"***\"}""#),
            (
                "curl -H 'Authorization: Bearer abc.def' x",
                "curl -H 'Authorization: **************' x",
            ),
            (r#""curl -H \"X-Api-Key: abc\" x""#, r#""curl -H \"X-Api-Key: ***\" x""#),
            ("curl -u me:abc https://h/x", "curl -u me:*** https://h/x"),
            (
                "echo 'a b' | docker login --password-stdin r",
                "echo '***' | docker login --password-stdin r",
            ),
            (
                "docker login -u me --password-stdin <<< 'a b' r; x",
                "docker login -u me --password-stdin <<< '***' r; x",
            ),
            (
                "cat <<<abc | docker login --password-stdin r",
                "cat <<<*** | docker login --password-stdin r",
            ),
            (
                r#""docker login --password-stdin r <<-'E'\nabc\n\tE\nrun""#,
                r#""docker login --password-stdin r <<-'E'\n***\n\tE\nrun""#,
            ),
            (
                r#""cat << E | docker login --password-stdin r && run\nabc\nE\nrun""#,
                r#""cat << E | docker login --password-stdin r && run\n***\nE\nrun""#,
            ),
            (
                r#""docker lo\u0067in -u me \u002d\u0070 abc r""#,
                r#""docker lo\u0067in -u me \u002d\u0070 *** r""#,
            ),
            (
                r#""echo 'abc' > /p\ndocker login -u me --password-stdin r < /p && x""#,
                r#""echo '***' > /p\ndocker login -u me --password-stdin r < /p && x""#,
            ),
            (
                "(echo abc) >/p; cat /p | docker login --password-stdin r",
                "(echo ***) >/p; cat /p | docker login --password-stdin r",
            ),
            ("export API_TOKEN=abc; run", "export API_TOKEN=***; run"),
            ("https://h/x?sv=1&sig=abc&y=1", "https://h/x?sv=1&sig=***&y=1"),
            ("https://h/x?X-Amz-Signature=abc", "https://h/x?X-Amz-Signature=***"),
            (
                r#""image": "me:pw@example.com/a:1""#,
                r#""image": "me:**@example.com/a:1""#,
            ),
            ("https://h/x?token=abc&y=1", "https://h/x?token=***&y=1"),
            (
                r#""value": "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0Q=""#,
                r#""value": "************************************""#,
            ),
            (
                r#""credential": {"principal": "p", "secret": "s"}"#,
                r#""credential": {"principal": "p", "secret": "*"}"#,
            ),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_findings_are_about_stays_readable() {
        for text in [
            r#""image": "registry.example.com:5000/Team/App_1-beta:1.2.3""#,
            r#""image": "a@sha256:4bc453b53cb3d914b45f4b250294236adba2c0e09ff6f03793949e7e39fd4cc1""#,
            r#""image": "a:1.2@sha256:4bc453b53cb3d914b45f4b250294236adba2c0e09ff6f03793949e7e39fd4cc1""#,
            r#""uri": "https://example.com/docker.tar.gz?x=1""#,
            r#""pullConfig": { "secret": "pullConfigSecret" }"#,
            r#""secrets": { "pullConfigSecret": { "source": "/team/pullConfig" } }"#,
            r#""DB_PASSWORD": { "secret": "database" }"#,
            r#""TOKEN_URL": "https://auth.example.com/token", "TOKEN_TTL": "3600""#,
            r#""DB_PASSWORD_FILE": "/run/secrets/database""#,
            "docker login --password-stdin --password-file /a registry.example.com",
            "docker login -u a -p `cat /pw` r",
            "docker login -u a -p $(cat /pw) r",
            "echo a; docker login --password-stdin r",
            "echo a > /p; docker login --password-stdin r < /q",
            "cat <<< a; docker login --password-stdin r",
            "docker login --password-stdin r <<< $(cat /pw)",
            r#""cat <<E > /a\nabc\nE\ndocker login -u a r""#,
            "docker login -u a r; docker run -p 80:80 x",
            r#""docker login -u a r\nmkdir -p x""#,
            r#"["docker", "login"], "args": ["-p", "80"]"#,
            r#""id": "/team/2f1e7c60-9d4a-4d5c-8f62-000000000000""#,
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
