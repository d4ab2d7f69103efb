//! One app or pod: its rules, its fixpoint, its findings.

use std::cell::OnceCell;

use super::open::Current;
use super::select::severity;
use super::silence::Silenced;
use super::{Options, Rewrite, TransformError, twins};
use crate::definition::{Change, Definition, Model, Owner, OwnerKind, difference, read_model, shown_id};
use crate::finding::{Finding, Fix};
use crate::json::{Patch, Pointer, Value};
use crate::policy::{MarathonVersion, Policy};
use crate::rules::{self, Active, Context, Draft, Labels, SiteFacts};

/// Rounds after which the rules must have settled. Each mends what it sees at once; what one mend brings to light, the
/// next round mends.
const MOST_ROUNDS: usize = 8;

/// One app or pod with all that its rules may ask.
pub(super) struct Subject<'a, 'd> {
    definition: &'a Definition<'d>,
    owner: &'a Owner<'d>,
    pub(super) model: Model<'d>,
    policy: &'a Policy,
    path: Option<&'a str>,
    labels: Labels<'d>,
    pub(super) silenced: Silenced,
    stored: Option<Value<'d>>,
    is_not_stored: bool,
    pointer: OnceCell<Pointer>,
}

impl<'a, 'd> Subject<'a, 'd> {
    pub(super) fn new(
        definition: &'a Definition<'d>,
        owner: &'a Owner<'d>,
        current: Option<&Current<'d>>,
        options: &Options<'a>,
    ) -> Result<Option<Self>, TransformError> {
        let stored = match current {
            Some(current) => current.of(owner, definition)?,
            None => None,
        };
        let Some(mut model) = read_model(owner.kind, &owner.fields, stored) else {
            return Ok(None);
        };
        if options.policy.marathon() >= (MarathonVersion { major: 1, minor: 5 }) {
            model.pass_over_empty_uris();
        }
        let labels = Labels::of(&owner.fields, stored);
        let silenced = Silenced::by_label(labels.silencing);
        let (policy, path) = (options.policy, options.path);
        Ok(Some(Subject {
            definition,
            owner,
            model,
            policy,
            path,
            labels,
            silenced,
            stored,
            is_not_stored: current.is_some() && stored.is_none(),
            pointer: OnceCell::new(),
        }))
    }

