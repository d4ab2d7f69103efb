//! Which entry an image's pull would use: by Docker's rules and by UCR's, which differ.
//!
//! Docker: docker/cli `cli/command/registry.go` and `cli/config/credentials/file_store.go`. UCR: Mesos
//! `src/uri/fetchers/docker.cpp` at c1b42f7. Docker asks a helper or a store before it looks at `auths`, and never
//! comes back; UCR knows neither.

use pullcreds_core::image::Reference;

use crate::config::{Config, Entry, Form, Named};
use crate::host::{self, HUB_KEY};

/// Who pulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// `docker pull` on the agent.
    Docker,
    /// Mesos' own Universal Container Runtime.
    Ucr,
}

impl Reader {
    /// How messages call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reader::Docker => "Docker",
            Reader::Ucr => "UCR",
        }
    }
}

/// What a reader finds for one image.
#[derive(Clone, Debug)]
pub enum Lookup<'c, 'd> {
    /// This entry.
    Found(&'c Entry<'d>),
    /// One of these, which say different things; which one differs from run to run.
    Ambiguous(Vec<&'c Entry<'d>>),
    /// An entry in which there is nothing that this reader uses.
    Unusable(&'c Entry<'d>),
    /// Docker would ask this helper instead, which agents do not have.
    Helper(&'c Named<'d>),
    /// Nothing; entries that were nearly right.
    Missing(Vec<&'c Entry<'d>>),
}

impl Lookup<'_, '_> {
    /// Whether the pull would send credentials, always the same.
    #[must_use]
    pub fn is_found(&self) -> bool {
        matches!(self, Lookup::Found(_))
    }
}

/// What a reader finds for one image.
#[must_use]
pub fn look_up<'c, 'd>(config: &'c Config<'d>, image: &Reference<'_>, reader: Reader) -> Lookup<'c, 'd> {
    match reader {
        Reader::Docker => docker(config, image),
        Reader::Ucr => ucr(config, image),
    }
}

fn docker<'c, 'd>(config: &'c Config<'d>, image: &Reference<'_>) -> Lookup<'c, 'd> {
    let wanted = match image.registry() {
        "docker.io" => HUB_KEY,
        registry => registry,
    };
    let helper = config.helpers.iter().find(|helper| helper.registry == wanted);
    if let Some(helper) = helper.or(config.store.as_ref()) {
        return Lookup::Helper(helper);
    }
    let exact: Vec<_> = config.entries.iter().filter(|entry| entry.key == wanted).collect();
    if !exact.is_empty() {
        return choose(exact, |entry| !entry.is_empty());
    }
    // An image on Docker Hub is looked for by a whole URL, which no host name equals.
    let by_host = |entry: &&Entry<'_>| host::hostname(&entry.key) == wanted;
    let found: Vec<_> = config.entries.iter().filter(by_host).collect();
    if found.is_empty() {
        Lookup::Missing(near(config, image))
    } else {
        choose(found, |entry| !entry.is_empty())
    }
}

fn ucr<'c, 'd>(config: &'c Config<'d>, image: &Reference<'_>) -> Lookup<'c, 'd> {
    // `--docker_registry`, as it is where nobody sets it.
    let wanted = image.ucr_registry().unwrap_or("registry-1.docker.io");
    let fits = |entry: &&Entry<'_>| {
        let host = host::hostname(&entry.key);
        host == wanted || (host.contains("docker.io") && wanted.contains("docker.io"))
    };
    let found: Vec<_> = config.entries.iter().filter(fits).collect();
    if found.is_empty() {
        Lookup::Missing(near(config, image))
    } else {
        choose(found, |entry| entry.auth.is_some())
    }
}

/// Of several that fit, a reader takes any.
fn choose<'c, 'd>(found: Vec<&'c Entry<'d>>, is_usable: impl Fn(&Entry<'d>) -> bool) -> Lookup<'c, 'd> {
    let Some((first, rest)) = found.split_first() else {
        return Lookup::Missing(Vec::new());
    };
    if rest.iter().any(|entry| !entry.value.same_value(&first.value)) {
        Lookup::Ambiguous(found)
    } else if is_usable(first) {
        Lookup::Found(first)
    } else {
        Lookup::Unusable(first)
    }
}

/// Entries that were meant for the image, it seems: the same host with another port, Docker Hub in another spelling,
/// other letters.
fn near<'c, 'd>(config: &'c Config<'d>, image: &Reference<'_>) -> Vec<&'c Entry<'d>> {
    let (wanted, _) = host::split_port(image.registry());
    let is_hub = image.registry() == "docker.io";
    let close = |entry: &&Entry<'_>| {
        let (name, _) = host::split_port(host::hostname(&entry.key));
        name.eq_ignore_ascii_case(wanted) || (is_hub && host::is_hub(&entry.key))
    };
    config.entries.iter().filter(close).collect()
}

