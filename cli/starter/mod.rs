//! A first policy, made from what the definitions of a tree pull and which credentials they name already.
//!
//! Counts here; how it is written down is `page`'s business. Reads no files.

mod page;
mod proposal;

use std::collections::BTreeMap;

use pullcreds_core::definition::Containerizer;
use pullcreds_core::definition::id::ServiceId;
use pullcreds_core::image::{Exposure, Pattern, Reference, exposure, literal_exposure};
use pullcreds_core::transform::{Named, PullSite};

pub(crate) use self::page::page;

/// What was found, by the pattern that would name it in a policy.
#[derive(Debug, Default)]
pub(crate) struct Starter {
    registries: BTreeMap<String, Registry>,
    pub(crate) images: usize,
    pub(crate) files: usize,
}

/// What was found of one registry.
#[derive(Debug, Default)]
struct Registry {
    docker: Pulls,
    /// UCR's, and those of pods.
    ucr: Pulls,
    /// The archives that are fetched for its images, with how many fetch each.
    archives: BTreeMap<String, usize>,
    secrets: Vec<Secret>,
    files: usize,
    /// An app or pod that pulls from it, and the file, to give an example.
    example: Option<(String, String)>,
    /// It is known not to ask for credentials, yet some images bring them.
    is_public: bool,
    /// Something is still to be filled in before there is a name.
    is_templated: bool,
}

/// How many images, and how many of them name credentials.
#[derive(Debug, Default)]
struct Pulls {
    all: usize,
    supplied: usize,
}

#[derive(Debug)]
struct Secret {
    key: String,
    source: String,
    id: Option<ServiceId>,
}

impl Starter {
    /// Adds what one file pulls.
    pub(crate) fn add(&mut self, file: &str, sites: &[PullSite]) {
        self.files += 1;
        self.images += sites.len();
        let mut seen = Vec::new();
        for site in sites {
            let Some(Place {
                pattern,
                is_public,
                is_templated,
            }) = place(site)
            else {
                continue;
            };
            let registry = self.registries.entry(pattern.clone()).or_default();
            (registry.is_public, registry.is_templated) = (is_public, is_templated);
            if !seen.contains(&pattern) {
                registry.files += 1;
                seen.push(pattern);
            }
            registry.add(file, site);
        }
    }

    /// Whether there is a registry that a policy should speak of.
    pub(crate) fn is_empty(&self) -> bool {
        self.registries.is_empty()
    }
}

impl Registry {
    fn add(&mut self, file: &str, site: &PullSite) {
        let pulls = match site.containerizer {
            Containerizer::Docker => &mut self.docker,
            Containerizer::Ucr => &mut self.ucr,
            Containerizer::Unknown => return,
        };
        pulls.all += 1;
        pulls.supplied += usize::from(!site.named.is_empty());
        let example = (site.shown_id.clone().unwrap_or_default(), file.to_owned());
        if self.example.as_ref().is_none_or(|known| example.1 < known.1) {
            self.example = Some(example);
        }
        for named in &site.named {
            match named {
                Named::Fetched { uri } => *self.archives.entry(uri.clone()).or_default() += 1,
                Named::Secret { key, source } => {
                    let source = source.clone().filter(|source| !source.is_empty());
                    self.secrets.extend(source.map(|source| Secret {
                        key: key.clone(),
                        source,
                        id: site.id.clone(),
                    }));
                }
            }
        }
    }
}

struct Place {
    pattern: String,
    is_public: bool,
    is_templated: bool,
}

/// The pattern for the registry of an image; `None` where no policy need speak of it.
fn place(site: &PullSite) -> Option<Place> {
    let image = site.image.as_str();
    let place = |pattern: String, is_public, is_templated| Place {
        pattern,
        is_public,
        is_templated,
    };
    let found = match Reference::parse(image) {
        Ok(reference) if exposure(&reference) == Exposure::Unknown => {
            place(reference.registry().to_ascii_lowercase(), false, false)
        }
        // Much is public there, so no more is named than what brings credentials with it.
        Ok(reference) if !site.named.is_empty() => {
            let below = match reference.repository().split_once('/') {
                Some((first, _)) if first != "library" => format!("{first}/**"),
                _ => reference.repository().to_owned(),
            };
            place(format!("{}/{below}", reference.registry()), true, false)
        }
        Ok(_) => return None,
        Err(_) => {
            let (first, _) = image.split_once('/')?;
            match literal_exposure(image) {
                Some(Exposure::Unknown) => place(first.to_ascii_lowercase(), false, false),
                Some(_) => return None,
                None => place(format!("{first}/**"), false, true),
            }
        }
    };
    Pattern::parse(&found.pattern).is_ok().then_some(found)
}

#[cfg(test)]
mod tests;
