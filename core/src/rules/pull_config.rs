//! The `pullConfig` of an image: whether one is there, may be there, and names a secret that exists
//! (MC002, MC003, MC005).

use super::context::{Context, SiteFacts};
use super::draft::{Draft, Drafts};
use super::offer::{offer, source};
use crate::definition::{Change, Containerizer, Member, Misspelt, Model, OwnerKind, Secret, Site, same_source};
use crate::finding::{Applicability, Severity};
use crate::image::is_templated;
use crate::policy::Registry;
use crate::shown::store::shown;

/// MC002. Since Marathon 1.5 and Mesos 1.4.
pub(super) fn missing<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (index, site, facts, containerizer) in context.sites(model) {
        let Some(registry) = facts.private() else { continue };
        if containerizer != Containerizer::Ucr {
            continue;
        }
        let has_some = !site.pull_config.is_missing();
        // At a wrong level it is there, too; MC029 moves it.
        if context.has_pull_secrets() && (has_some || is_to_come(model, index)) {
            continue;
        }
        let host = facts.registry_name();
        let at = context.at_image(site);
        let message = if has_some {
            format!("the pullConfig of the private image on {host} brings no credentials")
        } else {
            format!("no pullConfig for the private image on {host}")
        };
        let draft = drafts.report(at, message);
        draft.label("UCR pulls this without credentials");
        if let Some(misspelt) = site.misspelt_pull_config() {
            rename(context, model, (index, misspelt), registry, draft);
            continue;
        }
        supply(context, model, (index, host), registry, draft);
    }
}

/// Offers to give a misspelt `pullConfig` its name where it names the secret that the policy does; what another names is
/// for a person to say.
fn rename<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (index, misspelt): (usize, &Misspelt<'_>),
    registry: &Registry,
    draft: &mut Draft,
) {
    let wrong = misspelt.wrong;
    let key = misspelt.value.get("secret").and_then(|secret| secret.as_str());
    let (moves, moved) = super::shape::with_secrets_moved(model);
    let declared = moved.declared().iter().find(|secret| Some(&secret.key) == key.as_ref());
    let meant = declared.and_then(|secret| secret.source.as_deref());
    let wanted = source(context, registry).ok().flatten();
    let is_same = meant.is_some_and(|meant| wanted.is_some_and(|wanted| same_source(meant, &wanted)));
    if is_same && context.has_pull_secrets() && model.sites[index].rival(misspelt).is_none() {
        let rename = Change::Rename { site: index, wrong };
        let changes: Vec<_> = moves.into_iter().chain([rename]).collect();
        draft.mend(
            Applicability::Safe,
            format!("rename `{wrong}` to `pullConfig`"),
            changes,
        );
    } else {
        draft.help(format!("`{wrong}` is meant for one; mend that first (MC025)"));
    }
}

/// Whether the pullConfig of a site stands at a wrong level, and MC029 moves it.
pub(super) fn is_to_come(model: &Model<'_>, site: usize) -> bool {
    let mut misplaced = model.misplaced.iter();
    misplaced.any(|misplaced| super::shape::target(model, misplaced) == Some(site))
}

/// Whether a secret stands in `secrets` at a wrong level, and MC029 moves them.
pub(super) fn is_declared_elsewhere(model: &Model<'_>, key: &str) -> bool {
    super::shape::movable_secrets(model).is_some_and(|index| model.misplaced[index].value.get(key).is_some())
}

/// Offers the secret that the policy names, or says why it cannot be offered.
fn supply<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    site: (usize, &str),
    registry: &Registry,
    draft: &mut Draft,
) {
    match offer(context, model, site, registry) {
        Ok(offer) => {
            if let Some(note) = offer.note {
                draft.help(note);
            }
            draft.mend(Applicability::Safe, offer.title, offer.changes);
        }
        Err(why) => {
            draft.help(why);
        }
    }
}