/// Whether this reader reads a file of this form at all.
#[must_use]
pub fn reads(form: Form, reader: Reader) -> bool {
    form == Form::Config || reader == Reader::Ucr
}

#[cfg(test)]
mod tests {
    use pullcreds_core::json::Document;

    use super::*;

    /// What Docker and UCR find for an image, in short.
    fn found(text: &str, image: &str) -> (String, String) {
        let document = Document::parse(text.as_bytes()).unwrap();
        let config = Config::read(&document).unwrap();
        let image = Reference::parse(image).unwrap();
        let short = |reader| match look_up(&config, &image, reader) {
            Lookup::Found(entry) => entry.key.to_string(),
            Lookup::Ambiguous(entries) => format!("one of {}", entries.len()),
            Lookup::Unusable(_) => "nothing usable".to_owned(),
            Lookup::Helper(named) => format!("helper {}", named.helper),
            Lookup::Missing(near) => format!("no, {} near", near.len()),
        };
        (short(Reader::Docker), short(Reader::Ucr))
    }

    #[test]
    fn docker_and_ucr_differ() {
        let auths = |keys: &[&str]| {
            let entries = keys
                .iter()
                .enumerate()
                .map(|(index, key)| format!(r#""{key}": {{"auth": "{index}"}}"#));
            format!(r#"{{"auths": {{{}}}}}"#, entries.collect::<Vec<_>>().join(", "))
        };
        for (keys, image, docker, ucr) in [
            (
                &["r.example.com"][..],
                "r.example.com/a",
                "r.example.com",
                "r.example.com",
            ),
            (
                &["https://r.example.com/v2/"],
                "r.example.com/a",
                "https://r.example.com/v2/",
                "https://r.example.com/v2/",
            ),
            (&["r.example.com:5000"], "r.example.com/a", "no, 1 near", "no, 1 near"),
            (&["r.example.com"], "r.example.com:5000/a", "no, 1 near", "no, 1 near"),
            (&[HUB_KEY], "team/a", HUB_KEY, HUB_KEY),
            (&[HUB_KEY], "docker.io/team/a", HUB_KEY, HUB_KEY),
            (&["docker.io"], "team/a", "no, 1 near", "docker.io"),
            (
                &["https://index.docker.io/v1"],
                "team/a",
                "no, 1 near",
                "https://index.docker.io/v1",
            ),
            (&["hub.docker.com"], "team/a", "no, 1 near", "no, 1 near"),
            (
                &["r.example.com/x", "r.example.com/y"],
                "r.example.com/x/a",
                "one of 2",
                "one of 2",
            ),
            (
                &["r.example.com", "https://r.example.com"],
                "r.example.com/a",
                "r.example.com",
                "one of 2",
            ),
            (&["other"], "r.example.com/a", "no, 0 near", "no, 0 near"),
        ] {
            let (by_docker, by_ucr) = found(&auths(keys), image);
            assert_eq!((by_docker.as_str(), by_ucr.as_str()), (docker, ucr), "{keys:?} {image}");
        }
    }

    #[test]
    fn stores_and_helpers_go_before_entries_for_docker_alone() {
        let text =
            r#"{"auths": {"a.b": {"auth": "x"}, "c.d": {"identitytoken": "y"}}, "credHelpers": {"a.b": "ecr-login"}}"#;
        assert_eq!(found(text, "a.b/x"), ("helper ecr-login".to_owned(), "a.b".to_owned()));
        assert_eq!(found(text, "c.d/x"), ("c.d".to_owned(), "nothing usable".to_owned()));
        let text = r#"{"auths": {"a.b": {"auth": "x"}}, "credsStore": "desktop"}"#;
        assert_eq!(found(text, "a.b/x"), ("helper desktop".to_owned(), "a.b".to_owned()));
    }
}
