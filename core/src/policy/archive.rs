//! The URI of the credential archive, held to what the Mesos fetcher takes and unpacks (apache/mesos,
//! `launcher/fetcher.cpp` and `slave/containerizer/fetcher.cpp`) and to what Marathon accepts.

use super::text::read_from_string;
use crate::definition::fetcher::{LONGEST_URI, extraction_name, is_extracted};
use crate::image::excerpt;
use std::fmt;
use std::str::FromStr;

/// A URI that every agent can fetch, of an archive that the fetcher will unpack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveUri(String);

impl ArchiveUri {
    /// The URI as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArchiveUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no URI of a credential archive. What is shown of it never holds a user name, a password or a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// There is nothing.
    #[error("the archive is empty: write its URI, as in `file:///etc/docker.tar.gz`")]
    Empty,
    /// More than 1024 characters.
    #[error("the URI is {0} characters long, and Marathon takes 1024: shorten it")]
    TooLong(usize),
    /// `\` or `'`.
    #[error("the Mesos fetcher refuses `{0}` in a URI: take it out, or write `{1}`")]
    RefusedByFetcher(char, &'static str),
    /// A character that no URI has.
    #[error("a URI cannot hold {0}: write it as `%` and two hexadecimal digits")]
    Character(String),
    /// `%` without two hexadecimal digits.
    #[error("a `%` in a URI stands before two hexadecimal digits: write `%25` for the sign itself")]
    Percent,
    /// `#…`.
    #[error("a URI to fetch has no `#…`: drop it")]
    Fragment,
    /// A path without a scheme, or a `file:` URI that is none.
    #[error("`{0}` is no absolute URI: write `file:///` and the path on the agents, as in `file:///etc/docker.tar.gz`")]
    NotAbsolute(String),
    /// A scheme that nothing on an agent fetches.
    #[error("`{0}` is no scheme that agents fetch: {schemes}", schemes = Schemes)]
    Scheme(String),
    /// No host, no bucket.
    #[error("the URI names no host: write it after `{0}://`")]
    NoHost(String),
    /// A user name or a password.
    #[error(
        "the URI holds a user name or a password, which everybody who can read the definition would see: take it out"
    )]
    UserInfo,
    /// Nothing after the last `/`.
    #[error("the URI names no file: write the archive's name at its end")]
    NoFile,
    /// The query would be part of the file's name.
    #[error(
        "the fetcher takes the query for a part of the name, so `{0}?…` does not end like an archive and would never be \
         unpacked: serve it under a URI without a query"
    )]
    Query(String),
    /// The name has no suffix of an archive.
    #[error(
        "the fetcher unpacks by name, and `{0}` would never be unpacked: end it in .tar.gz, .tgz, .tar, .tar.bz2, .tbz2, \
         .tar.xz, .txz or .zip"
    )]
    NotArchive(String),
}

impl FromStr for ArchiveUri {
    type Err = ArchiveError;

    fn from_str(text: &str) -> Result<ArchiveUri, ArchiveError> {
        check(text).map(|()| ArchiveUri(text.to_owned()))
    }
}

read_from_string!(
    ArchiveUri,
    "the archive's URI in quotes, such as \"file:///etc/docker.tar.gz\""
);

/// What the authority of a URI has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Authority {
    /// Nothing, or `localhost`.
    Local,
    /// A host or a bucket.
    Required,
    /// A host, or nothing for the one that the agents are configured with.
    Optional,
    /// `container@account`.
    Account,
}

/// The schemes: `file`; what libcurl fetches; and what is handed to the Hadoop client. That client knows more when an
/// agent configures it so, but a scheme that is not here is far more likely a slip of the pen.
const SCHEMES: [(&str, Authority); 19] = [
    ("file", Authority::Local),
    ("http", Authority::Required),
    ("https", Authority::Required),
    ("ftp", Authority::Required),
    ("ftps", Authority::Required),
    ("hdfs", Authority::Optional),
    ("hftp", Authority::Optional),
    ("webhdfs", Authority::Optional),
    ("viewfs", Authority::Optional),
    ("maprfs", Authority::Optional),
    ("s3", Authority::Required),
    ("s3a", Authority::Required),
    ("s3n", Authority::Required),
    ("gs", Authority::Required),
    ("adl", Authority::Required),
    ("wasb", Authority::Account),
    ("wasbs", Authority::Account),
    ("abfs", Authority::Account),
    ("abfss", Authority::Account),
];

