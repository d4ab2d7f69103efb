//! Keys of `auths` and what they stand for.
//!
//! Source: docker/cli `cli/config/credentials/file_store.go` (`ConvertToHostname`); Mesos `src/docker/spec.cpp` and
//! `src/uri/fetchers/docker.cpp` at c1b42f7.

/// The only key under which Docker finds credentials for Docker Hub.
pub const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Hosts that people write where they mean Docker Hub.
const HUB_HOSTS: [&str; 5] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
    "registry.hub.docker.com",
];

/// A key without its scheme and its path: what both Docker and UCR compare with an image's registry.
#[must_use]
pub fn hostname(key: &str) -> &str {
    let rest = without_scheme(key);
    rest.split_once('/').map_or(rest, |(host, _)| host)
}

/// What follows the host in a key, without its slashes.
#[must_use]
pub fn path(key: &str) -> &str {
    let rest = without_scheme(key);
    rest.split_once('/').map_or("", |(_, path)| path.trim_matches('/'))
}

fn without_scheme(key: &str) -> &str {
    key.strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))
        .unwrap_or(key)
}

/// Whether a key means Docker Hub, in any spelling.
#[must_use]
pub fn is_hub(key: &str) -> bool {
    let host = hostname(key);
    HUB_HOSTS.iter().any(|hub| host.eq_ignore_ascii_case(hub))
}

/// The key that `docker login` would write for what a person calls the registry.
#[must_use]
pub fn login_key(registry: &str) -> String {
    if is_hub(registry) {
        HUB_KEY.to_owned()
    } else {
        hostname(registry).to_owned()
    }
}

/// Whether a host and its port could be one: what `docker login` would take.
#[must_use]
pub fn is_registry(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !host.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let is_name = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.split('.').all(|label| {
            let label = label.as_bytes();
            !label.is_empty()
                && label
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                && !label.starts_with(b"-")
                && !label.ends_with(b"-")
        }),
    };
    is_name && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The port that a host is written with, and the host without it.
#[must_use]
pub fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart_as_docker_does() {
        for (key, host, rest) in [
            ("registry.example.com", "registry.example.com", ""),
            (
                "https://registry.example.com:5000/v2/",
                "registry.example.com:5000",
                "v2",
            ),
            ("http://a/b/c", "a", "b/c"),
            ("a/b", "a", "b"),
            ("ftp://a/b", "ftp:", "a/b"),
            ("", "", ""),
            ("https://", "", ""),
            (HUB_KEY, "index.docker.io", "v1"),
        ] {
            assert_eq!((hostname(key), path(key)), (host, rest), "{key}");
        }
    }

    #[test]
    fn logins_get_the_key_of_docker_login() {
        for (registry, key) in [
            ("docker.io", HUB_KEY),
            ("https://index.docker.io/v2/", HUB_KEY),
            ("https://registry.example.com/v2/", "registry.example.com"),
            ("registry.example.com:443", "registry.example.com:443"),
        ] {
            assert_eq!(login_key(registry), key);
        }
    }

    #[test]
    fn what_is_no_registry_is_known() {
        for good in [
            "localhost",
            "a:5000",
            "registry.example.com",
            "10.0.0.1:80",
            "[::1]:5000",
            "a_b",
        ] {
            assert!(is_registry(good), "{good}");
        }
        for bad in [
            "",
            "a b",
            "a:",
            "a:0",
            "a:99999",
            "a..b",
            "-a",
            "user@host",
            "ftp:",
            "[x]",
        ] {
            assert!(!is_registry(bad), "{bad}");
        }
    }
}
