//! Telling a registry without a repository from a repository with a tag. Knows nothing of definitions.

use super::{is_host_name, is_label, split_port};
use memchr::memchr2;
use std::net::Ipv4Addr;

/// Whether a reference without a `/` looks as if its writer meant a registry: `registry.example.com:5000`,
/// `localhost:5000`, `10.0.0.1`. Docker reads all of these as a repository on Docker Hub, with a tag.
///
/// A guess, and made to err on the side of silence: `redis:6`, `node.js:12`, `app:1234` and `nginx:5000` are names with
/// tags. What counts is an address; `localhost`; a name with a dot and a letter-only ending, either of three labels or
/// more or with a port that registries use; and a name without a dot that calls itself a registry, with the port 5000 of
/// Docker's own.
///
/// ```
/// use pullcreds_core::image::looks_like_bare_host;
/// assert!(looks_like_bare_host("registry.example.com:5000"));
/// assert!(!looks_like_bare_host("redis:6"));
/// ```
#[must_use]
pub fn looks_like_bare_host(text: &str) -> bool {
    if memchr2(b'/', b'@', text.as_bytes()).is_some() {
        return false;
    }
    let (host, port) = split_port(text);
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) => Some(port),
        Some(Err(_)) => return false,
    };
    if host.starts_with('[') {
        return is_host_name(host);
    }
    let is_called_one = port == Some(5000) && host.contains("registry");
    if host == "localhost" || host.parse::<Ipv4Addr>().is_ok() || is_called_one {
        return is_host_name(host);
    }
    let labels = host.split('.').count();
    let ending = host.rsplit('.').next().unwrap_or_default();
    let dotted = labels >= 2
        && host.as_bytes().split(|byte| *byte == b'.').all(is_label)
        && ending.len() >= 2
        && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    let port_of_a_server = port.is_some_and(|port| matches!(port, 80 | 443) || port >= 1024);
    dotted && (port_of_a_server || (labels >= 3 && port.is_none()))
}

#[cfg(test)]
mod tests {
    use super::looks_like_bare_host;
    use proptest::prelude::*;

    const BARE_HOSTS: &str = include_str!("../../../fixtures/images/bare-hosts.tsv");

    #[test]
    fn each_row_of_the_table() {
        let mut count = 0;
        for line in BARE_HOSTS.lines().filter(|line| !line.starts_with('#')) {
            let Some((text, expected)) = line.split_once('\t') else {
                panic!("two columns wanted: {line}")
            };
            assert_eq!(looks_like_bare_host(text), expected == "yes", "{text}");
            count += 1;
        }
        assert!(count > 20, "the table is there: {count}");
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = looks_like_bare_host(&text);
        }
    }
}
