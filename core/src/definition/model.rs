//! What one app or pod says about its pulls, as far as credentials go: the pull sites, and the fetch entries and secrets
//! beside them.
//!
//! A [`Model`] is read from a text, changed by fixes ([`super::change`]) and compared with what it was
//! ([`super::difference`]). It knows nothing of policy and nothing of how JSON is laid out.

use std::borrow::Cow;

use super::fetcher;
use super::owner::OwnerKind;
use super::stored::Stored;
use crate::json::Value;

/// One member of an object, as Marathon tells them apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Member<T> {
    /// Not there.
    Absent,
    /// `null`, which Marathon reads as not there.
    Null,
    /// There.
    Present(T),
    /// Of a type that Marathon refuses; it is left alone.
    Malformed,
}

impl<T> Member<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Member::Present(value) => Some(value),
            _ => None,
        }
    }

    /// Absent or `null`.
    pub fn is_missing(&self) -> bool {
        matches!(self, Member::Absent | Member::Null)
    }
}

impl<T> Member<Vec<T>> {
    /// The entries; none where there is no list.
    pub fn entries(&self) -> &[T] {
        match self {
            Member::Present(entries) => entries,
            _ => &[],
        }
    }

    /// The list to change; an absent, `null` or malformed one becomes an empty list first.
    pub(crate) fn to_mut(&mut self) -> &mut Vec<T> {
        if !matches!(self, Member::Present(_)) {
            *self = Member::Present(Vec::new());
        }
        match self {
            Member::Present(entries) => entries,
            _ => unreachable!("made a list above"),
        }
    }

    /// Takes entries out; nothing needs a list that a fix has emptied, so it goes with its last entry.
    pub(crate) fn remove_where(&mut self, gone: impl Fn(&T) -> bool) {
        if let Member::Present(entries) = self
            && entries.iter().any(&gone)
        {
            entries.retain(|entry| !gone(entry));
            if entries.is_empty() {
                *self = Member::Absent;
            }
        }
    }
}

/// Names one entry of `fetch`, `uris` or `artifacts` for as long as a model lives, whatever moves around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub(crate) u32);

/// One entry of `fetch` (apps) or `artifacts` (a pod's containers); also one of `uris`, which is nothing but the URI.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact<'d> {
    /// Which entry.
    pub id: EntryId,
    /// Where it stands in the list as it was, if it was there.
    pub origin: Option<usize>,
    /// The entry as written, if it was written by a person.
    pub written: Option<Value<'d>>,
    /// The URI; `None` where the entry is not of the right shape, and then it is left alone.
    pub uri: Option<Cow<'d, str>>,
    /// Marathon's default is `true`.
    pub extract: Option<bool>,
    /// Marathon's default is `false`.
    pub executable: Option<bool>,
    /// Marathon's default is `false`.
    pub cache: Option<bool>,
    /// The name in the sandbox.
    pub dest_path: Option<Cow<'d, str>>,
}

impl<'d> Artifact<'d> {
    pub(crate) fn new(id: EntryId, uri: Cow<'d, str>) -> Self {
        Artifact {
            id,
            origin: None,
            written: None,
            uri: Some(uri),
            extract: None,
            executable: None,
            cache: None,
            dest_path: None,
        }
    }

    /// An entry of `uris` as Marathon turns it into one of `fetch`: only a name that says "archive" is extracted.
    pub(crate) fn in_fetch(mut self) -> Self {
        self.extract = self.extract.filter(|extract| !extract);
        self.origin = None;
        self.written = None;
        self
    }

    /// The URI, empty where there is none.
    pub fn uri(&self) -> &str {
        self.uri.as_deref().unwrap_or_default()
    }

    /// Whether two entries do the same, though they may be written differently.
    pub fn does_same_as(&self, other: &Artifact<'_>) -> bool {
        self.uri == other.uri
            && self.extract.unwrap_or(true) == other.extract.unwrap_or(true)
            && self.executable.unwrap_or(false) == other.executable.unwrap_or(false)
            && self.cache.unwrap_or(false) == other.cache.unwrap_or(false)
            && self.file_name() == other.file_name()
    }

    /// What it is called in the sandbox.
    fn file_name(&self) -> &str {
        fetcher::extraction_name(self.uri(), self.dest_path.as_deref())
    }
}

