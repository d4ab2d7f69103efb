//! What the Mesos fetcher and Docker make of a URI, as far as its text tells.
//!
//! Sources: mesos `src/launcher/fetcher.cpp` (extraction by the suffix of the destination name, `executable` suppresses
//! it, `\` and `'` refused, `file://` absolute), mesos `src/docker/docker.cpp` (`.docker/config.json` or `.dockercfg` in
//! the sandbox), marathon `FetchUri.scala` (`isExtract`).

use memchr::{memchr, memchr2, memrchr};

use crate::image::split_scheme;

/// What a fetched file is to a `docker pull`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialFile {
    /// An archive that is to leave `.docker/config.json` (or `.dockercfg`) in the sandbox.
    Archive,
    /// `.dockercfg` itself: read by Docker before 23.0 only.
    LegacyFile,
    /// `config.json` itself: read only where it lands at `.docker/config.json`.
    RawConfig,
}

/// Names under which archives of Docker credentials are found in the wild, whatever folder they lie in.
const ARCHIVE_NAMES: [&str; 8] = [
    "docker.tar.gz",
    "docker.tgz",
    "docker.tar",
    "docker.tar.bz2",
    "docker.zip",
    "dockercfg.tar.gz",
    "dockercfg.tgz",
    ".docker.tar.gz",
];

/// Suffixes by which the fetcher extracts.
const EXTRACTED_SUFFIXES: [&str; 8] = [
    ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip",
];

/// Suffixes for which Marathon turns `uris` entries into `fetch` entries with `extract: true`.
const MARATHON_SUFFIXES: [&str; 7] = [".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".zip"];

/// Where Docker looks in the sandbox.
pub(crate) const CONFIG_PATH: &str = ".docker/config.json";

/// The name that fixes give an archive that would not be extracted under its own. Before the fetcher used libarchive, it
/// ran `tar` or `unzip`, as the name said, and `tar` cannot read a zip.
pub(crate) fn archive_path(uri: &str) -> &'static str {
    if file_name(uri).ends_with(".zip") {
        "docker.zip"
    } else {
        "docker.tar.gz"
    }
}

/// The longest URI that Marathon takes, in characters.
pub(crate) const LONGEST_URI: usize = 1024;

/// The URI without query and fragment.
pub(crate) fn without_query(uri: &str) -> &str {
    let end = memchr2(b'?', b'#', uri.as_bytes());
    &uri[..end.unwrap_or(uri.len())]
}

/// What follows the last `/` of the path.
pub(crate) fn file_name(uri: &str) -> &str {
    last_part(without_query(uri))
}

fn last_part(path: &str) -> &str {
    &path[memrchr(b'/', path.as_bytes()).map_or(0, |slash| slash + 1)..]
}

/// Where a file is told to land, from the sandbox.
pub(crate) fn from_sandbox(dest_path: &str) -> &str {
    dest_path.strip_prefix("./").unwrap_or(dest_path)
}

/// What a URI is by its name alone, and by the name it gets in the sandbox.
pub(crate) fn credential_file(uri: &str, dest_path: Option<&str>) -> Option<CredentialFile> {
    let name = file_name(uri);
    let known = match dest_path.map(from_sandbox) {
        // An archive stays one wherever it lands.
        Some(CONFIG_PATH | ".dockercfg") if is_extracted(name) => Some(CredentialFile::Archive),
        Some(CONFIG_PATH) => Some(CredentialFile::RawConfig),
        Some(".dockercfg") => Some(CredentialFile::LegacyFile),
        // Extraction is to the top of the sandbox, whatever folder the archive itself lands in.
        Some(path) if ARCHIVE_NAMES.contains(&last_part(path)) => Some(CredentialFile::Archive),
        _ => None,
    };
    if known.is_some() {
        return known;
    }
    if ARCHIVE_NAMES.contains(&name) || (is_templated(uri) && speaks_of_credentials(uri)) {
        return Some(CredentialFile::Archive);
    }
    if name == ".dockercfg" && dest_path.is_none() {
        return Some(CredentialFile::LegacyFile);
    }
    (name == "config.json" && without_query(uri).contains(".docker/")).then_some(CredentialFile::RawConfig)
}

