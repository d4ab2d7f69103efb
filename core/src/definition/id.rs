//! Marathon's path ids, and which secrets a service may read by its id.
//!
//! Knows nothing of the JSON that an id was found in.

use crate::image::{excerpt, is_templated};
use memchr::memchr;
use std::fmt;

/// The id of an app, a pod or a group: absolute, without `.`, `..` and empty segments, as Marathon makes it
/// (mesosphere/marathon, `state/PathId.scala`: `apply`, `canonicalPath`).
///
/// The root, `/`, is the id of the root group only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId {
    /// `/` alone, or a `/` before each segment.
    text: String,
}

impl ServiceId {
    /// The id of the root group: `/`.
    #[must_use]
    pub fn root() -> ServiceId {
        ServiceId { text: "/".to_owned() }
    }

    /// The segments, from the first group to the service itself; none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.text.split('/').filter(|segment| !segment.is_empty())
    }

    /// The id with its leading `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is `/`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.text == "/"
    }

    /// The id without its leading `/`, as secret paths are written: `a/b`, and nothing for the root.
    #[must_use]
    pub fn relative(&self) -> &str {
        &self.text[1..]
    }

    /// The id of the group that this one is in, without its leading `/`: `a` for `/a/b`, nothing for `/b` and `/`.
    #[must_use]
    pub fn relative_group(&self) -> &str {
        self.relative().rsplit_once('/').map_or("", |(group, _)| group)
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is no id that can be reckoned with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// There is nothing.
    #[error("the id is empty: write one, as in `/team/app`")]
    Empty,
    /// Template marks are still to be filled in: see [`is_templated`].
    #[error("the id holds template marks: it is known only once they are filled in")]
    Templated,
    /// A segment that Marathon refuses.
    #[error(
        "`{segment}` is no part of an id: Marathon takes lowercase letters and digits, with `-` or a single `.` \
         between them"
    )]
    Segment {
        /// The segment as written.
        segment: String,
    },
}

/// The absolute id that Marathon makes of an id as written: a relative one stands below `group`, or below the root
/// where no group is given; `.` and empty segments go, `..` takes the segment before it (and stays at the root).
///
/// ```
/// use pullcreds_core::definition::id::resolve;
/// # fn main() -> Result<(), pullcreds_core::definition::id::IdError> {
/// let group = resolve("/team", None)?;
/// assert_eq!(resolve("app", Some(&group))?.as_str(), "/team/app");
/// assert_eq!(resolve("../other/app", Some(&group))?.as_str(), "/other/app");
/// assert_eq!(resolve("/app", Some(&group))?.as_str(), "/app");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where the id is empty, holds template marks, or has a segment that Marathon refuses.
pub fn resolve(id: &str, group: Option<&ServiceId>) -> Result<ServiceId, IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if is_templated(id) {
        return Err(IdError::Templated);
    }
    let group = group.filter(|group| !id.starts_with('/') && !group.is_root());
    let mut text = String::with_capacity(group.map_or(0, |group| group.text.len()) + 1 + id.len());
    text.push_str(group.map_or("", |group| &group.text));
    let mut rest = Some(id);
    while let Some(left) = rest {
        let slash = memchr(b'/', left.as_bytes());
        let segment = &left[..slash.unwrap_or(left.len())];
        rest = slash.map(|slash| &left[slash + 1..]);
        match segment {
            "" | "." => {}
            ".." => text.truncate(text.rfind('/').unwrap_or(0)),
            _ if is_segment(segment) => {
                text.push('/');
                text.push_str(segment);
            }
            _ => {
                return Err(IdError::Segment {
                    segment: excerpt(segment),
                });
            }
        }
    }
    if text.is_empty() {
        text.push('/');
    }
    Ok(ServiceId { text })
}

/// Whether DC/OS lets a service read a secret: the secret's path without its last segment must be the beginning of the
/// service's id, segment by segment, or be empty (DC/OS documentation, security/ent, "Spaces").
///
/// One leading `/` of the source is not counted: sources are written without it, though DC/OS's own examples have it.
///
/// | source | readable by |
/// |---|---|
/// | `pullConfig` | every service |
/// | `team/pullConfig` | `/team`, `/team/app`, `/team/a/b` |
/// | `team/a/pullConfig` | `/team/a`, `/team/a/b`, not `/team/app` |
#[must_use]
pub fn may_read(source: &str, id: &ServiceId) -> bool {
    let path = source.strip_prefix('/').unwrap_or(source);
    let Some((space, _)) = path.rsplit_once('/') else {
        return true;
    };
    let mut segments = id.segments();
    space.split('/').all(|segment| segments.next() == Some(segment))
}

