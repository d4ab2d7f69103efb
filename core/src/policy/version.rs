//! Versions that rules depend on: Marathon's, and that of the Docker command on the agents.

use super::text::read_from_string;
use crate::image::excerpt;
use std::fmt;
use std::str::FromStr;

/// A version of Marathon, as far as rules depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarathonVersion {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
}

impl MarathonVersion {
    /// The newest one: what is assumed where a policy says nothing.
    pub const NEWEST: MarathonVersion = MarathonVersion::new(1, 11);

    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> MarathonVersion {
        MarathonVersion { major, minor }
    }
}

/// A version of Docker, as far as rules depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DockerVersion {
    /// The first number.
    pub major: u16,
    /// The second number; 0 where it is left out.
    pub minor: u16,
}

impl DockerVersion {
    /// A version by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> DockerVersion {
        DockerVersion { major, minor }
    }
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// It is none of Marathon.
    #[error("`{0}` is no version of Marathon: write two or three numbers, as in \"1.11\" or \"1.4.13\"")]
    Marathon(String),
    /// It is none of Docker.
    #[error("`{0}` is no version of Docker: write one to three numbers, as in \"23\" or \"20.10\"")]
    Docker(String),
}

impl FromStr for MarathonVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<MarathonVersion, VersionError> {
        match numbers(text) {
            Some((major, Some(minor))) => Ok(MarathonVersion { major, minor }),
            _ => Err(VersionError::Marathon(excerpt(text))),
        }
    }
}

impl FromStr for DockerVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<DockerVersion, VersionError> {
        match numbers(text) {
            Some((major, minor)) => Ok(DockerVersion {
                major,
                minor: minor.unwrap_or(0),
            }),
            None => Err(VersionError::Docker(excerpt(text))),
        }
    }
}

impl fmt::Display for MarathonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for DockerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

read_from_string!(
    MarathonVersion,
    "a version in quotes, such as \"1.11\" (without quotes, 1.10 would be 1.1)"
);
read_from_string!(
    DockerVersion,
    "a version in quotes, such as \"20.10\" (without quotes, 20.10 would be 20.1)"
);

/// Up to three numbers joined by dots, of which the first two count; what follows a `-` (`18.09.7-ce`) does not.
fn numbers(text: &str) -> Option<(u16, Option<u16>)> {
    let (numbers, _) = text.split_once('-').unwrap_or((text, ""));
    let mut parts = numbers.split('.').map(|part| {
        // `parse` alone would also take `+1`.
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse::<u16>().ok())
            .flatten()
    });
    let major = parts.next()??;
    let minor = match parts.next() {
        Some(minor) => Some(minor?),
        None => None,
    };
    if let Some(patch) = parts.next() {
        patch?;
    }
    parts.next().is_none().then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::{DockerVersion, MarathonVersion};

    #[test]
    fn versions() {
        for (text, marathon, docker) in [
            ("1.4", Some((1, 4)), Some((1, 4))),
            ("1.4.13", Some((1, 4)), Some((1, 4))),
            ("1.11", Some((1, 11)), Some((1, 11))),
            ("0.15.0-RC1", Some((0, 15)), Some((0, 15))),
            ("23", None, Some((23, 0))),
            ("20.10", Some((20, 10)), Some((20, 10))),
            ("18.09.7-ce", Some((18, 9)), Some((18, 9))),
            ("", None, None),
            ("v1.4", None, None),
            ("1.", None, None),
            (".4", None, None),
            ("1.4.", None, None),
            ("1.4.13.1", None, None),
            ("1.x", None, None),
            ("+1.4", None, None),
            ("1.+4", None, None),
            ("1.99999", None, None),
            ("newest", None, None),
        ] {
            assert_eq!(
                text.parse().ok(),
                marathon.map(|(a, b)| MarathonVersion::new(a, b)),
                "{text}"
            );
            assert_eq!(
                text.parse().ok(),
                docker.map(|(a, b)| DockerVersion::new(a, b)),
                "{text}"
            );
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(MarathonVersion::new(1, 4) < MarathonVersion::new(1, 11));
        assert!(DockerVersion::new(20, 10) < DockerVersion::new(23, 0));
        assert_eq!(MarathonVersion::NEWEST.to_string(), "1.11");
    }
}
