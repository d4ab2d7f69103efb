//! The policy: which registries there are, where their credentials come from, and how loud each rule is.
//!
//! A [`Policy`] is read with serde from whatever holds it; `pullcreds.toml` is the usual place. Every value is held to
//! its meaning while it is read, so that an error stands at the value and says what to write. Finding the file,
//! `extend`, `include` and `exclude` are the caller's: nothing here opens a file, and nothing here knows a rule.
//!
//! ```
//! use pullcreds_core::image::Reference;
//! use pullcreds_core::policy::Policy;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy: Policy = toml::from_str(
//!     r#"
//!     marathon-version = "1.11"
//!
//!     [[registry]]
//!     match   = ["registry.example.com", "registry.example.com:5000/team/**"]
//!     archive = "file:///etc/docker.tar.gz"
//!     secret  = "{top}/pullConfig"
//!
//!     [[registry]]
//!     match = "quay.io/**"
//!     credentials = "none"
//!
//!     [rules]
//!     MC021 = "off"
//!
//!     [[ignore]]
//!     id = "/team/legacy/**"
//!     rules = ["MC013"]
//!     "#,
//! )?;
//! let image = "registry.example.com/team/app:1.0";
//! let (index, registry) = policy.registry_for(image, Some(&Reference::parse(image)?)).ok_or("no registry")?;
//! assert_eq!((index, registry.archive()), (0, Some("file:///etc/docker.tar.gz")));
//! # Ok(())
//! # }
//! ```

mod archive;
mod plugin;
mod registry;
mod relocate;
mod secret;
mod settings;
mod silence;
mod text;
mod version;

pub use archive::{ArchiveError, ArchiveUri};
pub use plugin::{Limits, Plugin, SILENCING_LABEL, names_rule_of_plugin};
pub use registry::{Credentials, Registry};
pub use relocate::Relocated;
pub use secret::{SecretError, SecretTemplate, TemplateError};
pub use silence::{Ignore, Level, LevelError};
pub use version::{DockerVersion, MarathonVersion, VersionError};

use crate::definition::id::{IdError, ServiceId, resolve};
use crate::image::{Reference, Relocation, is_templated};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;
use text::{NonEmpty, read_from_string};

/// What one organisation says about its registries and about the rules.
///
/// The default is a policy that says nothing: no registry is named, so nothing is injected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Policy {
    marathon_version: Option<MarathonVersion>,
    docker_version: Option<DockerVersion>,
    default_user: Option<String>,
    secrets: bool,
    service_prefix: ServiceId,
    extend: Option<String>,
    include: Vec<String>,
    exclude: Vec<String>,
    registries: Vec<Registry>,
    relocations: Vec<Relocation>,
    rules: BTreeMap<String, Level>,
    ignores: Vec<Ignore>,
    plugins: Vec<Plugin>,
}

impl Policy {
    /// The registry whose credentials an image needs, and its place among [`Policy::registries`]: the first that names
    /// the image.
    ///
    /// `parsed` is the image as a reference, if it is one. Where it is none, only text with template marks can still be
    /// named, by what of it is written out (see [`Pattern::matches_literal`](crate::image::Pattern::matches_literal));
    /// text that is simply wrong is named by nothing.
    #[must_use]
    pub fn registry_for(&self, image: &str, parsed: Option<&Reference<'_>>) -> Option<(usize, &Registry)> {
        if parsed.is_none() && !is_templated(image) {
            return None;
        }
        self.registries
            .iter()
            .enumerate()
            .find(|(_, registry)| registry.names(image, parsed))
    }

    /// The policy as two flags of the command line, `--archive URI` and `--secret PATH`, leave it.
    ///
    /// - The command line goes before the policy: a registry whose credentials a definition must name takes what a flag
    ///   gives, whatever the policy has there. Registries with `credentials = "none"` or `"cluster"` stay as they are.
    /// - What no registry names goes to a last resort with the flags' archive and secret, if its host is possibly
    ///   private ([`Exposure::Unknown`](crate::image::Exposure::Unknown)): not on Docker Hub or another public host, not
    ///   on `localhost`, not on the cluster's own names. An image with template marks goes there only if its host is
    ///   written out. The last resort stands after all registries and has the usual `secret-name`.
    ///
    /// So `--archive` alone, without a policy, serves exactly the images that would otherwise be a warning "possibly
    /// private: no policy says", as far as the Docker containerizer pulls them.
    ///
    /// # Errors
    /// Where a flag's value would not do in a policy either.
    pub fn with_flags(mut self, archive: Option<&str>, secret: Option<&str>) -> Result<Policy, FlagError> {
        let archive: Option<ArchiveUri> = archive.map(str::parse).transpose()?;
        let secret: Option<SecretTemplate> = secret.map(str::parse).transpose()?;
        for registry in &mut self.registries {
            registry.override_with(archive.as_ref(), secret.as_ref());
        }
        if archive.is_some() || secret.is_some() {
            self.registries.push(Registry::last_resort(archive, secret));
        }
        Ok(self)
    }

    /// The registries, in the order in which they are asked.
    #[must_use]
    pub fn registries(&self) -> &[Registry] {
        &self.registries
    }

