//! The policy as it is written, and what it says about images.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use super::{Credentials, DockerVersion, Level, MarathonVersion, Policy, SecretTemplate};
use crate::image::{Pattern, Reference};
use proptest::prelude::*;

fn read(text: &str) -> Policy {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The registry of an image, by its place.
fn place(policy: &Policy, image: &str) -> Option<usize> {
    policy
        .registry_for(image, Reference::parse(image).ok().as_ref())
        .map(|(index, _)| index)
}

const WHOLE: &str = r#"
marathon-version = "1.4.13"
docker-version = "20.10"
default-user = "nobody"
secrets = false
exclude = ["vendor/**"]
include = ["**/*.json"]
extend = "../pullcreds.toml"
service-prefix = "/team/marathon"

[[registry]]
match   = ["registry.example.com", "registry.example.com:5000/team/**"]
archive = "file:///etc/docker.tar.gz"
secret  = "{top}/pullConfig"
secret-name = "registry"
accept  = ["file:///home/core/docker.tar.gz"]

[[registry]]
match = "quay.io/**"
credentials = "none"

[[registry]]
match = "*.corp.example.com"
credentials = "cluster"

[[registry]]
match = "${REGISTRY}/**"
secret = "pullConfig"

[rules]
MC021 = "off"
missing-archive = "info"
MC001 = "error"

[[ignore]]
id = "/team/legacy/**"
rules = ["MC013"]

[[ignore]]
path = "examples/**/*.json"
"#;

#[test]
fn every_key() {
    let policy = read(WHOLE);
    assert_eq!(policy.marathon(), MarathonVersion::new(1, 4));
    assert_eq!(policy.docker(), Some(DockerVersion::new(20, 10)));
    assert_eq!(policy.default_user(), Some("nobody"));
    assert!(!policy.has_secrets());
    assert_eq!(policy.exclude(), ["vendor/**"]);
    assert_eq!(policy.include(), ["**/*.json"]);
    assert_eq!(policy.extend(), Some("../pullcreds.toml"));
    assert_eq!(policy.service_prefix().as_str(), "/team/marathon");

    let [first, none, cluster, secret_only] = policy.registries() else {
        panic!("four registries")
    };
    assert_eq!(first.patterns().len(), 2);
    assert_eq!(first.archive(), Some("file:///etc/docker.tar.gz"));
    assert_eq!(first.secret().map(SecretTemplate::as_str), Some("{top}/pullConfig"));
    assert_eq!(first.secret_name(), "registry");
    assert_eq!(first.accept(), ["file:///home/core/docker.tar.gz"]);
    assert_eq!(first.credentials(), Credentials::Reference);
    assert_eq!(none.credentials(), Credentials::None);
    assert_eq!(cluster.credentials(), Credentials::Cluster);
    assert_eq!(
        (secret_only.archive(), secret_only.secret_name()),
        (None, "pullConfigSecret")
    );

    assert_eq!(policy.level("MC021", "implicit-docker"), Some(Level::Off));
    assert_eq!(
        policy.level("MC001", "missing-archive"),
        Some(Level::Error),
        "the code counts"
    );
    assert_eq!(policy.level("MC009", "missing-archive"), Some(Level::Info));
    assert_eq!(policy.level("MC002", "missing-secret"), None);
    assert_eq!(policy.rules().count(), 3);
    assert_eq!(policy.ignores()[0].id(), Some("/team/legacy/**"));
    assert_eq!(policy.ignores()[1].path(), Some("examples/**/*.json"));
}

#[test]
fn a_policy_that_says_nothing() {
    let policy = read("");
    assert_eq!(policy, Policy::default());
    assert_eq!(policy.marathon(), MarathonVersion::NEWEST);
    assert_eq!(policy.docker(), None);
    assert!(policy.has_secrets());
    assert!(policy.service_prefix().is_root());
    assert_eq!(place(&policy, "registry.example.com/app"), None);
    assert!(!policy.silences("MC001", "missing-archive", Some("/app"), Some("app.json")));
}

#[test]
fn the_first_registry_that_names_an_image_counts() {
    let policy = read(WHOLE);
    for (image, expected) in [
        ("registry.example.com/app:1", Some(0)),
        ("registry.example.com:5000/team/app", Some(0)),
        ("registry.example.com:5000/other/app", None),
        ("quay.io/coreos/etcd", Some(1)),
        ("a.corp.example.com/app", Some(2)),
        ("nginx", None),
        ("${REGISTRY}/team/app:${TAG}", Some(3)),
        ("registry.example.com/app:${TAG}", Some(0)),
        ("${OTHER}/app", None),
        // No reference, and no template either: named by nothing.
        ("registry.example.com/Team/App", None),
        ("https://registry.example.com/app", None),
        ("", None),
    ] {
        assert_eq!(place(&policy, image), expected, "{image}");
    }
    let everything = read("registry = [{ match = [\"a.example.com\", \"**\"], secret = \"x\" }]");
    assert_eq!(place(&everything, "nginx"), Some(0));
    assert_eq!(place(&everything, "{{image}}"), Some(0));
    assert_eq!(place(&everything, "not a reference"), None);
    let registry = &everything.registries()[0];
    let image = Reference::parse("nginx").expect("valid");
    assert_eq!(
        registry.pattern_for("nginx", Some(&image)).map(Pattern::as_str),
        Some("**")
    );
}

#[test]
fn flags_go_before_the_policy_and_are_a_last_resort() {
    let archive = Some("file:///flag/docker.tar.gz");
    let secret = Some("flag/pullConfig");
    let policy = read(WHOLE).with_flags(archive, secret).expect("valid");
    // The flags go before what the policy names, and `none` and `cluster` stay as they are.
    let found = |image: &str| {
        let (index, registry) = policy
            .registry_for(image, Reference::parse(image).ok().as_ref())
            .unwrap_or_else(|| panic!("{image}"));
        (index, registry.archive(), registry.secret().map(SecretTemplate::as_str))
    };
    assert_eq!(found("registry.example.com/app"), (0, archive, secret));
    assert_eq!(found("quay.io/coreos/etcd"), (1, None, None));
    assert_eq!(found("a.corp.example.com/app"), (2, None, None));
    assert_eq!(found("${REGISTRY}/app"), (3, archive, secret));
    assert_eq!(found("other.example.com/app"), (4, archive, secret));
    assert_eq!(found("other.example.com/app:${TAG}"), (4, archive, secret));
    assert!(policy.registries()[4].is_last_resort() && !policy.registries()[3].is_last_resort());
    // What is not possibly private is not for the last resort, and what is not known is not guessed.
    for image in [
        "nginx",
        "team/app",
        "mcr.microsoft.com/app",
        "localhost:5000/app",
        "registry.marathon.mesos:5000/app",
        "${OTHER}/app",
        "{{image}}",
        "other.example.com/App",
        "",
    ] {
        assert_eq!(place(&policy, image), None, "{image}");
    }

    let archive_only = Policy::default().with_flags(archive, None).expect("valid");
    let [registry] = archive_only.registries() else {
        panic!("one registry")
    };
    assert_eq!(
        (registry.archive(), registry.secret(), registry.secret_name()),
        (archive, None, "pullConfigSecret")
    );
    assert_eq!(Policy::default().with_flags(None, None), Ok(Policy::default()));
}

#[test]
fn flags_are_held_to_what_a_policy_is() {
    let error = Policy::default()
        .with_flags(Some("docker.tar.gz"), None)
        .expect_err("no URI");
    assert!(error.to_string().contains("is no absolute URI"), "{error}");
    let error = Policy::default()
        .with_flags(None, Some("{name}/x"))
        .expect_err("no placeholder");
    assert!(error.to_string().contains("`{name}` is no placeholder"), "{error}");
}

#[test]
fn silence() {
    let policy = read(
        r#"
        ignore = [
            { id = "/team/legacy/**", rules = ["MC013", "raw-config"] },
            { path = "examples/**/*.json" },
            { id = "other/*", path = "a.json" },
            { rules = ["MC033"] },
            { id = "/x", rules = [] },
        ]"#,
    );
    for (code, name, id, path, expected) in [
        ("MC013", "cached", Some("/team/legacy/app"), None, true),
        ("MC013", "cached", Some("/team/legacy"), None, true),
        ("MC013", "cached", Some("/team/legacy2/app"), None, false),
        ("MC013", "cached", Some("/team/app"), None, false),
        ("MC013", "cached", None, None, false),
        ("MC015", "raw-config", Some("/team/legacy/a/b"), Some("x.json"), true),
        ("MC001", "missing-archive", Some("/team/legacy/app"), None, false),
        ("MC001", "missing-archive", None, Some("examples/a.json"), true),
        ("MC001", "missing-archive", None, Some("examples/a/b.json"), true),
        ("MC001", "missing-archive", None, Some("examples/a.jsonx"), false),
        ("MC001", "missing-archive", None, Some("my/examples/a.json"), false),
        ("MC001", "missing-archive", Some("/other/app"), Some("a.json"), true),
        ("MC001", "missing-archive", Some("/other/app"), Some("b.json"), false),
        ("MC001", "missing-archive", Some("/other/a/b"), Some("a.json"), false),
        ("MC033", "package", None, None, true),
        ("MC001", "missing-archive", Some("/x"), None, true),
        ("MC001", "missing-archive", Some("/x/y"), None, false),
    ] {
        assert_eq!(
            policy.silences(code, name, id, path),
            expected,
            "{code} {id:?} {path:?}"
        );
    }
}

/// Each wrong policy: where the error stands, and a part of its message.
#[test]
fn an_error_stands_at_the_value_and_says_what_to_write() {
    let registry = |line: &str| format!("[[registry]]\nmatch = \"a.example.com\"\n{line}\n");
    for (text, place, message) in [
        ("marathon-version = \"1.x\"".to_owned(), "\"1.x\"", "as in \"1.11\""),
        ("marathon-version = 1.10".to_owned(), "1.10", "a version in quotes"),
        ("docker-version = 23".to_owned(), "23", "a version in quotes"),
        (
            "docker-version = \"new\"".to_owned(),
            "\"new\"",
            "is no version of Docker",
        ),
        ("secrets = \"no\"".to_owned(), "\"no\"", "expected a boolean"),
        ("secret = false".to_owned(), "secret", "unknown field `secret`"),
        ("service-prefix = \"/A\"".to_owned(), "\"/A\"", "is no part of an id"),
        ("default-user = \"\"".to_owned(), "\"\"", "this is empty"),
        ("exclude = [\"a\", \"\"]".to_owned(), "\"\"", "this is empty"),
        ("exclude = \"a\"".to_owned(), "\"a\"", "expected a sequence"),
        (
            registry("archive = \"docker.tar.gz\""),
            "\"docker.tar.gz\"",
            "is no absolute URI",
        ),
        (
            registry("archive = \"file:///etc/docker\""),
            "\"file:///etc/docker\"",
            "would never be unpacked",
        ),
        (registry("archive = 1"), "1", "the archive's URI in quotes"),
        (registry("secret = \"{name}/x\""), "\"{name}/x\"", "known are `{id}`"),
        (registry("secret = \"x\"\nsecret-name = \"\""), "\"\"", "this is empty"),
        (
            registry("secret = \"x\"\naccept = \"y\""),
            "\"y\"",
            "expected a sequence",
        ),
        (registry("credentials = \"agent\""), "\"agent\"", "neither \"none\""),
        (registry("secrets = \"x\""), "secrets", "unknown field `secrets`"),
        (registry(""), "[[registry]]", "does not say where its credentials are"),
        (
            registry("accept = [\"file:///a.tar.gz\"]"),
            "[[registry]]",
            "does not say where its credentials are",
        ),
        (
            registry("credentials = \"none\"\nsecret = \"x\""),
            "[[registry]]",
            "`credentials = \"none\"` means",
        ),
        (
            registry("credentials = \"cluster\"\narchive = \"file:///a.tar.gz\""),
            "[[registry]]",
            "`credentials = \"cluster\"`",
        ),
        (
            "[[registry]]\nsecret = \"x\"".to_owned(),
            "[[registry]]",
            "missing field `match`",
        ),
        (
            "[[registry]]\nmatch = []\nsecret = \"x\"".to_owned(),
            "[]",
            "this list is empty",
        ),
        (
            "[[registry]]\nmatch = \"a/b:1\"\nsecret = \"x\"".to_owned(),
            "\"a/b:1\"",
            "`b:1` holds a tag",
        ),
        (
            "[[registry]]\nmatch = [\"a.b\", \"*\"]\nsecret = \"x\"".to_owned(),
            "\"*\"",
            "could mean Docker Hub",
        ),
        (
            "[[registry]]\nmatch = 1\nsecret = \"x\"".to_owned(),
            "1",
            "a string, or a list of strings",
        ),
        ("[rules]\nMC001 = \"loud\"".to_owned(), "\"loud\"", "`loud` is no level"),
        ("[rules]\nMC001 = false".to_owned(), "false", "a level in quotes"),
        ("[[ignore]]\nid = \"/a//b\"".to_owned(), "\"/a//b\"", "a `/` too many"),
        ("[[ignore]]\nid = \"/A/**\"".to_owned(), "\"/A/**\"", "which no id does"),
        ("[[ignore]]\nid = \"/a**\"".to_owned(), "\"/a**\"", "`**` stands alone"),
        ("[[ignore]]\npath = \"/a\"".to_owned(), "\"/a\"", "drop the leading `/`"),
        ("[[ignore]]\npath = \"../a\"".to_owned(), "\"../a\"", "are not resolved"),
        ("[[ignore]]\npath = \"a?\"".to_owned(), "\"a?\"", "the wildcards are"),
        (
            "[[ignore]]\nrules = []".to_owned(),
            "[[ignore]]",
            "silences everything everywhere",
        ),
        (
            "[[ignore]]\nrules = \"MC001\"".to_owned(),
            "\"MC001\"",
            "expected a sequence",
        ),
        ("[[ignore]]\nids = \"/a\"".to_owned(), "ids", "unknown field `ids`"),
        (
            "[[plugin]]\npath = \"a\"\nsha256 = \"1\"".to_owned(),
            "\"1\"",
            "64 hexadecimal digits",
        ),
        (
            "[[plugins]]\npath = \"a\"".to_owned(),
            "plugins",
            "unknown field `plugins`",
        ),
    ] {
        // Something before it, so that a span of the whole would show.
        let text = format!("# the policy\n{text}");
        let error = toml::from_str::<Policy>(&text).expect_err(&text);
        assert!(error.message().contains(message), "{text}\n{}", error.message());
        let span = error.span().unwrap_or_else(|| panic!("no place: {text}"));
        assert_eq!(&text[span], place, "{text}\n{error}");
    }
}

/// Other formats read the same policy; nothing here is TOML's alone.
#[test]
fn the_policy_as_json() {
    let policy: Policy = serde_json::from_str(
        r#"{"registry": [{"match": "a.example.com", "secret": "x"}, {"match": ["b.example.com"], "credentials": "none"}]}"#,
    )
    .expect("valid");
    assert_eq!(place(&policy, "b.example.com/app"), Some(1));
}

proptest! {
    #[test]
    fn never_panics(text in "(archive|secret|match|credentials) = \"\\PC{0,12}\"", image in any::<String>()) {
        if let Ok(policy) = toml::from_str::<Policy>(&format!("[[registry]]\nmatch = \"**\"\n{text}")) {
            let _ = place(&policy, &image);
        }
    }

    /// Without flags nothing is injected that no pattern names; with them, exactly what is possibly private.
    #[test]
    fn the_last_resort_is_for_unknown_hosts_alone(image in "([a-z]{1,3}\\.[a-z]{2,5}(:[0-9]{1,3})?/)?[a-z]{1,3}(/[a-z]{1,3})?") {
        let policy = Policy::default().with_flags(None, Some("x")).expect("valid");
        let reference = Reference::parse(&image).expect("valid");
        let unknown = crate::image::exposure(&reference) == crate::image::Exposure::Unknown;
        prop_assert_eq!(place(&policy, &image).is_some(), unknown);
    }
}