/// MC003. "pullConfig is not supported with Docker containerizer" (marathon AppValidation).
pub(super) fn on_docker<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (index, site, facts, containerizer) in context.sites(model) {
        let has_none = site.pull_config.is_missing();
        if has_none || containerizer != Containerizer::Docker || !context.reads_pull_config() {
            continue;
        }
        let at = context.at_block(site, "pullConfig");
        let draft = drafts.report(at, "Marathon refuses a pullConfig for the Docker containerizer");
        if model.container_type.is_missing() {
            draft.label("without a `container.type` the containerizer is DOCKER");
        }
        let Member::Present(key) = &site.pull_config else {
            draft.help(
                "it names no secret either: remove it, or set `container.type` to MESOS and name a key of `secrets`",
            );
            continue;
        };
        if model.container_type.is_missing() && context.policy.has_secrets() {
            draft.mend(
                Applicability::Unsafe,
                "set `container.type` to MESOS",
                [Change::SetType("MESOS")],
            );
            draft.help("a forgotten `\"type\": \"MESOS\"` is the usual cause");
            continue;
        }
        if !model.container_type.is_missing() {
            draft.related(
                context.at_path(&["container", "type"]).span,
                "the containerizer is DOCKER",
            );
        }
        let mut changes = vec![Change::RemovePullConfig(index)];
        if !is_templated(key) && !is_used_elsewhere(context, model, site, key) {
            changes.push(Change::RemoveSecret(key.clone().into_owned()));
        }
        let fetched = model.fetched().any(|entry| context.supplies(entry));
        match facts.private().and_then(|registry| registry.archive()) {
            _ if fetched => {
                draft.mend(
                    Applicability::Unsafe,
                    "remove the pullConfig; the archive is fetched already",
                    changes,
                );
            }
            Some(archive) => {
                if let Some(why) = super::archive::no_room(model) {
                    draft.help(why);
                    continue;
                }
                changes.push(Change::AddArchive(archive.to_owned()));
                draft.mend(Applicability::Unsafe, format!("fetch {archive} in its place"), changes);
            }
            None if !context.policy.has_secrets() => {
                draft.help("fetch a credential archive in its place (the policy names none for this image)");
            }
            None => {
                draft.help(
                    "set `container.type` to MESOS, or fetch a credential archive in its place (the policy names \
                     none for this image)",
                );
            }
        }
    }
}

/// Whether anything but this site's `pullConfig` speaks of a secret: another site, an environment variable, a volume.
fn is_used_elsewhere(context: &Context<'_, '_>, model: &Model<'_>, site: &Site<'_>, key: &str) -> bool {
    // A template may become its key.
    let is_it = |named: &str| named == key || is_templated(named);
    let by_site = |other: &Site<'_>| other.place != site.place && other.pull_config.value().is_some_and(|it| is_it(it));
    if model.sites.iter().any(by_site) {
        return true;
    }
    let owner = context.owner.value;
    let names_it = |value: crate::json::Value<'_>| {
        value
            .get("secret")
            .and_then(|secret| secret.as_str())
            .is_some_and(|secret| is_it(&secret))
    };
    let variables = owner.get("env").into_iter().flat_map(|env| env.members());
    let in_env = variables.into_iter().any(|member| names_it(member.value));
    let volumes = [
        owner.get("volumes"),
        owner.get("container").and_then(|container| container.get("volumes")),
    ];
    in_env
        || volumes
            .into_iter()
            .flatten()
            .flat_map(|volumes| volumes.elements())
            .any(names_it)
}

