//! Runs the rules over a text, brings each app and pod to a fixpoint, and lays one patch for all of them into the text.

use super::select::severity;
use super::{Analysis, Checked, Fixed, Options, Passed, Restarts, Rewrite, TransformError};
use crate::definition::id::{IdError, ServiceId, resolve};
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
        let Some(subject) = Subject::new(&definition, owner, current.as_ref(), options) else {
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
        fixed: 0,
    };
    whole(&definition, options, active, &mut rewrite.before.findings);
    rewrite.remaining.clone_from(&rewrite.before.findings);
    for owner in &definition.owners {
        let Some(subject) = Subject::new(&definition, owner, current.as_ref(), options) else {
            continue;
        };
        rewrite.before.sites += subject.model.sites.len();
        subject.settle(active, options, &mut rewrite)?;
    }
    sort(&mut rewrite.before.findings);
    sort(&mut rewrite.remaining);
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

pub(super) fn open_current<'a>(options: &Options<'a>) -> Result<Option<Document<'a>>, TransformError> {
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
fn stored<'d>(owner: &Owner<'d>, definition: &Definition<'d>, current: Option<&'d Document<'_>>) -> Option<Value<'d>> {
    if owner.kind != OwnerKind::AppUpdate {
        return None;
    }
    let root = current?.root();
    let several = if root.is_array() {
        Some(root)
    } else {
        root.get("apps").or_else(|| root.get("*"))
    };
    let Some(several) = several.filter(Value::is_array) else {
        return Some(root.get("app").filter(Value::is_object).unwrap_or(root));
    };
    let id = owner.id(definition)?.as_ref().ok()?.to_string();
    several.elements().find(|app| {
        let stored = app.get("id").and_then(|stored| stored.as_str());
        stored.is_some_and(|stored| stored == id || Some(stored.as_ref()) == id.strip_prefix('/'))
    })
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
pub(super) struct Subject<'a, 'd> {
    owner: &'a Owner<'d>,
    pub(super) model: Model<'d>,
    policy: &'a Policy,
    path: Option<&'a str>,
    silenced: Silenced,
    id: Option<Result<ServiceId, IdError>>,
}

impl<'a, 'd> Subject<'a, 'd> {
    pub(super) fn new(
        definition: &'a Definition<'d>,
        owner: &'a Owner<'d>,
        current: Option<&'d Document<'_>>,
        options: &Options<'a>,
    ) -> Option<Self> {
        let stored = stored(owner, definition, current);
        let model = read_model(owner.kind, owner.value, stored)?;
        let silenced = Silenced::by_label(owner.value);
        let (policy, path) = (options.policy, options.path);
        let stored_id = || Some(resolve(&stored?.get("id")?.as_str()?, None));
        let id = owner.id(definition).cloned().or_else(stored_id);
        Some(Subject {
            owner,
            model,
            policy,
            path,
            silenced,
            id,
        })
    }

    /// Its surroundings, for whoever asks about its sites.
    pub(super) fn context<'s>(&'s self, facts: &'s [SiteFacts<'s, 's>]) -> Context<'s, 'd> {
        Context {
            policy: self.policy,
            owner: self.owner,
            id: self.id.clone(),
            sites: facts,
            version: self.policy.marathon(),
        }
    }

    /// What the rules report of this state of it, without what is silenced.
    fn run(&self, model: &Model<'d>, active: Active) -> Vec<Draft> {
        let facts: Vec<_> = model
            .sites
            .iter()
            .map(|site| SiteFacts::of(site, self.policy))
            .collect();
        let context = self.context(&facts);
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

    pub(super) fn shown_id(&self) -> Option<String> {
        match &self.id {
            Some(Ok(id)) => Some(id.to_string()),
            _ => self
                .owner
                .value
                .get("id")
                .and_then(|id| id.as_str())
                .map(std::borrow::Cow::into_owned),
        }
    }

    fn finding(&self, draft: Draft, options: &Options<'_>) -> Finding {
        finish(draft, &self.owner.pointer, self.shown_id(), Some(&self.model), options)
    }

    /// Mends until nothing is left to mend, and adds what that takes to the patch.
    fn settle(&self, active: Active, options: &Options<'_>, rewrite: &mut Rewrite) -> Result<(), TransformError> {
        let mut drafts = self.run(&self.model, active);
        let mut wanted: Option<Model<'d>> = None;
        let mut rounds = 0;
        let before: Vec<Draft> = drafts.clone();
        loop {
            let now = wanted.as_ref().unwrap_or(&self.model);
            let mut next = None;
            for changes in in_order(&drafts, options) {
                let model: &mut Model<'d> = next.get_or_insert_with(|| now.clone());
                model.change(changes);
            }
            let Some(next) = next.filter(|next| next != now) else {
                break;
            };
            rounds += 1;
            if rounds > MOST_ROUNDS {
                let id = self.shown_id().unwrap_or_default();
                return Err(TransformError::Internal(format!("the rules did not settle on {id}")));
            }
            drafts = self.run(&next, active);
            wanted = Some(next);
        }
        let Some(wanted) = wanted else {
            let findings = before.into_iter().map(|draft| self.finding(draft, options));
            let from = rewrite.before.findings.len();
            rewrite.before.findings.extend(findings);
            rewrite.remaining.extend_from_slice(&rewrite.before.findings[from..]);
            return Ok(());
        };
        rewrite.fixed += before.iter().filter(|draft| options.selection.applies(draft)).count();
        rewrite
            .before
            .findings
            .extend(before.into_iter().map(|draft| self.finding(draft, options)));
        rewrite
            .remaining
            .extend(drafts.into_iter().map(|draft| self.finding(draft, options)));
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
    fn by_label(owner: Value<'_>) -> Silenced {
        let label = owner
            .get("labels")
            .and_then(|labels| labels.get(IGNORE_LABEL)?.as_str());
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
