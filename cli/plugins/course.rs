//! The way of one text through the plugins, after the rules: each sees every app and pod as its predecessor left it.
//!
//! What all of them want is one patch with that of the rules, laid into the text that was read: so `patch`, then `apply`,
//! gives the bytes that `fix` gives.

use std::borrow::Cow;

use pullcreds_core::finding::Finding;
use pullcreds_core::json::{self, Document, OffsetMap, Patch};
use pullcreds_core::transform::{self, Checked, Fixed, Kind, Options, Part, Restarts, Rewrite};

use super::allowed::{rebased, trespass};
use super::asked::Asked;
use super::findings::Teller;
use super::host::{Host, wit};
use super::intact::{Before, Broken};
use super::stage::Stage;
use crate::outcome::Problem;

pub(super) fn check(stages: &[Stage], text: &[u8], options: &Options<'_>) -> Result<Checked, Problem> {
    let mut checked = transform::check(text, options)?;
    if let Checked::Definition(analysis) = &mut checked
        && let Fixed::Definition(rewrite) = transform::fix(text, options)?
    {
        let (_, found) = run(stages, text, options, rewrite)?;
        analysis.findings.extend(found);
        sort(&mut analysis.findings);
    }
    Ok(checked)
}

pub(super) fn fix<'t>(stages: &[Stage], text: &'t [u8], options: &Options<'_>) -> Result<Fixed<'t>, Problem> {
    let rewrite = match transform::fix(text, options)? {
        Fixed::Definition(rewrite) => rewrite,
        passed @ Fixed::Passed(_) => return Ok(passed),
    };
    let (mut rewrite, found) = run(stages, text, options, rewrite)?;
    rewrite.before.findings.extend(found);
    sort(&mut rewrite.before.findings);
    sort(&mut rewrite.remaining);
    Ok(Fixed::Definition(rewrite))
}

/// Takes a text through plugins without the rules' fixes before them.
pub(crate) fn alone<'t>(stages: &[Stage], text: &'t [u8], options: &Options<'_>) -> Result<Fixed<'t>, Problem> {
    let analysis = match transform::check(text, options)? {
        Checked::Definition(analysis) => analysis,
        Checked::Passed(passed) => return Ok(Fixed::Passed(passed)),
    };
    let rewrite = Rewrite {
        remaining: analysis.findings.clone(),
        before: analysis,
        patch: Patch::default(),
        edited: None,
        restarts: Restarts::default(),
    };
    let (mut rewrite, found) = run(stages, text, options, rewrite)?;
    rewrite.before.findings = found;
    rewrite.remaining.retain(|finding| finding.code.contains('/'));
    Ok(Fixed::Definition(rewrite))
}

/// The rewriting with what the plugins add to it, and what they found.
fn run<'t>(
    stages: &[Stage],
    text: &'t [u8],
    options: &Options<'_>,
    mut rewrite: Rewrite<'t>,
) -> Result<(Rewrite<'t>, Vec<Finding>), Problem> {
    let original = Document::parse(text).map_err(|error| Problem::new(error.to_string()))?;
    let (now, map) = match &rewrite.edited {
        Some(edited) => (Cow::Owned(edited.text()), Some(edited.map().clone())),
        None => (Cow::Borrowed(original.text()), None),
    };
    let mut course = Course {
        options,
        kind: rewrite.before.kind,
        now,
        map,
        patch: std::mem::take(&mut rewrite.patch),
        of_rules: rewrite.remaining.clone(),
        found: Vec::new(),
        remaining: Vec::new(),
    };
    let of_rules = course.patch.operations.len();
    for stage in stages {
        course.pass(stage)?;
    }
    if course.patch.operations.len() > of_rules {
        let edited = json::apply(&original, &course.patch).map_err(|error| Problem::from(&error))?;
        rewrite.restarts = restarts(&original, &edited.text(), course.kind, options)?;
        rewrite.edited = Some(edited);
    }
    rewrite.patch = course.patch;
    rewrite.remaining.extend(course.remaining);
    Ok((rewrite, course.found))
}

