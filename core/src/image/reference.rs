//! Reading one image reference, by the grammar of distribution/reference (v0.6, `reference.go`, `regexp.go`,
//! `normalize.go`), which is what Docker pulls by.
//!
//! UCR reads references by another, laxer parser (apache/mesos `src/docker/spec.cpp`); where it sees another registry,
//! [`Reference::ucr_registry`] says which.

use super::{
    DOCKER_HUB, DOCKER_HUB_LEGACY, excerpt, holds_spaces, is_component, is_host, is_host_name, is_port, is_templated,
    split_at, split_port, split_scheme,
};
use memchr::memchr;
use std::borrow::Cow;
use std::fmt;

/// An image reference, read and normalised: `nginx` is `docker.io/library/nginx`.
///
/// ```
/// use pullcreds_core::image::Reference;
/// # fn main() -> Result<(), pullcreds_core::image::ReferenceError> {
/// let reference = Reference::parse("registry.example.com:5000/team/app:1.0")?;
/// assert_eq!(reference.registry(), "registry.example.com:5000");
/// assert_eq!(reference.repository(), "team/app");
/// assert_eq!(reference.tag(), Some("1.0"));
/// assert_eq!(Reference::parse("nginx")?.to_string(), "docker.io/library/nginx");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference<'a> {
    explicit: Option<&'a str>,
    registry: &'a str,
    repository: Cow<'a, str>,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Reads a reference. Borrows from `text`; only a one-component name on Docker Hub is copied, to stand below its
    /// `library/`.
    ///
    /// # Errors
    /// Where the text is no reference; the message says what to do about it.
    pub fn parse(text: &'a str) -> Result<Reference<'a>, ReferenceError> {
        read(text).map_err(|error| {
            if is_templated(text) {
                ReferenceError::Templated
            } else {
                error
            }
        })
    }

    /// The registry as Docker names it: host and port as written, `docker.io` where no host is written and for
    /// `index.docker.io`. (`registry-1.docker.io` is a host of its own to Docker.)
    #[must_use]
    pub fn registry(&self) -> &'a str {
        self.registry
    }

    /// The host of the registry, without the port; an IPv6 literal keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &'a str {
        split_port(self.registry).0
    }

    /// The port of the registry, if one is written.
    #[must_use]
    pub fn port(&self) -> Option<&'a str> {
        split_port(self.registry).1
    }

    /// The repository below the registry, without tag and digest: `library/nginx` for `nginx`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if one is written. (Docker takes `latest` where neither tag nor digest is.)
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The digest with its algorithm, if one is written.
    #[must_use]
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// The registry as it is written in front of the repository, if one is: `index.docker.io` stays so here.
    #[must_use]
    pub fn explicit_host(&self) -> Option<&'a str> {
        self.explicit
    }

    /// The registry that UCR contacts, if the reference names one to it; otherwise it takes the agent's default.
    ///
    /// UCR takes the host as written (`index.docker.io`, `docker.io`), and does not know Docker's rule that an uppercase
    /// first component is a host: to it `Team/app` is a repository of the default registry.
    #[must_use]
    pub fn ucr_registry(&self) -> Option<&'a str> {
        self.explicit
            .filter(|host| *host == "localhost" || host.contains(['.', ':']))
    }

    /// Whether the image behind the reference can change: it is named by a tag, written or not, and not by a digest.
    #[must_use]
    pub fn is_mutable_tag(&self) -> bool {
        self.digest.is_none()
    }
}

