//! How one credential file is fetched: whether it will be extracted, where it lands, what its URI gives away
//! (MC011 to MC017). The facts are the fetcher's; see [`crate::definition`]'s `fetcher`.

use std::borrow::Cow;

use super::context::{Context, Entry, List};
use super::draft::Drafts;
use super::inline::shown_uri;
use crate::definition::fetcher::{self, CredentialFile, stays_packed};
use crate::definition::{Artifact, Change, Containerizer, Model, can_merge_uris, extract_under_known_name, is_in_uris};
use crate::finding::Applicability;

/// The credential archives of an app whose image Docker pulls, of those that look suspicious. Looking is cheap, and
/// telling what an entry is for is not.
fn archives<'m, 'd>(
    context: &'m Context<'_, 'd>,
    model: &'m Model<'d>,
    suspicious: impl Fn(&Artifact<'d>) -> bool,
) -> impl Iterator<Item = Entry<'m, 'd>> {
    context.entries(model).filter(move |entry| {
        suspicious(entry) && pulled_by_docker(model) && context.credential(entry) == Some(CredentialFile::Archive)
    })
}

fn pulled_by_docker(model: &Model<'_>) -> bool {
    model
        .sites
        .iter()
        .any(|site| model.containerizer(site) == Containerizer::Docker)
}

/// The name by whose end the fetcher tells whether to extract.
fn extraction_name<'e>(entry: &'e Artifact<'_>) -> &'e str {
    fetcher::extraction_name(entry.uri(), effective_dest_path(entry))
}

/// `destPath`, where it has a say: a cached archive is extracted under the cache's name for it.
fn effective_dest_path<'e>(entry: &'e Artifact<'_>) -> Option<&'e str> {
    entry.dest_path.as_deref().filter(|_| entry.cache != Some(true))
}

/// A name of an entry as it may be shown. After a slash in a query, the end of a URI is a part of that query alone.
fn shown_name<'e>(entry: &Artifact<'_>, name: &'e str) -> Cow<'e, str> {
    let is_of_the_uri = entry.dest_path.as_deref() != Some(name);
    if is_of_the_uri && entry.uri().contains('?') && !name.contains('?') {
        "…".into()
    } else {
        shown_uri(name)
    }
}

/// What keeps Docker from finding the credentials that an entry brings, and the changes that mend it: the substance of
/// MC011, MC012, MC014 and MC015, for the stored entries of an update, which these do not look at.
pub(super) fn defect<'d>(
    context: &Context<'_, 'd>,
    model: &Model<'d>,
    entry: &Artifact<'d>,
) -> Option<(&'static str, Vec<Change>)> {
    let mut changes = Vec::new();
    match context.credential(entry)? {
        CredentialFile::LegacyFile => None,
        CredentialFile::RawConfig => {
            changes.push(Change::SetDestPath(entry.id, fetcher::CONFIG_PATH));
            (!is_config(entry)).then_some(("lands where Docker does not look", changes))
        }
        CredentialFile::Archive => {
            if entry.extract == Some(false) {
                changes.push(Change::SetExtract(entry.id, true));
            }
            if entry.executable == Some(true) {
                changes.push(Change::SetExecutable(entry.id, false));
            }
            if stays_packed(extraction_name(entry)) {
                changes.extend(extract_under_known_name(model, entry));
            }
            (!changes.is_empty()).then_some(("is not extracted", changes))
        }
    }
}

/// Whether a file is told to land where Docker looks for its configuration.
fn is_config(entry: &Artifact<'_>) -> bool {
    entry.dest_path.as_deref().map(fetcher::from_sandbox) == Some(fetcher::CONFIG_PATH)
}

/// MC011.
pub(super) fn not_extracted<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in archives(context, model, |entry| entry.extract == Some(false)) {
        if entry.list == List::Uris {
            continue;
        }
        let at = context.at_entry(&entry, Some("extract"));
        let draft = drafts.report(at, "the credential archive is not extracted");
        let brings = |other: &Entry<'_, 'd>| {
            let is_unpacked = other.extract != Some(false) && other.executable != Some(true);
            is_unpacked && !stays_packed(extraction_name(other)) && context.supplies(other)
        };
        // Another may bring what this one does not.
        draft.label(if context.entries(model).any(|other| brings(&other)) {
            "brings nothing that Docker reads"
        } else {
            "Docker finds no .docker/config.json in the sandbox"
        });
        draft.mend(
            Applicability::Safe,
            "set `extract` to true",
            [Change::SetExtract(entry.id, true)],
        );
    }
}

/// MC012. The fetcher marks the file executable and leaves it at that.
pub(super) fn executable<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in archives(context, model, |entry| entry.executable == Some(true)) {
        let at = context.at_entry(&entry, Some("executable"));
        let draft = drafts.report(
            at,
            "an executable file is not extracted, and this one is the credential archive",
        );
        draft.label("suppresses the extraction");
        draft.mend(
            Applicability::Safe,
            "set `executable` to false",
            [Change::SetExecutable(entry.id, false)],
        );
    }
}