/// A template that stands for the whole URI, such as `{{service.docker-credentials-uri}}`.
fn speaks_of_credentials(uri: &str) -> bool {
    let uri = uri.to_ascii_lowercase();
    uri.contains("docker") && uri.contains("credential")
}

/// Whether a template engine is still to fill something in.
pub(crate) fn is_templated(text: &str) -> bool {
    // Each mark has one of two characters that hardly any other text has.
    memchr2(b'{', b'%', text.as_bytes()).is_some() && ["{{", "${", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

/// The name that decides on extraction of an uncached file: `destPath`, or the text after the last `/`, query included.
/// A cached file is extracted from the cache, where its name ends as the URI does, whatever its `destPath` (mesos
/// `src/launcher/fetcher.cpp`, `fetchFromCache`; `src/slave/containerizer/fetcher.cpp`, `nextFilename`).
pub(crate) fn extraction_name<'a>(uri: &'a str, dest_path: Option<&'a str>) -> &'a str {
    dest_path.unwrap_or_else(|| last_part(uri))
}

/// Whether the fetcher extracts a file of this name.
pub(crate) fn is_extracted(name: &str) -> bool {
    EXTRACTED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// Whether the fetcher leaves a file of this name as it is. What a template will make of a name is not known.
pub(crate) fn stays_packed(name: &str) -> bool {
    !is_extracted(name) && !is_templated(name)
}

/// What Marathon makes of `extract` when it turns a `uris` entry into a `fetch` entry.
pub(crate) fn is_extract(uri: &str) -> bool {
    let path = without_query(uri);
    MARATHON_SUFFIXES.iter().any(|suffix| path.ends_with(suffix))
}

/// Whether a URI is nothing but a path from nowhere.
pub(crate) fn is_relative(uri: &str) -> bool {
    !uri.is_empty() && !uri.starts_with('/') && !uri.contains("://")
}

/// Why neither Marathon nor the fetcher can do anything with this URI.
pub(crate) fn refusal(uri: &str) -> Option<&'static str> {
    if is_templated(uri) {
        return None;
    }
    if uri.is_empty() {
        return Some("an empty URI");
    }
    if (uri.len() > LONGEST_URI || !uri.bytes().all(|byte| IS_PLAIN[usize::from(byte)]))
        && let Some(reason) = bad_character(uri)
    {
        return Some(reason);
    }
    match split_scheme(uri) {
        Some(("file", path)) if !path.strip_prefix("localhost").unwrap_or(path).starts_with('/') => {
            Some("a `file://` URI needs an absolute path: `file:///…`")
        }
        Some(("", _)) => Some("a URI without a scheme before `://`"),
        Some((scheme, _)) if is_misspelt(scheme) => {
            Some("the fetcher knows its schemes in small letters only: `file://`, `https://`")
        }
        Some((_, rest)) if memchr(b'/', rest.as_bytes()).is_none_or(|slash| slash + 1 == rest.len()) => {
            Some("a URI with no path behind its host")
        }
        Some(_) => None,
        None if uri.starts_with('/') => None,
        None => Some("a relative path: the fetcher has no folder to look for it in; write `file:///…`"),
    }
}

/// Whether a scheme would be one that the fetcher knows, if letters were alike. It compares them as they are, and hands
/// what it does not know to a Hadoop client, which looks for its file systems by the letters of the scheme as well (mesos
/// `src/slave/containerizer/fetcher.cpp`, `uriToLocalPath` and `isNetUri`; hadoop `FileSystem.java`,
/// `getFileSystemClass`).
fn is_misspelt(scheme: &str) -> bool {
    let known = ["file", "http", "https", "ftp", "ftps"];
    scheme.bytes().any(|byte| byte.is_ascii_uppercase()) && known.iter().any(|known| known.eq_ignore_ascii_case(scheme))
}

/// The characters that most URIs are made of alone; none of them is refused.
const IS_PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = matches!(
            byte as u8,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
                | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'@' | b'&' | b'=' | b'+' | b'%'
        );
        byte += 1;
    }
    plain
};

/// What makes a URI too long, or which of its characters is refused.
fn bad_character(uri: &str) -> Option<&'static str> {
    if uri.chars().count() > LONGEST_URI {
        return Some("longer than the 1024 characters that Marathon takes");
    }
    if uri.contains(['\\', '\'']) {
        return Some("the Mesos fetcher refuses `\\` and `'` in a URI");
    }
    if uri.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Some("white space is not allowed in a URI");
    }
    if uri.contains(['<', '>', '"', '{', '}', '|', '^', '`']) {
        return Some("not a valid URI: percent-encode the characters outside RFC 3986");
    }
    None
}

