//! Plugins as a policy names them: which file, which digest, what it may touch, how much it may use. Nothing here opens or
//! runs one, and nothing here knows what a plugin is made of.

use super::settings::Settings;
use super::text::{NonEmpty, read_from_string};
use crate::image::excerpt;
use crate::json::{Pointer, PointerError};
use serde::Deserialize;
use std::str::FromStr;

/// The label by which a definition silences rules; no plugin may write it.
pub const SILENCING_LABEL: &str = "pullcreds-ignore";

/// One `[[plugin]]` of a policy: a stage after the rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Plugin {
    name: String,
    path: String,
    sha256: Option<String>,
    allow: Vec<Pointer>,
    limits: Limits,
    settings: Settings,
}

/// How much one call of a plugin may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest memory, in MiB.
    pub memory_mib: u32,
    /// The longest time, in milliseconds.
    pub time_ms: u32,
    /// The most that it may hand back, in MiB.
    pub output_mib: u32,
    /// The deepest stack, in KiB.
    pub stack_kib: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_mib: 64,
            time_ms: 1000,
            output_mib: 16,
            stack_kib: 512,
        }
    }
}

impl Plugin {
    /// The name under which it reports: as written, or from the name of its file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its file, as written: relative to the policy's folder.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The SHA-256 of its file in 64 small hexadecimal digits, if the policy pins it.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// What it may write, as pointers from an app or pod: these places and all below them.
    #[must_use]
    pub fn allow(&self) -> &[Pointer] {
        &self.allow
    }

    /// How much a call may use.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// What it is told, as a JSON object; `{}` where the policy says nothing.
    #[must_use]
    pub fn settings(&self) -> &str {
        self.settings.as_json()
    }
}

/// Whether a rule of a policy or of the command line is a plugin's: `name/code`. Which of them there are, only the plugin
/// knows.
#[must_use]
pub fn names_rule_of_plugin(rule: &str) -> bool {
    rule.split_once('/').is_some_and(|(plugin, _)| is_name(plugin))
}

/// What a plugin may be called: what stands before the slash of a code.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

struct Name(String);

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no name of a plugin: a small letter, then small letters, digits and `-`")]
struct NameError(String);

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Name, NameError> {
        if is_name(text) {
            Ok(Name(text.to_owned()))
        } else {
            Err(NameError(excerpt(text)))
        }
    }
}

struct Digest(String);

#[derive(Debug, thiserror::Error)]
#[error("a SHA-256 is 64 hexadecimal digits; `pullcreds plugin pin` writes it")]
struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Digest(text.to_ascii_lowercase()))
        } else {
            Err(DigestError)
        }
    }
}

/// A place in an app or pod that may be opened to a plugin.
struct Allowed(Pointer);

#[derive(Debug, thiserror::Error)]
enum AllowError {
    #[error("{0}; it is relative to the app or pod, as in \"/labels/owner\"")]
    Pointer(#[from] PointerError),
    #[error("this is the whole app or pod, which no plugin may replace: name the members, as in \"/labels\"")]
    Root,
    #[error("no plugin may write the label that silences rules")]
    Silencing,
}

impl FromStr for Allowed {
    type Err = AllowError;

    fn from_str(text: &str) -> Result<Allowed, AllowError> {
        let pointer = Pointer::parse(text)?;
        if pointer.is_root() {
            return Err(AllowError::Root);
        }
        if pointer.tokens().eq(["labels", SILENCING_LABEL]) {
            return Err(AllowError::Silencing);
        }
        Ok(Allowed(pointer))
    }
}

read_from_string!(Name, "a name in quotes, such as \"owner-label\"");
read_from_string!(Digest, "a SHA-256 in quotes: 64 hexadecimal digits");
read_from_string!(Allowed, "a JSON pointer in quotes, such as \"/labels/owner\"");

/// A plugin as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: Option<Name>,
    path: NonEmpty,
    sha256: Option<Digest>,
    #[serde(default)]
    allow: Vec<Allowed>,
    memory_mib: Option<Bounded<1, 4096>>,
    time_ms: Option<Bounded<1, 600_000>>,
    output_mib: Option<Bounded<1, 512>>,
    stack_kib: Option<Bounded<64, 1024>>,
    #[serde(default)]
    settings: Settings,
}

/// A whole number from the one to the other, both included.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Bounded<const LEAST: u32, const MOST: u32>(u32);

#[derive(Debug, thiserror::Error)]
#[error("{number} is out of bounds: from {least} to {most}")]
struct BoundsError {
    number: i64,
    least: u32,
    most: u32,
}

impl<const LEAST: u32, const MOST: u32> TryFrom<i64> for Bounded<LEAST, MOST> {
    type Error = BoundsError;

