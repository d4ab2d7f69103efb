//! Fixes that cannot be written, because a key stands twice on the way, or that would be others, were the other of the
//! two read: they are taken back, and their findings say why.

use crate::definition::{Change, Model, Place, Site, Twice, Twins, difference};
use crate::image::excerpt;
use crate::json::{Patch, Pointer, Value};
use crate::rules::Draft;

/// Takes back the fixes of an app or pod that would have to go past a key that stands twice, one above it, which
/// concerns all of them, or one in it; and those that rest on such a key, be it the id of
/// a group. `before` is the app or pod as it is written, `now` what the fixes are for.
pub(super) fn take_back(
    drafts: &mut [Draft],
    owner: Value<'_>,
    (above, in_id): (Option<&Twice>, Option<&Twice>),
    before: &Model<'_>,
    now: &Model<'_>,
) {
    let mut fixable: Vec<&mut Draft> = drafts.iter_mut().filter(|draft| draft.mend.is_some()).collect();
    if let Some(twice) = above {
        fixable.iter_mut().for_each(|draft| refuse(draft, twice));
        return;
    }
    if fixable.is_empty() {
        return;
    }
    let twins = Twins::of(owner);
    // Each look costs as much as the app or pod is large, so the fixes of a very large one are looked at in company.
    let company = fixable.len().div_ceil(before.affordable_looks());
    for together in fixable.chunks_mut(company) {
        let mut wanted = now.clone();
        for mend in together.iter().filter_map(|draft| draft.mend.as_ref()) {
            wanted.change(&mend.changes);
        }
        let mut patch = Patch::default();
        difference(&Pointer::root(), before, &wanted, &mut patch);
        let changes = together.iter().filter_map(|draft| draft.mend.as_ref());
        let mut changes = changes.flat_map(|mend| &mend.changes);
        let twice = twins.on_the_way(&patch);
        let behind = |change| behind(change, (&twins, in_id), before, &wanted);
        if let Some(twice) = twice.or_else(|| changes.find_map(behind)) {
            together.iter_mut().for_each(|draft| refuse(draft, twice));
        }
    }
}

/// A key that stands twice and decides whether a change is wanted, or what it writes.
fn behind<'t>(
    change: &Change,
    (twins, in_id): (&'t Twins, Option<&'t Twice>),
    before: &Model<'_>,
    wanted: &Model<'_>,
) -> Option<&'t Twice> {
    let root = Pointer::root();
    let of_sites = || before.sites.iter().find_map(|site| behind_pull(site, twins));
    let of_site = |index: usize| behind_pull(before.sites.get(index)?, twins);
    let of_secret = |index: usize| {
        let keys = [before, wanted].map(|model| model.sites.get(index)?.pull_config.value());
        let mut secrets = keys.into_iter().flatten().map(|key| root.below(["secrets", &**key]));
        secrets.find_map(|secret| twins.at_or_below(&secret))
    };
    // What the policy says of a secret is mostly said for the place of a group.
    let of_id = || twins.above(&root.child("id")).or(in_id);
    match change {
        Change::AddArchive(_) => of_sites().or_else(|| behind_lists(twins)),
        Change::RemoveEntry(_) => of_sites(),
        Change::SetImage { site, .. } => of_site(*site).or_else(|| of_secret(*site)),
        Change::UseSecret { site, .. } | Change::Supply { site, .. } => {
            of_site(*site).or_else(|| of_secret(*site)).or_else(of_id)
        }
        Change::Rename { site, wrong } if names_a_secret(before.sites.get(*site)?, wrong) => of_secret(*site),
        Change::MovePullConfig { site, .. } => of_secret(*site),
        Change::DeclareSecret { .. } => of_sites().or_else(of_id),
        _ => None,
    }
}

/// Whether a misspelt key is meant for `pullConfig`.
fn names_a_secret(site: &Site<'_>, wrong: &str) -> bool {
    let mut misspelt = site.misspelt.iter();
    misspelt.any(|misspelt| misspelt.wrong == wrong && misspelt.right == "pullConfig")
}

/// What decides which image is pulled, and by whom, and with which secret.
fn behind_pull<'t>(site: &Site<'_>, twins: &'t Twins) -> Option<&'t Twice> {
    let block = Pointer::root().below(&site.place.tokens());
    let who = match site.place {
        Place::App => Pointer::root().below(["container", "type"]),
        Place::PodContainer(_) => block.child("kind"),
    };
    let image = twins.above(&block.child(site.place.image_key()));
    image
        .or_else(|| twins.above(&who))
        .or_else(|| twins.at_or_below(&block.child("pullConfig")))
}

/// What decides whether an archive is fetched already.
fn behind_lists(twins: &Twins) -> Option<&Twice> {
    ["fetch", "uris"].into_iter().find_map(|key| {
        let list = Pointer::root().child(key);
        let names_a_file = |twice: &&Twice| twice.key == "uri" || twice.key == "destPath";
        twins.above(&list).or_else(|| twins.below(&list).find(names_a_file))
    })
}

fn refuse(draft: &mut Draft, twice: &Twice) {
    draft.mend = None;
    let key = excerpt(&twice.key);
    draft
        .related(twice.first.clone(), format!("`{key}` stands here"))
        .related(twice.last.clone(), "and here once more")
        .help(format!(
            "not fixed, since `{key}` stands twice, and which of the two is read differs from reader to reader: remove one \
             of them"
        ));
}