/// MC005. "pullConfig.secret must refer to an existing secret" (marathon AppValidation).
pub(super) fn undeclared<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !context.reads_pull_config() {
        return;
    }
    for (index, site, facts, containerizer) in context.sites(model) {
        let names_none = match &site.pull_config {
            Member::Present(key) => key.is_empty(),
            other => matches!(other, Member::Malformed),
        };
        if names_none && containerizer == Containerizer::Ucr {
            drafts
                .report(at_secret(context, site), "this pullConfig names no secret")
                .label("Marathon refuses this")
                .help("write `{\"secret\": \"KEY\"}`, with a key of `secrets`");
            continue;
        }
        let Member::Present(key) = &site.pull_config else {
            continue;
        };
        // A template may become any key, so with one here or there nothing is known to be missing, but where there is
        // no secret at all.
        let may_be = |secret: &Secret<'_>| secret.key == *key || is_templated(&secret.key) || is_templated(key);
        let declared = model.declared().iter().any(may_be);
        if containerizer != Containerizer::Ucr || declared || is_declared_elsewhere(model, key) {
            continue;
        }
        let at = at_secret(context, site);
        let draft = drafts.report(at, format!("`secrets` has no entry `{}`", shown(key)));
        draft.label("names no secret of this definition");
        if model.is_blind_update() {
            // Marathon validates the merged app, so the stored one may have it.
            draft.severity(Severity::Warning);
            let how = context.give_current();
            draft.help(format!("an update may rely on stored secrets; {how} to be sure"));
            if model.secrets.is_missing() {
                continue;
            }
        }
        declare(context, model, facts, (index, key), draft);
    }
    super::update::without_secret(context, model, drafts);
}

fn declare<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    facts: &SiteFacts<'_, '_>,
    (site, key): (usize, &str),
    draft: &mut Draft,
) {
    if !context.policy.has_secrets() {
        draft.help("the policy says that there is no secret store, so no pullConfig brings credentials: remove it");
        return;
    }
    if let Some(source) = super::update::stored_source(model, key)
        && matches!(model.secrets, Member::Present(_))
    {
        let change = Change::DeclareSecret {
            key: key.to_owned(),
            source: source.to_owned(),
        };
        let title = keeping(key, source);
        draft.mend(Applicability::Safe, title, [change]);
        return;
    }
    let Some(registry) = facts.private().filter(|_| !is_templated(key)) else {
        draft.help("add it to `secrets` with its `source`");
        return;
    };
    let (moves, moved) = super::shape::with_secrets_moved(model);
    let after_moves = |change| moves.into_iter().chain([change]).collect::<Vec<_>>();
    match source(context, registry) {
        Ok(Some(source)) if context.may_read(&source) && !matches!(model.secrets, Member::Malformed) => {
            if let Some(known) = moved.secret_of(&source) {
                let (name, path) = (shown(&known.key), shown(&source));
                let title = format!("name the secret `{name}`, which has the source {path}");
                let key = known.key.clone().into_owned();
                draft.mend(Applicability::Safe, title, after_moves(Change::UseSecret { site, key }));
                return;
            }
            let (name, path) = (shown(key), shown(&source));
            let title = format!("add the secret `{name}` with the source {path}");
            let declare = Change::DeclareSecret {
                key: key.to_owned(),
                source,
            };
            draft.mend(Applicability::Safe, title, after_moves(declare));
        }
        Err(why) => {
            draft.help(why);
        }
        Ok(_) => {
            draft.help("add it to `secrets` with its `source`");
        }
    }
}

/// What is done where an update is given the secret that it would drop.
pub(super) fn keeping(key: &str, source: &str) -> String {
    format!(
        "keep the stored secret `{}` with the source {}",
        shown(key),
        shown(source)
    )
}

/// The string in `pullConfig.secret`.
pub(super) fn at_secret(context: &Context<'_, '_>, site: &Site<'_>) -> super::draft::At {
    let mut at = context.at_block(site, "pullConfig");
    if let Some(secret) = site.block.get("pullConfig").and_then(|config| config.get("secret")) {
        at.span = secret.span();
        at.tokens.push("secret".into());
    }
    at
}

/// Whether this is the kind of thing that an update is.
pub(super) fn is_update(model: &Model<'_>) -> bool {
    model.kind == OwnerKind::AppUpdate
}
