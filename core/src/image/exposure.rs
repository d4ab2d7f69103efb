//! Whether anybody may pull from a registry: what decides if an image that no policy names deserves a warning.
//!
//! A committed list, not a guess: a host is public because its operator says that images there are pulled without
//! logging in. Knows nothing of policies.

use super::template::LiteralName;
use super::{DOCKER_HUB, Reference, is_host_name, is_port, split_port};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Who may pull from a registry, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exposure {
    /// Everybody, by [`public_hosts`].
    Public,
    /// Whoever is on the agent: `localhost`, `127.0.0.0/8`, `::1`.
    Loopback,
    /// Whoever is inside the cluster: the names of Mesos-DNS (`*.mesos`) and of DC/OS (`*.thisdcos.directory`).
    Cluster,
    /// Nobody knows: possibly private.
    Unknown,
}

/// One entry of the list of registries that are known to be public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicHost {
    /// The host, without a port.
    pub host: &'static str,
    /// Only the repositories below this one; empty for all of the host.
    pub below: &'static str,
    /// Why it stands in the list.
    pub reason: &'static str,
}

/// The registries that are known to be public, each with its reason.
///
/// Docker Hub, Quay and GitHub's registry hold private repositories as well. Most of what is pulled from them is
/// public, and a warning about each `nginx` would teach people to read none, so images there give no warning; a policy
/// may name the private ones (`docker.io/team/**`), and those are then treated like any other.
///
/// Google's `gcr.io` and AWS's `*.dkr.ecr.*.amazonaws.com` are the other way round: a project's images are private
/// unless somebody opens them, so only the projects that Google itself publishes are here.
#[must_use]
pub fn public_hosts() -> &'static [PublicHost] {
    &PUBLIC_HOSTS
}

/// Who may pull the image of a reference.
///
/// A host with a port other than 443 is never the public service of that name.
///
/// ```
/// use pullcreds_core::image::{Exposure, Reference, exposure};
/// # fn main() -> Result<(), pullcreds_core::image::ReferenceError> {
/// assert_eq!(exposure(&Reference::parse("nginx:1.9")?), Exposure::Public);
/// assert_eq!(exposure(&Reference::parse("registry.example.com/app")?), Exposure::Unknown);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn exposure(reference: &Reference<'_>) -> Exposure {
    of_host(reference.host(), reference.port(), reference.repository().split('/'))
}

/// Who may pull the image of a reference with template marks, where its registry is written out
/// (`registry.example.com/app:{{version}}`); `None` where the marks may change the registry, or it is none.
#[must_use]
pub fn literal_exposure(text: &str) -> Option<Exposure> {
    let name = LiteralName::new(text);
    let (host, port) = split_port(name.registry?);
    if !is_host_name(host) || port.is_some_and(|port| !is_port(port)) {
        return None;
    }
    Some(of_host(host, port, name.repository()))
}

/// The registry of a reference with template marks, where it is written out.
#[must_use]
pub fn literal_registry(text: &str) -> Option<&str> {
    literal_exposure(text)?;
    LiteralName::new(text).registry
}

const EVERYTHING: &str = "";

/// Each reason in one line; where it comes from in the comment before it.
const PUBLIC_HOSTS: [PublicHost; 16] = [
    // docs.docker.com, Docker Hub repositories; the names: distribution/reference and moby's registry package.
    public(
        DOCKER_HUB,
        EVERYTHING,
        "Docker Hub: mostly public; private repositories are for a policy to name",
    ),
    public(
        "registry-1.docker.io",
        EVERYTHING,
        "Docker Hub, by its registry endpoint",
    ),
    public(
        "registry.hub.docker.com",
        EVERYTHING,
        "Docker Hub, by its web site's registry",
    ),
    // quay.io/plans: public repositories are free, private ones are what is paid for.
    public(
        "quay.io",
        EVERYTHING,
        "Quay: mostly public; private repositories are for a policy to name",
    ),
    // docs.aws.amazon.com, Amazon ECR Public user guide: "supports both unauthenticated and authenticated pulls".
    public(
        "public.ecr.aws",
        EVERYTHING,
        "Amazon ECR Public: pulled without logging in",
    ),
    // github.com/microsoft/containerregistry: "a public registry for housing Microsoft's official artifacts".
    public(
        "mcr.microsoft.com",
        EVERYTHING,
        "Microsoft's own images, pulled without logging in",
    ),
    // kubernetes.io/blog, the announcements of registry.k8s.io and of the freeze of k8s.gcr.io.
    public(
        "registry.k8s.io",
        EVERYTHING,
        "the Kubernetes project's released images",
    ),
    public(
        "k8s.gcr.io",
        EVERYTHING,
        "the Kubernetes project's released images, older name",
    ),
    // cloud.google.com, Container Registry access control: pulls need a role on the project's bucket, unless it is
    // opened to all users; these are the projects whose owners have opened them.
    public(
        "gcr.io",
        "google-containers",
        "Google's public images; other projects on gcr.io are private unless opened",
    ),
    public("gcr.io", "google_containers", "Google's public images, older name"),
    public("gcr.io", "google-samples", "the images of Google's published examples"),
    public("gcr.io", "distroless", "the Distroless project's base images"),
    public("gcr.io", "kaniko-project", "the kaniko project's released images"),
    // access.redhat.com/RegistryAuthentication: registry.redhat.io asks for a login, this one does not.
    public(
        "registry.access.redhat.com",
        EVERYTHING,
        "Red Hat's registry that asks for no login",
    ),
    // docs.fedoraproject.org, the project's own releases.
    public(
        "registry.fedoraproject.org",
        EVERYTHING,
        "the Fedora project's released images",
    ),
    // elastic.co/guide, "Install Elasticsearch with Docker"; www.docker.elastic.co lists what is published.
    public(
        "docker.elastic.co",
        EVERYTHING,
        "Elastic's released images, pulled without logging in",
    ),
];

