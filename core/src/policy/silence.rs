//! How loud a rule is: its level, and where it keeps silent. Rules are codes or names here, no more: which of them
//! exist is the rules' to know.

use super::text::{NonEmpty, read_from_string};
use crate::glob::{self, Case, Part};
use crate::image::excerpt;
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

/// What a policy makes of a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// They are not looked for.
    Off,
    /// They are said, and never fail a run.
    Info,
    /// They fail a run unless it is told otherwise.
    Warning,
    /// They fail a run.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Off => "off",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        })
    }
}

/// A text that is no level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level: write \"off\", \"info\", \"warning\" or \"error\"")]
pub struct LevelError(String);

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Level, LevelError> {
        match text {
            "off" => Ok(Level::Off),
            "info" => Ok(Level::Info),
            "warning" => Ok(Level::Warning),
            "error" => Ok(Level::Error),
            _ => Err(LevelError(excerpt(text))),
        }
    }
}

read_from_string!(Level, "a level in quotes: \"off\", \"info\", \"warning\" or \"error\"");

/// One `[[ignore]]` of a policy: a finding is silenced when every key that is written here fits it.
///
/// In `id` and `path`, `*` stands for any characters of one segment and `**` for any number of whole segments, none
/// included: `/team/**` is everything in the group `/team`, and `/team` itself. Ids are absolute, with or without their
/// leading slash. Paths are relative to the folder of the policy, with `/` between their parts: `*.json` is a file
/// beside the policy, `**/*.json` one anywhere below it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Ignore {
    id: Option<Segments>,
    path: Option<Segments>,
    rules: Vec<String>,
}

impl Ignore {
    /// The glob of ids, as it was written.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_ref().map(|id| id.text.as_str())
    }

    /// The glob of paths, as it was written.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_ref().map(|path| path.text.as_str())
    }

    /// Codes and names of the rules; empty for all of them.
    #[must_use]
    pub fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Whether a finding of a rule (its code and its name) is silenced. `id` is the absolute id of the app or pod, if
    /// it is known; `path` that of the file, relative to the policy, if there is one. What is not known fits no glob.
    #[must_use]
    pub fn silences(&self, code: &str, name: &str, id: Option<&str>, path: Option<&str>) -> bool {
        let names = |rule: &String| rule.eq_ignore_ascii_case(code) || rule.eq_ignore_ascii_case(name);
        (self.rules.is_empty() || self.rules.iter().any(names)) && self.fits(id, path)
    }

    /// Whether it is about an app or pod and its file, whichever rules it silences there: as for [`Ignore::silences`].
    #[must_use]
    pub fn fits(&self, id: Option<&str>, path: Option<&str>) -> bool {
        let fits = |glob: &Option<Segments>, text: Option<&str>| match (glob, text) {
            (None, _) => true,
            (Some(glob), Some(text)) => glob.matches(text),
            (Some(_), None) => false,
        };
        fits(&self.id, id) && fits(&self.path, path)
    }
}

/// A glob over segments between slashes; one leading slash of the text does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segments {
    text: String,
    parts: Vec<Part>,
}

impl Segments {
    fn matches(&self, text: &str) -> bool {
        let text = text.strip_prefix('/').unwrap_or(text);
        glob::matches(&self.parts, text.split('/'), Case::Sensitive)
    }

    fn parse(text: &str, relative: &str) -> Result<Segments, GlobError> {
        let parts = relative.split('/').map(read_part).collect::<Result<_, _>>()?;
        Ok(Segments {
            text: text.to_owned(),
            parts,
        })
    }
}

fn read_part(text: &str) -> Result<Part, GlobError> {
    match text {
        "" => Err(GlobError::EmptySegment),
        "." | ".." => Err(GlobError::Dots),
        "**" => Ok(Part::Many),
        _ if text.contains("**") => Err(GlobError::DoubleStar(excerpt(text))),
        _ => match text
            .chars()
            .find(|character| matches!(character, '?' | '[' | ']' | '{' | '}' | '\\'))
        {
            Some(character) => Err(GlobError::Character(character)),
            None => Ok(Part::new(text)),
        },
    }
}

/// Why a text is no glob of ids or paths.
#[derive(Debug, thiserror::Error)]
enum GlobError {
    #[error("there is a `/` too many: single ones stand between the parts; write `/**` for all below")]
    EmptySegment,
    #[error("`.` and `..` are not resolved here: write the whole id, or the path from the policy's folder")]
    Dots,
    #[error("`{0}`: `**` stands alone between slashes; `*` is any piece of one part")]
    DoubleStar(String),
    #[error("`{0}` has no meaning here: the wildcards are `*`, for any piece of one part, and `**`, for any parts")]
    Character(char),
    #[error("`{0}` holds `{1}`, which no id does: lowercase letters, digits, `-` and `.`, beside the wildcards")]
    Id(String, char),
    #[error("paths here are relative to the policy's folder: drop the leading `/`")]
    AbsolutePath,
}

struct IdGlob(Segments);

impl FromStr for IdGlob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<IdGlob, GlobError> {
        let segments = Segments::parse(text, text.strip_prefix('/').unwrap_or(text))?;
        let impossible = text.chars().find(|character| {
            !(character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || matches!(character, '-' | '.' | '*' | '/'))
        });
        match impossible {
            Some(character) => Err(GlobError::Id(excerpt(text), character)),
            None => Ok(IdGlob(segments)),
        }
    }
}

struct PathGlob(Segments);

impl FromStr for PathGlob {
    type Err = GlobError;

    fn from_str(text: &str) -> Result<PathGlob, GlobError> {
        if text.starts_with('/') {
            return Err(GlobError::AbsolutePath);
        }
        Segments::parse(text, text).map(PathGlob)
    }
}

read_from_string!(IdGlob, "a glob of ids in quotes, such as \"/team/legacy/**\"");
read_from_string!(PathGlob, "a glob of paths in quotes, such as \"legacy/**\"");

/// An ignore as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    id: Option<IdGlob>,
    path: Option<PathGlob>,
    #[serde(default)]
    rules: Vec<NonEmpty>,
}

#[derive(Debug, thiserror::Error)]
#[error("this silences everything everywhere: say what, by `id`, `path` or `rules`")]
struct NothingSaid;

impl TryFrom<Written> for Ignore {
    type Error = NothingSaid;

    fn try_from(written: Written) -> Result<Ignore, NothingSaid> {
        let rules: Vec<String> = written.rules.into_iter().map(|rule| rule.0).collect();
        if written.id.is_none() && written.path.is_none() && rules.is_empty() {
            return Err(NothingSaid);
        }
        Ok(Ignore {
            id: written.id.map(|id| id.0),
            path: written.path.map(|path| path.0),
            rules,
        })
    }
}
