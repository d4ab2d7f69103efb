//! The rules CC001 to CC007: what is wrong with credentials, in the shape of every other finding.
//!
//! CC001 to CC005 look at one file's text; CC006 at an archive; CC007, and what CC003 and CC004 say of an image, at a
//! file beside the images that it is for (`images`).

mod images;
mod text;

use std::borrow::Cow;
use std::ops::Range;

pub use images::of_image;
use pullcreds_core::finding::{Applicability, Finding, Severity};
use pullcreds_core::json::Pointer;
use pullcreds_core::rules::Rule;
pub use text::of_text;

use crate::matching::Reader;

/// All rules, in the order of their codes.
pub static RULES: [Rule; 7] = {
    use Severity::{Error, Warning};
    [
        Rule::elsewhere(
            "CC001",
            "external-store",
            Error,
            None,
            "credentials that are not in the file: a credential store or helper, an entry without content, no `auths`",
        ),
        Rule::elsewhere(
            "CC002",
            "bad-auth",
            Error,
            None,
            "an `auth` that is not base64 of user, colon and password, or has a line end",
        ),
        Rule::elsewhere(
            "CC003",
            "hub-key",
            Error,
            Some(Applicability::Safe),
            "credentials for Docker Hub under a key that Docker does not look for",
        ),
        Rule::elsewhere(
            "CC004",
            "misleading-key",
            Warning,
            None,
            "a key with another port than the image, or with a path, or for a host that another key is for too",
        ),
        Rule::elsewhere(
            "CC005",
            "no-auth-for-ucr",
            Error,
            None,
            "an entry without `auth`, or with an identity token, which UCR ignores",
        ),
        Rule::elsewhere(
            "CC006",
            "archive-layout",
            Error,
            None,
            "an archive without `.docker/config.json` at its root",
        ),
        Rule::elsewhere(
            "CC007",
            "missing-registry",
            Warning,
            None,
            "an image whose registry the credentials do not have; they replace those of the agents",
        ),
    ]
};

/// The rule with this code or name, in any case.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.is(code_or_name))
}

/// What is known of a file beside its text.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Who will read it.
    pub readers: &'a [Reader],
    /// Whether it lies under the name `.dockercfg`, in which Docker before 23.0 reads the old form.
    pub is_dockercfg: bool,
}

impl About<'_> {
    fn is_for(&self, reader: Reader) -> bool {
        self.readers.contains(&reader)
    }
}

/// The finding of an archive in which Docker finds nothing.
#[must_use]
pub fn archive_layout(message: impl Into<String>, severity: Severity, help: Vec<String>) -> Finding {
    let mut finding = finding(5, message, 0..0, Pointer::root());
    finding.severity = severity;
    finding.help = help;
    finding
}

/// A finding of the rule in this row of the table.
fn finding(row: usize, message: impl Into<String>, span: Range<usize>, pointer: Pointer) -> Finding {
    let rule = &RULES[row];
    Finding {
        code: Cow::Borrowed(rule.code),
        name: Cow::Borrowed(rule.name),
        severity: rule.severity,
        message: message.into(),
        span,
        label: "".into(),
        related: Vec::new(),
        help: Vec::new(),
        pointer,
        id: None,
        fix: None,
    }
}
