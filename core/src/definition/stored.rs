//! What is stored of an app that an update is laid over, and what the update leaves of it. Knows what Marathon does with an
//! update, and nothing of fixes.

use std::borrow::Cow;

use super::model::{Artifact, Containerizer, Member, Model, Secret};
use super::owner::OwnerKind;

/// What the cluster holds for an app that an update is laid over.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Stored<'d> {
    /// The stored `fetch`, and the stored `uris` in its form.
    pub fetch: Vec<Artifact<'d>>,
    /// Whether something stands there that Marathon takes for no list, or for no entry of one: no update may bring it.
    pub has_bad_fetch: bool,
    /// The stored `secrets`.
    pub secrets: Vec<Secret<'d>>,
    /// What is pulled of it.
    pub pull: Option<StoredPull<'d>>,
}

/// The image of a stored app.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPull<'d> {
    /// Its reference.
    pub reference: Cow<'d, str>,
    /// Who pulls it.
    pub containerizer: Containerizer,
    /// The key that its `pullConfig` names.
    pub pull_config: Option<Cow<'d, str>>,
}

impl<'d> Model<'d> {
    /// Whether this is an update whose stored definition is not known, so that what it leaves out cannot be judged.
    pub fn is_blind_update(&self) -> bool {
        self.kind == OwnerKind::AppUpdate && self.stored.is_none()
    }

    /// The stored image that an update leaves as it is, while it replaces other things: it names no container.
    pub fn stored_pull(&self) -> Option<&StoredPull<'d>> {
        let untouched = self.sites.is_empty() && self.appc.is_none();
        self.stored.as_ref()?.pull.as_ref().filter(|_| untouched)
    }

    /// What is stored, where an update leaves what is fetched as it is: it names no list of that.
    pub(crate) fn untouched_fetch(&self) -> Option<&Stored<'d>> {
        self.stored.as_ref().filter(|_| self.names_no_list())
    }

    /// Whether it has neither `fetch` nor `uris`.
    pub(crate) fn names_no_list(&self) -> bool {
        self.fetch.is_missing() && self.uris.is_missing()
    }

    /// Takes an empty `uris` of an update for none, as Marathon does since 1.5: it turns only what stands in there into
    /// `fetch`, and without that keeps what is stored (marathon `AppNormalization.scala`, `Artifacts`). Up to 1.4 the
    /// empty list replaces what is stored (`Formats.scala`, `AppUpdateReads`), as an empty `fetch` always does.
    pub(crate) fn pass_over_empty_uris(&mut self) {
        if self.kind == OwnerKind::AppUpdate && matches!(&self.uris, Member::Present(uris) if uris.is_empty()) {
            self.uris = Member::Null;
        }
    }
}
