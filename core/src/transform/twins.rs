//! Fixes that cannot be written, because a key stands twice on the way: they are taken back, and their findings say why.

use crate::definition::{Model, Twice, Twins, difference};
use crate::image::excerpt;
use crate::json::{Patch, Pointer, Value};
use crate::rules::Draft;

/// How many sites and entries are looked at to tell the fixes of one app or pod apart, all in all.
const MOST_LOOKED_AT: usize = 100_000;

/// Takes back the fixes of an app or pod that would have to go past a key that stands twice: one above it, which
/// concerns all of them, or one in it. `before` is the app or pod as it is written, `now` what the fixes are for.
pub(super) fn take_back(
    drafts: &mut [Draft],
    owner: Value<'_>,
    above: Option<&Twice>,
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
    let looks = MOST_LOOKED_AT / before.size() + 1;
    let company = fixable.len().div_ceil(looks);
    for together in fixable.chunks_mut(company) {
        let mut wanted = now.clone();
        for mend in together.iter().filter_map(|draft| draft.mend.as_ref()) {
            wanted.change(&mend.changes);
        }
        let mut patch = Patch::default();
        difference(&Pointer::root(), before, &wanted, &mut patch);
        if let Some(twice) = twins.on_the_way(&patch) {
            together.iter_mut().for_each(|draft| refuse(draft, twice));
        }
    }
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
