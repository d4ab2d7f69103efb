//! What a call answers, in plain texts and numbers: all that a boundary has left to do is to name it in its own types.
//!
//! Here rather than at the boundary, so that a native caller can make the same call: `pullcreds plugin bench` does.

use std::ops::Range;

use pullcreds_core::finding::{Applicability, Finding, Fix, Severity};
use pullcreds_core::shown::safe;
use pullcreds_core::transform::{Fixed, Rewrite};

use crate::{Asked, Failure, passed_over, policy, transform};

/// What was found and what was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the text is; none where it is not for this program.
    pub kind: Option<&'static str>,
    /// Why the text is not for this program.
    pub passed_over: Option<&'static str>,
    /// All that was found, in the order of the text.
    pub findings: Vec<Told>,
    /// What of it is left in the rewritten text.
    pub remaining: Vec<Told>,
    /// RFC 6902 as JSON text.
    pub patch: String,
    /// The rewritten text; none where nothing changes.
    pub text: Option<String>,
}

/// One finding. What is for people is one line each, with what looks like a credential masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Such as `MC001`.
    pub code: String,
    /// Such as `missing-archive`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Bytes of the text that was given.
    pub span: Range<usize>,
    /// RFC 6901, of the place.
    pub pointer: String,
    /// The id of the app or pod.
    pub id: Option<String>,
    /// A few words for the place.
    pub label: String,
    /// Other places that it speaks of.
    pub related: Vec<(Range<usize>, String)>,
    /// What to do about it.
    pub help: Vec<String>,
    /// The change that would remove it.
    pub fix: Option<ToldFix>,
}

/// A change that would remove one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldFix {
    /// In the imperative.
    pub title: String,
    /// When it may be applied.
    pub applicability: Applicability,
    /// RFC 6902 as JSON text, where it was asked for.
    pub patch: Option<String>,
}

/// One call from its texts to its answer.
///
/// # Errors
/// Where one of the texts, or what was asked, cannot be used; nothing is changed then.
pub fn answer(definition: &str, policy_text: &str, asked: &Asked) -> Result<Outcome, Failure> {
    let policy = policy(policy_text)?;
    Ok(match transform(definition.as_bytes(), &policy, asked)? {
        Fixed::Definition(rewrite) => Outcome::from(rewrite),
        Fixed::Passed(passed) => Outcome {
            passed_over: Some(passed_over(passed)),
            patch: "[]".to_owned(),
            ..Outcome::default()
        },
    })
}

impl From<Rewrite<'_>> for Outcome {
    fn from(rewrite: Rewrite<'_>) -> Outcome {
        Outcome {
            kind: Some(rewrite.before.kind.as_str()),
            passed_over: None,
            findings: rewrite.before.findings.into_iter().map(Told::from).collect(),
            remaining: rewrite.remaining.into_iter().map(Told::from).collect(),
            patch: rewrite.patch.to_json(),
            text: rewrite.edited.map(|edited| edited.text()),
        }
    }
}

impl From<Finding> for Told {
    fn from(finding: Finding) -> Told {
        let related = finding.related.into_iter();
        Told {
            code: finding.code.into_owned(),
            name: finding.name.into_owned(),
            severity: finding.severity,
            message: safe::line(&finding.message),
            span: finding.span,
            pointer: finding.pointer.to_string(),
            id: finding.id,
            label: safe::line(&finding.label),
            related: related
                .map(|related| (related.span, safe::line(&related.message)))
                .collect(),
            help: finding.help.iter().map(|help| safe::line(help)).collect(),
            fix: finding.fix.as_ref().map(ToldFix::from),
        }
    }
}

impl From<&Fix> for ToldFix {
    fn from(fix: &Fix) -> ToldFix {
        ToldFix {
            title: safe::line(&fix.title),
            applicability: fix.applicability,
            patch: (!fix.patch.is_empty()).then(|| fix.patch.to_json()),
        }
    }
}
