//! From a definition to a pull: `fix`, `credentials archive` and `credentials secret` make what a real client then uses,
//! and `credentials verify` says the same as the clients do.

use std::process::Command;

use super::parts::{self, NAME, login, push, sh};
use super::{PASSWORD, verdicts, with_htpasswd};
use crate::debian;
use crate::installed::leave_out;
use crate::util::{House, Ran};

fn app(id: &str, containerizer: &str, image: &str) -> String {
    format!(
        "{{\n  \"id\": \"{id}\",\n  \"container\": {{\n    \"type\": \"{containerizer}\",\n    \
         \"docker\": {{ \"image\": \"{image}\" }}\n  }}\n}}\n"
    )
}

/// A client run with a sandbox for its home, as the agent runs `docker pull`.
fn client(house: &House, home: &str, script: &str) -> Ran {
    let output = Command::new("bash")
        .args(["-euc", script])
        .current_dir(house.path("."))
        .env("HOME", house.path(home))
        .env_remove("XDG_RUNTIME_DIR")
        .env_remove("REGISTRY_AUTH_FILE")
        .env_remove("DOCKER_CONFIG")
        .output()
        .unwrap();
    Ran::from(output)
}

#[test]
fn an_archive_in_a_sandbox_is_what_a_pull_needs() {
    if !parts::are_here("a pull with an archive") {
        return;
    }
    let house = House::new(&[]);
    let server = with_htpasswd(&house);
    let at = format!("localhost:{}", server.port);
    let image = format!("{at}/team/web:1.2");
    house.write(
        "pullcreds.toml",
        &format!("[[registry]]\nmatch = \"{at}\"\narchive = \"file:///etc/docker.tar.gz\"\n"),
    );
    house.write("web.json", &app("/team/web", "DOCKER", &image));
    let ask = |archive: &str| {
        let arguments = [
            "credentials",
            "verify",
            "--ca",
            "ca.crt",
            "--archive",
            archive,
            "--format",
            "json",
            "web.json",
        ];
        house.run(&arguments)
    };
    login(&house, "config.json", &at, "deploy", PASSWORD);
    login(&house, "guessed.json", &at, "deploy", "guessed");
    for (config, archive) in [("config.json", "docker.tar.gz"), ("guessed.json", "guessed.tar.gz")] {
        house
            .run(&["credentials", "archive", "--from-config", config, "-o", archive])
            .exits_with(0);
    }

    let ran = ask("docker.tar.gz").exits_with(1);
    assert_eq!(
        verdicts(&ran),
        ["web:1.2 docker needs-credentials"],
        "the definition names no archive"
    );
    assert!(
        ran.report()["images"][0]["help"][0]
            .as_str()
            .unwrap()
            .contains("pullcreds fix"),
        "{ran:?}"
    );
    house.run(&["fix", "web.json"]).exits_with(0);
    assert_eq!(
        verdicts(&ask("docker.tar.gz").exits_with(0)),
        ["web:1.2 docker pullable"]
    );
    let ran = ask("guessed.tar.gz").exits_with(1);
    assert_eq!(verdicts(&ran), ["web:1.2 docker wrong-credentials"]);
    let site = &ran.report()["images"][0]["sites"][0];
    assert_eq!(
        (&site["path"], &site["id"], &site["line"]),
        (&"web.json".into(), &"/team/web".into(), &10.into())
    );

    // As the Mesos fetcher unpacks them.
    for (sandbox, archive) in [
        ("sandbox", "docker.tar.gz"),
        ("guessed", "guessed.tar.gz"),
        ("empty", ""),
    ] {
        std::fs::create_dir(house.path(sandbox)).unwrap();
        if !archive.is_empty() {
            sh(&house, &format!("tar -C {sandbox} -xf {archive}"));
        }
    }
    let skopeo = format!("skopeo inspect --cert-dir ca-folder docker://{image}");
    client(&house, "sandbox", &skopeo).exits_with(0);
    assert_ne!(client(&house, "guessed", &skopeo).code, Some(0));
    assert_ne!(client(&house, "empty", &skopeo).code, Some(0));
    if !debian::are_here("the Docker client as a peer", &[("docker", "docker.io")]) {
        return;
    }
    let docker = format!("docker manifest inspect {image}");
    let ran = client(&house, "sandbox", &docker);
    if ran.stderr.contains("docker manifest inspect is only supported") {
        return leave_out("the Docker client as a peer", "it is too old");
    }
    assert!(
        ran.exits_with(0)
            .stdout
            .contains("application/vnd.docker.distribution.manifest.v2+json")
    );
    for home in ["guessed", "empty"] {
        let ran = client(&house, home, &docker);
        assert_ne!(ran.code, Some(0), "{home}: {ran:?}");
    }
}

