//! The places of a definition where images are pulled, for whoever asks something else of them than the rules do.

use std::ops::Range;

use super::engine::{self, Opened};
use super::{Options, TransformError};
use crate::definition::Containerizer;
use crate::definition::{Definition, read_model};
use crate::image::{self, Exposure, Reference};
use crate::json::Pointer;
use crate::policy::Credentials;

/// One place where one image is pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullSite {
    /// The full id of the app or pod, as far as it is known.
    pub id: Option<String>,
    /// The reference, as written.
    pub image: String,
    /// Where the reference stands.
    pub span: Range<usize>,
    /// Likewise.
    pub pointer: Pointer,
    /// Who pulls it.
    pub containerizer: Containerizer,
    /// Whether it needs credentials: the policy says so, or says nothing and the host is not known to be public.
    pub needs_credentials: bool,
    /// The source of the secret that its `pullConfig` names.
    pub secret: Option<String>,
}

/// All pull sites of a text, in its order; `None` where it is not for this tool.
///
/// # Errors
/// As [`check`](super::check).
pub fn pull_sites(text: &[u8], options: &Options<'_>) -> Result<Option<Vec<PullSite>>, TransformError> {
    let (document, kind) = match engine::open(text, options)? {
        Opened::Passed(_) => return Ok(None),
        Opened::Definition(document, kind) => (document, kind),
    };
    let definition = Definition::read(document.root(), kind, options.group)?;
    let mut sites = Vec::new();
    for owner in &definition.owners {
        let Some(model) = read_model(owner.kind, &owner.fields, None) else {
            continue;
        };
        let id = owner.id(&definition).and_then(|id| id.as_ref().ok());
        for site in &model.sites {
            let mut pointer = owner.pointer.clone();
            for token in site.place.tokens() {
                pointer.push(&token);
            }
            pointer.push(site.place.image_key());
            let key = site.pull_config.value();
            let mut secrets = model.declared().iter();
            let secret = key.and_then(|key| secrets.find(|secret| secret.key == *key));
            sites.push(PullSite {
                id: id.map(ToString::to_string),
                image: site.reference.clone().into_owned(),
                span: site.image.span(),
                pointer,
                containerizer: model.containerizer(site),
                needs_credentials: needs_credentials(&site.reference, options),
                secret: secret.and_then(|secret| secret.source.clone()).map(Into::into),
            });
        }
    }
    sites.sort_by_key(|site| site.span.start);
    Ok(Some(sites))
}

fn needs_credentials(text: &str, options: &Options<'_>) -> bool {
    let reference = Reference::parse(text);
    match options.policy.registry_for(text, reference.as_ref().ok()) {
        Some((_, registry)) => registry.credentials() == Credentials::Reference,
        None => reference.is_ok_and(|reference| image::exposure(&reference) == Exposure::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::transform::Selection;

    #[test]
    fn apps_and_pods_are_listed() {
        let text = br#"{"id": "/g", "apps": [
            {"id": "a", "container": {"docker": {"image": "r.example.com/a"}}},
            {"id": "b", "container": {"type": "MESOS", "docker": {"image": "nginx", "pullConfig": {"secret": "s"}}},
             "secrets": {"s": {"source": "g/pull"}}}],
            "pods": [{"id": "p", "containers": [{"image": {"id": "{{x}}"}}]}]}"#;
        let (policy, selection) = (Policy::default(), Selection::default());
        let sites = pull_sites(text, &Options::new(&policy, &selection)).unwrap().unwrap();
        let short: Vec<_> = sites
            .iter()
            .map(|site| {
                (
                    site.image.as_str(),
                    site.containerizer,
                    site.needs_credentials,
                    site.secret.as_deref(),
                )
            })
            .collect();
        assert_eq!(short[0], ("r.example.com/a", Containerizer::Docker, true, None));
        assert_eq!(short[1], ("nginx", Containerizer::Ucr, false, Some("g/pull")));
        assert_eq!(sites[0].pointer.as_str(), "/apps/0/container/docker/image");
        assert_eq!(
            (sites[1].id.as_deref(), &text[sites[1].span.clone()]),
            (Some("/g/b"), &b"\"nginx\""[..])
        );
        assert_eq!(pull_sites(b"{}", &Options::new(&policy, &selection)).unwrap(), None);
    }
}