    fn try_from(number: i64) -> Result<Self, BoundsError> {
        match u32::try_from(number) {
            Ok(fits) if (LEAST..=MOST).contains(&fits) => Ok(Bounded(fits)),
            _ => Err(BoundsError {
                number,
                least: LEAST,
                most: MOST,
            }),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name of its file, `{0}`, is no name of a plugin: give it one, as in `name = \"owner-label\"`")]
struct Nameless(String);

impl TryFrom<Written> for Plugin {
    type Error = Nameless;

    fn try_from(written: Written) -> Result<Plugin, Nameless> {
        let path = written.path.0;
        let file = path.rsplit('/').next().unwrap_or_default();
        // `owner-label.component.wasm`, `owner_label.wasm`
        let stem = file.split('.').next().unwrap_or_default().replace('_', "-");
        let name = match written.name {
            Some(name) => name.0,
            None if is_name(&stem) => stem,
            None => return Err(Nameless(excerpt(file))),
        };
        let usual = Limits::default();
        Ok(Plugin {
            name,
            path,
            sha256: written.sha256.map(|digest| digest.0),
            allow: written.allow.into_iter().map(|allowed| allowed.0).collect(),
            limits: Limits {
                memory_mib: written.memory_mib.map_or(usual.memory_mib, |bounded| bounded.0),
                time_ms: written.time_ms.map_or(usual.time_ms, |bounded| bounded.0),
                output_mib: written.output_mib.map_or(usual.output_mib, |bounded| bounded.0),
                stack_kib: written.stack_kib.map_or(usual.stack_kib, |bounded| bounded.0),
            },
            settings: written.settings,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::policy::Policy;

    fn plugin(keys: &str) -> Result<Plugin, String> {
        let policy: Policy = toml::from_str(&format!("[[plugin]]\n{keys}")).map_err(|error| error.to_string())?;
        Ok(policy.plugins()[0].clone())
    }

    #[test]
    fn what_is_not_written_is_the_default() {
        let plain = plugin("path = \"plugins/owner_label.component.wasm\"").unwrap();
        assert_eq!(
            (plain.name(), plain.sha256(), plain.settings()),
            ("owner-label", None, "{}")
        );
        assert_eq!((plain.allow(), plain.limits()), (&[][..], Limits::default()));
        let full = plugin(
            "name = \"a1\"\npath = \"x\"\nsha256 = \"AA00000000000000000000000000000000000000000000000000000000000000\"\n\
             allow = [\"/labels/a~1b\"]\nmemory-mib = 1\ntime-ms = 2\noutput-mib = 3\nstack-kib = 64\n\
             [plugin.settings]\nteam = [\"a\\\"b\", 1, 1.5, true, {}, 1979-05-27]",
        )
        .unwrap();
        assert_eq!(full.sha256().unwrap().get(..3), Some("aa0"));
        assert_eq!(full.settings(), r#"{"team":["a\"b",1,1.5,true,{},"1979-05-27"]}"#);
        assert_eq!(
            (full.limits().stack_kib, full.allow()[0].as_str()),
            (64, "/labels/a~1b")
        );
    }

    #[test]
    fn what_cannot_be_right_is_refused() {
        for (keys, words) in [
            ("", "missing field `path`"),
            ("path = \" \"", "this is empty"),
            ("path = \"7.wasm\"", "give it one"),
            ("path = \"a\"\nname = \"A\"", "no name of a plugin"),
            ("path = \"a\"\nname = \"a/b\"", "no name of a plugin"),
            ("path = \"a\"\nsha256 = \"12\"", "64 hexadecimal digits"),
            ("path = \"a\"\nallow = [\"\"]", "the whole app or pod"),
            ("path = \"a\"\nallow = [\"labels\"]", "begins with `/`"),
            ("path = \"a\"\nallow = [\"/labels/pullcreds-ignore\"]", "silences rules"),
            ("path = \"a\"\nmemory-mib = 0", "0 is out of bounds: from 1 to 4096"),
            ("path = \"a\"\nstack-kib = 4096", "from 64 to 1024"),
            ("path = \"a\"\nsettings = 1", "a table"),
            ("path = \"a\"\nsettings = {a = nan}", "JSON has no such number"),
            ("path = \"a\"\nurl = \"b\"", "unknown field `url`"),
        ] {
            let error = plugin(keys).unwrap_err();
            assert!(error.contains(words), "{keys}: {error}");
        }
    }

    #[test]
    fn rules_of_plugins_are_told_by_their_slash() {
        assert!(names_rule_of_plugin("owner-label/OL001") && names_rule_of_plugin("a/"));
        assert!(!names_rule_of_plugin("MC001") && !names_rule_of_plugin("/a") && !names_rule_of_plugin("A/b"));
    }
}
