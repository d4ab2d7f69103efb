//! Updates, which replace what they name as a whole (MC026; marathon `AppConversion.scala`): what the stored app loses by
//! it, and what that means for the image that it pulls (MC001, MC005).

use super::context::{Context, SiteFacts};
use super::draft::{Draft, Drafts};
use crate::definition::{Change, Containerizer, Member, Model, Secret, StoredPull};
use crate::finding::Applicability;
use crate::image::is_templated;
use crate::policy::Registry;
use crate::shown::store::shown;

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

/// How to let the stored app be known, and what comes of it.
fn give_current(context: &Context<'_, '_>) -> String {
    format!("{}, and what it holds is merged", context.give_current())
}

/// Nothing is known of what is stored.
fn blind<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !model.sites.is_empty() {
        let draft = drafts.report(
            context.at_path(&["container"]),
            "the update replaces the whole stored container, with any pullConfig in it",
        );
        draft.help(give_current(context));
        let would_add = context.sites(model).any(|(_, _, facts, containerizer)| {
            containerizer == Containerizer::Docker && facts.private().and_then(Registry::archive).is_some()
        });
        if would_add && model.names_no_list() {
            draft.help("no archive is added: a `fetch` in an update drops all stored entries");
        }
    }
    if !model.names_no_list() {
        let key = if model.fetch.is_missing() { "uris" } else { "fetch" };
        drafts
            .report(
                context.at_path(&[key]),
                format!("the update's `{key}` replaces all stored entries"),
            )
            .help(give_current(context));
    }
    if !model.secrets.is_missing() {
        drafts
            .report(
                context.at_path(&["secrets"]),
                "the update's `secrets` replaces all stored secrets",
            )
            .help(give_current(context));
    }
}

/// Only what is lost is worth a word.
fn known<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(stored) = &model.stored else { return };
    let has_pull_config = |pull: &StoredPull<'_>| pull.pull_config.is_some();
    let loses_pull_config = stored.pull.as_ref().is_some_and(has_pull_config)
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
    let was_ucr = |pull: &StoredPull<'_>| pull.containerizer == Containerizer::Ucr;
    if stored.pull.as_ref().is_some_and(was_ucr) && !model.sites.is_empty() && model.container_type.is_missing() {
        drafts
            .report(
                context.at_path(&["container"]),
                "the update turns the stored container from MESOS into DOCKER, since it names no type",
            )
            .help("write `\"type\": \"MESOS\"` into the container to keep UCR");
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
        .map(|secret| shown(&secret.key))
        .collect();
    if !model.secrets.is_missing() && !lost.is_empty() {
        drafts.report(
            context.at_path(&["secrets"]),
            format!("the update drops the stored secrets {}", lost.join(", ")),
        );
    }
}

/// MC001 for the stored image of an update that names no container: Marathon checks and runs the merged app.
pub(super) fn without_archive<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(pull) = model.stored_pull() else { return };
    if pull.containerizer != Containerizer::Docker || model.names_no_list() {
        return;
    }
    let facts = SiteFacts::of_image(&pull.reference, context.policy);
    let Some(registry) = facts.private() else { return };
    if model.fetched().any(|entry| context.supplies(entry)) {
        return;
    }
    let key = if model.fetch.is_missing() { "uris" } else { "fetch" };
    let host = facts.registry_name();
    let had_it = model
        .stored
        .iter()
        .any(|stored| stored.fetch.iter().any(|entry| context.supplies(entry)));
    let any_more = if had_it { " any more" } else { "" };
    let message = format!("no credentials are fetched for the private image on {host}{any_more}");
    let draft = drafts.report(context.at_path(&[key]), message);
    draft.label("the Docker containerizer pulls the stored image without credentials");
    super::archive::supply(context, model, (registry, host), draft);
}

/// A stored credential that an update leaves as it is, and that Docker does not find.
pub(super) struct Broken<'m> {
    uri: &'m str,
    why: &'static str,
    mends: Vec<Change>,
}

/// The first such, where none of the stored credentials can be found; the changes mend them all, in the update.
pub(super) fn broken<'m, 'd>(context: &Context<'_, 'd>, model: &'m Model<'d>) -> Option<Broken<'m>> {
    let mut stored = model
        .untouched_fetch()?
        .fetch
        .iter()
        .filter(|entry| context.supplies(entry))
        .peekable();
    let first = stored.peek()?.uri();
    let mut mends = vec![Change::TakeOver];
    let mut why = None;
    for entry in stored {
        let (reason, changes) = super::artifact::defect(context, model, entry)?;
        why.get_or_insert(reason);
        mends.extend(changes);
    }
    Some(Broken {
        uri: first,
        why: why?,
        mends,
    })
}

impl Broken<'_> {
    /// What is wrong with it.
    pub(super) fn what(&self) -> String {
        format!("the stored `{}` {}", super::inline::shown_uri(self.uri), self.why)
    }

    /// The changes that mend it; why it cannot be mended here otherwise.
    pub(super) fn mends(self, model: &Model<'_>) -> Result<Vec<Change>, &'static str> {
        super::archive::no_room(model).map_or(Ok(self.mends), Err)
    }
}

/// MC001 for stored credentials that an update relies on, and that Docker does not find.
pub(super) fn with_broken(model: &Model<'_>, broken: Broken<'_>, draft: &mut Draft) {
    draft.help(broken.what());
    match broken.mends(model) {
        Ok(changes) => {
            let title = "take the stored entries over, and mend what is wrong with them";
            draft.mend(Applicability::Safe, title, changes);
        }
        Err(why) => {
            draft.help(why);
        }
    }
}

/// MC005 for the stored image of an update that names no container.
pub(super) fn without_secret<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let Some(pull) = model.stored_pull() else { return };
    let Some(key) = &pull.pull_config else { return };
    let may_be = |secret: &Secret<'_>| secret.key == *key || is_templated(&secret.key);
    if !context.reads_pull_config()
        || pull.containerizer != Containerizer::Ucr
        || !matches!(model.secrets, Member::Present(_))
        || model.declared().iter().any(may_be)
    {
        return;
    }
    let message = format!(
        "`secrets` has no entry `{}`, which the stored pullConfig names",
        shown(key)
    );
    let draft = drafts.report(context.at_path(&["secrets"]), message);
    draft.label("replaces the stored secrets");
    if let Some(source) = stored_source(model, key) {
        draft.mend(
            Applicability::Safe,
            super::pull_config::keeping(key, source),
            [Change::DeclareSecret {
                key: key.clone().into_owned(),
                source: source.to_owned(),
            }],
        );
    }
}

/// The path of a stored secret.
pub(super) fn stored_source<'m>(model: &'m Model<'_>, key: &str) -> Option<&'m str> {
    let stored = model.stored.as_ref()?;
    let secret = stored.secrets.iter().find(|secret| secret.key == key)?;
    secret.source.as_deref().filter(|source| !source.is_empty())
}

/// The stored pullConfig's secret, its key and its path, where an update's container drops it and its image is on the
/// host of the stored one, by the same entry of the policy.
pub(super) fn dropped_secret<'m>(
    context: &Context<'_, '_>,
    model: &'m Model<'_>,
    (registry, host): (&Registry, &str),
) -> Option<(&'m str, &'m str)> {
    let pull = model.stored.as_ref()?.pull.as_ref()?;
    let key = pull.pull_config.as_deref()?;
    let facts = SiteFacts::of_image(&pull.reference, context.policy);
    let is_same = facts.registry.is_some_and(|known| std::ptr::eq(known, registry)) && facts.registry_name() == host;
    Some((key, stored_source(model, key).filter(|_| is_same)?))
}
