//! Patterns that name images: what `match` in a policy holds.
//!
//! A pattern is compared with the parts of a reference that has been read, never with its text, so
//! `registry.example.com` names neither `registry.example.com.evil.org/x` nor `registry.example.com:5000/x`. Only for
//! an image with template marks, which cannot be read, is the text itself compared, and that one component by
//! component too.

mod wildcards;

use super::template::{Components, LiteralName, without_tag};
use super::{
    DOCKER_HUB, DOCKER_HUB_LEGACY, Reference, excerpt, holds_spaces, is_component, is_host, is_host_name, is_label,
    is_port, is_templated, split_port, split_scheme,
};
use crate::glob::{self, Case, Part};
use std::fmt;
use std::str::FromStr;
pub(super) use wildcards::Wildcard;

/// A set of images.
///
/// | pattern | names |
/// |---|---|
/// | `registry.example.com` | everything on that host, where no port is written |
/// | `registry.example.com:5000` | everything on that host, where that port is written |
/// | `registry.example.com:*` | everything on that host, whatever port is written, or none |
/// | `registry.example.com/team/app` | that one repository, with any tag and digest |
/// | `registry.example.com/team/**` | everything below `team`, however deep, and `team` itself |
/// | `registry.example.com/team/*` | the repositories right below `team` |
/// | `*.example.com` | hosts with one label before `example.com`; `**.example.com` those with one or more |
/// | `mesosphere/**`, `docker.io/mesosphere/**` | the same: without a host, Docker Hub is meant |
/// | `nginx`, `docker.io/library/nginx` | the same: one name on Docker Hub is an official image |
/// | `**` | every image |
/// | `**/team/app` | any path that ends in `team/app`, on any host |
/// | `${REGISTRY}/**` | images that have just this text with template marks |
///
/// `*` also stands for a piece of a component (`team-*/app`) or of a label. Hosts compare without regard to case,
/// repositories with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// References whose registry and repository match.
    Named { host: Host, path: Vec<Part> },
    /// Texts with template marks whose components match.
    Templated(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    Exact(String, Port),
    Labels(Vec<Part>, Port),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Port {
    Any,
    /// Just this, or just none.
    Exact(Option<String>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Where the text could name no image, or could mean two things; the message says what to write.
    pub fn parse(text: &str) -> Result<Pattern, PatternError> {
        Ok(Pattern {
            text: text.to_owned(),
            kind: read(text)?,
        })
    }

    /// Whether the pattern names this image. Allocates nothing.
    #[must_use]
    pub fn matches(&self, reference: &Reference<'_>) -> bool {
        match &self.kind {
            Kind::Named { host, path } => {
                host.matches(reference.host(), reference.port())
                    && glob::matches(path, reference.repository().split('/'), Case::Sensitive)
            }
            Kind::Templated(_) => false,
        }
    }

    /// The first thing in which an image differs from what the pattern names; `None` where the pattern names it.
    #[must_use]
    pub fn difference(&self, reference: &Reference<'_>) -> Option<Difference> {
        let Kind::Named { host, path } = &self.kind else {
            return Some(Difference::Template);
        };
        let (name, port) = (reference.host(), reference.port());
        if !host.matches(name, port) {
            let wanted = match host {
                Host::Exact(_, wanted) | Host::Labels(_, wanted) => wanted,
                Host::Any => &Port::Any,
            };
            let is_port = match wanted {
                Port::Any => false,
                Port::Exact(wanted) => host.matches(name, wanted.as_deref()),
            };
            return Some(if is_port { Difference::Port } else { Difference::Host });
        }
        (!glob::matches(path, reference.repository().split('/'), Case::Sensitive)).then_some(Difference::Path)
    }

    /// Whether the pattern names an image whose text cannot be read, because it holds template marks: the texts are
    /// equal, or the pattern matches the components of the text as they stand. Tag and digest do not count.
    ///
    /// A host in the pattern matches only a host that is written out: `registry.example.com` names
    /// `registry.example.com/{{app}}`, but not `{{registry}}/app`, nor `registry.example.com{{suffix}}/app`.
    #[must_use]
    pub fn matches_literal(&self, text: &str) -> bool {
        let name = LiteralName::new(text);
        match (&self.kind, name.registry) {
            (Kind::Templated(parts), _) => {
                self.text == text || glob::matches(parts, Components::new(without_tag(text)), Case::Sensitive)
            }
            (Kind::Named { host, path }, Some(registry)) => {
                let (name_of_host, port) = split_port(registry);
                host.matches(name_of_host, port) && glob::matches(path, name.repository(), Case::Sensitive)
            }
            (Kind::Named { host, path }, None) => {
                *host == Host::Any && glob::matches(path, name.repository(), Case::Sensitive)
            }
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Why a pattern does not name an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// It is on another host.
    Host,
    /// The host is right, and the port is another, or one of the two has none.
    Port,
    /// Host and port are right, and the repository is another.
    Path,
    /// The pattern names texts with template marks, and the image has none.
    Template,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Pattern, PatternError> {
        Pattern::parse(text)
    }
}

/// Why a text is no pattern of images.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// There is nothing.
    #[error("the pattern is empty: name a registry, as in `registry.example.com`, or write `**` for every image")]
    Empty,
    /// A space, a line break, a control character.
    #[error("a pattern of images holds no spaces, line breaks or control characters: take them out")]
    Whitespace,
    /// `https://` and its like.
    #[error("a pattern of images has no scheme: drop the `{0}://`")]
    Scheme(String),
    /// `*` as the first component: one user's on Docker Hub, or any host?
    #[error(
        "`{0}` could mean Docker Hub or any registry: write `docker.io/{0}`, or begin with `**` for every registry"
    )]
    Ambiguous(String),
    /// A `/` at the beginning, at the end, or two in a row.
    #[error("there is a `/` too many in the pattern: single ones stand between its parts; write `/**` for all below")]
    EmptyComponent,
    /// The host is none.
    #[error(
        "`{0}` is no host: labels of letters, digits, inner `-` and `*`, joined by `.`, or an IPv6 address in `[` and `]`"
    )]
    Host(String),
    /// The port is none.
    #[error("`{0}` is no port: write digits, or `*` for any port and none; a tag has no place in a pattern")]
    Port(String),
    /// A tag or a digest.
    #[error("`{0}` holds a tag or a digest: a pattern names repositories, so drop it")]
    Tag(String),
    /// An uppercase letter in the repository.
    #[error("`{0}` has uppercase letters, which no repository has: write `{1}`")]
    Uppercase(String, String),
    /// `**` beside something else.
    #[error("`{0}`: `**` stands alone between slashes (or dots of a host); `*` is any piece of one part")]
    DoubleStar(String),
    /// A component that no repository can have.
    #[error(
        "`{0}` matches no part of a repository: lowercase letters and digits, with one `.`, one or two `_`, or `-` \
         between them, and `*` for any piece"
    )]
    Component(String),
}

