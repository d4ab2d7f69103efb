//! Runs the rules over a text, brings each app and pod to a fixpoint, and lays one patch for all of them into the text.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::select::severity;
use super::{Analysis, Checked, Fixed, Options, Passed, Restarts, Rewrite, TransformError};
use crate::definition::id::resolve;
use crate::definition::{
    Change, Definition, Guess, Kind, Model, Owner, OwnerKind, at, detect, difference, guess, is_package_options,
    metronome_images, read_model,
};
use crate::finding::{Finding, Fix};
use crate::image::{self, Exposure, Reference};
use crate::json::{self, Document, Patch, Pointer, Value};
use crate::policy::{Credentials, Policy};
use crate::rules::{self, Active, Context, Draft, SiteFacts};

/// Rounds after which the rules must have settled. Each mends what it sees at once; what one mend brings to light, the
/// next round mends.
const MOST_ROUNDS: usize = 8;

/// The label by which a definition silences rules.
const IGNORE_LABEL: &str = "pullcreds-ignore";

/// A text that was read, or not for us.
pub(super) enum Opened<'t> {
    Passed(Passed),
    Definition(Document<'t>, Kind),
}

pub(super) fn check(text: &[u8], options: &Options<'_>) -> Result<Checked, TransformError> {
    let (document, kind) = match open(text, options)? {
        Opened::Passed(passed) => return Ok(Checked::Passed(passed)),
        Opened::Definition(document, kind) => (document, kind),
    };
    let current = open_current(options)?;
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
        for draft in subject.run(&subject.model, active) {
            analysis.findings.push(subject.finding(draft, options));
        }
    }
    sort(&mut analysis.findings);
    Ok(Checked::Definition(analysis))
}

pub(super) fn fix(text: &[u8], options: &Options<'_>) -> Result<Fixed, TransformError> {
    let (document, kind) = match open(text, options)? {
        Opened::Passed(passed) => return Ok(Fixed::Passed(passed)),
        Opened::Definition(document, kind) => (document, kind),
    };
    let current = open_current(options)?;
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
    // A large group has many owners, and the edit wants the room.
    drop(definition);
    if !rewrite.patch.is_empty() {
        let edited = json::apply(&document, &rewrite.patch)?;
        rewrite.edited = Some((edited.text, edited.map));
    }
    Ok(Fixed::Definition(rewrite))
}

pub(super) fn open<'t>(text: &'t [u8], options: &Options<'_>) -> Result<Opened<'t>, TransformError> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) if options.kind.is_some() => return Err(error.into()),
        Err(error) => {
            return match guess(text) {
                Guess::Template => Ok(Opened::Passed(Passed::Template)),
                Guess::Marathon => Err(error.into()),
                Guess::Other => Ok(Opened::Passed(Passed::NotMarathon)),
            };
        }
    };
    match options.kind.or_else(|| detect(document.root())) {
        Some(kind) => Ok(Opened::Definition(document, kind)),
        None => Ok(Opened::Passed(neighbour(document.root(), options.policy))),
    }
}

/// What a text that is no definition is, as far as its images matter.
fn neighbour(root: Value<'_>, policy: &Policy) -> Passed {
    let is_private = |image: &Value<'_>| {
        let Some(text) = image.as_str() else { return false };
        let reference = Reference::parse(&text);
        match policy.registry_for(&text, reference.as_ref().ok()) {
            Some((_, registry)) => registry.credentials() == Credentials::Reference,
            None => reference.is_ok_and(|reference| image::exposure(&reference) == Exposure::Unknown),
        }
    };
    if metronome_images(root).iter().any(is_private) {
        return Passed::MetronomeJob;
    }
    if is_package_options(root) {
        return Passed::PackageOptions;
    }
    Passed::NotMarathon
}

fn open_current<'a>(options: &Options<'a>) -> Result<Option<Document<'a>>, TransformError> {
    let Some(current) = options.current else {
        return Ok(None);
    };
    match Document::parse(current.as_bytes()) {
        Ok(document) => Ok(Some(document)),
        Err(error) => Err(TransformError::Current {
            message: error.to_string(),
            offset: error.offset,
        }),
    }
}

