//! What a rule says: a finding, where it is, and the fix it proposes.
//!
//! Shared by every kind of definition and every report; it knows nothing of Marathon, of files or of terminals.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::json::{Patch, Pointer};

/// How bad a finding is. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; never fails a run by default.
    Info,
    /// The definition works today, or may, but will surprise.
    Warning,
    /// The deployment is refused, or the pull fails.
    Error,
}

impl Severity {
    /// The word used in policies, reports and `--fail-on`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When a fix may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Applied by `fix`.
    Safe,
    /// Right, but it only modernises: applied where the rule is selected by its code.
    OptIn,
    /// May change what the service does: applied with `--unsafe-fixes`.
    Unsafe,
}

impl Applicability {
    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::OptIn => "opt-in",
            Applicability::Unsafe => "unsafe",
        }
    }
}

/// A change that would remove one finding, as a patch against the original text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative: "add the archive to `fetch`".
    pub title: String,
    /// When it may be applied.
    pub applicability: Applicability,
    /// RFC 6902, complete on its own, with pointers from the root of the text. Empty where the caller asked for no
    /// patches.
    pub patch: Patch,
}

/// A second place that a finding speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Bytes of the original text.
    pub span: Range<usize>,
    /// What is there.
    pub message: String,
}

/// One thing that a rule has to say about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `MC001`; a plugin's findings bring their own.
    pub code: Cow<'static, str>,
    /// `missing-archive`.
    pub name: Cow<'static, str>,
    /// After the policy's `[rules]` were applied.
    pub severity: Severity,
    /// What is wrong, in one sentence without a final full stop.
    pub message: String,
    /// The place, as bytes of the original text.
    pub span: Range<usize>,
    /// A few words to stand under the place; may be empty.
    pub label: Cow<'static, str>,
    /// Other places, in the order of the text.
    pub related: Vec<Related>,
    /// What to do about it, a sentence each.
    pub help: Vec<String>,
    /// RFC 6901 pointer of the place.
    pub pointer: Pointer,
    /// The full id of the app or pod, as far as it is known.
    pub id: Option<String>,
    /// The change that would remove the finding.
    pub fix: Option<Fix>,
}
