//! Image references: reading them, naming groups of them, and whether the registry is known to be public.
//!
//! - [`Reference`] reads a reference by the grammar that Docker uses;
//! - [`Pattern`] names references: the `match` of a policy;
//! - [`Relocation`] moves references to another place;
//! - [`exposure`] says whether anybody may pull from the registry of a reference;
//! - [`is_templated`] recognises text that something else still has to fill in;
//! - [`looks_like_bare_host`] recognises a registry whose repository was forgotten.
//!
//! Knows nothing of Marathon, of credentials, or of who pulls the image.

mod bare_host;
mod exposure;
mod pattern;
mod reference;
mod relocation;
mod template;

pub use bare_host::looks_like_bare_host;
pub use exposure::{Exposure, PublicHost, exposure, literal_exposure, literal_registry, public_hosts};
pub use pattern::{Difference, Pattern, PatternError};
pub use reference::{Reference, ReferenceError};
pub use relocation::{Relocation, RelocationError};
pub use template::is_templated;

use memchr::{memchr, memchr_iter};

/// The name under which Docker knows its Hub.
pub(crate) const DOCKER_HUB: &str = "docker.io";

/// The other name that Docker takes for its Hub (distribution/reference, normalize.go: `legacyDefaultDomain`).
const DOCKER_HUB_LEGACY: &str = "index.docker.io";

/// `str::split_once` at an ASCII character. Names are short: the search that `str` has for any `char` takes longer to
/// begin than to do.
fn split_at(text: &str, ascii: u8) -> Option<(&str, &str)> {
    let at = memchr(ascii, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// Whether the first component of a name with at least two is a host: it is `localhost`, holds a `.` or a `:`, or
/// holds an uppercase letter, which no repository may (distribution/reference, normalize.go: `splitDockerDomain`).
fn is_host(component: &str) -> bool {
    component == "localhost"
        || component
            .bytes()
            .any(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_uppercase())
}

/// Whether there is a space, a line break or a control character.
fn holds_spaces(text: &str) -> bool {
    // Most texts are of printing ASCII alone, and looking at all bytes without a stop takes many at once.
    let graphic = text
        .bytes()
        .fold(true, |graphic, byte| graphic & byte.is_ascii_graphic());
    !graphic
        && text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
}

/// Splits at the first `://`.
pub(crate) fn split_scheme(text: &str) -> Option<(&str, &str)> {
    memchr_iter(b':', text.as_bytes())
        .map(|at| (&text[..at], &text[at + 1..]))
        .find_map(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)))
}

/// Splits `host:port`; an IPv6 literal keeps its brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    let after_name = if host.starts_with('[') {
        memchr(b']', host.as_bytes()).map_or(host.len(), |end| end + 1)
    } else {
        0
    };
    match memchr(b':', &host.as_bytes()[after_name..]) {
        Some(colon) => (&host[..after_name + colon], Some(&host[after_name + colon + 1..])),
        None => (host, None),
    }
}

/// Whether a host (without its port) is one by the grammar: labels of letters, digits and inner dashes, joined by
/// dots, or an IPv6 address in brackets.
fn is_host_name(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| {
            !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        }),
        None => {
            // In one pass: a dot follows a letter or digit, a dash anything but a dot, and neither ends the name.
            let mut before = b'.';
            let fit = host.bytes().all(|byte| {
                let fits = match byte {
                    b'.' => !matches!(before, b'.' | b'-'),
                    b'-' => before != b'.',
                    byte => byte.is_ascii_alphanumeric(),
                };
                before = byte;
                fits
            });
            fit && !matches!(before, b'.' | b'-')
        }
    }
}

/// Whether a port is one by the grammar, which counts no digits.
fn is_port(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether one label of a host name is one.
fn is_label(label: &[u8]) -> bool {
    !label.is_empty()
        && !label.starts_with(b"-")
        && !label.ends_with(b"-")
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Whether one component of a repository is one: lowercase letters and digits, with a `.`, one or two `_`, or any
/// number of `-` between them.
fn is_component(component: &[u8]) -> bool {
    let mut bytes = component.iter().copied().peekable();
    loop {
        // A run of letters and digits, which must be there …
        let mut read = false;
        while bytes
            .next_if(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            .is_some()
        {
            read = true;
        }
        if !read {
            return false;
        }
        // … and after it the end or one separator.
        match bytes.next() {
            None => return true,
            Some(b'.') => {}
            Some(b'_') => {
                bytes.next_if_eq(&b'_');
            }
            Some(b'-') => while bytes.next_if_eq(&b'-').is_some() {},
            Some(_) => return false,
        }
    }
}

/// A piece of somebody's text, short and harmless enough to stand in a message.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
