//! Text with template marks: what something else fills in before Marathon sees it.
//!
//! Only marks count that cannot be part of a valid reference, so a templated text is never a valid one. Knows nothing
//! of any template language beyond how its marks begin and end. All of it is linear in the length of the text.

use super::{DOCKER_HUB, DOCKER_HUB_LEGACY, is_host};

/// Whether `text` holds a template mark: `{{x}}`, `{% x %}`, `<% x %>`, `${X}`, `$(X)`, `$X`, `#{x}`, `%(x)`, `<x>`,
/// `[[x]]`, `((x))`, `{x}`, `@X@` or `%X%`.
///
/// ```
/// use pullcreds_core::image::is_templated;
/// assert!(is_templated("registry.example.com/app:{{version}}"));
/// assert!(!is_templated("registry.example.com/app:__VERSION__")); // a valid tag, whatever was meant
/// ```
#[must_use]
pub fn is_templated(text: &str) -> bool {
    let begins_mark = |byte| matches!(byte, b'{' | b'<' | b'#' | b'[' | b'(' | b'$' | b'%' | b'@');
    let Some(first) = text.bytes().position(begins_mark) else {
        return false;
    };
    let mut scanner = Scanner::default();
    (first..text.len()).any(|at| scanner.mark_end(text, at).is_some())
}

/// Marks with a beginning and an end; where two begin alike, the longer stands first.
const MARKS: [(&str, &str); 12] = [
    ("{{{", "}}}"), // mustache, unescaped
    ("{{", "}}"),   // mustache, Jinja, Go templates, Handlebars
    ("{%", "%}"),   // Jinja
    ("{", "}"),     // Python format strings
    ("${", "}"),    // shell, Terraform, envsubst
    ("$(", ")"),    // make, Azure Pipelines
    ("<%", "%>"),   // ERB, Groovy
    ("<", ">"),     // "<your image here>"
    ("#{", "}"),    // Ruby, Octopus
    ("%(", ")"),    // Python %-format
    ("[[", "]]"),   // Nomad, Go templates with other delimiters
    ("((", "))"),   // Concourse
];

/// Finds marks, remembering which ends are known not to come any more, so that a text of nothing but beginnings is not
/// read over and over.
#[derive(Clone, Copy, Default)]
struct Scanner {
    no_end: [bool; MARKS.len()],
}

impl Scanner {
    /// The end of the mark that begins at `at`, if one does.
    fn mark_end(&mut self, text: &str, at: usize) -> Option<usize> {
        let bytes = &text.as_bytes()[at..];
        match bytes.first()? {
            b'{' | b'<' | b'#' | b'[' | b'(' => self.paired(text, at),
            b'$' => self.paired(text, at).or_else(|| {
                let name = word(&bytes[1..]);
                (name > 0).then_some(at + 1 + name)
            }),
            b'%' => self
                .paired(text, at)
                .or_else(|| enclosed(bytes).map(|length| at + length)),
            b'@' => enclosed(bytes).map(|length| at + length),
            _ => None,
        }
    }

    fn paired(&mut self, text: &str, at: usize) -> Option<usize> {
        for (kind, (begin, end)) in MARKS.iter().enumerate() {
            if self.no_end[kind] || !text.as_bytes()[at..].starts_with(begin.as_bytes()) {
                continue;
            }
            // `begin` is ASCII, so this is a boundary.
            let inside = at + begin.len();
            match text[inside..].find(end) {
                Some(length) => return Some(inside + length + end.len()),
                None => self.no_end[kind] = true,
            }
        }
        None
    }
}

/// The length of the name at the beginning: a letter or `_`, then letters, digits and `_`.
fn word(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => bytes
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count(),
        _ => 0,
    }
}

/// The length of `@NAME@` or `%NAME%` at the beginning, both signs included.
fn enclosed(bytes: &[u8]) -> Option<usize> {
    let name = word(&bytes[1..]);
    (name > 0 && bytes.get(1 + name) == bytes.first()).then_some(name + 2)
}

/// The components of a name, split at each `/` that stands outside every mark.
#[derive(Clone)]
pub(super) struct Components<'t> {
    rest: Option<&'t str>,
    scanner: Scanner,
}

impl<'t> Components<'t> {
    pub(super) fn new(text: &'t str) -> Components<'t> {
        Components {
            rest: Some(text),
            scanner: Scanner::default(),
        }
    }
}

impl<'t> Iterator for Components<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest?;
        match find_outside(&mut self.scanner, rest, b"/") {
            Some(slash) => {
                self.rest = Some(&rest[slash + 1..]);
                Some(&rest[..slash])
            }
            None => {
                self.rest = None;
                Some(rest)
            }
        }
    }
}

/// What can be read off a name that still holds marks.
pub(super) struct LiteralName<'t> {
    /// The registry, when no mark can change it.
    pub(super) registry: Option<&'t str>,
    /// `library`, where Docker Hub puts names of one component.
    pub(super) official: Option<&'static str>,
    /// The components of the repository; those of the whole name when the registry is not known.
    pub(super) components: Components<'t>,
}

