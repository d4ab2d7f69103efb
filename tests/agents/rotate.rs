//! `credentials rotate`: what the checklist says of definitions, and that its commands are ours and the shell's.

use super::{house_with_archive, run, shell};
use crate::util::{APP, House};

const POLICY: &str = "[[registry]]\nmatch = \"private.example.com\"\narchive = \"file:///etc/docker.tar.gz\"\nsecret = \
                      \"{top}/pullConfig\"\n[[registry]]\nmatch = \"cluster.example.com\"\ncredentials = \"cluster\"\n";

fn house() -> House {
    let house = house_with_archive();
    let login = [
        "credentials",
        "add",
        "private.example.com",
        "-u",
        "deploy",
        "--password-stdin",
    ];
    super::quiet_about_it(house.run_with_stdin(&login, super::PASSWORD).exits_with(0));
    house.write("pullcreds.toml", POLICY);
    house.write("apps/web.json", APP);
    let cached = APP
        .replace("/team/web", "/team/cached")
        .replace(
            "\"instances\"",
            "\"fetch\": [{\"uri\": \"file:///etc/docker.tar.gz\", \"cache\": true}],\n  \"instances\"",
        )
        .replace("web:1.2\"", "cached:1.2\",\n      \"forcePullImage\": true");
    house.write("apps/cached.json", &cached);
    house.write(
        "apps/ucr.json",
        &APP.replace("DOCKER", "MESOS").replace("/team/web", "/team/ucr"),
    );
    let cluster = APP
        .replace("private.example", "cluster.example")
        .replace("/team/web", "/team/cluster");
    house.write("apps/cluster.json", &cluster);
    house
}

/// The commands of the checklist, in their order.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .flat_map(|block| block.split_once("```").unwrap().0.lines())
        .collect()
}

#[test]
fn the_checklist_names_what_is_concerned_and_ends_with_revoking() {
    let house = house();
    let list = [
        "rotate",
        "apps",
        "--registry",
        "private.example.com",
        "--from-config",
        "config.json",
    ];
    let text = run(&house, &list).exits_with(0).stdout;
    for row in [
        "| `/team/cached` | `apps/cached.json` | `private.example.com/cached:1.2 (Docker)` | `file:///etc/docker.tar.gz` | yes |",
        "| `/team/ucr` | `apps/ucr.json` | `private.example.com/web:1.2 (UCR)` | `secret team/pullConfig` | no |",
        "| `/team/web` | `apps/web.json` | `private.example.com/web:1.2 (Docker)` | `file:///etc/docker.tar.gz` | no |",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    assert!(!text.contains("/team/cluster"), "another registry");
    assert!(
        text.contains("**`/team/cached` (`apps/cached.json`) fetches with `cache: true`:**"),
        "{text}"
    );
    assert!(
        text.contains("Images that hide it so: those of `/team/ucr`, `/team/web`."),
        "{text}"
    );
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}\n{text}"));
    let order = [
        "Verify them",
        "Put the new archive",
        "Update the secrets",
        "See that every agent",
        "Revoke the old",
    ]
    .map(place);
    assert!(order.is_sorted(), "{text}");
    assert!(
        commands(&text).contains(&"dcos security secrets update --file=pull-config.json team/pullConfig"),
        "{text}"
    );
    let old = run(&house, &[&list[..], &["--dcos-version", "1.11"]].concat()).exits_with(0);
    assert!(old.stdout.contains("--value-file=pull-config.json"), "{old:?}");

    // Whom the archive is for, else fetches would fail that went well before.
    assert!(
        !text.contains("--user nobody") && text.contains("With the `--user` of the old one"),
        "{text}"
    );
    house.write("pullcreds.toml", &format!("default-user = \"nobody\"\n{POLICY}"));
    let nobody = run(&house, &list).exits_with(0).stdout;
    let for_nobody: Vec<_> = commands(&nobody)
        .into_iter()
        .filter(|line| line.contains("--user nobody"))
        .collect();
    assert_eq!(for_nobody.len(), 2, "distribute and probe: {nobody}");

    let cluster = ["rotate", "apps", "--registry", "cluster.example.com"];
    let text = run(&house, &cluster).exits_with(0).stdout;
    assert!(
        text.contains("`those of the agents`") && text.contains("sh cluster.sh"),
        "{text}"
    );
    assert!(!text.contains("distribute"), "{text}");
    let none = run(&house, &["rotate", "apps", "--registry", "none.example.com"])
        .exits_with(0)
        .stdout;
    assert!(none.contains("No definition here pulls from there."), "{none}");
    run(&house, &["rotate", "apps"]).exits_with(2);
    run(&house, &["rotate", "apps", "--registry", "a b"]).exits_with(2);
    run(&house, &["rotate", "no-such-folder", "--registry", "a.b"]).exits_with(2);
    house.write(
        "apps/broken.json",
        "{\"id\": \"/a\", \"container\": {\"docker\": {\"image\": \"a\",}}}",
    );
    run(&house, &cluster).exits_with(2);
}

#[test]
fn its_commands_run_as_they_stand() {
    let house = house();
    house.write("nodes.txt", "10.0.0.1\n");
    house.write("tasks.json", r#"[{"host": "10.0.0.1", "state": "TASK_RUNNING"}]"#);
    let list = ["rotate", "apps", "--registry", "private.example.com"];
    let text = run(&house, &list).exits_with(0).stdout;
    let ours = std::path::Path::new(env!("CARGO_BIN_EXE_pullcreds")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap());
    let mut ran = 0;
    house.write("password.txt", super::PASSWORD);
    for command in commands(&text) {
        // The others want a cluster, agents, or a registry; tests of their own run those.
        if command.starts_with("pullcreds ") && !command.contains(" verify ") {
            let done = shell(&house, "sh", command, &[("PATH", path.as_ref())]);
            // What `check` finds in these definitions is no business of the credentials.
            let most = if command.starts_with("pullcreds check ") { 1 } else { 0 };
            assert!(done.code.is_some_and(|code| code <= most), "{command}\n{done:?}");
            ran += 1;
        }
    }
    assert!(ran >= 7, "{text}");
}
