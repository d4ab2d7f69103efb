//! Images that the policy serves from another place (MC035).

use super::context::{Context, SiteFacts};
use super::draft::{Draft, Drafts};
use super::{offer, pull_config};
use crate::definition::{Change, Containerizer, EntryId, Member, Model, Site, same_source};
use crate::finding::Applicability;
use crate::image::{is_templated, looks_like_bare_host};
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
            let how = context.give_current();
            draft.help(format!("{how}, and the image and its credentials move together"));
            continue;
        }
        let mut changes = vec![Change::SetImage {
            site: index,
            image: image.clone(),
        }];
        let there = SiteFacts::of_image(&image, context.policy);
        let place = (index, site, facts);
        let moves = match there.registry {
            None if there.possibly_private() => Err(
                "no [[registry]] of the policy names the new place, so it is not known which credentials the image \
                 needs there (`credentials = \"none\"` says that it needs none)"
                    .to_owned(),
            ),
            Some(new) if new.credentials() != Credentials::None => match containerizer {
                Containerizer::Docker => archives(context, model, place, (new, &there), &mut changes, draft),
                _ => secret(context, model, place, (new, &there), &mut changes, draft),
            },
            _ => Ok(()),
        };
        if let Err(why) = moves {
            draft.help("the image stays until the credentials of its new place can be added with it");
            draft.help(why);
            continue;
        }
        let goes = |change: &Change| matches!(change, Change::RemoveEntry(_) | Change::RemovePullConfig(_));
        let title = if changes.len() == 1 {
            format!("write {image}")
        } else if changes.iter().any(goes) {
            format!("write {image}, and let the credentials of the old place go")
        } else {
            format!("write {image}, and mend the stored credentials")
        };
        draft.mend(Applicability::Safe, title, changes);
    }
}

/// What is said of an image that moves makes way for that: whether its old place wants credentials is nobody's question
/// any more, and those that it lacks are to be had at the new one.
pub(crate) fn instead(found: &mut Vec<Draft>) {
    let is_move = |draft: &&Draft| draft.rule.code == "MC035";
    let places: Vec<_> = found
        .iter()
        .filter(is_move)
        .map(|draft| (draft.at.tokens.clone(), draft.mend.is_some()))
        .collect();
    if places.is_empty() {
        return;
    }
    let moved = |draft: &Draft| places.iter().find(|(tokens, _)| *tokens == draft.at.tokens);
    found.retain(|draft| match (draft.rule.code, moved(draft)) {
        ("MC034", Some(_)) => false,
        ("MC007", Some((_, moves))) => !moves,
        _ => true,
    });
    for draft in found
        .iter_mut()
        .filter(|draft| matches!(draft.rule.code, "MC001" | "MC002"))
    {
        if let Some((_, true)) = moved(draft) {
            draft.mend = None;
            draft.help = vec!["the image moves first, and gets the credentials of its new place (MC035)".to_owned()];
        }
    }
}

/// The archive of the old place makes way for that of the new one: of two, the last one extracted wins, and in the place
/// of the agents' own credentials any is one too many. Where none can be added for the new place, the image stays.
fn archives<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (_, site, facts): (usize, &Site<'d>, &SiteFacts<'_, '_>),
    (new, there): (&Registry, &SiteFacts<'_, '_>),
    changes: &mut Vec<Change>,
    draft: &mut Draft,
) -> Result<(), String> {
    let old = facts.private().and_then(Registry::archive);
    let is_old = |uri: &str| Some(uri) == old && Some(uri) != new.archive();
    let stale: Vec<EntryId> = model
        .fetched()
        .filter(|entry| is_old(entry.uri()))
        .map(|entry| entry.id)
        .collect();
    if !stale.is_empty() && model.untouched_fetch().is_some() {
        // It is stored, and can go only from a list of the update's own.
        if let Some(why) = super::archive::no_room(model) {
            return Err(why.to_owned());
        }
        changes.push(Change::TakeOver);
    }
    if new.credentials() == Credentials::Cluster {
        changes.extend(stale.into_iter().map(Change::RemoveEntry));
        return Ok(());
    }
    if !site.pull_config.is_missing() && context.reads_pull_config() {
        return Err("Marathon refuses its pullConfig; mend that first (MC003)".to_owned());
    }
    let supplies = |is_new: bool| {
        let mut fetched = model.fetched();
        fetched.any(|entry| {
            !is_old(entry.uri()) && (Some(entry.uri()) == new.archive()) == is_new && context.supplies(entry)
        })
    };
    match new.archive() {
        Some(archive) if !stale.is_empty() => {
            changes.push(Change::AddArchive(archive.to_owned()));
            changes.extend(stale.into_iter().map(Change::RemoveEntry));
        }
        _ if supplies(false) || supplies(true) => {
            if let Some(broken) = super::update::broken(context, model) {
                let what = broken.what();
                changes.extend(broken.mends(model).map_err(|why| format!("{what}: {why}"))?);
                draft.help(what);
            }
            if supplies(false) {
                draft.help("what is fetched already stays: it must hold the credentials of the new place");
            }
        }
        None => return Err(super::archive::unnamed(there.registry_name())),
        Some(_) => return super::archive::no_room(model).map_or(Ok(()), |why| Err(why.to_owned())),
    }
    Ok(())
}

/// The secret of the old place makes way for that of the new one. Its entry in `secrets` stays, as something else may
/// speak of it. Where no secret can be named for the new place, the image stays.
fn secret<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (index, site, facts): (usize, &Site<'d>, &SiteFacts<'_, '_>),
    (new, there): (&Registry, &SiteFacts<'_, '_>),
    changes: &mut Vec<Change>,
    draft: &mut Draft,
) -> Result<(), String> {
    if new.credentials() == Credentials::Cluster {
        return Ok(());
    }
    let offer = || offer::offer(context, model, (index, there.registry_name()), new);
    if !context.has_pull_secrets() {
        return offer().map(drop);
    }
    let key = match &site.pull_config {
        Member::Absent | Member::Null => {
            if pull_config::is_to_come(model, index) || site.misspelt_pull_config().is_some() {
                return Err("its pullConfig stands where Marathon does not read it; mend that first".to_owned());
            }
            // MC002 makes it, when the image is there.
            return offer().map(drop);
        }
        Member::Present(key) if !key.is_empty() => key,
        _ => return Err("its pullConfig names no secret; mend that first (MC005)".to_owned()),
    };
    let (_, moved) = super::shape::with_secrets_moved(model);
    let declared = moved.declared().iter().find(|secret| secret.key == *key);
    if declared.is_none() && !is_templated(key) {
        // MC005 declares it, when the image is there.
        return offer().map(drop);
    }
    let declared = declared.and_then(|secret| secret.source.as_deref());
    let is_of = |registry: &Registry| {
        let source = offer::source(context, registry).ok().flatten();
        declared.is_some_and(|declared| source.is_some_and(|source| same_source(declared, &source)))
    };
    if is_of(new) {
        return Ok(());
    }
    if facts.private().is_some_and(is_of) {
        let offer = offer()?;
        if let Some(note) = offer.note {
            draft.help(note);
        }
        changes.push(Change::RemovePullConfig(index));
        changes.extend(offer.changes);
    } else {
        draft.help("its pullConfig stays: the secret must hold the credentials of the new place");
    }
    Ok(())
}