impl<'t> LiteralName<'t> {
    /// Reads a reference with marks in it, as Docker would read one without; its tag and digest are left aside.
    pub(super) fn new(text: &'t str) -> LiteralName<'t> {
        let components = Components::new(without_tag(text));
        let mut below = components.clone();
        let first = below.next().unwrap_or_default();
        if is_templated(first) {
            return LiteralName {
                registry: None,
                official: None,
                components,
            };
        }
        let more = below.rest.is_some();
        let (registry, components) = if !more || !is_host(first) {
            (DOCKER_HUB, components)
        } else if first == DOCKER_HUB_LEGACY {
            (DOCKER_HUB, below)
        } else {
            (first, below)
        };
        let mut count = components.clone();
        count.next();
        let official = (registry == DOCKER_HUB && count.rest.is_none()).then_some("library");
        LiteralName {
            registry: Some(registry),
            official,
            components,
        }
    }

    /// The components of the repository, with the `library` of Docker Hub.
    pub(super) fn repository(self) -> impl Iterator<Item = &'t str> + Clone {
        self.official.into_iter().chain(self.components)
    }
}

/// The text up to the tag or the digest, if its last component has one.
pub(super) fn without_tag(text: &str) -> &str {
    let mut last = 0;
    let mut components = Components::new(text);
    while components.next().is_some() {
        if let Some(rest) = components.rest {
            last = text.len() - rest.len();
        }
    }
    match find_outside(&mut Scanner::default(), &text[last..], b":@") {
        Some(end) => &text[..last + end],
        None => text,
    }
}

/// The first of the (ASCII) `wanted` bytes that stands outside every mark.
fn find_outside(scanner: &mut Scanner, text: &str, wanted: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < text.len() {
        if let Some(end) = scanner.mark_end(text, at) {
            at = end;
        } else if wanted.contains(&text.as_bytes()[at]) {
            return Some(at);
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Components, LiteralName, is_templated, without_tag};
    use crate::image::Reference;

    #[test]
    fn marks() {
        for text in [
            "{{image}}",
            "{{ image }}:1",
            "{{{image}}}",
            "app:{% if x %}1{% endif %}",
            "<%= image %>",
            "${REGISTRY}/app",
            "$REGISTRY/app",
            "$(REGISTRY)/app",
            "#{image}",
            "%(image)s",
            "<username>/simple-docker",
            "[[image]]",
            "((image))",
            "{image}",
            "@IMAGE@",
            "app:@TAG@",
            "%IMAGE%",
        ] {
            assert!(is_templated(text), "{text}");
            assert!(Reference::parse(text).is_err(), "{text} is no reference");
        }
    }

    #[test]
    fn no_marks() {
        for text in [
            "",
            "nginx",
            "app:__VERSION__",
            "[::1]:5000/app",
            "app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "a@b@c@",
            "a@b",
            "{{image",
            "image}}",
            "a$",
            "a$1",
            "100%",
            "a > b",
            "{",
            "é",
        ] {
            assert_eq!(is_templated(text), text == "a@b@c@", "{text}");
        }
    }

    #[test]
    fn slashes_and_colons_inside_marks_separate_nothing() {
        let components = |text| Components::new(text).collect::<Vec<_>>();
        assert_eq!(components("${A/b}/c/{{d/e}}f"), ["${A/b}", "c", "{{d/e}}f"]);
        assert_eq!(components("a//"), ["a", "", ""]);
        assert_eq!(components("é/ü"), ["é", "ü"]);
        assert_eq!(without_tag("${A:-x}/app:${TAG}"), "${A:-x}/app");
        assert_eq!(without_tag("host:5000/app@${DIGEST}"), "host:5000/app");
        assert_eq!(without_tag("{{image:tag}}"), "{{image:tag}}");
    }

    #[test]
    fn what_a_literal_name_says() {
        let read = |text| {
            let name = LiteralName::new(text);
            (name.registry, name.repository().collect::<Vec<_>>().join("/"))
        };
        assert_eq!(
            read("registry.example.com:5000/a/{{b}}:1"),
            (Some("registry.example.com:5000"), "a/{{b}}".to_owned())
        );
        assert_eq!(read("nginx:${TAG}"), (Some("docker.io"), "library/nginx".to_owned()));
        assert_eq!(
            read("index.docker.io/nginx:${TAG}"),
            (Some("docker.io"), "library/nginx".to_owned())
        );
        assert_eq!(
            read("mesosphere/${APP}"),
            (Some("docker.io"), "mesosphere/${APP}".to_owned())
        );
        assert_eq!(read("${REGISTRY}/app:1"), (None, "${REGISTRY}/app".to_owned()));
        assert_eq!(read("registry.example.com${SUFFIX}/app").0, None);
        assert_eq!(read("registry.example.com:${PORT}/app").0, None);
    }

    #[test]
    fn beginnings_without_ends_take_linear_time() {
        let text = "{{/<%/${/".repeat(200_000);
        assert!(!is_templated(&text.replace("<%", "")));
        assert_eq!(Components::new(&text).count(), 600_001);
        assert_eq!(without_tag(&text), text);
    }
}