/// The normalised reference: registry, repository, and tag and digest where they are written.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Why a text is no image reference. Each message says what to do; pieces of the text are cut to 60 characters and
/// never hold control characters, nor what stands before an `@`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// There is nothing.
    #[error("the image reference is empty: name a repository, as in `registry.example.com/team/app:1.0`")]
    Empty,
    /// Template marks are still to be filled in: see [`is_templated`].
    #[error("the image reference holds template marks: it is known only once they are filled in")]
    Templated,
    /// A space, a line break, a control character.
    #[error("an image reference holds no spaces, line breaks or control characters: take them out")]
    Whitespace,
    /// `https://` and its like.
    #[error("an image reference has no scheme: drop the `{scheme}://`")]
    Scheme {
        /// The scheme, without `://`.
        scheme: String,
    },
    /// `user:password@host/repository`.
    #[error(
        "an image reference takes no user name or password: drop everything up to the `@`; credentials belong in the \
         registry's archive or secret"
    )]
    UserInfo,
    /// 64 lowercase hexadecimal digits, which Docker takes for the id of an image.
    #[error("64 hexadecimal digits alone are the id of an image, not a name that can be pulled: name a repository")]
    Identifier,
    /// A host and nothing below it.
    #[error("`{host}` is a registry without a repository: write `{host}/` and the repository after it")]
    MissingRepository {
        /// The host as written.
        host: String,
    },
    /// A `/` at the end.
    #[error("the image reference ends in `/`: drop it, or name what comes after it")]
    TrailingSlash,
    /// A `/` at the beginning, or two in a row.
    #[error("there is a `/` too many in `{name}`: an image reference has single ones, between its parts")]
    EmptyComponent {
        /// The name without tag and digest.
        name: String,
    },
    /// The first component is a host, and not a possible one.
    #[error(
        "`{host}` is no host name: it has labels of letters, digits and inner `-`, joined by `.`, or is an IPv6 \
         address in `[` and `]`"
    )]
    Host {
        /// The host as written.
        host: String,
    },
    /// What follows the host's `:` is no number.
    #[error("`{port}` is no port: write digits after the `:` of the host")]
    Port {
        /// The port as written.
        port: String,
    },
    /// An uppercase letter in the repository.
    #[error("the repository `{repository}` has uppercase letters, which no registry takes: write `{lowercase}`")]
    Uppercase {
        /// The repository as written.
        repository: String,
        /// What to write.
        lowercase: String,
    },
    /// A component of the repository that the grammar does not know.
    #[error(
        "`{component}` is no part of a repository: lowercase letters and digits, with one `.`, one or two `_`, or `-` \
         between them"
    )]
    Component {
        /// The component as written.
        component: String,
    },
    /// A repository of more than 255 characters.
    #[error("the repository is {length} characters long, and 255 are allowed: shorten it")]
    TooLong {
        /// Its length, `library/` included.
        length: usize,
    },
    /// What follows the repository's `:` is no tag.
    #[error("`{tag}` is no tag: up to 128 letters, digits, `_`, `.` and `-`, beginning with a letter, a digit or `_`")]
    Tag {
        /// The tag as written.
        tag: String,
    },
    /// A `:` at the end.
    #[error("there is no tag after the `:`: write one, or drop the `:`")]
    EmptyTag,
    /// What follows the `@` is no digest.
    #[error("`{digest}` is no digest: write `sha256:` and 64 hexadecimal digits, and one `@` before it")]
    Digest {
        /// The digest as written.
        digest: String,
    },
    /// A digest of a length that its algorithm does not make, or with uppercase digits.
    #[error(
        "a {algorithm} digest is {expected} lowercase hexadecimal digits: copy it again from `docker images --digests`"
    )]
    DigestDigits {
        /// The algorithm.
        algorithm: &'static str,
        /// How many digits there should be.
        expected: usize,
    },
}

/// The algorithms that OCI registers and Docker knows, with their lengths in hexadecimal digits
/// (opencontainers/go-digest, `algorithm.go`). A digest by another one is held to the grammar alone.
const DIGEST_ALGORITHMS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// The longest repository, and the longest tag.
const LONGEST_REPOSITORY: usize = 255;
const LONGEST_TAG: usize = 128;

