//! Images that the policy serves from another place (MC035).

use super::context::{Context, SiteFacts};
use super::draft::{Draft, Drafts};
use crate::definition::{Change, Containerizer, EntryId, Member, Model, Site, same_source};
use crate::finding::Applicability;
use crate::image::{Reference, looks_like_bare_host};
use crate::policy::{Credentials, Registry};

/// MC035. The reference is rewritten; what the image needs at its new place is then for the other rules to say.
pub(super) fn relocated<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if context.policy.relocations().is_empty() {
        return;
    }
    for (index, site, facts, containerizer) in context.sites(model) {
        // What is wrong with these is MC028's to say, and an appc image is on no registry.
        if (facts.reference.is_err() && !facts.templated)
            || looks_like_bare_host(&site.reference)
            || super::image::is_appc(site)
        {
            continue;
        }
        let Some(relocated) = context.policy.relocated(&site.reference, facts.reference.as_ref().ok()) else {
            continue;
        };
        let (from, to) = (relocated.relocation.from(), relocated.relocation.to());
        let draft = drafts.report(
            context.at_image(site),
            format!("the policy serves images of `{from}` from `{to}`"),
        );
        let image = match relocated.image {
            Ok(image) => image,
            Err(error) => {
                draft.label("no image there");
                draft.help(format!("what is carried over makes no reference there: {error}"));
                continue;
            }
        };
        draft.label(format!("there it is {image}"));
        if containerizer == Containerizer::Unknown {
            draft.help("which credentials it needs there is known only with its `container.type`");
            continue;
        }
        if model.is_blind_update() {
            // What the image needs there may be stored, or not, and nothing is added blindly (MC026).
            draft.help(
                "give the stored definition with --current FILE, and the image and its credentials move together",
            );
            continue;
        }
        let registry = new_registry(context, &image);
        let mut changes = vec![Change::SetImage {
            site: index,
            image: image.clone(),
        }];
        if let Some(new) = registry {
            match containerizer {
                Containerizer::Docker => archives(context, model, facts, new, &mut changes, draft),
                _ => secret(context, model, (index, site, facts), new, &mut changes, draft),
            }
        }
        let title = if changes.len() == 1 {
            format!("write {image}")
        } else {
            format!("write {image}, and let the credentials of the old place go")
        };
        draft.mend(Applicability::Safe, title, changes);
    }
}

/// The entry of the policy for the new place.
fn new_registry<'p>(context: &Context<'p, '_>, image: &str) -> Option<&'p Registry> {
    let parsed = Reference::parse(image).ok();
    context
        .policy
        .registry_for(image, parsed.as_ref())
        .map(|(_, registry)| registry)
}

/// The archive of the old place makes way for that of the new one: of two, the last one extracted wins, and in the place
/// of the agents' own credentials any is one too many.
fn archives(
    context: &Context<'_, '_>,
    model: &Model<'_>,
    facts: &SiteFacts<'_, '_>,
    new: &Registry,
    changes: &mut Vec<Change>,
    draft: &mut Draft,
) {
    let old = facts.private().and_then(Registry::archive);
    let is_old = |uri: &str| Some(uri) == old && Some(uri) != new.archive();
    let stale: Vec<EntryId> = model
        .fetched()
        .filter(|entry| is_old(entry.uri()))
        .map(|entry| entry.id)
        .collect();
    let remains = model
        .fetched()
        .any(|entry| !is_old(entry.uri()) && Some(entry.uri()) != new.archive() && context.supplies(entry));
    match (new.credentials(), new.archive()) {
        (Credentials::Reference, Some(archive)) if !stale.is_empty() => {
            changes.push(Change::AddArchive(archive.to_owned()));
            changes.extend(stale.into_iter().map(Change::RemoveEntry));
        }
        (Credentials::Cluster, _) => changes.extend(stale.into_iter().map(Change::RemoveEntry)),
        (Credentials::Reference, _) if remains || !stale.is_empty() => {
            draft.help("what is fetched already stays: it must hold the credentials of the new place");
        }
        _ => {}
    }
}

/// The secret of the old place makes way for that of the new one. Its entry in `secrets` stays, as something else may
/// speak of it.
fn secret<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (index, site, facts): (usize, &Site<'d>, &SiteFacts<'_, '_>),
    new: &Registry,
    changes: &mut Vec<Change>,
    draft: &mut Draft,
) {
    let Member::Present(key) = &site.pull_config else {
        return;
    };
    if new.credentials() != Credentials::Reference {
        return;
    }
    let declared = model.declared().iter().find(|secret| secret.key == *key);
    let declared = declared.and_then(|secret| secret.source.as_deref());
    let is_of = |registry: &Registry| {
        let source = super::pull_config::source(context, registry).ok().flatten();
        declared.is_some_and(|declared| source.is_some_and(|source| same_source(declared, &source)))
    };
    if is_of(new) {
        return;
    }
    if facts.private().is_some_and(is_of) {
        super::pull_config::supply(context, model, index, new, draft);
        if let Some(mend) = draft.mend.take() {
            changes.push(Change::RemovePullConfig(index));
            changes.extend(mend.changes);
            return;
        }
    }
    draft.help("its pullConfig stays: the secret must hold the credentials of the new place");
}
