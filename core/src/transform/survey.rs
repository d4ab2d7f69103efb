//! What a text pulls, whatever any rule thinks of it: for `explain`, and for a first policy.

use std::ops::Range;

use super::open::{Current, Opened, open, open_current};
use super::silence::Silenced;
use super::subject::Subject;
use super::{Kind, Options, Passed, TransformError};
use crate::definition::id::ServiceId;
use crate::definition::{Containerizer, Definition, Member, Model, Place, Site};
use crate::json::Pointer;

/// What one text pulls.
#[derive(Clone, Debug)]
pub enum Surveyed {
    /// Not for this tool.
    Passed(Passed),
    /// A definition, and its pull sites in the order of the text.
    Definition(Kind, Vec<PullSite>),
}

/// One place where one image is pulled.
#[derive(Clone, Debug)]
pub struct PullSite {
    /// "app" or "pod".
    pub owner: &'static str,
    /// The full id of the app or pod, as far as it is known.
    pub id: Option<ServiceId>,
    /// The id as it is shown to a person; also one that is a template, or wrong.
    pub shown_id: Option<String>,
    /// The block that names the image, from the root of the text.
    pub block: Pointer,
    /// The bytes of the image.
    pub span: Range<usize>,
    /// The image as it is written.
    pub image: String,
    /// Who pulls it.
    pub containerizer: Containerizer,
    /// Why it is that one.
    pub why: String,
    /// The credentials that the definition names for it; good or bad is the rules' to say.
    pub named: Vec<Named>,
    /// Whether each start asks the registry, though the agent has the image.
    pub forces_pull: bool,
    /// Whether a DC/OS package generated the definition, so that nothing is ever added.
    pub is_package_generated: bool,
    /// What the label of the app or pod silences.
    pub silenced: Silenced,
}

/// Credentials that a definition names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Named {
    /// A file that is fetched into the sandbox of an app that the Docker containerizer starts.
    Fetched {
        /// Its URI.
        uri: String,
    },
    /// The secret of an image that UCR pulls.
    Secret {
        /// Its key in `secrets`.
        key: String,
        /// Its path in the secret store, where the definition has it.
        source: Option<String>,
    },
}

pub(super) fn survey(text: &[u8], options: &Options<'_>) -> Result<Surveyed, TransformError> {
    let (document, kind) = match open(text, options)? {
        Opened::Passed(passed) => return Ok(Surveyed::Passed(passed)),
        Opened::Definition(document, kind) => (document, kind),
    };
    let stored = open_current(options)?;
    let current = stored.as_ref().map(Current::read).transpose()?;
    let definition = Definition::read(document.root(), kind, options.group)?;
    let mut found = Vec::new();
    for owner in &definition.owners {
        let Some(subject) = Subject::new(&definition, owner, current.as_ref(), options)? else {
            continue;
        };
        let model = &subject.model;
        let facts = subject.facts();
        let context = subject.context(&facts);
        for (_, site, _, containerizer) in context.sites(model) {
            let named = match containerizer {
                Containerizer::Docker => model
                    .fetched()
                    .filter(|entry| context.credential(entry).is_some())
                    .map(|entry| Named::Fetched {
                        uri: entry.uri().to_owned(),
                    })
                    .collect(),
                Containerizer::Ucr => secret(model, site).into_iter().collect(),
                Containerizer::Unknown => Vec::new(),
            };
            let mut block = owner.pointer(&definition);
            for token in site.place.tokens() {
                block.push(&token);
            }
            found.push(PullSite {
                owner: context.what(),
                id: context.known_id().cloned(),
                shown_id: subject.shown_id(),
                block,
                span: site.image.span(),
                image: site.reference.clone().into_owned(),
                containerizer,
                why: why(model, site),
                named,
                forces_pull: site.force,
                is_package_generated: context.is_package_generated(),
                silenced: subject.silenced.clone(),
            });
        }
    }
    Ok(Surveyed::Definition(kind, found))
}