fn read(text: &str) -> Result<Reference<'_>, ReferenceError> {
    if text.is_empty() {
        return Err(ReferenceError::Empty);
    }
    if holds_spaces(text) {
        return Err(ReferenceError::Whitespace);
    }
    if let Some((scheme, _)) = split_scheme(text) {
        return Err(ReferenceError::Scheme {
            scheme: excerpt(scheme),
        });
    }
    if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(ReferenceError::Identifier);
    }
    // The digest first: where it is none, what stands before the `@` may be a password, and is not to be shown.
    let (name, digest) = match split_at(text, b'@') {
        Some((_, host)) if memchr(b'/', host.as_bytes()).is_some() && !host.starts_with("sha") => {
            return Err(ReferenceError::UserInfo);
        }
        Some((name, digest)) => {
            check_digest(digest)?;
            (name, Some(digest))
        }
        None => (text, None),
    };
    let (explicit, below) = match split_at(name, b'/') {
        Some((first, below)) if is_host(first) => (Some(first), below),
        _ => (None, name),
    };
    if let Some(host) = explicit {
        check_host(host)?;
    }
    // Neither a component nor a tag can hold a `:`, so the first one after the host begins the tag.
    let (path, tag) = match split_at(below, b':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (below, None),
    };
    let registry = explicit.filter(|host| *host != DOCKER_HUB_LEGACY).unwrap_or(DOCKER_HUB);
    check_repository(explicit, path)?;
    let repository = if registry == DOCKER_HUB && memchr(b'/', path.as_bytes()).is_none() {
        Cow::Owned(format!("library/{path}"))
    } else {
        Cow::Borrowed(path)
    };
    if repository.len() > LONGEST_REPOSITORY {
        return Err(ReferenceError::TooLong {
            length: repository.len(),
        });
    }
    if let Some(tag) = tag {
        check_tag(tag)?;
    }
    Ok(Reference {
        explicit,
        registry,
        repository,
        tag,
        digest,
    })
}

fn check_host(text: &str) -> Result<(), ReferenceError> {
    let (host, port) = split_port(text);
    if !is_host_name(host) {
        return Err(ReferenceError::Host { host: excerpt(text) });
    }
    match port {
        Some(port) if !is_port(port) => Err(ReferenceError::Port { port: excerpt(port) }),
        _ => Ok(()),
    }
}

fn check_repository(host: Option<&str>, path: &str) -> Result<(), ReferenceError> {
    if path.is_empty() {
        return Err(match host {
            Some(host) => ReferenceError::MissingRepository { host: excerpt(host) },
            None => ReferenceError::Empty,
        });
    }
    let is_repository = |path: &str| path.as_bytes().split(|byte| *byte == b'/').all(is_component);
    if is_repository(path) {
        return Ok(());
    }
    if path.ends_with('/') {
        return Err(ReferenceError::TrailingSlash);
    }
    let lowercase = path.to_ascii_lowercase();
    if lowercase != path && is_repository(&lowercase) {
        return Err(ReferenceError::Uppercase {
            repository: excerpt(path),
            lowercase: excerpt(&lowercase),
        });
    }
    let component = path
        .split('/')
        .find(|component| !is_component(component.as_bytes()))
        .unwrap_or_default();
    Err(match component {
        "" => ReferenceError::EmptyComponent { name: excerpt(path) },
        _ => ReferenceError::Component {
            component: excerpt(component),
        },
    })
}

fn check_tag(tag: &str) -> Result<(), ReferenceError> {
    if tag.is_empty() {
        return Err(ReferenceError::EmptyTag);
    }
    let valid = tag.len() <= LONGEST_TAG
        && !tag.starts_with(['.', '-'])
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if valid {
        Ok(())
    } else {
        Err(ReferenceError::Tag { tag: excerpt(tag) })
    }
}

fn check_digest(digest: &str) -> Result<(), ReferenceError> {
    let wrong = || ReferenceError::Digest {
        digest: excerpt(digest),
    };
    let (algorithm, digits) = split_at(digest, b':').ok_or_else(wrong)?;
    let mut parts = algorithm
        .as_bytes()
        .split(|byte| matches!(byte, b'-' | b'_' | b'+' | b'.'));
    let algorithm_is_one = parts
        .all(|part| part.first().is_some_and(u8::is_ascii_alphabetic) && part.iter().all(u8::is_ascii_alphanumeric));
    // Nearly all are right, and looking at all digits without a stop takes many at once.
    let hexadecimal = digits.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
    if !algorithm_is_one || digits.is_empty() || !hexadecimal {
        return Err(wrong());
    }
    match DIGEST_ALGORITHMS.iter().find(|(name, _)| *name == algorithm) {
        Some(&(algorithm, expected)) => {
            let exact =
                digits.len() == expected && !digits.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase());
            if exact {
                Ok(())
            } else {
                Err(ReferenceError::DigestDigits { algorithm, expected })
            }
        }
        None if digits.len() < 32 => Err(wrong()),
        None => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests;