/// Whether Marathon takes this as one segment of an id (`ID_PATH_SEGMENT_PATTERN`).
fn is_segment(segment: &str) -> bool {
    // Labels of letters, digits and inner dashes, joined by dots: a dash or a dot has something on both sides, and a
    // dot no dash.
    let mut before = b'.';
    for byte in segment.bytes() {
        let fits = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' => before != b'.',
            b'.' => !matches!(before, b'.' | b'-'),
            _ => false,
        };
        if !fits {
            return false;
        }
        before = byte;
    }
    !matches!(before, b'.' | b'-')
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{IdError, ServiceId, may_read, resolve};
    use proptest::prelude::*;

    #[test]
    fn ids_resolve_as_marathon_resolves_them() {
        let team = resolve("/team", None).expect("valid");
        for (id, at_root, in_team) in [
            ("/app", "/app", "/app"),
            ("app", "/app", "/team/app"),
            ("a/b", "/a/b", "/team/a/b"),
            ("./app", "/app", "/team/app"),
            ("../app", "/app", "/app"),
            ("../../../app", "/app", "/app"),
            ("a/../b", "/b", "/team/b"),
            ("a/./b", "/a/b", "/team/a/b"),
            ("/a/../../b", "/b", "/b"),
            ("//a///b//", "/a/b", "/a/b"),
            ("app/", "/app", "/team/app"),
            ("/", "/", "/"),
            (".", "/", "/team"),
            ("..", "/", "/"),
            ("a.b-c.d", "/a.b-c.d", "/team/a.b-c.d"),
            ("0", "/0", "/team/0"),
        ] {
            assert_eq!(resolve(id, None).expect(id).as_str(), at_root, "{id}");
            assert_eq!(
                resolve(id, Some(&ServiceId::root())).expect(id).as_str(),
                at_root,
                "{id}"
            );
            assert_eq!(resolve(id, Some(&team)).expect(id).as_str(), in_team, "{id}");
        }
    }

    #[test]
    fn what_is_no_id() {
        assert_eq!(resolve("", None), Err(IdError::Empty));
        for id in ["{{service.name}}", "/${NAME}", "/<gid>/<service-name>", "/team/{{a/b}}"] {
            assert_eq!(resolve(id, None), Err(IdError::Templated), "{id}");
        }
        for (id, segment) in [
            ("/My/app", "My"),
            ("/a_b", "a_b"),
            ("/-a", "-a"),
            ("/a-", "a-"),
            ("/a..b", "a..b"),
            ("/.a", ".a"),
            ("/a.-b", "a.-b"),
            ("/...", "..."),
            ("/a b", "a b"),
            ("/ü", "ü"),
            ("/__NAME__", "__NAME__"),
            // Refused even where `..` would take it away again.
            ("/A/../b", "A"),
        ] {
            assert_eq!(
                resolve(id, None),
                Err(IdError::Segment {
                    segment: segment.to_owned()
                }),
                "{id}"
            );
        }
    }

    #[test]
    fn parts_of_an_id() {
        let id = resolve("/team/a/app", None).expect("valid");
        assert_eq!(id.segments().collect::<Vec<_>>(), ["team", "a", "app"]);
        assert_eq!((id.relative(), id.relative_group()), ("team/a/app", "team/a"));
        let id = resolve("/app", None).expect("valid");
        assert_eq!((id.relative(), id.relative_group()), ("app", ""));
        let root = ServiceId::root();
        assert_eq!(
            (root.segments().count(), root.relative(), root.relative_group()),
            (0, "", "")
        );
        assert!(root.is_root() && !id.is_root());
    }

    /// The first rows are DC/OS's own table.
    #[test]
    fn spaces() {
        for (source, id, expected) in [
            ("group/secret", "/marathon-user/service", false),
            ("group/secret", "/group/hdfs/service", true),
            ("group/hdfs/secret", "/group/spark/service", false),
            ("hdfs/secret", "/hdfs", true),
            ("pullconfig", "/anything/at/all", true),
            ("/pullconfig", "/app", true),
            ("/mesos-docker/pullConfig", "/mesos-docker/app", true),
            ("/mesos-docker/pullConfig", "/mesos-docker", true),
            // The example of DC/OS's page on private registries breaks the rule.
            ("/pod/pullConfig", "/simple-pod", false),
            // By segments, not by letters.
            ("team/secret", "/teams/app", false),
            ("team/a/secret", "/team/app", false),
            ("team/app/x/secret", "/team/app", false),
            ("team/app/secret", "/team/app", true),
            // One leading slash is dropped, and no more.
            ("//secret", "/app", false),
            ("team//secret", "/team/app", false),
            ("secret", "/", true),
            ("team/secret", "/", false),
        ] {
            let id = resolve(id, None).expect(id);
            assert_eq!(may_read(source, &id), expected, "{source} by {id}");
        }
    }

    #[test]
    fn a_very_long_id_takes_linear_time() {
        let id = format!("{}{}", "a/".repeat(500_000), "../".repeat(499_999));
        assert_eq!(resolve(&id, None).expect("valid").as_str(), "/a");
    }

    proptest! {
        #[test]
        fn an_absolute_id_resolves_to_itself(id in "(/[a-z0-9]{1,3}){1,5}", group in "(/[a-z]{1,3}){1,3}") {
            let group = resolve(&group, None).expect("valid");
            let read = resolve(&id, Some(&group)).expect("valid");
            prop_assert_eq!(read.as_str(), &id);
            // A secret beside the service, or in any group above it, may be read.
            let mut space = read.relative();
            loop {
                let source = format!("{space}/secret");
                prop_assert!(may_read(&source, &read), "{} by {}", source, read);
                let Some((above, _)) = space.rsplit_once('/') else { break };
                space = above;
            }
            let below = format!("{}/x/secret", read.relative());
            prop_assert!(!may_read(&below, &read), "{} by {}", below, read);
        }

        #[test]
        fn never_panics(id in any::<String>(), source in any::<String>()) {
            if let Ok(id) = resolve(&id, None) {
                let _ = may_read(&source, &id);
                prop_assert_eq!(resolve(id.as_str(), None), Ok(id));
            }
        }
    }
}
