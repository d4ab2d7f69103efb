//! Images that are served from another place: what a `[[relocate]]` of a policy says, and how a reference is rewritten
//! by it. Knows nothing of definitions and of credentials.

use super::pattern::Wildcard;
use super::template::without_tag;
use super::{Pattern, Reference, ReferenceError, is_templated};
use std::fmt::Write;

/// One move: images that `from` names are served from `to`.
///
/// What each `*` and `**` of `from` stands for is carried over to the same wildcard of `to`; tag and digest are kept.
/// A wildcard of the host in `from` is carried nowhere. The components are those of the normalised reference, so below
/// `docker.io/**` the image `nginx` is `library/nginx`. What stands in `to` beside its wildcards is written as it is
/// there.
///
/// ```
/// use pullcreds_core::image::{Pattern, Reference, Relocation};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let from = Pattern::parse("mesosphere/**")?;
/// let to = Pattern::parse("registry.example.com/mirror/**")?;
/// let relocation = Relocation::new(from, to)?;
/// let image = "docker.io/mesosphere/hello:1.0";
/// let moved = relocation.moved(image, Some(&Reference::parse(image)?)).ok_or("not moved")??;
/// assert_eq!(moved, "registry.example.com/mirror/hello:1.0");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    from: Pattern,
    to: Pattern,
}

impl Relocation {
    /// Joins two patterns.
    ///
    /// # Errors
    /// Where `to` is no one place, or what `from` leaves open cannot be carried over to it.
    pub fn new(from: Pattern, to: Pattern) -> Result<Relocation, RelocationError> {
        if !to.is_one_place() {
            return Err(RelocationError::NoPlace(to.as_str().to_owned()));
        }
        let (open, filled) = (from.wildcards(), to.wildcards());
        if open.iter().filter(|wildcard| **wildcard == Wildcard::Many).count() > 1 {
            return Err(RelocationError::Unclear(from.as_str().to_owned()));
        }
        if open != filled {
            return Err(RelocationError::Wildcards {
                from: spell(&open),
                to: spell(&filled),
            });
        }
        Ok(Relocation { from, to })
    }

    /// The images that are moved.
    #[must_use]
    pub fn from(&self) -> &Pattern {
        &self.from
    }

    /// Where they are served from.
    #[must_use]
    pub fn to(&self) -> &Pattern {
        &self.to
    }

    /// Whether an image is at its new place. `parsed` is the image as a reference, if it is one; else its text with its
    /// template marks is compared.
    #[must_use]
    pub fn has_moved(&self, image: &str, parsed: Option<&Reference<'_>>) -> bool {
        match parsed {
            Some(reference) => self.to.matches(reference),
            None => self.to.matches_literal(image),
        }
    }

    /// The reference that an image has at the new place; `None` where `from` does not name it.
    ///
    /// # Errors
    /// Where what is carried over makes no reference there: nothing would be left of the name, or it would be too long.
    #[must_use]
    pub fn moved(&self, image: &str, parsed: Option<&Reference<'_>>) -> Option<Result<String, ReferenceError>> {
        let carried = self.from.capture(image, parsed)?;
        let mut moved = self.to.filled(&carried);
        match parsed {
            Some(reference) => {
                // Writing to memory cannot fail.
                if let Some(tag) = reference.tag() {
                    let _ = write!(moved, ":{tag}");
                }
                if let Some(digest) = reference.digest() {
                    let _ = write!(moved, "@{digest}");
                }
            }
            None => moved.push_str(&image[without_tag(image).len()..]),
        }
        let read = match Reference::parse(&moved) {
            Ok(reference) if self.has_moved(&moved, Some(&reference)) => Ok(()),
            // One that came out under another name would be moved again and again.
            Ok(_) => Err(ReferenceError::MissingRepository {
                host: self.to.as_str().to_owned(),
            }),
            Err(_) if parsed.is_none() && is_templated(&moved) && self.has_moved(&moved, None) => Ok(()),
            Err(error) => Err(error),
        };
        Some(read.map(|()| moved))
    }
}

