//! A plugin's findings as ours: under the plugin's name, in the text that the person has.

use std::ops::Range;

use pullcreds_core::finding::{Applicability, Finding, Fix, Related, Severity};
use pullcreds_core::json::{Document, Patch, Pointer};
use pullcreds_core::policy::Level;
use pullcreds_core::transform::Part;

use super::allowed::{rebased, trespass};
use super::asked::Asked;
use super::host::wit;

/// What findings of one app or pod are told with.
pub(super) struct Teller<'a> {
    pub(super) plugin: &'a str,
    pub(super) allow: &'a [Pointer],
    pub(super) asked: &'a Asked<'a>,
    pub(super) part: &'a Part,
    /// The text that the app or pod stands in, as the plugin was given it.
    pub(super) document: &'a Document<'a>,
    /// From bytes of that text to those of the text that the person has.
    pub(super) to_original: &'a dyn Fn(Range<usize>) -> Range<usize>,
    /// Whether patches of single findings fit that text.
    pub(super) with_patches: bool,
}

impl Teller<'_> {
    /// # Errors
    /// Where a finding makes no sense: says why.
    pub(super) fn all(&self, findings: Vec<wit::Finding>) -> Result<Vec<Finding>, String> {
        let wanted = findings.into_iter().filter(|finding| self.asked.wants(finding));
        wanted.map(|finding| self.finding(finding)).collect()
    }

    fn finding(&self, finding: wit::Finding) -> Result<Finding, String> {
        let code = &finding.code;
        if !is_word(code) || !(finding.name.is_empty() || is_word(&finding.name)) {
            let shown: String = code.chars().take(40).collect();
            return Err(format!(
                "it reports under the code `{shown}`: letters, digits, `-`, `_` and `.` make a code or a name, 64 at most"
            ));
        }
        let wrong = |what: &str| format!("its finding {code} {what}");
        let pointer = Pointer::parse(&finding.pointer).map_err(|error| wrong(&format!("has no place: {error}")))?;
        let whole = Pointer::parse(&format!("{}{pointer}", self.part.pointer)).unwrap_or_default();
        let outside = || wrong("has a place that the text does not have");
        let span = match (finding.span.start, finding.span.end) {
            // No bytes are given: the place is where the pointer leads.
            (0, 0) => match self.document.find(&whole) {
                Some(value) => (self.to_original)(value.span()),
                None => self.span(finding.span).ok_or_else(outside)?,
            },
            _ => self.span(finding.span).ok_or_else(outside)?,
        };
        let related = finding.related.iter().map(|related| {
            let span = self.span(related.span).ok_or_else(outside)?;
            Ok(Related {
                span,
                message: related.message.clone(),
            })
        });
        let related = related.collect::<Result<_, String>>()?;
        let severity = match self.asked.level(&finding) {
            Some(Level::Info) => Severity::Info,
            Some(Level::Warning) => Severity::Warning,
            Some(Level::Error) => Severity::Error,
            Some(Level::Off) | None => match finding.severity {
                wit::Severity::Info => Severity::Info,
                wit::Severity::Warning => Severity::Warning,
                wit::Severity::Error => Severity::Error,
            },
        };
        let fix = match finding.fix {
            // What a package generated is reported, and never changed.
            Some(fix) if !self.part.is_package_generated => Some(self.fix(fix, code)?),
            _ => None,
        };
        let name = if finding.name.is_empty() {
            code.clone()
        } else {
            finding.name
        };
        Ok(Finding {
            code: format!("{}/{code}", self.plugin).into(),
            name: name.into(),
            severity,
            message: finding.message,
            span,
            label: finding.label.into(),
            related,
            help: finding.help,
            pointer: whole,
            id: self.part.id.clone(),
            fix,
        })
    }

    /// Bytes of the app or pod, in the text that the person has; `None` where there are no such bytes.
    fn span(&self, span: wit::Span) -> Option<Range<usize>> {
        let own = self.document.text().get(self.part.span.clone())?;
        let (start, end) = (span.start as usize, span.end as usize);
        own.get(start..end)?;
        let base = self.part.span.start;
        Some((self.to_original)(base + start..base + end))
    }

    fn fix(&self, fix: wit::Fix, code: &str) -> Result<Fix, String> {
        let mut patch = Patch::default();
        if let (Some(text), true) = (&fix.patch, self.with_patches) {
            patch = Patch::parse(text.as_bytes())
                .map_err(|error| format!("the fix of its finding {code} is no JSON Patch: {error}"))?;
            if let Some(why) = trespass(&patch, self.allow) {
                return Err(format!("the fix of its finding {code}: {why}"));
            }
            patch = rebased(patch, &self.part.pointer);
        }
        Ok(Fix {
            title: fix.title,
            applicability: match fix.applicability {
                wit::Applicability::Safe => Applicability::Safe,
                wit::Applicability::OptIn => Applicability::OptIn,
                wit::Applicability::Unsafe => Applicability::Unsafe,
            },
            patch,
        })
    }
}

fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(is_part)
}