fn secret(model: &Model<'_>, site: &Site<'_>) -> Option<Named> {
    let key = match &site.pull_config {
        Member::Present(key) => key.clone().into_owned(),
        _ => return None,
    };
    let declared = model.declared().iter().find(|secret| *secret.key == *key);
    let source = declared.and_then(|secret| secret.source.clone());
    Some(Named::Secret {
        key,
        source: source.map(std::borrow::Cow::into_owned),
    })
}

/// In words, what [`Model::containerizer`] decides.
fn why(model: &Model<'_>, site: &Site<'_>) -> String {
    match (site.place, &model.container_type, &site.kind) {
        (Place::App, Member::Absent | Member::Null, _) => {
            "`container.type` is not written, and Marathon then takes DOCKER".to_owned()
        }
        (Place::App, Member::Present(name), _) => format!("`container.type` is {name}"),
        (Place::App, Member::Malformed, _) => "`container.type` is not a string".to_owned(),
        (Place::PodContainer(_), _, Member::Present(kind)) if !kind.eq_ignore_ascii_case("DOCKER") => {
            format!("the `kind` of the image is {kind}")
        }
        (Place::PodContainer(_), _, Member::Malformed) => "the `kind` of the image is not a string".to_owned(),
        (Place::PodContainer(_), ..) => "pods are always run by it".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{Named, Surveyed};
    use crate::policy::Policy;
    use crate::transform::{Options, Selection, survey};

    fn sites(text: &str) -> Vec<String> {
        let (policy, selection) = (Policy::default(), Selection::default());
        let surveyed = survey(text.as_bytes(), &Options::new(&policy, &selection)).expect("a definition");
        let Surveyed::Definition(_, sites) = surveyed else {
            return Vec::new();
        };
        let named = |named: &Named| match named {
            Named::Fetched { uri } => uri.clone(),
            Named::Secret { key, source } => format!("{key}={}", source.as_deref().unwrap_or("?")),
        };
        let line = |site: &super::PullSite| {
            let id = site.shown_id.as_deref().unwrap_or("?");
            let named: Vec<_> = site.named.iter().map(named).collect();
            format!(
                "{} {id} {} {} {:?}: {} [{}]",
                site.owner,
                site.block,
                site.image,
                site.containerizer,
                site.why,
                named.join(" ")
            )
        };
        sites.iter().map(line).collect()
    }

    #[test]
    fn each_site_says_who_pulls_it_and_with_what() {
        let group = r#"{"id": "/team", "apps": [
            {"id": "web", "uris": ["file:///etc/docker.tar.gz", "https://example.com/site.zip"],
             "container": {"docker": {"image": "registry.example.com/web"}}},
            {"id": "ucr", "secrets": {"pull": {"source": "team/pull"}},
             "container": {"type": "mesos", "docker": {"image": "registry.example.com/ucr", "pullConfig": {"secret": "pull"}}}},
            {"id": "lost", "container": {"type": "MESOS", "docker": {"image": "a", "pullConfig": {"secret": "none"}}}},
            {"id": "imageless", "cmd": "true"}
        ]}"#;
        assert_eq!(
            sites(group),
            [
                "app /team/web /apps/0/container/docker registry.example.com/web Docker: `container.type` is not \
                 written, and Marathon then takes DOCKER [file:///etc/docker.tar.gz]",
                "app /team/ucr /apps/1/container/docker registry.example.com/ucr Ucr: `container.type` is mesos \
                 [pull=team/pull]",
                "app /team/lost /apps/2/container/docker a Ucr: `container.type` is MESOS [none=?]",
            ]
        );
        let pod = r#"{"id": "{{id}}", "containers": [{"name": "a", "image": {"id": "a", "kind": "DOCKER"}},
            {"name": "b", "image": {"id": "b", "kind": "APPC"}}]}"#;
        assert_eq!(
            sites(pod),
            [
                "pod {{id}} /containers/0/image a Ucr: pods are always run by it []",
                "pod {{id}} /containers/1/image b Unknown: the `kind` of the image is APPC []",
            ]
        );
        assert!(sites("{}").is_empty());
    }
}