    /// Where an image is served from, if the policy says that it is served from elsewhere: the first `[[relocate]]` whose
    /// `from` names it decides. `parsed` is the image as a reference, if it is one.
    ///
    /// One step only: an image that the `to` of any entry names is at its place.
    #[must_use]
    pub fn relocated(&self, image: &str, parsed: Option<&Reference<'_>>) -> Option<Relocated<'_>> {
        if self.relocations.iter().any(|entry| entry.has_moved(image, parsed)) {
            return None;
        }
        let mut entries = self.relocations.iter().enumerate();
        entries.find_map(|(index, relocation)| {
            let image = relocation.moved(image, parsed)?;
            Some(Relocated {
                index,
                relocation,
                image,
            })
        })
    }

    /// Everything under `[[relocate]]`.
    #[must_use]
    pub fn relocations(&self) -> &[Relocation] {
        &self.relocations
    }

    /// Marathon's version: the newest where the policy says nothing.
    #[must_use]
    pub fn marathon(&self) -> MarathonVersion {
        self.marathon_version.unwrap_or(MarathonVersion::NEWEST)
    }

    /// The version of Docker on the agents, if the policy says it.
    #[must_use]
    pub fn docker(&self) -> Option<DockerVersion> {
        self.docker_version
    }

    /// The user that tasks run as where a definition names none, if the policy says it.
    #[must_use]
    pub fn default_user(&self) -> Option<&str> {
        self.default_user.as_deref()
    }

    /// Whether there is a secret store. Without one (`secrets = false`) no secret is injected, whatever a registry
    /// names.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.secrets
    }

    /// Where this Marathon hangs its services: the root, unless it is a Marathon on Marathon.
    #[must_use]
    pub fn service_prefix(&self) -> &ServiceId {
        &self.service_prefix
    }

    /// The policy that this one extends, as it was written: a path relative to this policy's folder.
    #[must_use]
    pub fn extend(&self) -> Option<&str> {
        self.extend.as_deref()
    }

    /// Globs of files to look at, as they were written.
    #[must_use]
    pub fn include(&self) -> &[String] {
        &self.include
    }

    /// Globs of files to leave alone, as they were written.
    #[must_use]
    pub fn exclude(&self) -> &[String] {
        &self.exclude
    }

    /// The level that the policy gives a rule, by its code or its name in any case of letters; the code counts where both
    /// are written.
    #[must_use]
    pub fn level(&self, code: &str, name: &str) -> Option<Level> {
        let by = |known: &str| self.rules.iter().find(|(rule, _)| rule.eq_ignore_ascii_case(known));
        by(code).or_else(|| by(name)).map(|(_, level)| *level)
    }

    /// Everything under `[rules]`: codes and names as written, with their levels.
    pub fn rules(&self) -> impl Iterator<Item = (&str, Level)> {
        self.rules.iter().map(|(rule, level)| (rule.as_str(), *level))
    }

    /// Everything under `[[ignore]]`.
    #[must_use]
    pub fn ignores(&self) -> &[Ignore] {
        &self.ignores
    }

    /// Everything under `[[plugin]]`: stages after the rules, for whoever runs plugins. The rules know nothing of them.
    #[must_use]
    pub fn plugins(&self) -> &[Plugin] {
        &self.plugins
    }

    /// Whether some `[[ignore]]` silences a finding: see [`Ignore::silences`].
    #[must_use]
    pub fn silences(&self, code: &str, name: &str, id: Option<&str>, path: Option<&str>) -> bool {
        self.ignores.iter().any(|ignore| ignore.silences(code, name, id, path))
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::from(Written::default())
    }
}

/// Why a flag of the command line would not do in a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlagError {
    /// `--archive` is no archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// `--secret` is no secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// A policy as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Written {
    marathon_version: Option<MarathonVersion>,
    docker_version: Option<DockerVersion>,
    default_user: Option<NonEmpty>,
    secrets: Option<bool>,
    service_prefix: Option<Prefix>,
    extend: Option<NonEmpty>,
    include: Vec<NonEmpty>,
    exclude: Vec<NonEmpty>,
    registry: Vec<Registry>,
    relocate: Vec<relocate::Relocate>,
    rules: BTreeMap<String, Level>,
    ignore: Vec<Ignore>,
    plugin: Vec<Plugin>,
}

struct Prefix(ServiceId);

impl FromStr for Prefix {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Prefix, IdError> {
        resolve(text, None).map(Prefix)
    }
}

read_from_string!(Prefix, "a path of ids in quotes, such as \"/\" or \"/team/marathon\"");

impl From<Written> for Policy {
    fn from(written: Written) -> Policy {
        let texts = |list: Vec<NonEmpty>| list.into_iter().map(|text| text.0).collect();
        Policy {
            marathon_version: written.marathon_version,
            docker_version: written.docker_version,
            default_user: written.default_user.map(|user| user.0),
            secrets: written.secrets.unwrap_or(true),
            service_prefix: written.service_prefix.map_or_else(ServiceId::root, |prefix| prefix.0),
            extend: written.extend.map(|path| path.0),
            include: texts(written.include),
            exclude: texts(written.exclude),
            registries: written.registry,
            relocations: written.relocate.into_iter().map(|entry| entry.0).collect(),
            rules: written.rules,
            ignores: written.ignore,
            plugins: written.plugin,
        }
    }
}

#[cfg(test)]
mod tests;