const fn public(host: &'static str, below: &'static str, reason: &'static str) -> PublicHost {
    PublicHost { host, below, reason }
}

fn of_host<'t>(host: &str, port: Option<&str>, repository: impl Iterator<Item = &'t str>) -> Exposure {
    if is_loopback(host) {
        return Exposure::Loopback;
    }
    if ends_with_label(host, "mesos") || ends_with_label(host, "thisdcos.directory") {
        return Exposure::Cluster;
    }
    if !matches!(port, None | Some("443")) {
        return Exposure::Unknown;
    }
    let mut repository = repository;
    let first = repository.next().unwrap_or_default();
    let below = repository.next().is_some();
    let known = PUBLIC_HOSTS.iter().any(|entry| {
        host.eq_ignore_ascii_case(entry.host) && (entry.below.is_empty() || (entry.below == first && below))
    });
    if known { Exposure::Public } else { Exposure::Unknown }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

/// Whether `host` is `domain` or a name below it.
fn ends_with_label(host: &str, domain: &str) -> bool {
    let Some(start) = host.len().checked_sub(domain.len()) else {
        return false;
    };
    host.is_char_boundary(start)
        && host[start..].eq_ignore_ascii_case(domain)
        && (start == 0 || host[..start].ends_with('.'))
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{Exposure, exposure, literal_exposure, public_hosts};
    use crate::image::Reference;

    #[test]
    fn exposures() {
        for (image, expected) in [
            ("nginx", Exposure::Public),
            ("index.docker.io/team/app", Exposure::Public),
            ("Docker.IO/team/app", Exposure::Public),
            ("quay.io/team/app", Exposure::Public),
            ("quay.io:443/team/app", Exposure::Public),
            ("quay.io:5000/team/app", Exposure::Unknown),
            ("quay.io.evil.org/team/app", Exposure::Unknown),
            ("evil-quay.io/team/app", Exposure::Unknown),
            ("gcr.io/google-containers/pause", Exposure::Public),
            ("gcr.io/google-containers-evil/pause", Exposure::Unknown),
            ("gcr.io/google-containers", Exposure::Unknown),
            ("gcr.io/my-project/app", Exposure::Unknown),
            ("registry.redhat.io/ubi8", Exposure::Unknown),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app", Exposure::Unknown),
            ("registry.example.com/app", Exposure::Unknown),
            ("localhost/app", Exposure::Loopback),
            ("LOCALHOST:5000/app", Exposure::Loopback),
            ("127.0.0.1:5000/app", Exposure::Loopback),
            ("127.1.2.3/app", Exposure::Loopback),
            ("[::1]:5000/app", Exposure::Loopback),
            ("[0:0:0:0:0:0:0:1]/app", Exposure::Loopback),
            ("[::2]/app", Exposure::Unknown),
            ("127.0.0.1.evil.org/app", Exposure::Unknown),
            ("localhost.evil.org/app", Exposure::Unknown),
            ("10.0.0.1:5000/app", Exposure::Unknown),
            ("master.mesos:5000/app", Exposure::Cluster),
            ("registry.marathon.mesos/app", Exposure::Cluster),
            ("registry.marathon.l4lb.thisdcos.directory:5000/app", Exposure::Cluster),
            ("notmesos.example.com/app", Exposure::Unknown),
            ("registry.notmesos/app", Exposure::Unknown),
            ("registry.mesos.evil.org/app", Exposure::Unknown),
        ] {
            let reference = Reference::parse(image).expect(image);
            assert_eq!(exposure(&reference), expected, "{image}");
            // A tag that is still to be filled in changes nothing.
            assert_eq!(
                literal_exposure(&format!("{image}:{{{{tag}}}}")),
                Some(expected),
                "{image}:{{{{tag}}}}"
            );
        }
    }

    #[test]
    fn a_registry_that_is_still_to_be_filled_in_is_not_guessed() {
        assert_eq!(literal_exposure("${REGISTRY}/app"), None);
        assert_eq!(literal_exposure("{{image}}"), None);
        assert_eq!(literal_exposure("registry.{{domain}}/app"), None);
        assert_eq!(literal_exposure("my_registry.example.com/{{app}}"), None);
    }

    #[test]
    fn each_entry_is_a_host_with_a_reason_and_stands_once() {
        for (index, entry) in public_hosts().iter().enumerate() {
            assert!(super::super::is_host_name(entry.host), "{}", entry.host);
            assert!(entry.reason.len() > 10, "{}", entry.host);
            let again = public_hosts()[index + 1..]
                .iter()
                .any(|other| (other.host, other.below) == (entry.host, entry.below));
            assert!(!again, "{}", entry.host);
        }
    }
}
