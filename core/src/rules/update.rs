//! Updates, which replace what they name as a whole (MC026; marathon `AppConversion.scala`).

use super::context::Context;
use super::draft::Drafts;
use crate::definition::{Containerizer, Member, Model};

/// MC026.
pub(super) fn replaces<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !super::pull_config::is_update(model) {
        return;
    }
    match &model.stored {
        None => blind(context, model, drafts),
        Some(_) => known(context, model, drafts),
    }
}

const GIVE_CURRENT: &str = "give the stored definition with --current FILE, and what it holds is merged";

/// Nothing is known of what is stored.
fn blind<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !model.sites.is_empty() {
        let draft = drafts.report(
            context.at_path(&["container"]),
            "the update replaces the whole stored container, with any pullConfig in it",
        );
        draft.help(GIVE_CURRENT);
        let by_docker = model
            .sites
            .iter()
            .any(|site| model.containerizer(site) == Containerizer::Docker);
        if by_docker && model.fetch.is_missing() && model.uris.is_missing() {
            draft.help("no archive is added: a `fetch` in an update drops all stored entries");
        }
    }
    if !model.fetch.is_missing() || !model.uris.is_missing() {
        let key = if model.fetch.is_missing() { "uris" } else { "fetch" };
        drafts
            .report(
                context.at_path(&[key]),
                format!("the update's `{key}` replaces all stored entries"),
            )
            .help(GIVE_CURRENT);
    }
    if !model.secrets.is_missing() {
        drafts
            .report(
                context.at_path(&["secrets"]),
                "the update's `secrets` replaces all stored secrets",
            )
            .help(GIVE_CURRENT);
    }
}

/// Only what is lost is worth a word.
fn known<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(stored) = &model.stored else { return };
    let loses_pull_config = stored.pull_config.is_some()
        && model
            .sites
            .iter()
            .any(|site| !matches!(site.pull_config, Member::Present(_)));
    if loses_pull_config {
        drafts
            .report(
                context.at_path(&["container"]),
                "the update drops the stored pullConfig",
            )
            .help("a container in an update replaces the whole stored one");
    }
    let has_lists = !model.fetch.is_missing() || !model.uris.is_missing();
    let listed = |uri: &str| {
        model
            .fetch
            .entries()
            .iter()
            .chain(model.uris.entries())
            .any(|entry| entry.uri() == uri)
    };
    let lost = stored
        .fetch
        .iter()
        .filter(|entry| has_lists && !listed(entry.uri()))
        .count();
    if lost > 0 {
        let key = if model.fetch.is_missing() { "uris" } else { "fetch" };
        drafts.report(
            context.at_path(&[key]),
            format!("the update drops {lost} of the stored fetch entries"),
        );
    }
    let kept = |key: &str| model.secrets.entries().iter().any(|secret| secret.key == key);
    let lost: Vec<_> = stored
        .secrets
        .iter()
        .filter(|secret| !kept(&secret.key))
        .map(|secret| secret.key.as_ref())
        .collect();
    if !model.secrets.is_missing() && !lost.is_empty() {
        drafts.report(
            context.at_path(&["secrets"]),
            format!("the update drops the stored secrets {}", lost.join(", ")),
        );
    }
}
