//! What comes out for what was found.

use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{Options, Selection, Surveyed, survey};

use super::{Starter, page};

fn starter(files: &[&str]) -> Starter {
    let (policy, selection) = (Policy::default(), Selection::default());
    let mut starter = Starter::default();
    for (index, text) in files.iter().enumerate() {
        match survey(text.as_bytes(), &Options::new(&policy, &selection)).unwrap() {
            Surveyed::Definition(_, sites) => starter.add(&format!("{index}.json"), &sites),
            Surveyed::Passed(passed) => panic!("{text}: {passed:?}"),
        }
    }
    starter
}

fn docker(image: &str, uris: &str) -> String {
    format!(r#"{{"id": "/team/web", "uris": [{uris}], "container": {{"docker": {{"image": "{image}"}}}}}}"#)
}

fn ucr(id: &str, image: &str, key: &str, source: &str) -> String {
    format!(
        r#"{{"id": "{id}", "secrets": {{"{key}": {{"source": "{source}"}}}}, "container": {{"type": "MESOS",
            "docker": {{"image": "{image}", "pullConfig": {{"secret": "{key}"}}}}}}}}"#
    )
}

/// The page, held to what every page must be: a policy, also with its questions answered as they propose.
fn written(files: &[String]) -> (String, usize) {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (text, questions) = page(&starter(&files));
    toml::from_str::<Policy>(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let answered: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(toml) if toml.starts_with("[[") || toml.contains(" = ") => toml,
            _ => line,
        })
        .collect();
    let answered = answered.join("\n");
    toml::from_str::<Policy>(&answered).unwrap_or_else(|error| panic!("{error}\n{answered}"));
    (text, questions)
}

#[track_caller]
fn says(text: &str, what: &[&str]) {
    for what in what {
        assert!(text.contains(what), "{what:?} is not in:\n{text}");
    }
}

#[test]
fn the_archive_that_most_images_fetch_is_proposed() {
    let usual = "\"file:///etc/docker.tar.gz\"";
    let (text, questions) = written(&[
        docker("registry.example.com/a", usual),
        docker("registry.example.com/b", usual),
        docker("registry.example.com/c", "\"https://artifacts.example.com/docker.tgz\""),
        docker("registry.example.com/d", ""),
        docker("nginx", ""),
    ]);
    assert_eq!(questions, 0, "{text}");
    says(
        &text,
        &[
            "\n[[registry]]\nmatch = \"registry.example.com\"\narchive = \"file:///etc/docker.tar.gz\"",
            "# registry.example.com: 4 images in 4 files, as /team/web in 0.json\n",
            "3 of 4 by the Docker containerizer come with an archive (also https://artifacts.example.com/docker.tgz × 1)",
        ],
    );
    assert!(!text.contains("nginx") && !text.contains("docker.io"), "{text}");
}

#[test]
fn secrets_of_one_scheme_become_a_template() {
    let (text, _) = written(&[
        ucr("/shop/web", "registry.example.com/a", "pull", "shop/pullConfig"),
        ucr("/team/sub/web", "registry.example.com/a", "pull", "/team/pullConfig"),
    ]);
    says(
        &text,
        &["\nsecret = \"{top}/pullConfig\"", "\nsecret-name = \"pull\"\n"],
    );

    let (text, _) = written(&[
        ucr(
            "/shop/web",
            "registry.example.com/a",
            "pullConfigSecret",
            "shop/web/pull",
        ),
        ucr(
            "/team/sub/db",
            "registry.example.com/a",
            "pullConfigSecret",
            "team/sub/db/pull",
        ),
    ]);
    says(&text, &["\nsecret = \"{id}/pull\""]);
    assert!(!text.contains("secret-name"), "{text}");

    // Nothing speaks for a scheme where one path explains all.
    let (text, _) = written(&[
        ucr("/shop/web", "registry.example.com/a", "pull", "shop/pull"),
        ucr("/shop/db", "registry.example.com/a", "pull", "shop/pull"),
    ]);
    says(&text, &["\nsecret = \"shop/pull\""]);
}

#[test]
fn secrets_of_no_scheme_are_a_question() {
    let (text, questions) = written(&[
        ucr("/a/b", "registry.example.com/a", "pull", "x/one"),
        ucr("/a/c", "registry.example.com/a", "pull", "y/two"),
        ucr("/a/d", "registry.example.com/a", "pull", "z/three"),
        docker("registry.example.com/a", "\"file:///etc/docker.tar.gz\""),
    ]);
    says(&text, &["\n# secret = \"x/one\"", "\narchive = "]);
    assert_eq!(questions, 2, "{text}");
}

#[test]
fn a_registry_without_credentials_is_a_question() {
    let (text, questions) = written(&[docker("registry.example.com:5000/a", "")]);
    assert_eq!(questions, 1, "{text}");
    says(
        &text,
        &[
            "\n# [[registry]]\n# match = \"registry.example.com:5000\"\n# archive = ",
            "# credentials = \"none\"",
        ],
    );
    assert_eq!(toml::from_str::<Policy>(&text).unwrap(), Policy::default());
}

#[test]
fn what_is_mostly_public_is_named_narrowly_and_asked_about() {
    let archive = "\"file:///etc/docker.tar.gz\"";
    let (text, questions) = written(&[docker("team/a", archive), docker("nginx", archive)]);
    assert_eq!(questions, 2, "{text}");
    says(
        &text,
        &[
            "\n# match = \"docker.io/team/**\"\n",
            "\n# match = \"docker.io/library/nginx\"\n",
            "Are they private?",
        ],
    );
}

#[test]
fn registries_of_which_the_same_is_known_are_one_entry() {
    let archive = "\"file:///etc/docker.tar.gz\"";
    let (text, _) = written(&[docker("a.example.com/a", archive), docker("b.example.com/a", archive)]);
    says(&text, &["\nmatch = [\"a.example.com\", \"b.example.com\"]\n"]);
}

#[test]
fn a_text_of_marks_or_of_tricks_still_gives_a_policy() {
    let (text, _) = written(&[
        docker("${REGISTRY}/a", ""),
        docker("registry.example.com/a:{{tag}}", "\"{{docker-credentials-uri}}\""),
        docker(
            "x.example.com/a\\n[[registry]]",
            "\"file:///etc/docker.tar.gz\\n[rules]\"",
        ),
        ucr("/a\\n[[ignore]]", "y.example.com/a", "k\\\"\\n", "s\\\"\\nx = 1"),
        ucr("/a", "z.example.com/a", "k\\\"\\n", "team/x"),
        docker("u.example.com/a", "\"https://user:geheim@example.com/docker.tar.gz\""),
    ]);
    says(
        &text,
        &["# match = \"${REGISTRY}/**\"", "# match = \"registry.example.com\""],
    );
    says(&text, &["\nsecret-name = \"k\\\"\\u000A\"\n"]);
    assert!(!text.contains("geheim"), "{text}");
}
