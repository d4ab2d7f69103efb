//! Credential archives as a whole: whether one is there, whether it does anything, whether one is enough
//! (MC001, MC004, MC018, MC030, MC037).

use super::context::{Context, Entry, List};
use super::draft::{At, Draft, Drafts};
use crate::definition::fetcher::CredentialFile;
use crate::definition::{Artifact, Change, Containerizer, Member, Model, OwnerKind};
use crate::finding::Applicability;
use crate::policy::{Credentials, Registry};

/// MC001. Docker pulls with the sandbox as its home, so the credentials must be fetched into it
/// (mesos `src/docker/docker.cpp`).
pub(super) fn missing<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for (_, site, facts, containerizer) in context.sites(model) {
        let Some(registry) = facts.private() else { continue };
        // A pullConfig on DOCKER is another mistake, and mending that one brings the archive.
        let is_refused = !site.pull_config.is_missing() && context.reads_pull_config();
        if containerizer != Containerizer::Docker || is_refused {
            continue;
        }
        let broken = super::update::broken(context, model);
        if broken.is_none() && model.fetched().any(|entry| context.supplies(entry)) {
            continue;
        }
        if model.is_blind_update() && model.names_no_list() {
            // The stored definition may well fetch it; MC026 says what is at stake.
            continue;
        }
        let host = facts.registry_name();
        // Where `fix` has much to do, it is mostly this; joining texts takes a quarter of the time of formatting them.
        let message = ["no credentials are fetched for the private image on ", host].concat();
        let draft = drafts.report(context.at_image(site), message);
        draft.label("the Docker containerizer pulls this without credentials");
        match broken {
            Some(broken) => super::update::with_broken(model, broken, draft),
            None => supply(context, model, (registry, host), draft),
        }
    }
    super::update::without_archive(context, model, drafts);
}

/// Offers the archive that the policy names for a host, or says why it cannot be offered.
pub(super) fn supply<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    (registry, host): (&Registry, &str),
    draft: &mut Draft,
) {
    if let Some(legacy) = model.fetched().find(|entry| context.credential(entry).is_some()) {
        draft.help(format!(
            "`{}` does not count: Docker 23.0 and newer no longer reads .dockercfg",
            super::inline::shown_uri(legacy.uri())
        ));
    }
    match registry.archive() {
        Some(archive) => {
            if let Some(why) = no_room(model) {
                draft.help(why);
                return;
            }
            let target = if model.fetch.entries().is_empty() && !model.uris.entries().is_empty() {
                "uris"
            } else {
                "fetch"
            };
            let title = ["add the archive ", archive, " to `", target, "`"].concat();
            draft.mend(Applicability::Safe, title, [Change::AddArchive(archive.to_owned())]);
        }
        None => {
            draft.help(unnamed(host));
        }
    }
}

/// What to do where the policy names no archive for a host.
pub(super) fn unnamed(host: &str) -> String {
    format!(
        "the policy names no archive for {host}: add `archive = \"file:///etc/docker.tar.gz\"` to its [[registry]], or \
         pass --archive"
    )
}

/// Why no archive can be added to what is fetched, where that is so.
pub(super) fn no_room(model: &Model<'_>) -> Option<&'static str> {
    if matches!(model.fetch, Member::Malformed) || matches!(model.uris, Member::Malformed) {
        return Some("`fetch` or `uris` is not an array; mend that first");
    }
    if model.untouched_fetch().is_some_and(|stored| stored.has_bad_fetch) {
        return Some(
            "what is stored has an entry of `fetch` or `uris` without a URI, or no array there, so it cannot be taken over: \
             give it to --current as Marathon shows it",
        );
    }
    // A string in `fetch` or an object in `uris` may well mean the credentials.
    let mut entries = model.fetch.entries().iter().chain(model.uris.entries());
    entries
        .any(|entry| entry.uri.is_none())
        .then_some("an entry of `fetch` has no `uri`, or one of `uris` is not a string; mend that first")
}

/// MC004. UCR's puller reads the image secret and the agent's configuration, nothing in the sandbox
/// (mesos `docker/registry_puller.cpp`).
pub(super) fn ineffective<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let by_ucr = |containerizer| containerizer == Containerizer::Ucr;
    if model.sites.is_empty() || !model.sites.iter().all(|site| by_ucr(model.containerizer(site))) {
        return;
    }
    for entry in context.entries(model) {
        if context.credential(&entry).is_none() {
            continue;
        }
        let draft = drafts.report(
            context.at_entry(&entry, None),
            "docker credentials in the sandbox have no effect on a pull by UCR",
        );
        draft.label("only puts them where the task can read them");
        draft.help("UCR and pods read the secret that `pullConfig` names, and the agent's own configuration");
        draft.mend(
            Applicability::OptIn,
            "remove the entry",
            [Change::RemoveEntry(entry.id)],
        );
    }
}