/// The part of a URI before `@` in its authority, if there is one: a user name or password in the open.
pub(crate) fn user_info(uri: &str) -> Option<&str> {
    memchr(b'@', uri.as_bytes())?;
    let (_, rest) = split_scheme(uri)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit_once('@').map(|(user, _)| user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_name_and_place() {
        use CredentialFile::{Archive, LegacyFile, RawConfig};
        let cases = [
            ("file:///etc/docker.tar.gz", None, Some(Archive)),
            ("/home/centos/docker.tar.gz", None, Some(Archive)),
            ("https://files.example.com/a/docker.tar.gz?sig=x", None, Some(Archive)),
            ("file:///etc/dockercfg.tgz", None, Some(Archive)),
            ("{{service.docker-credentials-uri}}", None, Some(Archive)),
            ("file:///home/core/.dockercfg", None, Some(LegacyFile)),
            ("https://files.example.com/cfg", Some(".dockercfg"), Some(LegacyFile)),
            (
                "https://files.example.com/cfg",
                Some(".docker/config.json"),
                Some(RawConfig),
            ),
            (
                "https://files.example.com/cfg",
                Some("./.docker/config.json"),
                Some(RawConfig),
            ),
            ("file:///etc/docker.tar.gz", Some(".docker/config.json"), Some(Archive)),
            ("https://files.example.com/a.tgz?b", Some(".dockercfg"), Some(Archive)),
            ("https://files.example.com/abc", Some("docker.tar.gz"), Some(Archive)),
            ("https://files.example.com/abc", Some("./a/docker.tgz"), Some(Archive)),
            ("https://files.example.com/abc", Some("app.tar.gz"), None),
            ("file:///root/.docker/config.json", None, Some(RawConfig)),
            ("https://files.example.com/my/config.json", None, None),
            ("https://files.example.com/mydocker.tar.gz", None, None),
            ("https://files.example.com/app.tar.gz", None, None),
        ];
        for (uri, dest_path, wanted) in cases {
            assert_eq!(credential_file(uri, dest_path), wanted, "{uri}");
        }
    }

    #[test]
    fn extraction_goes_by_the_end_of_the_name() {
        assert!(is_extracted(extraction_name("file:///etc/docker.tar.gz", None)));
        assert!(!is_extracted(extraction_name("https://a/docker.tar.gz?sig=x", None)));
        assert!(is_extracted(extraction_name(
            "https://a/docker.tar.gz?sig=x",
            Some("docker.tar.gz")
        )));
        assert!(!is_extracted(extraction_name(
            "file:///etc/docker.tar.gz",
            Some("credentials")
        )));
        assert!(!is_extracted("config.gz"), "gunzip only");
    }

    #[test]
    fn what_cannot_be_fetched_is_refused() {
        for uri in [
            "",
            "docker.tar.gz",
            "file://etc/docker.tar.gz",
            "https://a/it's",
            "https://a/b c",
            "://x",
            "https://",
            "https://a",
            "https://a/",
            "FILE:///etc/docker.tar.gz",
            "Https://a/b",
            "file://localhost",
            "file://localhostetc/docker.tar.gz",
        ] {
            assert!(refusal(uri).is_some(), "{uri}");
        }
        for uri in [
            "file:///etc/docker.tar.gz",
            "file://localhost/etc/docker.tar.gz",
            "/etc/docker.tar.gz",
            "hdfs://a/b",
            "{{ anything at all }}",
        ] {
            assert_eq!(refusal(uri), None, "{uri}");
        }
        let of_length = |length: usize| format!("file:///{}", "a".repeat(length - 8));
        assert_eq!(refusal(&of_length(LONGEST_URI)), None);
        assert!(refusal(&of_length(LONGEST_URI + 1)).is_some());
    }

    #[test]
    fn user_info_is_what_stands_before_the_host() {
        assert_eq!(user_info("https://me:secret@a/b"), Some("me:secret"));
        assert_eq!(user_info("https://a/b@c"), None);
        assert_eq!(user_info("/a@b"), None);
    }
}