impl Host {
    fn matches(&self, host: &str, port: Option<&str>) -> bool {
        match self {
            Host::Any => true,
            Host::Exact(name, wanted) => wanted.matches(port) && name.eq_ignore_ascii_case(host),
            Host::Labels(labels, wanted) => {
                wanted.matches(port)
                    && !host.starts_with('[')
                    && glob::matches(labels, host.split('.'), Case::Insensitive)
            }
        }
    }

    fn hub() -> Host {
        Host::Exact(DOCKER_HUB.to_owned(), Port::Exact(None))
    }

    /// Whether this names Docker Hub. With a port written it does not: to Docker that is another registry.
    fn is_hub(&self) -> bool {
        matches!(self, Host::Exact(name, Port::Any | Port::Exact(None)) if name == DOCKER_HUB)
    }
}

impl Port {
    fn matches(&self, port: Option<&str>) -> bool {
        match self {
            Port::Any => true,
            Port::Exact(wanted) => wanted.as_deref() == port,
        }
    }
}

fn read(text: &str) -> Result<Kind, PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if is_templated(text) {
        return Ok(Kind::Templated(Components::new(text).map(Part::new).collect()));
    }
    if holds_spaces(text) {
        return Err(PatternError::Whitespace);
    }
    if let Some((scheme, _)) = split_scheme(text) {
        return Err(PatternError::Scheme(excerpt(scheme)));
    }
    let (first, below) = match text.split_once('/') {
        Some((first, below)) => (first, Some(below)),
        None => (text, None),
    };
    match first {
        "" => Err(PatternError::EmptyComponent),
        "*" => Err(PatternError::Ambiguous(excerpt(text))),
        // The host is any, and the path may begin with any components.
        "**" => Ok(Kind::Named {
            host: Host::Any,
            path: read_path(text)?,
        }),
        _ if is_host(first) => {
            let host = read_host(first)?;
            let mut path = below.map_or_else(|| Ok(vec![Part::Many]), read_path)?;
            if host.is_hub() {
                add_library(&mut path);
            }
            Ok(Kind::Named { host, path })
        }
        _ => {
            let mut path = read_path(text)?;
            add_library(&mut path);
            Ok(Kind::Named {
                host: Host::hub(),
                path,
            })
        }
    }
}