/// MC013. The cache knows a URI by its text and never looks again (mesos docs/fetcher.md).
pub(super) fn cached<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in archives(context, model, |entry| entry.cache == Some(true)) {
        let at = context.at_entry(&entry, Some("cache"));
        let draft = drafts.report(at, "a cached archive keeps its old credentials after they were changed");
        draft.label("never refreshed for the same URI");
        draft.help("fetch it uncached, or give the archive a new URI with each change");
        let mut changes = vec![Change::SetCache(entry.id, false)];
        let mut title = "set `cache` to false".to_owned();
        // Uncached, a `destPath` counts that did not before, and must not undo the extraction.
        let is_lost = !stays_packed(extraction_name(&entry)) && entry.dest_path.as_deref().is_some_and(stays_packed);
        if is_lost {
            let path = fetcher::archive_path(entry.uri());
            changes.push(Change::SetDestPath(entry.id, path));
            title = format!("{title} and `destPath` to {path}");
        }
        draft.mend(Applicability::OptIn, title, changes);
    }
}

/// MC014. The suffix of the name in the sandbox decides on extraction; of a cached archive, that of its URI.
pub(super) fn suffix<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in archives(context, model, |entry| stays_packed(extraction_name(entry))) {
        let at = context.at_entry(&entry, Some("uri"));
        let is_cached = entry.cache == Some(true);
        let query = effective_dest_path(&entry).is_none() && entry.uri().contains('?');
        let name = extraction_name(&entry);
        let message = format!(
            "the archive is {} as `{}`, and the fetcher extracts by the end of that name",
            if is_cached { "cached" } else { "fetched" },
            shown_name(&entry, name)
        );
        let draft = drafts.report(at, message);
        draft.label(if query {
            "the query counts as a part of the name"
        } else {
            "not extracted"
        });
        let path = entry
            .dest_path
            .as_deref()
            .filter(|path| !stays_packed(path))
            .unwrap_or_else(|| fetcher::archive_path(entry.uri()));
        let title = format!("fetch it {}as {path}", if is_cached { "uncached, " } else { "" });
        let changes = extract_under_known_name(model, &entry);
        if changes.is_empty() {
            draft.help("an entry of `uris` is not a string; mend that first");
        } else {
            draft.mend(Applicability::Safe, title, changes);
        }
    }
}

/// MC015. Docker reads `.docker/config.json` and `.dockercfg` in its home, no other name.
pub(super) fn misplaced_config<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    if !pulled_by_docker(model) {
        return;
    }
    for entry in context.entries(model) {
        if is_config(&entry) || context.credential(&entry) != Some(CredentialFile::RawConfig) {
            continue;
        }
        let landed = shown_name(
            &entry,
            fetcher::extraction_name(entry.uri(), entry.dest_path.as_deref()),
        );
        let at = context.at_entry(&entry, Some("uri"));
        let message = format!("the credentials land at `{landed}` in the sandbox, where Docker does not look");
        let draft = drafts.report(at, message);
        let mut changes = Vec::new();
        if is_in_uris(model, entry.id) {
            if !can_merge_uris(model) {
                draft.help("an entry of `uris` is not a string; mend that first");
                continue;
            }
            changes.push(Change::MergeUris);
        }
        changes.push(Change::SetDestPath(entry.id, fetcher::CONFIG_PATH));
        draft.mend(
            Applicability::Safe,
            format!("set `destPath` to {}", fetcher::CONFIG_PATH),
            changes,
        );
    }
}

/// MC016. Whatever an entry is for, a fetch that fails fails the task.
pub(super) fn bad_uri<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in context.entries(model) {
        let Some(reason) = fetcher::refusal(entry.uri()).filter(|_| entry.uri.is_some()) else {
            continue;
        };
        // A relative path may be meant for an agent with a `--frameworks_home`; credentials never are.
        if fetcher::is_relative(entry.uri()) && context.credential(&entry).is_none() {
            continue;
        }
        drafts
            .report(context.at_entry(&entry, Some("uri")), "this URI cannot be fetched")
            .label(reason)
            .help("a fetch that fails fails the task: every start ends in TASK_FAILED");
    }
}

/// MC017.
pub(super) fn exposed<'d>(context: &Context<'_, 'd>, model: &Model<'d>, drafts: &mut Drafts<'_>) {
    for entry in context.entries(model) {
        let uri = entry.uri();
        let user_info = fetcher::user_info(uri).is_some_and(|user| !fetcher::is_templated(user));
        if user_info {
            drafts
                .report(context.at_entry(&entry, Some("uri")), "a user name or password stands in the URI")
                .help("everyone who can read the definition or the sandbox's log can read it; use a source that needs none");
        } else if uri.starts_with("http://") && context.credential(&entry).is_some() {
            drafts
                .report(
                    context.at_entry(&entry, Some("uri")),
                    "the credentials are fetched over plain http",
                )
                .help("use https, or a file on the agents");
        }
    }
}