/// One entry of `secrets`.
#[derive(Clone, Debug, PartialEq)]
pub struct Secret<'d> {
    /// The key by which the definition speaks of it.
    pub key: Cow<'d, str>,
    /// The entry's value as written, if a person wrote it.
    pub written: Option<Value<'d>>,
    /// Whether it stood in this object's own `secrets` before.
    pub original: bool,
    /// The path in the secret store; `None` where it is missing or no string.
    pub source: Option<Cow<'d, str>>,
}

/// Which of the two ways an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Containerizer {
    /// `docker pull` on the agent, with the sandbox or the agent's configuration as its home.
    Docker,
    /// Mesos itself (the Universal Container Runtime), with an image secret or the agent's configuration.
    Ucr,
    /// The definition does not say one of the two (a template, a mistake, an appc image).
    Unknown,
}

impl Containerizer {
    /// That of an app with this `container.type`.
    pub(super) fn of_type(name: &Member<Cow<'_, str>>) -> Containerizer {
        match name {
            Member::Absent | Member::Null => Containerizer::Docker,
            Member::Present(name) if says(name, "DOCKER") => Containerizer::Docker,
            Member::Present(name) if says(name, "MESOS") => Containerizer::Ucr,
            _ => Containerizer::Unknown,
        }
    }
}

/// Whether a name is a known one; nearly all are written as they are known.
fn says(name: &str, known: &str) -> bool {
    name == known || name.eq_ignore_ascii_case(known)
}

/// Where a pull site stands in its app or pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `/container/docker` of an app.
    App,
    /// `/containers/N/image` of a pod.
    PodContainer(usize),
}

impl Place {
    /// The name of the member that holds the image reference.
    pub fn image_key(self) -> &'static str {
        match self {
            Place::App => "image",
            Place::PodContainer(_) => "id",
        }
    }

    /// The name of the member that makes each start pull the image.
    pub fn force_key(self) -> &'static str {
        match self {
            Place::App => "forcePullImage",
            Place::PodContainer(_) => "forcePull",
        }
    }

    /// The tokens from the app or pod to the image block.
    pub fn tokens(self) -> Vec<Cow<'static, str>> {
        let mut tokens = Vec::with_capacity(4); // with room for a member
        match self {
            Place::App => tokens.extend(["container", "docker"].map(Cow::Borrowed)),
            Place::PodContainer(index) => {
                tokens.extend(["containers".into(), index.to_string().into(), "image".into()]);
            }
        }
        tokens
    }
}

/// A member under a name that Marathon does not read, and the name it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Misspelt<'d> {
    /// As written.
    pub wrong: &'static str,
    /// As Marathon reads it.
    pub right: &'static str,
    /// Its value.
    pub value: Value<'d>,
    /// Whether the right name is there too.
    pub both: bool,
    /// Whether a fix has renamed it.
    pub renamed: bool,
}

impl Site<'_> {
    /// The key that stands in the way of giving a misspelt one its right name, where one does: of two members with one
    /// name, one would be lost.
    pub(crate) fn rival(&self, misspelt: &Misspelt<'_>) -> Option<&'static str> {
        if misspelt.both || (misspelt.right == "pullConfig" && !self.pull_config.is_missing()) {
            return Some(misspelt.right);
        }
        let place = misspelt.value.span().start;
        let mut others = self.misspelt.iter().filter(|other| other.value.span().start != place);
        let rival = others.find(|other| other.right == misspelt.right)?;
        Some(rival.wrong)
    }

    /// What is meant for `pullConfig`, and is still misspelt.
    pub(crate) fn misspelt_pull_config(&self) -> Option<&Misspelt<'_>> {
        let mut misspelt = self.misspelt.iter();
        misspelt.find(|misspelt| misspelt.right == "pullConfig" && !misspelt.renamed && !misspelt.value.is_null())
    }
}

/// One place where one image is pulled.
#[derive(Clone, Debug, PartialEq)]
pub struct Site<'d> {
    /// Where it stands.
    pub place: Place,
    /// The `docker` block of an app, the `image` block of a pod's container.
    pub block: Value<'d>,
    /// The string that names the image.
    pub image: Value<'d>,
    /// What it says.
    pub reference: Cow<'d, str>,
    /// `image.kind` of a pod's container; absent for apps.
    pub kind: Member<Cow<'d, str>>,
    /// The key that `pullConfig.secret` names.
    pub pull_config: Member<Cow<'d, str>>,
    /// `artifacts` of a pod's container; absent for apps.
    pub artifacts: Member<Vec<Artifact<'d>>>,
    /// Whether the image is pulled at each start.
    pub force: bool,
    /// `credential`, which Marathon refuses.
    pub credential: Option<Value<'d>>,
    /// Keys that look like `forcePullImage`, `forcePull` or `pullConfig` and are not.
    pub misspelt: Vec<Misspelt<'d>>,
}

