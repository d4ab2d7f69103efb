//! What a rule may ask about the app or pod that it looks at, beside the model itself.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::Labels;
use super::draft::At;
use crate::definition::fetcher::{self, CredentialFile};
use crate::definition::id::{IdError, ServiceId, may_read, resolve};
use crate::definition::{Artifact, Containerizer, Definition, Model, Owner, Place, Site};
use crate::image::{self, Exposure, Reference, ReferenceError, is_templated};
use crate::json::Value;
use crate::policy::{Credentials, MarathonVersion, Policy, Registry};

/// What is known about the image of one site, and does not change while fixes are tried.
#[derive(Debug)]
pub(crate) struct SiteFacts<'p, 'm> {
    text: &'m str,
    /// The parsed reference; why it cannot be pulled otherwise.
    pub(crate) reference: Result<Reference<'m>, ReferenceError>,
    /// A template is still to be filled in.
    pub(crate) templated: bool,
    /// The entry of the policy that names it.
    pub(crate) registry: Option<&'p Registry>,
}

impl<'p, 'm> SiteFacts<'p, 'm> {
    pub(crate) fn of(site: &'m Site<'_>, policy: &'p Policy) -> SiteFacts<'p, 'm> {
        SiteFacts::of_image(&site.reference, policy)
    }

    /// The same of an image that no site names yet.
    pub(super) fn of_image(text: &'m str, policy: &'p Policy) -> SiteFacts<'p, 'm> {
        let reference = Reference::parse(text);
        // No reference has template marks, so what is one need not be searched for them.
        let templated = reference.is_err() && is_templated(text);
        let registry = policy
            .registry_for(text, reference.as_ref().ok())
            .map(|(_, registry)| registry);
        SiteFacts {
            text,
            reference,
            templated,
            registry,
        }
    }

    /// The entry of the policy that says which credentials a definition must name, where one does.
    pub(crate) fn private(&self) -> Option<&'p Registry> {
        if self.reference.is_err() && !self.templated {
            return None;
        }
        self.registry
            .filter(|registry| registry.credentials() == Credentials::Reference)
    }

    /// Whether nobody says anything about the image, and its host is not known to need no credentials.
    pub(crate) fn possibly_private(&self) -> bool {
        self.registry.is_none() && self.exposure() == Some(Exposure::Unknown)
    }

    /// What is known of the host; of a template's, where it is written out.
    pub(crate) fn exposure(&self) -> Option<Exposure> {
        match &self.reference {
            Ok(reference) => Some(image::exposure(reference)),
            Err(_) if self.templated => image::literal_exposure(self.text),
            Err(_) => None,
        }
    }

    /// How to name where the image comes from.
    pub(crate) fn registry_name(&self) -> &'m str {
        match &self.reference {
            Ok(reference) => reference.registry(),
            Err(_) => image::literal_registry(self.text).unwrap_or("its registry"),
        }
    }
}

/// One of the lists that bring files into a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Fetch,
    Uris,
    /// `artifacts` of the pod's container with this index.
    Artifacts(usize),
}

/// An entry with its place in its list.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'m, 'd> {
    pub(crate) list: List,
    pub(crate) index: usize,
    artifact: &'m Artifact<'d>,
}

impl<'d> std::ops::Deref for Entry<'_, 'd> {
    type Target = Artifact<'d>;

    fn deref(&self) -> &Artifact<'d> {
        self.artifact
    }
}

/// The surroundings of one app or pod.
pub(crate) struct Context<'a, 'd> {
    pub(crate) policy: &'a Policy,
    pub(crate) owner: &'a Owner<'d>,
    pub(crate) sites: &'a [SiteFacts<'a, 'a>],
    pub(crate) version: MarathonVersion,
    pub(crate) definition: &'a Definition<'d>,
    /// The stored app that an update is laid over.
    pub(crate) stored: Option<Value<'d>>,
    /// Whether stored apps were given, and none of them is the one of this update.
    pub(crate) is_not_stored: bool,
    pub(crate) stored_id: OnceCell<Option<Result<ServiceId, IdError>>>,
    /// Whether a word stands in the text that none of its strings can hold credentials without; no fix changes that.
    pub(crate) suspicious: OnceCell<bool>,
    pub(crate) labels: Labels<'d>,
}

