//! What a policy would say of a registry, from what its images name already.

use std::collections::{BTreeMap, BTreeSet};

use pullcreds_core::policy::{ArchiveUri, SecretTemplate};

use super::{Registry, Secret};

/// Observations that are looked at: more of them tell nothing new, and each is compared with each.
const ENOUGH: usize = 400;

/// The key that a secret gets where a policy says nothing.
const USUAL_NAME: &str = "pullConfigSecret";

/// A value that some of the images bear out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) value: String,
    /// By how many it is borne out.
    pub(super) by: usize,
    /// The other values that were seen, and how often.
    pub(super) others: Vec<(String, usize)>,
}

/// The archive that most images fetch.
pub(super) fn archive(registry: &Registry) -> Option<Proposal> {
    let mut seen: Vec<(&String, usize)> = registry
        .archives
        .iter()
        .filter(|(uri, _)| uri.parse::<ArchiveUri>().is_ok())
        .map(|(uri, count)| (uri, *count))
        .collect();
    seen.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut seen = seen.into_iter().map(|(uri, count)| (uri.clone(), count));
    let (value, by) = seen.next()?;
    Some(Proposal {
        value,
        by,
        others: seen.collect(),
    })
}

/// The path, with placeholders where that says more, that explains most of the secrets.
pub(super) fn secret(registry: &Registry) -> Option<Proposal> {
    let secrets: Vec<&Secret> = registry.secrets.iter().take(ENOUGH).collect();
    let templates: BTreeSet<(usize, String)> = secrets.iter().flat_map(|secret| templates(secret)).collect();
    let explains = |template: &SecretTemplate, secret: &Secret| {
        let path = template.expand(secret.id.as_ref());
        path.is_ok_and(|path| path == plain(&secret.source))
    };
    let counted = templates.into_iter().filter_map(|(rank, text)| {
        let template = SecretTemplate::parse(&text).ok()?;
        let by = secrets.iter().filter(|secret| explains(&template, secret)).count();
        (by > 0).then_some((by, rank, text, template))
    });
    let (by, _, value, template) =
        counted.min_by(|one, other| (other.0, one.1, &one.2).cmp(&(one.0, other.1, &other.2)))?;
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    for secret in secrets.iter().filter(|secret| !explains(&template, secret)) {
        *others.entry(plain(&secret.source).to_owned()).or_default() += 1;
    }
    Some(Proposal {
        value,
        by,
        others: others.into_iter().collect(),
    })
}

/// The key under which most of the secrets stand, where it is not the usual one.
pub(super) fn secret_name(registry: &Registry) -> Option<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for secret in &registry.secrets {
        *seen.entry(&secret.key).or_default() += 1;
    }
    let (name, _) = seen
        .into_iter()
        .max_by_key(|(name, count)| (*count, *name == USUAL_NAME))?;
    (name != USUAL_NAME).then(|| name.to_owned())
}

/// The templates that give this secret's path, plainest first.
fn templates(secret: &Secret) -> Vec<(usize, String)> {
    let source = plain(&secret.source);
    let mut templates = vec![(0, source.to_owned())];
    let Some(id) = &secret.id else { return templates };
    let top = id.segments().next().unwrap_or_default();
    let placeholders = [
        (top, "{top}"),
        (id.relative_group(), "{group}"),
        (id.relative(), "{id}"),
    ];
    for (index, (prefix, placeholder)) in placeholders.into_iter().enumerate() {
        let rest = source.strip_prefix(prefix).filter(|_| !prefix.is_empty());
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            templates.push((index + 1, format!("{placeholder}{rest}")));
        }
    }
    let app = id.segments().next_back().unwrap_or_default();
    let parts: Vec<&str> = source
        .split('/')
        .map(|part| if part == app { "{app}" } else { part })
        .collect();
    templates.push((4, parts.join("/")));
    templates
}

fn plain(source: &str) -> &str {
    source.strip_prefix('/').unwrap_or(source)
}