struct Course<'t, 'o> {
    options: &'o Options<'o>,
    kind: Kind,
    /// As the predecessors left it.
    now: Cow<'t, str>,
    /// From there to the text that was read; none while they are the same.
    map: Option<OffsetMap>,
    patch: Patch,
    /// What the rules have to say of it by now.
    of_rules: Vec<Finding>,
    found: Vec<Finding>,
    remaining: Vec<Finding>,
}

impl Course<'_, '_> {
    fn pass(&mut self, stage: &Stage) -> Result<(), Problem> {
        let now = std::mem::take(&mut self.now);
        let document = Document::parse(now.as_bytes()).map_err(|error| Problem::new(error.to_string()))?;
        let before = Before::of(&document, self.kind, &self.of_rules, self.options)?;
        let mut wanted = Patch::default();
        let mut changed = Vec::new();
        for (index, part) in before.parts().iter().enumerate() {
            let Some(asked) = Asked::of(&stage.name, part, self.options) else {
                continue;
            };
            let failed = |problem: Problem| self.failed(stage, Some(part), problem);
            let outcome = answer(
                stage.host().map_err(failed)?,
                stage,
                &now,
                part,
                &asked,
                self.wants_patches(),
            )
            .map_err(failed)?;
            let patch = self.taken(stage, &document, part, &asked, outcome)?;
            if !patch.is_empty() && !part.is_package_generated {
                changed.push(index);
                wanted.operations.extend(rebased(patch, &part.pointer).operations);
            }
        }
        if wanted.is_empty() {
            drop(document);
            self.now = now;
            return Ok(());
        }
        let edited = json::apply(&document, &wanted).map_err(|error| {
            let problem = Problem::new(format!("its patch cannot be laid into the text: {error}"));
            self.failed(
                stage,
                changed.first().and_then(|index| before.parts().get(*index)),
                problem,
            )
        })?;
        let text = edited.text();
        let held = before.hold(&text, self.options);
        self.of_rules = held.map_err(|Broken { part, why }| {
            let part = part.and_then(|index| before.parts().get(index));
            self.failed(stage, part, Problem::new(why))
        })?;
        self.settle(stage, &text, &changed)?;
        self.patch.operations.extend(wanted.operations);
        self.map = Some(match &self.map {
            Some(earlier) => edited.map().clone().after(earlier),
            None => edited.map().clone(),
        });
        self.now = Cow::Owned(text);
        Ok(())
    }

    /// Takes down what was found of one app or pod, and gives what is to be changed there.
    fn taken(
        &mut self,
        stage: &Stage,
        document: &Document<'_>,
        part: &Part,
        asked: &Asked<'_>,
        outcome: wit::Outcome,
    ) -> Result<Patch, Problem> {
        let failed = |why: String| self.failed(stage, Some(part), Problem::new(why));
        let patch = Patch::parse(outcome.patch.as_bytes())
            .map_err(|error| failed(format!("what it hands back as its patch is none: {error}")))?;
        if let Some(why) = trespass(&patch, &stage.allow) {
            return Err(failed(why));
        }
        let to_original = |span: std::ops::Range<usize>| match &self.map {
            Some(map) => map.span_to_original(span),
            None => span,
        };
        let teller = Teller {
            plugin: &stage.name,
            allow: &stage.allow,
            asked,
            part,
            document,
            to_original: &to_original,
            with_patches: self.wants_patches(),
        };
        let left = if patch.is_empty() || part.is_package_generated {
            outcome.findings.clone()
        } else {
            outcome.remaining
        };
        let found = teller.all(outcome.findings).map_err(failed)?;
        if found.is_empty() && !patch.is_empty() {
            // Nobody's file changes without a word why; and what is silenced is left alone.
            let why = "it changes something, and has no finding that says why (or none that is asked for)";
            return Err(failed(why.to_owned()));
        }
        let remaining = teller.all(left).map_err(failed)?;
        self.found.extend(found);
        self.remaining.extend(remaining);
        Ok(patch)
    }