/// On Docker Hub one component alone stands below `library`, in a pattern as in a reference.
fn add_library(path: &mut Vec<Part>) {
    if let [Part::One(_)] = path.as_slice() {
        path.insert(0, Part::One("library".into()));
    }
}

fn read_host(text: &str) -> Result<Host, PatternError> {
    let wrong = || PatternError::Host(excerpt(text));
    if text.contains('@') {
        return Err(PatternError::Tag(excerpt(text)));
    }
    let (name, port) = split_port(text);
    let port = match port {
        None => Port::Exact(None),
        Some("*") => Port::Any,
        Some(digits) if is_port(digits) => Port::Exact(Some(digits.to_owned())),
        Some(other) => return Err(PatternError::Port(excerpt(other))),
    };
    if !name.contains('*') {
        if !is_host_name(name) {
            return Err(wrong());
        }
        let name = if name.eq_ignore_ascii_case(DOCKER_HUB_LEGACY) && !matches!(port, Port::Exact(Some(_))) {
            DOCKER_HUB.to_owned()
        } else {
            name.to_ascii_lowercase()
        };
        return Ok(Host::Exact(name, port));
    }
    let mut labels = Vec::new();
    for label in name.split('.') {
        match label {
            // One label or more: a host is not named by the labels that it lacks.
            "**" => labels.extend([Part::One("*".into()), Part::Many]),
            _ if label.contains("**") => return Err(PatternError::DoubleStar(excerpt(label))),
            _ if is_label(label.replace('*', "a").as_bytes()) => labels.push(Part::new(label)),
            _ => return Err(wrong()),
        }
    }
    Ok(Host::Labels(labels, port))
}

fn read_path(text: &str) -> Result<Vec<Part>, PatternError> {
    text.split('/').map(read_component).collect()
}

fn read_component(text: &str) -> Result<Part, PatternError> {
    if text == "**" {
        return Ok(Part::Many);
    }
    if text.is_empty() {
        return Err(PatternError::EmptyComponent);
    }
    if text.contains("**") {
        return Err(PatternError::DoubleStar(excerpt(text)));
    }
    if text.contains([':', '@']) {
        return Err(PatternError::Tag(excerpt(text)));
    }
    let lowercase = text.to_ascii_lowercase();
    if lowercase != text {
        return Err(PatternError::Uppercase(excerpt(text), excerpt(&lowercase)));
    }
    // What a `*` stands for is not known, so only the characters can be held to the grammar beside one.
    let possible = if text.contains('*') {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'.' | b'_' | b'-'))
    } else {
        is_component(text.as_bytes())
    };
    if possible {
        Ok(Part::new(text))
    } else {
        Err(PatternError::Component(excerpt(text)))
    }
}

#[cfg(test)]
mod tests;
