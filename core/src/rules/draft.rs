//! What a rule reports: a finding whose fix is still a list of changes, and whose place is still relative to its app or
//! pod.

use std::borrow::Cow;
use std::ops::Range;

use super::Rule;
use crate::definition::Change;
use crate::finding::{Applicability, Related, Severity};
use crate::json::Value;

/// A place in an app or pod.
#[derive(Clone, Debug)]
pub(crate) struct At {
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
    /// The tokens from the app or pod to it.
    pub(crate) tokens: Vec<Cow<'static, str>>,
}

impl At {
    /// A value that a person wrote, or a member of it where that is there.
    pub(crate) fn written(written: Value<'_>, mut tokens: Vec<Cow<'static, str>>, key: Option<&'static str>) -> At {
        let member = key.and_then(|key| Some((key, written.get(key)?)));
        let value = member.map_or(written, |(_, value)| value);
        tokens.extend(member.map(|(key, _)| Cow::Borrowed(key)));
        At {
            span: value.span(),
            tokens,
        }
    }
}

/// A fix as changes to the model.
#[derive(Clone, Debug)]
pub(crate) struct Mend {
    pub(crate) title: String,
    pub(crate) applicability: Applicability,
    pub(crate) changes: Vec<Change>,
}

/// A finding in the making.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) rule: &'static Rule,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) at: At,
    pub(crate) label: Cow<'static, str>,
    pub(crate) related: Vec<Related>,
    pub(crate) help: Vec<String>,
    pub(crate) mend: Option<Mend>,
    /// The rule by whose fix this comes about; without that fix there is nothing to say.
    pub(crate) foretold_for: Option<&'static str>,
}

impl Draft {
    /// Says it under the place.
    pub(crate) fn label(&mut self, label: impl Into<Cow<'static, str>>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help.push(help.into());
        self
    }

    /// Points at a second place.
    pub(crate) fn related(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Self {
        self.related.push(Related {
            span,
            message: message.into(),
        });
        self
    }

    /// Is better or worse than its rule.
    pub(crate) fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Can be mended.
    pub(crate) fn mend(
        &mut self,
        applicability: Applicability,
        title: impl Into<String>,
        changes: impl Into<Vec<Change>>,
    ) -> &mut Self {
        self.mend = Some(Mend {
            title: title.into(),
            applicability,
            changes: changes.into(),
        });
        self
    }
}

/// Takes what one rule reports.
pub(crate) struct Drafts<'a> {
    pub(super) rule: &'static Rule,
    pub(super) found: &'a mut Vec<Draft>,
}

impl Drafts<'_> {
    /// Reports a finding; what it returns takes labels, help and a fix.
    pub(crate) fn report(&mut self, at: At, message: impl Into<String>) -> &mut Draft {
        let draft = Draft {
            rule: self.rule,
            severity: self.rule.severity,
            message: message.into(),
            at,
            label: Cow::Borrowed(""),
            related: Vec::new(),
            help: Vec::new(),
            mend: None,
            foretold_for: None,
        };
        let index = self.found.len();
        self.found.push(draft);
        &mut self.found[index]
    }
}
