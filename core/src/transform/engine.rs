//! Takes a text through: opens it, runs the rules over each of its apps and pods, and lays one patch for all of them into
//! it.

use super::open::{Current, Opened, open, open_current};
use super::subject::{Subject, finish};
use super::{Analysis, Checked, Fixed, Options, Restarts, Rewrite, TransformError};
use crate::definition::Definition;
use crate::finding::Finding;
use crate::json::{Patch, Pointer};
use crate::rules::{self, Active};

pub(super) fn check(text: &[u8], options: &Options<'_>) -> Result<Checked, TransformError> {
    let (document, kind) = match open(text, options)? {
        Opened::Passed(passed) => return Ok(Checked::Passed(passed)),
        Opened::Definition(document, kind) => (document, kind),
    };
    let stored = open_current(options)?;
    let current = stored.as_ref().map(Current::read).transpose()?;
    let definition = Definition::read(document.root(), kind, options.group)?;
    let active = options.selection.active(options.policy);
    let mut analysis = Analysis {
        kind,
        findings: Vec::new(),
        sites: 0,
    };
    whole(&definition, options, active, &mut analysis.findings);
    for owner in &definition.owners {
        let Some(subject) = Subject::new(&definition, owner, current.as_ref(), options)? else {
            continue;
        };
        analysis.sites += subject.model.sites.len();
        let drafts = subject.drafts(active);
        analysis.findings.extend(subject.findings(drafts, options, |_| true));
    }
    sort(&mut analysis.findings);
    Ok(Checked::Definition(analysis))
}

pub(super) fn fix<'t>(text: &'t [u8], options: &Options<'_>) -> Result<Fixed<'t>, TransformError> {
    let (document, kind) = match open(text, options)? {
        Opened::Passed(passed) => return Ok(Fixed::Passed(passed)),
        Opened::Definition(document, kind) => (document, kind),
    };
    let stored = open_current(options)?;
    let current = stored.as_ref().map(Current::read).transpose()?;
    let definition = Definition::read(document.root(), kind, options.group)?;
    let active = options.selection.active(options.policy);
    let mut rewrite = Rewrite {
        before: Analysis {
            kind,
            findings: Vec::new(),
            sites: 0,
        },
        remaining: Vec::new(),
        patch: Patch::default(),
        edited: None,
        restarts: Restarts::default(),
    };
    whole(&definition, options, active, &mut rewrite.before.findings);
    rewrite.remaining.clone_from(&rewrite.before.findings);
    for owner in &definition.owners {
        let Some(subject) = Subject::new(&definition, owner, current.as_ref(), options)? else {
            continue;
        };
        rewrite.before.sites += subject.model.sites.len();
        subject.settle(active, options, &mut rewrite)?;
    }
    sort(&mut rewrite.before.findings);
    sort(&mut rewrite.remaining);
    if !rewrite.patch.is_empty() {
        rewrite.edited = Some(crate::json::apply(&document, &rewrite.patch)?);
    }
    Ok(Fixed::Definition(rewrite))
}

fn whole(definition: &Definition<'_>, options: &Options<'_>, active: Active, findings: &mut Vec<Finding>) {
    for draft in rules::run_whole(definition, active) {
        if !options
            .policy
            .silences(draft.rule.code, draft.rule.name, None, options.path)
        {
            findings.push(finish(draft, &Pointer::root(), None, None, options));
        }
    }
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| (one.span.start, &one.code).cmp(&(other.span.start, &other.code)));
}