#[test]
fn a_folder_of_definitions_is_asked_for_at_once() {
    if !parts::are_here("definitions and a registry") {
        return;
    }
    let house = House::new(&[]);
    let server = with_htpasswd(&house);
    let port = server.port;
    let (at, own) = (format!("{NAME}:{port}"), format!("localhost:{port}"));
    push(&house, &format!("{own}/team/api:1"), Some("push.json"), "");
    let image = |name: &str| format!("{at}/team/{name}");
    let pod = format!(
        "{{\"id\": \"/team/pod\", \"containers\": [{{\"name\": \"a\", \"image\": {{\"kind\": \"DOCKER\", \"id\": \"{}\"}}}}]}}\n",
        image("api:1")
    );
    for (file, text) in [
        ("apps/web.json", app("/team/web", "DOCKER", &image("web:1.2"))),
        ("apps/again.json", app("/team/again", "DOCKER", &image("web:1.2"))),
        ("apps/api.json", app("/team/api", "MESOS", &image("api:1"))),
        ("apps/pod.json", pod),
        ("apps/old.json", app("/team/old", "DOCKER", &image("web:0.9"))),
        ("apps/{{x}}.json", app("/team/x", "DOCKER", "{{ registry }}/a")),
        ("package.json", "{\"name\": \"not for Marathon\"}".to_owned()),
        (
            "pullcreds.toml",
            format!(
                "[[registry]]\nmatch = \"{at}\"\narchive = \"file:///etc/docker.tar.gz\"\nsecret = \"{{top}}/pull\"\n"
            ),
        ),
    ] {
        house.write(file, &text);
    }
    house.run(&["fix", "."]).exits_with_any();
    login(&house, "config.json", &at, "deploy", PASSWORD);
    house
        .run(&["credentials", "archive", "--from-config", "config.json"])
        .exits_with(0);
    let secret = ["credentials", "secret", "team/pull", "--from-config", "config.json"];
    house.run(&secret).exits_with(0);
    let ask = |more: &[&str]| {
        let name = format!("{NAME}:{port}:127.0.0.1");
        let base = ["credentials", "verify", "--ca", "ca.crt", "--resolve", &name];
        house.run(&[&base[..], more, &["apps"]].concat())
    };
    let both = ["--archive", "docker.tar.gz", "--config-json", "pull-config.json"];
    let ran = ask(&[&both[..], &["--format", "json"]].concat()).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        [
            "web:1.2 docker pullable",
            "api:1 ucr pullable",
            "web:0.9 docker no-manifest"
        ]
    );
    let summary = &ran.report()["summary"];
    assert_eq!(
        (&summary["definitions"], &summary["templated"]),
        (&6.into(), &1.into()),
        "{ran:?}"
    );
    assert_eq!(
        ran.report()["images"][0]["sites"].as_array().unwrap().len(),
        2,
        "asked once for both"
    );

    let ran = ask(&both).exits_with(1);
    for said in [
        format!("{at}/team/web:1.2: Docker can pull it, with `{at}` of docker.tar.gz/.docker/config.json\n"),
        format!("{at}/team/api:1: UCR can pull it, with `{at}` of pull-config.json\n"),
        "cannot pull it: the repository has no `0.9`".to_owned(),
        "    apps/old.json:10:26: /team/old does not start on an agent that has to pull it\n".to_owned(),
        "3 questions: 2 can be pulled, 1 cannot; 1 app or pod would not start.\n".to_owned(),
    ] {
        assert!(ran.stderr.contains(&said), "{said}\n{}", ran.stderr);
    }
    // UCR never reads an archive.
    let ran = ask(&["--archive", "docker.tar.gz", "--format", "json", "--for", "ucr"]).exits_with(1);
    assert_eq!(verdicts(&ran), ["api:1 ucr needs-credentials"]);
    // One file that cannot be read does not keep the others from being asked for.
    house.write(
        "apps/broken.json",
        "{\"id\": \"/x\", \"container\": {\"docker\": {\"image\": }}}",
    );
    let ran = ask(&both).exits_with(2);
    assert!(
        ran.stderr.contains("apps/broken.json:1:") && ran.stderr.contains("api:1: UCR can pull it"),
        "{ran:?}"
    );
}
