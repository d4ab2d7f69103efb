//! `uris`, the older spelling of `fetch` (MC009, MC010).

use super::context::Context;
use super::draft::Drafts;
use crate::definition::{Change, Member, Model, OwnerKind, can_merge_uris};
use crate::finding::Applicability;

/// MC009. Marathon up to 1.4: "You cannot specify both uris and fetch fields"; from 1.5 on: "cannot specify both uris
/// and fetch fields" (AppNormalization). An update up to 1.4 is refused where both are there, however empty.
pub(super) fn with_fetch<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let presence_counts = context.owner.kind == OwnerKind::AppUpdate && context.older_than(1, 5);
    let refused = if presence_counts {
        matches!((&model.uris, &model.fetch), (Member::Present(_), Member::Present(_)))
    } else {
        !model.uris.entries().is_empty() && !model.fetch.entries().is_empty()
    };
    if !refused {
        return;
    }
    let draft = drafts.report(
        context.at_path(&["uris"]),
        "`uris` and `fetch` are both set, and Marathon takes only one",
    );
    draft.label("the older spelling");
    draft.related(context.at_path(&["fetch"]).span, "and the newer one");
    if can_merge_uris(model) {
        draft.mend(Applicability::Safe, "move `uris` into `fetch`", [Change::MergeUris]);
    } else {
        draft.help("an entry of `uris` is not a string; mend that first");
    }
}

/// MC010.
pub(super) fn deprecated<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if model.uris.entries().is_empty() || !model.fetch.entries().is_empty() {
        return;
    }
    let draft = drafts.report(context.at_path(&["uris"]), "`uris` is deprecated in favour of `fetch`");
    if can_merge_uris(model) {
        draft.mend(Applicability::OptIn, "turn `uris` into `fetch`", [Change::MergeUris]);
    }
}