/// The stored app that an update is laid over: the one of its id among several, or the only one.
///
/// An update that has no id takes the only one there is. One that is said to be of another app is a mistake; one that is
/// not among several is for an app that is not stored.
fn stored<'d>(
    owner: &Owner<'d>,
    definition: &Definition<'d>,
    current: Option<&'d Document<'_>>,
) -> Result<Option<Value<'d>>, TransformError> {
    if owner.kind != OwnerKind::AppUpdate {
        return Ok(None);
    }
    let Some(current) = current else { return Ok(None) };
    let root = current.root();
    let id = owner.id(definition).and_then(|id| id.as_ref().ok());
    let id_of = |app: Value<'_>| resolve(&app.get("id")?.as_str()?, None).ok();
    let list = if root.is_array() {
        Some(root)
    } else {
        root.get("apps").or_else(|| root.get("*"))
    };
    if let Some(list) = list.filter(Value::is_array) {
        return Ok(id.and_then(|id| list.elements().find(|app| id_of(*app).as_ref() == Some(id))));
    }
    let app = root.get("app").filter(Value::is_object).unwrap_or(root);
    match (id, id_of(app)) {
        (Some(id), Some(stored)) if *id != stored => Err(TransformError::Current {
            message: format!("it is {stored}, and the update is for {id}"),
            offset: app.span().start,
        }),
        _ => Ok(Some(app)),
    }
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

/// One app or pod with all that its rules may ask.
struct Subject<'a, 'd> {
    definition: &'a Definition<'d>,
    owner: &'a Owner<'d>,
    model: Model<'d>,
    policy: &'a Policy,
    path: Option<&'a str>,
    silenced: Silenced,
    stored: Option<Value<'d>>,
}

impl<'a, 'd> Subject<'a, 'd> {
    fn new(
        definition: &'a Definition<'d>,
        owner: &'a Owner<'d>,
        current: Option<&'d Document<'_>>,
        options: &Options<'a>,
    ) -> Result<Option<Self>, TransformError> {
        let stored = stored(owner, definition, current)?;
        let Some(model) = read_model(owner.kind, &owner.fields, stored) else {
            return Ok(None);
        };
        let silenced = Silenced::by_label(owner.fields.labels);
        let (policy, path) = (options.policy, options.path);
        Ok(Some(Subject {
            definition,
            owner,
            model,
            policy,
            path,
            silenced,
            stored,
        }))
    }

    /// What the rules report of this state of it, without what is silenced.
    fn run(&self, model: &Model<'d>, active: Active) -> Vec<Draft> {
        let facts: Vec<_> = model
            .sites
            .iter()
            .map(|site| SiteFacts::of(site, self.policy))
            .collect();
        let context = Context {
            policy: self.policy,
            owner: self.owner,
            definition: self.definition,
            stored: self.stored,
            stored_id: OnceCell::new(),
            sites: &facts,
            version: self.policy.marathon(),
        };
        let mut drafts = rules::run(&context, model, active);
        drafts.retain(|draft| !self.is_silent(draft));
        if context.is_package_generated() {
            // The next update of the package would undo it, and it reaches only the scheduler (MC033).
            for draft in &mut drafts {
                draft.mend = None;
            }
        }
        drafts
    }

    fn is_silent(&self, draft: &Draft) -> bool {
        if self.silenced.covers(draft) {
            return true;
        }
        if self.policy.ignores().is_empty() {
            return false;
        }
        let id = self.shown_id();
        self.policy
            .silences(draft.rule.code, draft.rule.name, id.as_deref(), self.path)
    }

    /// The id to show: the full one, or as it is written.
    fn shown_id(&self) -> Option<String> {
        match self.owner.id(self.definition) {
            Some(Ok(id)) => Some(id.to_string()),
            _ => {
                let written = self.owner.fields.id.or_else(|| self.stored?.get("id"))?;
                written.as_str().map(Cow::into_owned)
            }
        }
    }

    fn finding(&self, draft: Draft, options: &Options<'_>) -> Finding {
        finish(draft, &self.owner.pointer, self.shown_id(), Some(&self.model), options)
    }