/// Why two patterns make no move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelocationError {
    /// `to` has no host, a wildcard in it, or template marks.
    #[error(
        "`to` must name one place, and `{0}` does not: write its host without `*`, as in `registry.example.com/mirror/**`"
    )]
    NoPlace(String),
    /// Two `**` in `from`.
    #[error("`{0}` has `**` twice, and which of them stands for what is not known: leave one of them")]
    Unclear(String),
    /// The wildcards differ.
    #[error(
        "`from` leaves {from} open and `to` takes {to}: what each `*` and `**` stands for is carried over, so the paths of \
         both need the same ones in the same order"
    )]
    Wildcards {
        /// Those of `from`.
        from: String,
        /// Those of `to`.
        to: String,
    },
}

fn spell(wildcards: &[Wildcard]) -> String {
    if wildcards.is_empty() {
        return "nothing".to_owned();
    }
    let spelt = wildcards.iter().map(|wildcard| match wildcard {
        Wildcard::Many => "`**`",
        Wildcard::Piece => "`*`",
    });
    spelt.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{Relocation, RelocationError};
    use crate::image::{Pattern, Reference};
    use proptest::prelude::*;

    fn relocation(from: &str, to: &str) -> Result<Relocation, RelocationError> {
        let read = |text| Pattern::parse(text).expect("a pattern");
        Relocation::new(read(from), read(to))
    }

    /// The new reference; "-" where the image is not moved, "!" where it cannot be.
    fn moved(from: &str, to: &str, image: &str) -> String {
        let relocation = relocation(from, to).expect("a move");
        let parsed = Reference::parse(image).ok();
        match relocation.moved(image, parsed.as_ref()) {
            None => "-".to_owned(),
            Some(Err(_)) => "!".to_owned(),
            Some(Ok(moved)) => moved,
        }
    }

    #[test]
    fn what_is_left_open_is_carried_over() {
        const DIGEST: &str = "@sha256:0000000000000000000000000000000000000000000000000000000000000000";
        let mirror = "registry.example.com/mirror/**";
        for (from, to, image, wanted) in [
            (
                "mesosphere/**",
                mirror,
                "mesosphere/hello",
                "registry.example.com/mirror/hello",
            ),
            (
                "mesosphere/**",
                mirror,
                "docker.io/mesosphere/hello:1",
                "registry.example.com/mirror/hello:1",
            ),
            (
                "docker.io/mesosphere/**",
                mirror,
                "index.docker.io/mesosphere/a/b",
                "registry.example.com/mirror/a/b",
            ),
            ("mesosphere/**", mirror, "registry-1.docker.io/mesosphere/hello", "-"),
            ("mesosphere/**", mirror, "mesos/hello", "-"),
            (
                "docker.io",
                mirror,
                "nginx:1.25",
                "registry.example.com/mirror/library/nginx:1.25",
            ),
            (
                "library/*",
                "registry.example.com/hub/*",
                "nginx",
                "registry.example.com/hub/nginx",
            ),
            (
                "nginx",
                "registry.example.com/nginx",
                "docker.io/library/nginx:1",
                "registry.example.com/nginx:1",
            ),
            (
                "old.example.com",
                "new.example.com:5000",
                "old.example.com/team/app:1",
                "new.example.com:5000/team/app:1",
            ),
            (
                "old.example.com",
                "New.Example.com",
                "OLD.example.com/app",
                "New.Example.com/app",
            ),
            ("old.example.com", "new.example.com", "old.example.com:5000/app", "-"),
            (
                "old.example.com:*",
                "new.example.com",
                "old.example.com:5000/app",
                "new.example.com/app",
            ),
            (
                "*.example.org/team/**",
                mirror,
                "eu.example.org/team/app:1",
                "registry.example.com/mirror/app:1",
            ),
            (
                "team/*-web",
                "r.example.com/web/*",
                "team/shop-web:2",
                "r.example.com/web/shop:2",
            ),
            (
                "team/a*b*c",
                "r.example.com/*/x-*",
                "team/a1b2bc",
                "r.example.com/1/x-2b",
            ),
            (
                "team/**/app",
                "r.example.com/**/server",
                "team/a/b/app",
                "r.example.com/a/b/server",
            ),
            (
                "**/app",
                "r.example.com/**/app",
                "old.example.com/a/app",
                "r.example.com/a/app",
            ),
            ("**", mirror, "quay.io/team/app", "registry.example.com/mirror/team/app"),
            // No part at all leaves no slash; nothing at all is no reference.
            (
                "old.example.com/team/**",
                mirror,
                "old.example.com/team:1",
                "registry.example.com/mirror:1",
            ),
            (
                "old.example.com/team/**",
                "new.example.com/**",
                "old.example.com/team:1",
                "!",
            ),
            ("old.example.com/**", "mirror/**", "old.example.com/a/b", "mirror/a/b"),
            (
                "old.example.com/**",
                "docker.io/mirror/**",
                "old.example.com/app",
                "docker.io/mirror/app",
            ),
            ("old.example.com/team/**", "mirror/**", "old.example.com/team", "!"),
            // Templates are carried over as they stand.
            (
                "mesosphere/**",
                mirror,
                "mesosphere/hello:{{tag}}",
                "registry.example.com/mirror/hello:{{tag}}",
            ),
            (
                "mesosphere/**",
                mirror,
                "mesosphere/{{app}}@${DIGEST}",
                "registry.example.com/mirror/{{app}}@${DIGEST}",
            ),
            ("mesosphere/**", mirror, "{{registry}}/hello", "-"),
            (
                "${REGISTRY}/**",
                mirror,
                "${REGISTRY}/team/app:1",
                "registry.example.com/mirror/team/app:1",
            ),
            ("mesosphere/**", mirror, "Mesosphere/hello", "-"),
            ("mesosphere/**", mirror, "mesosphere/", "-"),
        ] {
            assert_eq!(moved(from, to, image), wanted, "{image} by {from} -> {to}");
        }
        assert_eq!(
            moved("mesosphere/**", mirror, &format!("mesosphere/hello:1{DIGEST}")),
            format!("registry.example.com/mirror/hello:1{DIGEST}")
        );
        let long = format!("mesosphere/{}", "a".repeat(240));
        assert_eq!(
            moved("mesosphere/**", "registry.example.com/a-rather-long-name/**", &long),
            "!"
        );
    }

    #[test]
    fn what_cannot_be_carried_over_is_refused() {
        for (from, to) in [
            ("a/**", "**"),
            ("a/**", "*.example.com/**"),
            ("a/**", "r.example.com:*/**"),
            ("a/**", "${REGISTRY}/**"),
        ] {
            assert!(matches!(relocation(from, to), Err(RelocationError::NoPlace(_))), "{to}");
        }
        assert!(matches!(
            relocation("a/**/b/**", "r.example.com/**/**"),
            Err(RelocationError::Unclear(_))
        ));
        for (from, to, said) in [
            (
                "a/**",
                "r.example.com/b",
                "`from` leaves `**` open and `to` takes nothing",
            ),
            (
                "a/b",
                "r.example.com/**",
                "`from` leaves nothing open and `to` takes `**`",
            ),
            ("a/**", "r.example.com/*", "`from` leaves `**` open and `to` takes `*`"),
            (
                "a/*/**",
                "r.example.com/**/*",
                "`from` leaves `*`, `**` open and `to` takes `**`, `*`",
            ),
            (
                "a/*-*",
                "r.example.com/*",
                "`from` leaves `*`, `*` open and `to` takes `*`",
            ),
        ] {
            let error = relocation(from, to).expect_err("no move").to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_was_moved_is_at_its_place(
            from in "([a-c]{1,2}|[a-c]\\*|\\*[a-c])/(\\*\\*|\\*|[a-c]/\\*\\*|\\*\\*/[a-c])",
            image in "(([a-c]{1,3}|\\{\\{x\\}\\})/){1,4}([a-c]{1,3}|\\{\\{x\\}\\})(:[a-c]{1,3})?",
        ) {
            let wildcards: String = from.split('/').map(|part| {
                if part == "**" { "/**".to_owned() } else { part.matches('*').map(|_| "/x-*").collect() }
            }).collect();
            let relocation = relocation(&from, &format!("r.example.com/y{wildcards}")).expect("a move");
            let parsed = Reference::parse(&image).ok();
            let named = match &parsed {
                Some(reference) => relocation.from().matches(reference),
                None => relocation.from().matches_literal(&image),
            };
            let moved = relocation.moved(&image, parsed.as_ref());
            prop_assert_eq!(moved.is_some(), named);
            if let Some(Ok(moved)) = moved {
                prop_assert!(relocation.has_moved(&moved, Reference::parse(&moved).ok().as_ref()), "{}", moved);
            }
        }
    }
}