    /// Its surroundings, for whoever asks about its sites.
    pub(super) fn context<'s>(&'s self, facts: &'s [SiteFacts<'s, 's>]) -> Context<'s, 'd> {
        Context {
            policy: self.policy,
            owner: self.owner,
            definition: self.definition,
            stored: self.stored,
            is_not_stored: self.is_not_stored,
            stored_id: OnceCell::new(),
            suspicious: OnceCell::new(),
            labels: self.labels,
            sites: facts,
            version: self.policy.marathon(),
        }
    }

    /// What is known about the images of its sites.
    pub(super) fn facts(&self) -> Vec<SiteFacts<'_, '_>> {
        self.facts_of(&self.model)
    }

    fn facts_of<'m>(&'m self, model: &'m Model<'d>) -> Vec<SiteFacts<'m, 'm>> {
        let sites = model.sites.iter();
        sites.map(|site| SiteFacts::of(site, self.policy)).collect()
    }

    /// What the rules report of it as it is, without what is silenced.
    pub(super) fn drafts(&self, active: Active) -> Vec<Draft> {
        self.run(&self.context(&self.facts()), &self.model, active)
    }

    /// What the rules report of this state of it, without what is silenced.
    fn run(&self, context: &Context<'_, 'd>, model: &Model<'d>, active: Active) -> Vec<Draft> {
        let mut drafts = rules::run(context, model, active);
        drafts.retain(|draft| !self.is_silent(draft));
        if context.is_package_generated() {
            // The next update of the package would undo it, and it reaches only the scheduler (MC033).
            for draft in &mut drafts {
                draft.mend = None;
            }
        }
        let above = self.owner.twice_above(self.definition);
        let in_id = self.owner.twice_in_id(self.definition);
        if above.is_some() || in_id.is_some() || self.model.may_have_twins {
            twins::take_back(&mut drafts, self.owner.value, (above, in_id), &self.model, model);
        }
        rules::relocate::instead(&mut drafts);
        if drafts.iter().any(|draft| draft.foretold_for.is_some()) {
            let fixed: Vec<_> = drafts
                .iter()
                .filter(|draft| draft.mend.is_some())
                .map(|draft| draft.rule.code)
                .collect();
            drafts.retain(|draft| draft.foretold_for.is_none_or(|code| fixed.contains(&code)));
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

    fn pointer(&self) -> &Pointer {
        self.pointer.get_or_init(|| self.owner.pointer(self.definition))
    }

    /// The id to show: the full one, or as it is written.
    pub(super) fn shown_id(&self) -> Option<String> {
        shown_id(self.owner, self.definition, self.stored)
    }

    /// Drafts as findings. Each patch of its own costs a look at the whole app or pod, so one with very many findings
    /// gets patches for the first of them only.
    pub(super) fn findings(
        &self,
        drafts: Vec<Draft>,
        options: &Options<'_>,
        wants_patch: impl Fn(&Draft) -> bool,
    ) -> impl Iterator<Item = Finding> {
        let with_patches = self.model.affordable_looks();
        drafts.into_iter().enumerate().map(move |(index, draft)| {
            let fix_patches = options.fix_patches && index < with_patches && wants_patch(&draft);
            self.finding(
                draft,
                &Options {
                    fix_patches,
                    ..*options
                },
            )
        })
    }

    fn finding(&self, draft: Draft, options: &Options<'_>) -> Finding {
        finish(draft, self.pointer(), self.shown_id(), Some(&self.model), options)
    }

    /// Mends until nothing is left to mend, and adds what that takes to the patch.
    pub(super) fn settle(
        &self,
        active: Active,
        options: &Options<'_>,
        rewrite: &mut Rewrite,
    ) -> Result<(), TransformError> {
        let facts = self.facts();
        let context = self.context(&facts);
        let before = self.run(&context, &self.model, active);
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
            let drafts = if next.has_the_images_of(&self.model) {
                self.run(&context, &next, active)
            } else {
                self.run(&self.context(&self.facts_of(&next)), &next, active)
            };
            wanted = Some((next, drafts));
        }
        let Some((wanted, remaining)) = wanted else {
            let from = rewrite.before.findings.len();
            rewrite.before.findings.extend(self.findings(before, options, |_| true));
            rewrite.remaining.extend_from_slice(&rewrite.before.findings[from..]);
            return Ok(());
        };
        let stays = |draft: &Draft| !options.selection.applies(draft);
        rewrite.before.findings.extend(self.findings(before, options, stays));
        rewrite.remaining.extend(self.findings(remaining, options, |_| true));
        let operations = rewrite.patch.operations.len();
        difference(self.pointer(), &self.model, &wanted, &mut rewrite.patch);
        if rewrite.patch.operations.len() > operations {
            match self.owner.kind {
                OwnerKind::Pod => rewrite.restarts.pods += 1,
                OwnerKind::App | OwnerKind::AppUpdate => rewrite.restarts.apps += 1,
            }
        }
        Ok(())
    }
}

/// The changes that count, those first that decide where others go. Images that move do so alone: what the others want
/// is for the place where an image was, and the next round asks for what it needs where it is.
fn in_order<'m>(drafts: &'m [Draft], options: &Options<'_>) -> Vec<&'m [Change]> {
    let counting = drafts.iter().filter(|draft| options.selection.applies(draft));
    let mut changes: Vec<&[Change]> = counting
        .filter_map(|draft| Some(draft.mend.as_ref()?.changes.as_slice()))
        .collect();
    let moves = |changes: &&[Change]| changes.iter().any(|change| matches!(change, Change::SetImage { .. }));
    if changes.iter().any(moves) {
        changes.retain(moves);
    }
    changes.sort_by_key(|changes| !changes.contains(&Change::MergeUris));
    changes
}

/// A draft as a finding, with its place from the root of the text and its fix as a patch.
pub(super) fn finish(
    draft: Draft,
    base: &Pointer,
    id: Option<String>,
    model: Option<&Model<'_>>,
    options: &Options<'_>,
) -> Finding {
    let severity = severity(draft.rule, draft.severity, options.policy);
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
        pointer: base.below(&draft.at.tokens),
        id,
        fix,
    }
}