    /// Mends until nothing is left to mend, and adds what that takes to the patch.
    fn settle(&self, active: Active, options: &Options<'_>, rewrite: &mut Rewrite) -> Result<(), TransformError> {
        let before = self.run(&self.model, active);
        let mut wanted: Option<(Model<'d>, Vec<Draft>)> = None;
        for round in 0.. {
            let (now, drafts) = wanted
                .as_ref()
                .map_or((&self.model, &before), |(model, drafts)| (model, drafts));
            let changes = in_order(drafts, options);
            if changes.is_empty() {
                break;
            }
            let mut next = now.clone();
            changes.into_iter().for_each(|changes| next.change(changes));
            if next == *now {
                break;
            }
            if round == MOST_ROUNDS {
                let id = self.shown_id().unwrap_or_default();
                return Err(TransformError::Internal(format!("the rules did not settle on {id}")));
            }
            let drafts = self.run(&next, active);
            wanted = Some((next, drafts));
        }
        let Some((wanted, remaining)) = wanted else {
            let from = rewrite.before.findings.len();
            rewrite
                .before
                .findings
                .extend(before.into_iter().map(|draft| self.finding(draft, options)));
            rewrite.remaining.extend_from_slice(&rewrite.before.findings[from..]);
            return Ok(());
        };
        let found = before.into_iter().map(|draft| {
            let applied = options.selection.applies(&draft);
            self.finding(
                draft,
                &Options {
                    fix_patches: options.fix_patches && !applied,
                    ..*options
                },
            )
        });
        rewrite.before.findings.extend(found);
        rewrite
            .remaining
            .extend(remaining.into_iter().map(|draft| self.finding(draft, options)));
        let operations = rewrite.patch.operations.len();
        difference(&self.owner.pointer, &self.model, &wanted, &mut rewrite.patch);
        if rewrite.patch.operations.len() > operations {
            match self.owner.kind {
                OwnerKind::Pod => rewrite.restarts.pods += 1,
                OwnerKind::App | OwnerKind::AppUpdate => rewrite.restarts.apps += 1,
            }
        }
        Ok(())
    }
}

/// The changes that count, those first that decide where others go.
fn in_order<'m>(drafts: &'m [Draft], options: &Options<'_>) -> Vec<&'m [Change]> {
    let counting = drafts.iter().filter(|draft| options.selection.applies(draft));
    let mut changes: Vec<&[Change]> = counting
        .filter_map(|draft| Some(draft.mend.as_ref()?.changes.as_slice()))
        .collect();
    changes.sort_by_key(|changes| !changes.contains(&Change::MergeUris));
    changes
}

/// A draft as a finding, with its place from the root of the text and its fix as a patch.
fn finish(
    draft: Draft,
    base: &Pointer,
    id: Option<String>,
    model: Option<&Model<'_>>,
    options: &Options<'_>,
) -> Finding {
    let severity = severity(&draft, options.policy);
    let fix = draft.mend.map(|mend| {
        let mut patch = Patch::default();
        if let (true, Some(model)) = (options.fix_patches, model) {
            let mut wanted = model.clone();
            wanted.change(&mend.changes);
            difference(base, model, &wanted, &mut patch);
        }
        Fix {
            title: mend.title,
            applicability: mend.applicability,
            patch,
        }
    });
    Finding {
        code: draft.rule.code.into(),
        name: draft.rule.name.into(),
        severity,
        message: draft.message,
        span: draft.at.span,
        label: draft.label,
        related: draft.related,
        help: draft.help,
        pointer: at(base, &draft.at.tokens),
        id,
        fix,
    }
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by(|one, other| (one.span.start, &one.code).cmp(&(other.span.start, &other.code)));
}

/// The rules that the definition's own label silences: codes or names, parted by commas or spaces, or `all`.
struct Silenced(Vec<String>);

impl Silenced {
    fn by_label(labels: Option<Value<'_>>) -> Silenced {
        let label = labels.and_then(|labels| labels.get(IGNORE_LABEL)?.as_str());
        let words = label
            .as_deref()
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|word| !word.is_empty());
        Silenced(words.map(str::to_owned).collect())
    }

    fn covers(&self, draft: &Draft) -> bool {
        let named = |word: &str| {
            word.eq_ignore_ascii_case("all")
                || word.eq_ignore_ascii_case(draft.rule.code)
                || word.eq_ignore_ascii_case(draft.rule.name)
        };
        self.0.iter().any(|word| named(word))
    }
}
