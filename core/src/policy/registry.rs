//! One registry of a policy: which images it names, and where the credentials for them come from.

use super::archive::ArchiveUri;
use super::secret::SecretTemplate;
use super::text::{NonEmpty, OneOrMany, read_from_string};
use crate::image::{Exposure, Pattern, Reference, excerpt, exposure, literal_exposure};
use serde::Deserialize;
use std::str::FromStr;

/// Where the credentials for a registry's images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// The definition refers to them: an archive to fetch, a secret, or both.
    Reference,
    /// There are none: the images are pulled without. Nothing is ever injected.
    None,
    /// The agents have them (DC/OS: `cluster_docker_credentials`). Nothing is ever injected.
    Cluster,
}

/// One `[[registry]]` of a policy, or the last resort that the command line gives.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Registry {
    patterns: Vec<Pattern>,
    archive: Option<ArchiveUri>,
    secret: Option<SecretTemplate>,
    secret_name: String,
    accept: Vec<String>,
    credentials: Credentials,
    last_resort: bool,
}

/// The key in `secrets` where a policy names none.
const SECRET_NAME: &str = "pullConfigSecret";

impl Registry {
    /// The patterns of its images; none for the last resort, which takes what nothing else names.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The archive to fetch, for the Docker containerizer.
    #[must_use]
    pub fn archive(&self) -> Option<&str> {
        self.archive.as_ref().map(ArchiveUri::as_str)
    }

    /// The secret's path in the secret store, for UCR and pods.
    #[must_use]
    pub fn secret(&self) -> Option<&SecretTemplate> {
        self.secret.as_ref()
    }

    /// The key that the secret gets in `secrets`, if it is free.
    #[must_use]
    pub fn secret_name(&self) -> &str {
        &self.secret_name
    }

    /// URIs that count as supplying these credentials, beside the archive itself and the names that are known anyway.
    #[must_use]
    pub fn accept(&self) -> &[String] {
        &self.accept
    }

    /// Where the credentials come from.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials
    }

    /// Whether this is what the command line gives for images that no registry of the policy names.
    #[must_use]
    pub fn is_last_resort(&self) -> bool {
        self.last_resort
    }

    /// The first of the patterns that names this image. `parsed` is the image as a reference, if it is one; without
    /// it the text with its template marks is compared.
    #[must_use]
    pub fn pattern_for(&self, image: &str, parsed: Option<&Reference<'_>>) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| match parsed {
            Some(reference) => pattern.matches(reference),
            None => pattern.matches_literal(image),
        })
    }

    /// Whether this registry is the one for an image that none before it names.
    pub(super) fn names(&self, image: &str, parsed: Option<&Reference<'_>>) -> bool {
        if self.last_resort {
            let exposure = match parsed {
                Some(reference) => Some(exposure(reference)),
                None => literal_exposure(image),
            };
            return exposure == Some(Exposure::Unknown);
        }
        self.pattern_for(image, parsed).is_some()
    }

    /// What the command line gives, as a registry for images on possibly private hosts.
    pub(super) fn last_resort(archive: Option<ArchiveUri>, secret: Option<SecretTemplate>) -> Registry {
        Registry {
            patterns: Vec::new(),
            archive,
            secret,
            secret_name: SECRET_NAME.to_owned(),
            accept: Vec::new(),
            credentials: Credentials::Reference,
            last_resort: true,
        }
    }

    /// Takes what the command line gives before what the policy says.
    pub(super) fn override_with(&mut self, archive: Option<&ArchiveUri>, secret: Option<&SecretTemplate>) {
        if self.credentials == Credentials::Reference {
            self.archive = archive.cloned().or_else(|| self.archive.take());
            self.secret = secret.cloned().or_else(|| self.secret.take());
        }
    }
}

/// A registry as it is written, before its keys are held against each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    r#match: OneOrMany<Pattern>,
    archive: Option<ArchiveUri>,
    secret: Option<SecretTemplate>,
    secret_name: Option<NonEmpty>,
    #[serde(default)]
    accept: Vec<NonEmpty>,
    credentials: Option<Elsewhere>,
}

/// The values of `credentials`.
#[derive(Clone, Copy)]
enum Elsewhere {
    None,
    Cluster,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is neither \"none\" (pulled without credentials) nor \"cluster\" (the agents have them); an archive or a secret \
     is named by `archive` or `secret`"
)]
struct UnknownCredentials(String);

impl FromStr for Elsewhere {
    type Err = UnknownCredentials;

    fn from_str(text: &str) -> Result<Elsewhere, UnknownCredentials> {
        match text {
            "none" => Ok(Elsewhere::None),
            "cluster" => Ok(Elsewhere::Cluster),
            _ => Err(UnknownCredentials(excerpt(text))),
        }
    }
}

read_from_string!(Elsewhere, "\"none\" or \"cluster\"");

/// Why the keys of a registry do not go together.
#[derive(Debug, thiserror::Error)]
enum RegistryError {
    #[error(
        "this registry does not say where its credentials are: give `archive` (Docker containerizer), `secret` (UCR and \
         pods) or both, or `credentials = \"none\"` or \"cluster\""
    )]
    Nothing,
    #[error(
        "`credentials = \"{0}\"` means that nothing is injected: drop it, or drop `archive`, `secret` and `secret-name`"
    )]
    Contradiction(&'static str),
}

impl TryFrom<Written> for Registry {
    type Error = RegistryError;

    fn try_from(written: Written) -> Result<Registry, RegistryError> {
        let names_some = written.archive.is_some() || written.secret.is_some();
        let credentials = match written.credentials {
            None if names_some => Credentials::Reference,
            None => return Err(RegistryError::Nothing),
            Some(elsewhere) => {
                let (credentials, word) = match elsewhere {
                    Elsewhere::None => (Credentials::None, "none"),
                    Elsewhere::Cluster => (Credentials::Cluster, "cluster"),
                };
                if names_some || written.secret_name.is_some() {
                    return Err(RegistryError::Contradiction(word));
                }
                credentials
            }
        };
        Ok(Registry {
            patterns: written.r#match.0,
            archive: written.archive,
            secret: written.secret,
            secret_name: written
                .secret_name
                .map_or_else(|| SECRET_NAME.to_owned(), |name| name.0),
            accept: written.accept.into_iter().map(|uri| uri.0).collect(),
            credentials,
            last_resort: false,
        })
    }
}