/// A member that Marathon does not read where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Misplaced<'d> {
    /// `fetch`, `uris`, `pullConfig` or `secrets`.
    pub key: &'static str,
    /// The tokens from the app or pod to it.
    pub tokens: Vec<Cow<'static, str>>,
    /// Its value.
    pub value: Value<'d>,
    /// Whether a fix has moved it to where it belongs.
    pub moved: bool,
}

/// One app or pod, as far as its pulls go.
#[derive(Clone, Debug, PartialEq)]
pub struct Model<'d> {
    /// An app, an update or a pod.
    pub kind: OwnerKind,
    /// `container.type`; absent for pods.
    pub container_type: Member<Cow<'d, str>>,
    /// `container.appc`
    pub appc: Option<Value<'d>>,
    /// `fetch`; absent for pods.
    pub fetch: Member<Vec<Artifact<'d>>>,
    /// `uris`; absent for pods.
    pub uris: Member<Vec<Artifact<'d>>>,
    /// `secrets`.
    pub secrets: Member<Vec<Secret<'d>>>,
    /// The places where images are pulled.
    pub sites: Vec<Site<'d>>,
    /// Members at a wrong level.
    pub misplaced: Vec<Misplaced<'d>>,
    /// What an update is laid over, where it is known.
    pub stored: Option<Stored<'d>>,
    pub(crate) next_entry: u32,
    /// Whether a key may stand twice where a fix would write. What reading does not look at closely is suspected.
    pub(crate) may_have_twins: bool,
}

impl<'d> Model<'d> {
    /// Whether its sites name the images that those of another state of the same owner name.
    pub(crate) fn has_the_images_of(&self, other: &Model<'_>) -> bool {
        let (ours, theirs) = (self.sites.iter(), other.sites.iter());
        ours.map(|site| &site.reference).eq(theirs.map(|site| &site.reference))
    }

    /// Who pulls the image of a site. An absent or `null` type is DOCKER in every version of Marathon
    /// (marathon, `appContainer.raml`: `default: DOCKER`; 1.3 and 1.4 `Formats.scala`: `withDefault(DOCKER)`).
    pub fn containerizer(&self, site: &Site<'_>) -> Containerizer {
        match site.place {
            Place::PodContainer(_) => match &site.kind {
                Member::Absent | Member::Null => Containerizer::Ucr,
                Member::Present(kind) if says(kind, "DOCKER") => Containerizer::Ucr,
                _ => Containerizer::Unknown,
            },
            Place::App => Containerizer::of_type(&self.container_type),
        }
    }

    /// Everything that the fetcher brings into the sandbox of the app: `fetch`, then `uris`; for an update that has
    /// neither, what is stored.
    pub fn fetched(&self) -> impl Iterator<Item = &Artifact<'d>> {
        let own = self.fetch.entries().iter().chain(self.uris.entries());
        let stored = self.untouched_fetch().map_or(&[][..], |stored| &stored.fetch);
        own.chain(stored)
    }

    /// The secrets that the app or pod will have: its own, or for an update that has none, what is stored.
    pub fn declared(&self) -> &[Secret<'d>] {
        match &self.stored {
            Some(stored) if self.secrets.is_missing() => &stored.secrets,
            _ => self.secrets.entries(),
        }
    }

    /// How often all of it can be looked at before that takes too long: once and more. A large one has many findings, too.
    pub(crate) fn affordable_looks(&self) -> usize {
        /// Sites and entries.
        const MOST_LOOKED_AT: usize = 100_000;
        let lists = [&self.fetch, &self.uris].map(|list| list.entries().len());
        MOST_LOOKED_AT / (1 + self.sites.len() + self.misplaced.len() + lists[0] + lists[1]) + 1
    }

    pub(crate) fn new_entry(&mut self) -> EntryId {
        let id = EntryId(self.next_entry);
        self.next_entry += 1;
        id
    }
}