/// MC037. Docker reads the sandbox or the agent's own configuration, never both (mesos `src/docker/docker.cpp`, `__pull`).
pub(super) fn over_cluster<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    let mut by_docker = context
        .sites(model)
        .filter(|(.., containerizer)| *containerizer == Containerizer::Docker);
    let Some((_, _, facts, _)) = by_docker.next() else {
        return;
    };
    let is_covered = |registry: &&Registry| registry.credentials() == Credentials::Cluster;
    if facts.registry.filter(is_covered).is_none() {
        return;
    }
    let host = facts.registry_name();
    for entry in context.entries(model) {
        if context.credential(&entry).is_none() {
            continue;
        }
        let draft = drafts.report(
            context.at_entry(&entry, Some("uri")),
            format!("the agents have the credentials for {host}, and this takes their place"),
        );
        draft.label("nothing is merged: what it lacks is missing");
        draft.help(
            "`pullcreds check --config-json FILE` tells whether the registry is in it; without the entry, the agents' own \
             count",
        );
        draft.mend(
            Applicability::OptIn,
            "remove the entry",
            [Change::RemoveEntry(entry.id)],
        );
    }
}

/// MC018. Archives are extracted over each other, in no order that is promised (the fetcher keeps what it has to fetch in
/// a hash map, mesos `src/slave/containerizer/fetcher.cpp`). Docker reads one file: `.docker/config.json`, and
/// `.dockercfg` only where that is not there (docker/cli `cli/config/config.go`).
pub(super) fn duplicate<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if model.fetch.entries().len().max(model.uris.entries().len()) < 2 {
        return;
    }
    let mut seen: Vec<(Entry<'_, '_>, CredentialFile)> = Vec::new();
    for entry in context.entries(model) {
        let Some(file) = context.credential(&entry) else {
            continue;
        };
        if matches!(entry.list, List::Artifacts(_)) || !context.supplies(&entry) {
            continue;
        }
        // Between the lists, MC009 comes first.
        let mut listed = seen.iter().filter(|(other, _)| other.list == entry.list);
        let first = listed
            .clone()
            .find(|(other, _)| other.uri == entry.uri)
            .or(listed.next())
            .copied();
        seen.push((entry, file));
        let Some((first, first_file)) = first else { continue };
        let same = first.does_same_as(&entry);
        let archives = [first_file, file] == [CredentialFile::Archive; 2];
        let message = match (same, archives) {
            (true, true) => "the same credential archive is fetched twice",
            (true, false) => "the same file of credentials is fetched twice",
            (false, true) if first.uri == entry.uri => {
                "the same credential archive is fetched twice, in different ways"
            }
            (false, true) if !is_unpacked(&first) || !is_unpacked(&entry) => "a second credential archive is fetched",
            (false, true) => "a second credential archive is extracted over the first, or the first over it",
            (false, false) => "a second file of credentials is fetched, and Docker reads only one",
        };
        let draft = drafts.report(context.at_entry(&entry, Some("uri")), message);
        draft.related(context.at_entry(&first, Some("uri")).span, "the first is here");
        if same {
            draft.mend(
                Applicability::Safe,
                "remove the second",
                [Change::RemoveEntry(entry.id)],
            );
            continue;
        }
        if archives && first.uri == entry.uri {
            draft.help("one is enough: remove the other");
            continue;
        }
        if [first_file, file].contains(&CredentialFile::LegacyFile) {
            draft.help("where `.docker/config.json` is there, `.dockercfg` is not read");
        }
        draft.help("put all registries into one config.json, and fetch that alone, or in an archive");
    }
}

/// Whether the flags of an entry let the fetcher extract it.
fn is_unpacked(entry: &Artifact<'_>) -> bool {
    entry.extract != Some(false) && entry.executable != Some(true)
}

/// MC030. The fetcher runs as the user of the task (mesos `src/launcher/fetcher.cpp`, `os::su`).
pub(super) fn unreadable<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if context.owner.kind == OwnerKind::Pod {
        return;
    }
    let own = context.owner.fields.user.and_then(|user| user.as_str());
    let Some(user) = own
        .as_deref()
        .or(context.policy.default_user())
        .filter(|user| !matches!(*user, "" | "root"))
    else {
        return;
    };
    if !model
        .sites
        .iter()
        .any(|site| model.containerizer(site) == Containerizer::Docker)
    {
        return;
    }
    let is_local = |uri: &str| uri.starts_with("file://") || uri.starts_with('/');
    // What MC001 is going to add is fetched in the same way, and is not to be news when it stands there.
    let added = drafts.found.iter().find_map(|draft| {
        let mend = draft
            .mend
            .as_ref()
            .filter(|mend| mend.applicability == Applicability::Safe)?;
        let adds = |change: &Change| matches!(change, Change::AddArchive(uri) if is_local(uri));
        let adds_local = mend.changes.iter().any(adds);
        adds_local.then(|| (draft.at.clone(), draft.rule.code))
    });
    let mut report = |at: At, archive: &str, foretold_for: Option<&'static str>| {
        let message = format!("{archive} fetched as the user {user}, who must be able to read it on every agent");
        let draft = drafts.report(at, message);
        draft.foretold_for = foretold_for;
        if let Some(written) = context.owner.fields.user {
            draft.related(written.span(), "the task and its fetcher run as this user");
        }
        draft.help("make the archive itself readable for that user; the modes of the files inside do not matter");
    };
    for entry in context.entries(model) {
        if is_local(entry.uri()) && context.credential(&entry).is_some() {
            report(context.at_entry(&entry, Some("uri")), "the archive is", None);
        }
    }
    if let Some((at, code)) = added {
        report(at, "the archive that is missing would be", Some(code));
    }
}
