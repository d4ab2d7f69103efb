//! The changes that fixes are made of, and what each does to a [`Model`].
//!
//! A change that finds nothing to do does nothing: several fixes may want the same thing, and one may have made another
//! needless.

use std::borrow::Cow;

use super::fetcher;
use super::model::{Artifact, EntryId, Member, Misspelt, Model, Secret};
use super::owner::OwnerKind;

/// One thing that a fix does.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds a credential archive to `fetch`, or to `uris` where that is the one in use.
    AddArchive(String),
    /// Writes what is stored to fetch into an update that names no list of it, so that it can be changed there.
    TakeOver,
    /// Takes an entry out of `fetch`, `uris` or `artifacts`.
    RemoveEntry(EntryId),
    /// Sets `extract`.
    SetExtract(EntryId, bool),
    /// Sets `executable`.
    SetExecutable(EntryId, bool),
    /// Sets `cache`.
    SetCache(EntryId, bool),
    /// Sets `destPath`.
    SetDestPath(EntryId, &'static str),
    /// Moves all of `uris` into `fetch`; an entry that `fetch` has already is dropped.
    MergeUris,
    /// Gives a site a `pullConfig` for a secret, under the key that `secrets` has for it, or else a new one.
    Supply {
        /// Index of the site.
        site: usize,
        /// The path in the secret store.
        source: String,
        /// The key to take, when it is free.
        wanted_key: String,
    },
    /// Adds an entry to `secrets`.
    DeclareSecret {
        /// The key that a `pullConfig` names.
        key: String,
        /// The path in the secret store.
        source: String,
    },
    /// Lets the `pullConfig` of a site name another key of `secrets`.
    UseSecret {
        /// Index of the site.
        site: usize,
        /// The key.
        key: String,
    },
    /// Takes an entry out of `secrets`.
    RemoveSecret(String),
    /// Takes `pullConfig` out of a site.
    RemovePullConfig(usize),
    /// Sets the image of a site.
    SetImage {
        /// Index of the site.
        site: usize,
        /// The new reference.
        image: String,
    },
    /// Sets `container.type`.
    SetType(&'static str),
    /// Sets `image.kind` of a pod's site.
    SetKind(usize, &'static str),
    /// Gives a misspelt key of a site its right name.
    Rename {
        /// Index of the site.
        site: usize,
        /// As written.
        wrong: &'static str,
    },
    /// Moves the misplaced `pullConfig` with this index in [`Model::misplaced`] into a site.
    MovePullConfig {
        /// Index in [`Model::misplaced`].
        misplaced: usize,
        /// Index of the site.
        site: usize,
    },
    /// Moves misplaced `secrets` to the app or pod.
    MoveSecrets(usize),
}

impl<'d> Model<'d> {
    /// Makes the changes, in order.
    pub fn change(&mut self, changes: &[Change]) {
        for change in changes {
            self.change_one(change);
        }
    }

    fn change_one(&mut self, change: &Change) {
        match change {
            Change::AddArchive(uri) => self.add_archive(uri),
            Change::TakeOver => self.take_over(),
            Change::RemoveEntry(id) => self.remove_entry(*id),
            Change::SetExtract(id, extract) => self.with_entry(*id, |entry| entry.extract = Some(*extract)),
            Change::SetExecutable(id, executable) => {
                self.with_entry(*id, |entry| entry.executable = Some(*executable));
            }
            Change::SetCache(id, cache) => self.with_entry(*id, |entry| entry.cache = Some(*cache)),
            Change::SetDestPath(id, path) => {
                self.with_entry(*id, |entry| entry.dest_path = Some(Cow::Borrowed(path)));
            }
            Change::MergeUris => self.merge_uris(),
            Change::Supply {
                site,
                source,
                wanted_key,
            } => self.supply(*site, source, wanted_key),
            Change::DeclareSecret { key, source } => {
                if !self.declared().iter().any(|secret| secret.key == *key) {
                    self.declare(key.clone(), source.clone());
                }
            }
            Change::UseSecret { site, key } => {
                if let Some(site) = self.sites.get_mut(*site) {
                    site.pull_config = Member::Present(Cow::Owned(key.clone()));
                }
            }
            Change::RemoveSecret(key) => {
                self.secrets.remove_where(|secret| secret.key == *key);
            }
            Change::RemovePullConfig(site) => {
                if let Some(site) = self.sites.get_mut(*site) {
                    site.pull_config = Member::Absent;
                }
            }
            Change::SetImage { site, image } => {
                if let Some(site) = self.sites.get_mut(*site) {
                    site.reference = Cow::Owned(image.clone());
                }
            }
            Change::SetType(name) => self.container_type = Member::Present(Cow::Borrowed(name)),
            Change::SetKind(site, name) => {
                if let Some(site) = self.sites.get_mut(*site) {
                    site.kind = Member::Present(Cow::Borrowed(name));
                }
            }
            Change::Rename { site, wrong } => self.rename(*site, wrong),
            Change::MovePullConfig { misplaced, site } => self.move_pull_config(*misplaced, *site),
            Change::MoveSecrets(misplaced) => self.move_secrets(*misplaced),
        }
    }

    fn add_archive(&mut self, uri: &str) {
        if self.fetched().any(|entry| entry.uri() == uri) {
            return;
        }
        let id = self.new_entry();
        let entry = Artifact::new(id, Cow::Owned(uri.to_owned()));
        self.take_over();
        if self.fetch.entries().is_empty() && !self.uris.entries().is_empty() {
            self.uris.to_mut().push(entry);
        } else {
            self.fetch.to_mut().push(entry);
        }
    }

    /// What an update names replaces what is stored, so the stored entries come along.
    fn take_over(&mut self) {
        if let Some(stored) = self.untouched_fetch() {
            let entries = stored.fetch.clone();
            self.fetch.to_mut().extend(entries);
        }
    }

    fn remove_entry(&mut self, id: EntryId) {
        let named_one = !self.names_no_list();
        let own = [&mut self.fetch, &mut self.uris];
        let of_sites = self.sites.iter_mut().map(|site| &mut site.artifacts);
        for list in own.into_iter().chain(of_sites) {
            list.remove_where(|entry| entry.id == id);
        }
        if self.kind == OwnerKind::AppUpdate && named_one && self.names_no_list() {
            // Without a list, an update would keep what is stored.
            self.fetch = Member::Present(Vec::new());
        }
    }

    fn with_entry(&mut self, id: EntryId, change: impl FnOnce(&mut Artifact<'d>)) {
        let own = [&mut self.fetch, &mut self.uris];
        let of_sites = self.sites.iter_mut().map(|site| &mut site.artifacts);
        for list in own.into_iter().chain(of_sites) {
            if let Member::Present(entries) = list
                && let Some(entry) = entries.iter_mut().find(|entry| entry.id == id)
            {
                change(entry);
                if entry.origin.is_none() {
                    // It is new here, and no longer what somebody wrote elsewhere.
                    entry.written = None;
                }
                return;
            }
        }
    }

    fn merge_uris(&mut self) {
        let Member::Present(uris) = std::mem::replace(&mut self.uris, Member::Absent) else {
            return;
        };
        let fetch = self.fetch.to_mut();
        for uri in uris {
            if !fetch.iter().any(|entry| entry.uri == uri.uri) {
                fetch.push(uri.in_fetch());
            }
        }
    }

    fn supply(&mut self, site: usize, source: &str, wanted_key: &str) {
        if self.sites.get(site).is_none_or(|site| !site.pull_config.is_missing()) {
            return;
        }
        let key = match self.secret_of(source) {
            Some(secret) => secret.key.clone().into_owned(),
            None => {
                let key = self.free_key(wanted_key);
                self.declare(key.clone(), source.to_owned());
                key
            }
        };
        self.sites[site].pull_config = Member::Present(Cow::Owned(key));
    }

    /// The secret that the app or pod has for a path, where a `pullConfig` can name it: Marathon refuses an empty key.
    pub fn secret_of(&self, source: &str) -> Option<&Secret<'d>> {
        let is_it = |known: &str| same_source(known, source);
        let mut declared = self.declared().iter().filter(|secret| !secret.key.is_empty());
        declared.find(|secret| secret.source.as_deref().is_some_and(is_it))
    }

    /// The wanted key, or where another secret has it, the first of `KEY-2`, `KEY-3`, … that is free.
    pub fn free_key(&self, wanted: &str) -> String {
        let taken = |key: &str| self.declared().iter().any(|secret| secret.key == key);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        (2..)
            .map(|number| format!("{wanted}-{number}"))
            .find(|key| !taken(key))
            .unwrap_or_default()
    }

    fn declare(&mut self, key: String, source: String) {
        if self.kind == OwnerKind::AppUpdate && self.secrets.is_missing() {
            let stored = self
                .stored
                .as_ref()
                .map(|stored| stored.secrets.clone())
                .unwrap_or_default();
            self.secrets.to_mut().extend(stored);
        }
        self.secrets.to_mut().push(Secret {
            key: Cow::Owned(key),
            written: None,
            original: false,
            source: Some(Cow::Owned(source)),
        });
    }

    fn rename(&mut self, site: usize, wrong: &str) {
        let Some(site) = self.sites.get_mut(site) else { return };
        let free = |misspelt: &Misspelt<'_>| misspelt.wrong == wrong && site.rival(misspelt).is_none();
        let Some(index) = site.misspelt.iter().position(free) else {
            return;
        };
        let misspelt = &mut site.misspelt[index];
        misspelt.renamed = true;
        if misspelt.right == "pullConfig" {
            let secret = misspelt.value.get("secret").and_then(|secret| secret.as_str());
            site.pull_config = secret.map_or(Member::Malformed, Member::Present);
        } else {
            site.force = misspelt.value.as_bool() == Some(true);
        }
    }

    fn move_pull_config(&mut self, misplaced: usize, site: usize) {
        let (Some(misplaced), Some(site)) = (self.misplaced.get_mut(misplaced), self.sites.get_mut(site)) else {
            return;
        };
        let secret = misplaced.value.get("secret").and_then(|secret| secret.as_str());
        if let (true, Some(secret)) = (site.pull_config.is_missing(), secret) {
            misplaced.moved = true;
            site.pull_config = Member::Present(secret);
        }
    }

    fn move_secrets(&mut self, misplaced: usize) {
        let Some(misplaced) = self.misplaced.get_mut(misplaced) else {
            return;
        };
        if self.secrets.is_missing()
            && let Member::Present(secrets) = super::read::read_secrets(misplaced.value, &mut self.may_have_twins)
        {
            misplaced.moved = true;
            let moved = secrets.into_iter().map(|secret| Secret {
                original: false,
                ..secret
            });
            self.secrets = Member::Present(moved.collect());
        }
    }
}

/// Whether two paths in the secret store are the same: a leading `/` says nothing.
pub fn same_source(one: &str, other: &str) -> bool {
    one.strip_prefix('/').unwrap_or(one) == other.strip_prefix('/').unwrap_or(other)
}

/// Whether a fix must move `uris` into `fetch` before it can say more than a URI about an entry.
pub(crate) fn is_in_uris(model: &Model<'_>, id: EntryId) -> bool {
    model.uris.entries().iter().any(|entry| entry.id == id)
}

/// Whether all of `uris` can be moved into `fetch`: what is no string there says nothing that could be moved.
pub(crate) fn can_merge_uris(model: &Model<'_>) -> bool {
    !matches!(model.fetch, Member::Malformed) && model.uris.entries().iter().all(|entry| entry.uri.is_some())
}

/// The changes that let an archive be extracted whatever its URI looks like; none where that cannot be done.
pub(crate) fn extract_under_known_name(model: &Model<'_>, entry: &Artifact<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    if is_in_uris(model, entry.id) {
        if !can_merge_uris(model) {
            return changes;
        }
        changes.push(Change::MergeUris);
        changes.push(Change::SetExtract(entry.id, true));
    }
    if entry.cache == Some(true) {
        // With the cache, the name that decides is the cache's own.
        changes.push(Change::SetCache(entry.id, false));
    }
    if entry.dest_path.as_deref().is_none_or(fetcher::stays_packed) {
        changes.push(Change::SetDestPath(entry.id, fetcher::archive_path(entry.uri())));
    }
    changes
}