    /// A second run must find nothing to do.
    fn settle(&self, stage: &Stage, text: &str, changed: &[usize]) -> Result<(), Problem> {
        let document = Document::parse(text.as_bytes()).map_err(|error| Problem::new(error.to_string()))?;
        let parts = transform::parts(&document, self.kind, self.options)?;
        for part in changed.iter().filter_map(|index| parts.get(*index)) {
            let Some(asked) = Asked::of(&stage.name, part, self.options) else {
                continue;
            };
            let failed = |problem: Problem| self.failed(stage, None, problem);
            let again = answer(stage.host().map_err(failed)?, stage, text, part, &asked, false).map_err(failed)?;
            let is_settled = Patch::parse(again.patch.as_bytes()).is_ok_and(|patch| patch.is_empty());
            if !is_settled {
                let id = part.id.as_deref().unwrap_or("?");
                let why = format!("it never comes to rest: on its own result for {id} it has more to do");
                return Err(failed(Problem::new(why)));
            }
        }
        Ok(())
    }

    /// Patches of single findings are for the text that was read; once that has changed they no longer fit.
    fn wants_patches(&self) -> bool {
        self.options.fix_patches && self.map.is_none()
    }

    /// A failure of a plugin, at the app or pod that it was given.
    fn failed(&self, stage: &Stage, part: Option<&Part>, problem: Problem) -> Problem {
        let which = match part.and_then(|part| part.id.as_deref()) {
            Some(id) => format!(" on {id}"),
            None => String::new(),
        };
        let span = part.map(|part| {
            let first = part.span.start..part.span.start + 1;
            match &self.map {
                Some(map) => map.span_to_original(first),
                None => first,
            }
        });
        Problem {
            message: format!("plugin {}{which}: {}", stage.name, problem.message),
            span,
            ..problem
        }
    }
}

/// What a plugin says of one app or pod.
fn answer(
    host: &Host,
    stage: &Stage,
    text: &str,
    part: &Part,
    asked: &Asked<'_>,
    with_patches: bool,
) -> Result<wit::Outcome, Problem> {
    let own = text.get(part.span.clone()).unwrap_or_default();
    host.transform(own, &stage.settings, &asked.to_wit(with_patches))?
        .map_err(|failure| {
            let (what, problem) = match failure {
                wit::Failure::InvalidDefinition(problem) => ("it cannot read the definition", problem),
                wit::Failure::InvalidPolicy(problem) => ("it cannot use its settings", problem),
                wit::Failure::InvalidOptions(problem) => ("it cannot do what it is asked", problem),
                wit::Failure::InvalidCurrent(problem) => ("it cannot read the stored definition", problem),
                wit::Failure::Internal(problem) => ("it failed", problem),
            };
            Problem {
                message: format!("{what}: {}", problem.message),
                help: problem.help,
                ..Problem::default()
            }
        })
}

/// How many apps and pods differ.
fn restarts(original: &Document<'_>, new: &str, kind: Kind, options: &Options<'_>) -> Result<Restarts, Problem> {
    let edited = Document::parse(new.as_bytes()).map_err(|error| Problem::new(error.to_string()))?;
    let (were, are) = (
        transform::parts(original, kind, options)?,
        transform::parts(&edited, kind, options)?,
    );
    let mut restarts = Restarts::default();
    for (was, is) in were.iter().zip(&are) {
        if original.text().get(was.span.clone()) != new.get(is.span.clone()) {
            match was.kind {
                Kind::Pod => restarts.pods += 1,
                _ => restarts.apps += 1,
            }
        }
    }
    Ok(restarts)
}

/// In the order of the text, as the core has them.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| (one.span.start, &one.code).cmp(&(other.span.start, &other.code)));
}
