//! The file that agents read their own credentials from, and what keeps an agent from starting with it.
//!
//! An agent reads the file when it starts, parses it as JSON and hands it to UCR's parser, which is stricter than
//! Docker's: Mesos `src/docker/spec.cpp` (`parseAuthConfig`) at c1b42f7. Its path and the settings that name it are
//! DC/OS': the page "Using a Private Docker Registry", and `gen/calc.py` and `gen/dcos-config.yaml` of dcos/dcos.

use std::ops::Range;

use pullcreds_core::json::{Document, Value};

/// Where the file is when DC/OS does not own it, which its page recommends.
pub const DEFAULT_PATH: &str = "/etc/mesosphere/docker_credentials";

/// The units of a private and of a public agent; an agent has one of them.
pub const AGENT_UNITS: [&str; 2] = ["dcos-mesos-slave", "dcos-mesos-slave-public"];

/// What UCR takes of an entry; of another type than a string it stops the agent.
const STRINGS: [&str; 2] = ["auth", "email"];

/// Something that keeps an agent from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// What is wrong.
    pub message: String,
    /// Where in the text.
    pub span: Range<usize>,
}

/// The first thing in a file that would keep an agent from starting; `None` where nothing does.
#[must_use]
pub fn stops_agent(text: &[u8]) -> Option<Stop> {
    let stop = |message: &str, span: Range<usize>| {
        Some(Stop {
            message: message.to_owned(),
            span,
        })
    };
    if text.iter().all(u8::is_ascii_whitespace) {
        return stop("the file is empty", 0..0);
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        return stop(
            "the file begins with a byte order mark, which is no JSON for Mesos",
            0..3,
        );
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return stop(&error.to_string(), error.offset..error.offset.saturating_add(1)),
    };
    let root = document.root();
    if !root.is_object() {
        return stop("Mesos takes a JSON object", root.span());
    }
    // As in the parser: the last of two members with one name counts.
    let auths = root.get("auths");
    match auths {
        Some(auths) if auths.is_object() => entries(auths, "below `auths`"),
        // A null counts as absent, and then as an entry.
        Some(auths) if !auths.is_null() => stop("`auths` is not an object", auths.span()),
        _ => entries(root, "of a file without `auths`"),
    }
}

fn entries(auths: Value<'_>, which: &str) -> Option<Stop> {
    for member in auths.members() {
        let (key, value) = (member.key.decoded(), member.value);
        if !value.is_object() {
            return Some(Stop {
                message: format!("each member {which} must be an object; `{key}` is none"),
                span: member.key.span(),
            });
        }
        for name in STRINGS {
            if let Some(value) = value.get(name).filter(|value| value.as_str().is_none()) {
                return Some(Stop {
                    message: format!("`{name}` of `{key}` is not a string"),
                    span: value.span(),
                });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::stops_agent;

    #[test]
    fn what_docker_reads_may_stop_an_agent() {
        for good in [
            "{}",
            r#"{"auths": {}}"#,
            r#"{"auths": {"a.b": {"auth": "eDp5", "email": "m", "identitytoken": 1}}, "credsStore": "desktop"}"#,
            r#"{"a.b": {"auth": "eDp5"}}"#,
            r#"{"a.b": {}, "HttpHeaders": {"User-Agent": "x"}}"#,
        ] {
            assert_eq!(stops_agent(good.as_bytes()), None, "{good}");
        }
        for (bad, said, at) in [
            ("", "empty", 0..0),
            (" \n", "empty", 0..0),
            ("\u{feff}{}", "byte order mark", 0..3),
            ("{", "", 1..2),
            ("[]", "object", 0..2),
            (r#"{"auths": []}"#, "`auths` is not an object", 10..12),
            (r#"{"auths": null}"#, "`auths` is none", 1..8),
            (r#"{"credsStore": "desktop"}"#, "`credsStore` is none", 1..13),
            (r#"{"auths": {"a.b": "eDp5"}}"#, "`a.b` is none", 11..16),
            (r#"{"auths": {"a.b": {"auth": null}}}"#, "`auth` of `a.b`", 27..31),
            (r#"{"a.b": {"auth": "eDp5"}, "x": 1}"#, "`x` is none", 26..29),
        ] {
            let stop = stops_agent(bad.as_bytes()).expect(bad);
            assert!(stop.message.contains(said), "{bad}: {}", stop.message);
            assert_eq!(stop.span, at, "{bad}");
        }
    }
}
