//! What an app or pod shows at a glance, so that a rule that cannot find anything in it need not look. Most rules are
//! about something that most apps do not have.
//!
//! The signs that a rule needs stand in its row of the table. They may be fewer than what the rule asks for, never
//! more: builds with debug assertions, tests among them, run each rule in any case and hold its row against it.

use super::context::Context;
use crate::definition::fetcher::CredentialFile;
use crate::definition::{Containerizer, Member, Model, OwnerKind};

/// One thing that rules are about. What is said of a site holds for the stored image of an update as well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// A site whose image Docker pulls.
    Docker,
    /// A site whose image UCR pulls.
    Ucr,
    /// A site whose image needs credentials that the definition must name.
    Private,
    /// A site whose image no registry of the policy names.
    Unnamed,
    /// A site with a `pullConfig`, good or bad.
    PullConfig,
    /// A site with `credential`.
    InlineCredential,
    /// A container with `appc`, or a site with a `kind`.
    Appc,
    /// A `container.type` other than DOCKER and MESOS in just these letters, or a site with a `kind`.
    UnusualType,
    /// A site with a misspelt key.
    Misspelt,
    /// A member at a wrong level.
    Misplaced,
    /// An entry of `fetch`, `uris` or `artifacts` of its own.
    Entry,
    /// Such an entry that brings credentials, in any form.
    FetchedCredential,
    /// One that brings an archive of them.
    FetchedArchive,
    /// One that brings a `config.json`.
    FetchedConfig,
    /// An entry of its own with `extract`, `executable` or `cache` set to what is not the default.
    Flag,
    /// `uris`, be it empty.
    Uris,
    /// An entry of `secrets` of its own.
    Secret,
    /// It is an update.
    Update,
    /// A label that silences rules.
    SilencingLabel,
    /// A label of a DC/OS package.
    PackageLabel,
}

/// A set of them, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs(u32);

impl Signs {
    /// All that a rule needs to see.
    pub(super) const fn all(signs: &[Sign]) -> Signs {
        let mut bits = 0;
        let mut index = 0;
        while index < signs.len() {
            bits |= 1 << signs[index] as u32;
            index += 1;
        }
        Signs(bits)
    }

    /// Those of an app or pod in one of its states.
    pub(super) fn of<'d>(context: &Context<'_, 'd>, model: &Model<'d>) -> Signs {
        let mut signs = Signs(0);
        let mut set = |sign: Sign, is_there: bool| signs.0 |= u32::from(is_there) << sign as u32;
        for (_, site, facts, containerizer) in context.sites(model) {
            set(Sign::Docker, containerizer == Containerizer::Docker);
            set(Sign::Ucr, containerizer == Containerizer::Ucr);
            set(Sign::Private, facts.private().is_some());
            set(Sign::Unnamed, facts.registry.is_none());
            set(Sign::PullConfig, !site.pull_config.is_missing());
            set(Sign::InlineCredential, site.credential.is_some());
            let has_kind = matches!(site.kind, Member::Present(_));
            set(Sign::Appc, has_kind);
            set(Sign::UnusualType, has_kind);
            set(Sign::Misspelt, !site.misspelt.is_empty());
        }
        if let Some(pull) = model.stored_pull() {
            // What an update says of its lists may bear on it; whether it is private is for the rules to ask.
            set(Sign::Docker, pull.containerizer == Containerizer::Docker);
            set(Sign::Ucr, pull.containerizer == Containerizer::Ucr);
            set(Sign::Private, true);
            set(Sign::PullConfig, pull.pull_config.is_some());
        }
        set(Sign::Appc, model.appc.is_some());
        let is_usual = match &model.container_type {
            Member::Present(name) => name == "DOCKER" || name == "MESOS",
            other => other.is_missing(),
        };
        set(Sign::UnusualType, !is_usual);
        set(Sign::Misplaced, !model.misplaced.is_empty());
        for entry in context.entries(model) {
            let credential = context.credential(&entry);
            set(Sign::Entry, true);
            set(Sign::FetchedCredential, credential.is_some());
            set(Sign::FetchedArchive, credential == Some(CredentialFile::Archive));
            set(Sign::FetchedConfig, credential == Some(CredentialFile::RawConfig));
            let flags = [
                entry.extract == Some(false),
                entry.executable == Some(true),
                entry.cache == Some(true),
            ];
            set(Sign::Flag, flags.contains(&true));
        }
        set(Sign::Uris, !model.uris.is_missing());
        set(Sign::Secret, !model.secrets.entries().is_empty());
        set(Sign::Update, model.kind == OwnerKind::AppUpdate);
        set(Sign::SilencingLabel, context.labels.silencing.is_some());
        set(Sign::PackageLabel, context.labels.package.is_some());
        signs
    }

    /// Whether all of these are among them.
    pub(super) fn have(self, needed: Signs) -> bool {
        self.0 & needed.0 == needed.0
    }
}