impl<'d> Context<'_, 'd> {
    /// Whether the ids here are the ones that DC/OS knows; a Marathon on Marathon hangs its services below a prefix.
    pub(crate) fn is_root_marathon(&self) -> bool {
        self.policy.service_prefix().is_root()
    }

    /// Whether the cluster's Marathon is older than this.
    pub(crate) fn older_than(&self, major: u16, minor: u16) -> bool {
        self.version < MarathonVersion { major, minor }
    }

    /// The full id of the app or pod; an update may leave it to its URL, and what is stored has it.
    pub(crate) fn id(&self) -> Option<&Result<ServiceId, IdError>> {
        let stored = || Some(resolve(&self.stored?.get("id")?.as_str()?, None));
        self.owner
            .id(self.definition)
            .or_else(|| self.stored_id.get_or_init(stored).as_ref())
    }

    /// The full id, where it is known and good.
    pub(crate) fn known_id(&self) -> Option<&ServiceId> {
        self.id().and_then(|id| id.as_ref().ok())
    }

    /// How to let the stored app be known.
    pub(crate) fn give_current(&self) -> &'static str {
        if self.is_not_stored {
            "the file of --current has no app of this id: give the one that has it"
        } else {
            "give the stored definition with --current FILE"
        }
    }

    /// Whether a `pullConfig` can bring credentials: Marathon reads it since 1.5, and there is a secret store.
    pub(crate) fn has_pull_secrets(&self) -> bool {
        self.reads_pull_config() && self.policy.has_secrets()
    }

    /// Whether a `pullConfig` is anything to Marathon; before 1.5 it is a member like any that it does not know.
    pub(crate) fn reads_pull_config(&self) -> bool {
        !self.older_than(1, 5)
    }

    /// Whether DC/OS lets the app or pod read a secret, as far as its id tells.
    pub(crate) fn may_read(&self, source: &str) -> bool {
        !self.is_root_marathon() || is_templated(source) || self.known_id().is_none_or(|id| may_read(source, id))
    }

    /// Whether a DC/OS package generated the definition.
    pub(crate) fn is_package_generated(&self) -> bool {
        self.labels.package.is_some()
    }

    /// "app" or "pod".
    pub(crate) fn what(&self) -> &'static str {
        match self.owner.kind {
            crate::definition::OwnerKind::Pod => "pod",
            _ => "app",
        }
    }

    /// The sites with what is known about their images, and who pulls them.
    pub(crate) fn sites<'m>(
        &self,
        model: &'m Model<'d>,
    ) -> impl Iterator<Item = (usize, &'m Site<'d>, &SiteFacts<'_, '_>, Containerizer)> {
        let sites = model.sites.iter().zip(self.sites).enumerate();
        sites.map(|(index, (site, facts))| (index, site, facts, model.containerizer(site)))
    }

    /// The whole app or pod, by its first byte.
    pub(crate) fn at_owner(&self) -> At {
        let start = self.owner.value.span().start;
        At {
            span: start..start + 1,
            tokens: Vec::new(),
        }
    }

    /// A member at some depth; the nearest thing above it that is there, where it is not.
    pub(crate) fn at_path(&self, tokens: &[&'static str]) -> At {
        self.at_tokens(tokens.iter().map(|token| Cow::Borrowed(*token)).collect())
    }

    fn at_tokens(&self, mut tokens: Vec<Cow<'static, str>>) -> At {
        let mut value = self.owner.value;
        let mut reached = 0;
        for token in &tokens {
            let Some(inner) = step(value, token) else { break };
            value = inner;
            reached += 1;
        }
        if reached == 0 {
            return self.at_owner();
        }
        tokens.truncate(reached);
        At {
            span: value.span(),
            tokens,
        }
    }

    /// The string that names an image.
    pub(crate) fn at_image(&self, site: &Site<'_>) -> At {
        let mut tokens = site.place.tokens();
        tokens.push(site.place.image_key().into());
        At {
            span: site.image.span(),
            tokens,
        }
    }

    /// A member of an image block; the image itself where it is not there.
    pub(crate) fn at_block(&self, site: &Site<'_>, key: &'static str) -> At {
        match site.block.get(key) {
            Some(value) => {
                let mut tokens = site.place.tokens();
                tokens.push(key.into());
                At {
                    span: value.span(),
                    tokens,
                }
            }
            None => self.at_image(site),
        }
    }

    /// An entry of a list, or a member of it. What a fix has made has no place in the text yet; it is shown where its
    /// list is, or is going to be.
    pub(crate) fn at_entry(&self, entry: &Entry<'_, 'd>, key: Option<&'static str>) -> At {
        let mut tokens: Vec<Cow<'static, str>> = match entry.list {
            List::Fetch => vec!["fetch".into()],
            List::Uris => vec!["uris".into()],
            List::Artifacts(container) => {
                vec!["containers".into(), container.to_string().into(), "artifacts".into()]
            }
        };
        let Some(written) = entry.written.filter(|_| entry.origin.is_some()) else {
            let span = self.at_tokens(tokens.clone()).span;
            tokens.push(entry.index.to_string().into());
            tokens.extend(key.map(Cow::Borrowed));
            return At { span, tokens };
        };
        tokens.push(entry.index.to_string().into());
        At::written(written, tokens, key)
    }

    /// The entries that the app or pod itself lists, of all its lists.
    pub(crate) fn entries<'m>(&self, model: &'m Model<'d>) -> impl Iterator<Item = Entry<'m, 'd>> {
        fn of<'m, 'd>(list: List, entries: &'m [Artifact<'d>]) -> impl Iterator<Item = Entry<'m, 'd>> {
            entries
                .iter()
                .enumerate()
                .map(move |(index, artifact)| Entry { list, index, artifact })
        }
        let artifacts = model.sites.iter().flat_map(|site| {
            let container = match site.place {
                Place::App => 0,
                Place::PodContainer(index) => index,
            };
            of(List::Artifacts(container), site.artifacts.entries())
        });
        of(List::Fetch, model.fetch.entries())
            .chain(of(List::Uris, model.uris.entries()))
            .chain(artifacts)
    }

    /// What an entry is to a `docker pull`: by its name, or because the policy names it.
    pub(crate) fn credential(&self, entry: &Artifact<'_>) -> Option<CredentialFile> {
        let uri = entry.uri();
        if let Some(file) = fetcher::credential_file(uri, entry.dest_path.as_deref()) {
            return Some(file);
        }
        if !self.policy.registries().iter().any(|registry| names(registry, uri)) {
            return None;
        }
        Some(match fetcher::file_name(uri) {
            "config.json" => CredentialFile::RawConfig,
            ".dockercfg" => CredentialFile::LegacyFile,
            _ => CredentialFile::Archive,
        })
    }

    /// Whether an entry will be found by the Docker of the cluster's agents, once it is fetched and placed right.
    pub(crate) fn supplies(&self, entry: &Artifact<'_>) -> bool {
        match self.credential(entry) {
            None => false,
            Some(CredentialFile::LegacyFile) => reads_dockercfg(self.policy),
            Some(CredentialFile::Archive | CredentialFile::RawConfig) => true,
        }
    }
}

/// Whether a registry's credentials are said to lie there.
fn names(registry: &Registry, uri: &str) -> bool {
    registry.archive() == Some(uri) || registry.accept().iter().any(|accepted| accepted == uri)
}

/// Whether the Docker of the agents reads `.dockercfg`: it does before 23.0 (docker/cli docs/deprecated.md). Where the
/// policy does not say, it is taken to: somebody put the file there, and a second credential beside one that works would
/// restart the service for nothing.
fn reads_dockercfg(policy: &Policy) -> bool {
    policy.docker().is_none_or(|version| version.major < 23)
}

fn step<'d>(value: Value<'d>, token: &str) -> Option<Value<'d>> {
    if value.is_array() {
        return value.elements().nth(token.parse().ok()?);
    }
    value.get(token)
}