/// Prints the schemes.
struct Schemes;

impl fmt::Display for Schemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write one of")?;
        for (index, (scheme, _)) in SCHEMES.iter().enumerate() {
            write!(f, "{} {scheme}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

fn check(text: &str) -> Result<(), ArchiveError> {
    if text.is_empty() {
        return Err(ArchiveError::Empty);
    }
    let length = text.chars().count();
    if length > LONGEST_URI {
        return Err(ArchiveError::TooLong(length));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(ArchiveError::NotAbsolute(shown(text)));
    };
    let Some((_, authority_wanted)) = SCHEMES.iter().find(|(known, _)| *known == scheme) else {
        return Err(ArchiveError::Scheme(excerpt(scheme)));
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if let Some((user, _)) = authority.rsplit_once('@')
        && (*authority_wanted != Authority::Account || user.contains(':'))
    {
        return Err(ArchiveError::UserInfo);
    }
    check_characters(authority, path)?;
    match authority_wanted {
        Authority::Local if !matches!(authority, "" | "localhost") || !path.starts_with('/') => {
            return Err(ArchiveError::NotAbsolute(shown(text)));
        }
        Authority::Required | Authority::Account if authority.is_empty() => {
            return Err(ArchiveError::NoHost(scheme.to_owned()));
        }
        _ => {}
    }
    let name = extraction_name(path, None);
    match (is_extracted(name), path.split_once('?')) {
        _ if name.is_empty() => Err(ArchiveError::NoFile),
        (true, _) => Ok(()),
        (false, Some((before, _))) => Err(ArchiveError::Query(excerpt(extraction_name(before, None)))),
        (false, None) => Err(ArchiveError::NotArchive(excerpt(name))),
    }
}

/// The characters that `java.net.URI`, by which Marathon reads it, and the fetcher allow.
fn check_characters(authority: &str, path: &str) -> Result<(), ArchiveError> {
    for character in authority.chars().chain(path.chars()) {
        match character {
            '\\' => return Err(ArchiveError::RefusedByFetcher('\\', "%5C")),
            '\'' => return Err(ArchiveError::RefusedByFetcher('\'', "%27")),
            '#' => return Err(ArchiveError::Fragment),
            '"' | '<' | '>' | '{' | '}' | '|' | '^' | '`' => {
                return Err(ArchiveError::Character(format!("`{character}`")));
            }
            _ if character.is_whitespace() => return Err(ArchiveError::Character("a space".to_owned())),
            _ if character.is_control() => return Err(ArchiveError::Character("a control character".to_owned())),
            _ => {}
        }
    }
    if let Some(bracket) = path.chars().find(|character| matches!(character, '[' | ']')) {
        return Err(ArchiveError::Character(format!("`{bracket}`")));
    }
    let bytes = path.as_bytes();
    let escaped = |at: usize| {
        bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit) && bytes.get(at + 2).is_some_and(u8::is_ascii_hexdigit)
    };
    if bytes.iter().enumerate().all(|(at, byte)| *byte != b'%' || escaped(at)) {
        Ok(())
    } else {
        Err(ArchiveError::Percent)
    }
}

/// What may be shown of a text that is no URI: nothing before an `@`, nothing from a `?` on.
fn shown(text: &str) -> String {
    let text = text.split('?').next().unwrap_or_default();
    excerpt(text.rsplit('@').next().unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{ArchiveUri, is_extracted};
    use proptest::prelude::*;

    #[test]
    fn archives() {
        for uri in [
            "file:///etc/docker.tar.gz",
            "file://localhost/etc/docker.tar.gz",
            "https://repo.example.com/docker.tgz",
            "http://repo.example.com:8080/a/docker.tar",
            "https://[::1]:8443/docker.tar.gz",
            "ftp://repo.example.com/docker.zip",
            "hdfs:///credentials/docker.tar.gz",
            "hdfs://namenode:8020/docker.tar.bz2",
            "s3://bucket/docker.tar.xz",
            "wasb://container@account.blob.core.windows.net/docker.tar.gz",
            "https://repo.example.com/get?file=docker.tar.gz",
            "https://repo.example.com/get?file=/a/docker.tar.gz",
            "https://repo.example.com/a%20b/docker.tar.gz",
            "https://repo.example.com/für/docker.tar.gz",
        ] {
            let read: ArchiveUri = uri.parse().unwrap_or_else(|error| panic!("{uri}: {error}"));
            assert_eq!(read.as_str(), uri);
        }
    }

    #[test]
    fn each_wrong_archive_is_told_why() {
        for (uri, message) in [
            ("", "the archive is empty"),
            ("docker.tar.gz", "`docker.tar.gz` is no absolute URI"),
            ("/etc/docker.tar.gz", "write `file:///`"),
            ("file:/etc/docker.tar.gz", "is no absolute URI"),
            (
                "file://etc/docker.tar.gz",
                "`file://etc/docker.tar.gz` is no absolute URI",
            ),
            (
                "htps://repo.example.com/docker.tar.gz",
                "`htps` is no scheme that agents fetch: write one of file, http,",
            ),
            ("File:///etc/docker.tar.gz", "`File` is no scheme"),
            ("docker://registry/docker.tar.gz", "`docker` is no scheme"),
            ("https:///docker.tar.gz", "names no host"),
            ("s3:///docker.tar.gz", "names no host"),
            ("https://repo.example.com", "names no file"),
            ("https://repo.example.com/", "names no file"),
            ("file:///etc/", "names no file"),
            (
                "https://user:password@repo.example.com/docker.tar.gz",
                "a user name or a password",
            ),
            (
                "https://user@repo.example.com/docker.tar.gz",
                "a user name or a password",
            ),
            ("s3n://KEY:SECRET@bucket/docker.tar.gz", "a user name or a password"),
            (
                "wasb://container:key@account/docker.tar.gz",
                "a user name or a password",
            ),
            ("file:///etc/docker", "`docker` would never be unpacked"),
            ("file:///etc/config.json", "`config.json` would never be unpacked"),
            ("file:///etc/docker.gz", "`docker.gz` would never be unpacked"),
            ("file:///etc/docker.TAR.GZ", "would never be unpacked"),
            (
                "https://repo.example.com/docker.tar.gz?sig=x",
                "`docker.tar.gz?…` does not end like an archive",
            ),
            (
                "https://repo.example.com/docker.tar.gz?sig=a/b",
                "`docker.tar.gz?…` does not end like an archive",
            ),
            ("https://repo.example.com/docker.tar.gz#x", "has no `#…`"),
            ("https://repo.example.com/a b/docker.tar.gz", "cannot hold a space"),
            (
                "https://repo.example.com/a\u{7}/docker.tar.gz",
                "cannot hold a control character",
            ),
            ("https://repo.example.com/{{x}}/docker.tar.gz", "cannot hold `{`"),
            ("https://repo.example.com/a[1]/docker.tar.gz", "cannot hold `[`"),
            ("https://repo.example.com/100%/docker.tar.gz", "write `%25`"),
            ("file:///c:\\docker.tar.gz", "refuses `\\`"),
            ("file:///it's/docker.tar.gz", "refuses `'`"),
        ] {
            let error = uri.parse::<ArchiveUri>().expect_err(uri).to_string();
            assert!(error.contains(message), "{uri}: {error}");
            for secret in ["password", "sig=", "SECRET", "user@"] {
                assert!(
                    secret == "password" && error.contains("or a password") || !error.contains(secret),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn length() {
        let of_length = |length: usize| format!("file:///{}.tar.gz", "a".repeat(length - 15));
        assert!(of_length(1024).parse::<ArchiveUri>().is_ok());
        assert!(
            of_length(1025)
                .parse::<ArchiveUri>()
                .expect_err("too long")
                .to_string()
                .contains("1025")
        );
    }

    proptest! {
        #[test]
        fn never_panics(uri in any::<String>(), path in "[ -~]{0,20}") {
            let _ = uri.parse::<ArchiveUri>();
            let uri = format!("https://h/{path}");
            if uri.parse::<ArchiveUri>().is_ok() {
                prop_assert!(is_extracted(&uri));
            }
        }
    }
}
