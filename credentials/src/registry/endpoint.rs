//! Where a registry is asked for an image, by Docker and by UCR.
//!
//! Sources: moby `registry/config.go` and `registry/service_v2.go` (https, and for loopback without a look at the
//! certificate and then http; `docker.io` is `registry-1.docker.io`); Mesos `src/slave/containerizer/mesos/provisioner/
//! docker/registry_puller.cpp` and `src/uri/fetchers/docker.cpp` at c1b42f7 (http for port 80 and for `localhost` and
//! `127.0.0.1` with another port than 443, else https; no host is rewritten).

use std::net::{Ipv4Addr, Ipv6Addr};

use pullcreds_core::image::Reference;

use crate::host;
use crate::matching::Reader;

/// The host that both mean by an image without one, as it is where nobody configures another.
const HUB: &str = "registry-1.docker.io";

/// One way to reach a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    /// `https://registry.example.com:5000`, without a slash at its end.
    pub url: String,
    /// Whether the server's certificate has to be a good one.
    pub is_verified: bool,
}

/// The ways in which a reader tries to reach an image's registry, in their order.
#[must_use]
pub fn bases(image: &Reference<'_>, reader: Reader) -> Vec<Base> {
    let authority = authority(image, reader);
    let base = |scheme: &str, is_verified| Base {
        url: format!("{scheme}://{authority}"),
        is_verified,
    };
    match reader {
        Reader::Docker if is_loopback(authority) => vec![base("https", false), base("http", true)],
        Reader::Docker => vec![base("https", true)],
        Reader::Ucr => {
            let (name, port) = host::split_port(authority);
            let is_local = matches!(name, "localhost" | "127.0.0.1");
            let is_plain = match port {
                Some(port) => port == "80" || is_local && port != "443",
                None => false,
            };
            vec![base(if is_plain { "http" } else { "https" }, true)]
        }
    }
}

/// Host and port that a reader contacts for an image.
#[must_use]
pub fn authority<'i>(image: &Reference<'i>, reader: Reader) -> &'i str {
    match reader {
        Reader::Docker if image.registry() == "docker.io" => HUB,
        Reader::Docker => image.registry(),
        Reader::Ucr => image.ucr_registry().unwrap_or(HUB),
    }
}

/// Whether a host, with or without a port, is the machine itself by its name. What a name resolves to elsewhere is not
/// known here.
#[must_use]
pub fn is_loopback(authority: &str) -> bool {
    let (name, _) = host::split_port(authority);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || bare.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || bare.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback())
}

/// What names the manifest: a digest goes before a tag.
#[must_use]
pub fn manifest<'i>(image: &Reference<'i>) -> &'i str {
    image.digest().or(image.tag()).unwrap_or("latest")
}

/// Scheme, and host with its port, of a URL.
#[must_use]
pub fn origin(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let is_good = matches!(scheme, "http" | "https") && !authority.is_empty() && !authority.contains('@');
    is_good.then_some((scheme, authority))
}

/// Where `Location` leads from a URL; `None` where it is no place that can be asked.
#[must_use]
pub fn location(from: &str, to: &str) -> Option<String> {
    if to.contains(char::is_control) || to.contains(' ') {
        return None;
    }
    if origin(to).is_some() {
        return Some(to.to_owned());
    }
    let (scheme, authority) = origin(from)?;
    match to.strip_prefix("//") {
        Some(rest) => Some(format!("{scheme}://{rest}")).filter(|url| origin(url).is_some()),
        None => to.starts_with('/').then(|| format!("{scheme}://{authority}{to}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(image: &str, reader: Reader) -> Vec<String> {
        let image = Reference::parse(image).unwrap();
        let shown = |base: Base| format!("{}{}", base.url, if base.is_verified { "" } else { " unverified" });
        bases(&image, reader).into_iter().map(shown).collect()
    }

    #[test]
    fn docker_and_ucr_ask_at_different_places() {
        let local = |port: &str| {
            vec![
                format!("https://localhost{port} unverified"),
                format!("http://localhost{port}"),
            ]
        };
        let hub = || vec!["https://registry-1.docker.io".to_owned()];
        for (image, docker, ucr) in [
            ("nginx", hub(), hub()),
            ("docker.io/team/web", hub(), vec!["https://docker.io".to_owned()]),
            (
                "r.example.com/a",
                vec!["https://r.example.com".to_owned()],
                vec!["https://r.example.com".to_owned()],
            ),
            (
                "r.example.com:80/a",
                vec!["https://r.example.com:80".to_owned()],
                vec!["http://r.example.com:80".to_owned()],
            ),
            ("localhost/a", local(""), vec!["https://localhost".to_owned()]),
            (
                "localhost:443/a",
                local(":443"),
                vec!["https://localhost:443".to_owned()],
            ),
            (
                "localhost:5000/a",
                local(":5000"),
                vec!["http://localhost:5000".to_owned()],
            ),
            (
                "127.0.0.2:5000/a",
                vec![
                    "https://127.0.0.2:5000 unverified".to_owned(),
                    "http://127.0.0.2:5000".to_owned(),
                ],
                vec!["https://127.0.0.2:5000".to_owned()],
            ),
        ] {
            assert_eq!(
                (urls(image, Reader::Docker), urls(image, Reader::Ucr)),
                (docker, ucr),
                "{image}"
            );
        }
        assert!(is_loopback("[::1]:5000") && !is_loopback("localhost.example.com") && !is_loopback("128.0.0.1"));
    }

    #[test]
    fn locations_lead_somewhere_or_nowhere() {
        let from = "https://a.example.com:5000/v2/x";
        for (to, expected) in [
            ("/v2/y?z=1", Some("https://a.example.com:5000/v2/y?z=1")),
            ("https://b.example.com/y", Some("https://b.example.com/y")),
            ("//b.example.com/y", Some("https://b.example.com/y")),
            ("y", None),
            ("file:///etc/passwd", None),
            ("https://user:password@b/y", None),
            ("/a\r\nb", None),
        ] {
            assert_eq!(location(from, to).as_deref(), expected, "{to}");
        }
    }
}
