//! `credentials secret --apply`. The command `dcos security` is a plug-in of DC/OS Enterprise that cannot be had (the
//! seam): that the real client is run is seen by its refusal, and what a client with the plug-in would be told by one of
//! the test that writes it down.

use std::fs;

use super::Cluster;
use crate::credentials::{AUTH, PASSWORD, quiet_about_it};
use crate::util::Ran;

/// Says how it was called; keeps the file's text, and its mode, apart.
const RECORDER: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$HOME/called"
for word do
    case $word in
        --*file=*) cat "${word#*=}" > "$HOME/text"; stat -c %a "${word#*=}" > "$HOME/mode" ;;
    esac
done
case $* in
    *refused*) echo "secret exists" >&2; exit 7 ;;
esac
"#;

/// A cluster and a config.json for its secrets.
fn cluster() -> Option<Cluster> {
    let cluster = Cluster::new(&[])?;
    let login = [
        "credentials",
        "add",
        "private.example.com",
        "-u",
        "deploy",
        "--password-stdin",
    ];
    cluster.run_with_stdin(&login, PASSWORD).exits_with(0);
    Some(cluster)
}

#[track_caller]
fn apply(cluster: &Cluster, more: &[&str]) -> Ran {
    let create = ["credentials", "secret", "--from-config", "config.json", "--apply"];
    quiet_about_it(cluster.run(&[&create[..], more].concat()))
}

#[test]
fn the_real_client_is_asked_and_its_refusal_told() {
    let Some(cluster) = cluster() else { return };
    let before = cluster.listing();
    let ran = apply(&cluster, &["team/pullConfig"]).exits_with(2);
    assert!(ran.stderr.contains("'security' is not a dcos command"), "{ran:?}");
    assert!(
        ran.stderr
            .contains("error: team/pullConfig: `dcos security secrets create --file="),
        "{ran:?}"
    );
    assert_eq!(cluster.listing(), before, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn each_secret_is_created_from_a_private_file_that_is_gone_afterwards() {
    use std::os::unix::fs::PermissionsExt;
    let Some(mut cluster) = cluster() else { return };
    cluster.house.write("client/dcos", RECORDER);
    let client = cluster.house.path("client");
    fs::set_permissions(client.join("dcos"), fs::Permissions::from_mode(0o755)).unwrap();
    cluster.bin = Box::leak(client.into_boxed_path());
    let before = cluster.listing();
    let called = |cluster: &Cluster| {
        let text = cluster.house.read("called");
        for kept in ["called", "text", "mode"] {
            fs::remove_file(cluster.house.path(kept)).unwrap();
        }
        text
    };

    let ran = apply(&cluster, &["team/pullConfig", "other"]).exits_with(0);
    assert!(
        ran.stderr.contains("other: created\nteam/pullConfig: created\n"),
        "{ran:?}"
    );
    let text = cluster.house.read("text");
    assert!(text.contains(AUTH) && cluster.house.read("mode") == "600\n", "{text}");
    let lines = called(&cluster);
    assert!(!lines.contains(AUTH) && !lines.contains(PASSWORD), "{lines}");
    let words: Vec<Vec<&str>> = lines.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(words.len(), 2, "{lines}");
    for (words, secret) in words.iter().zip(["other", "team/pullConfig"]) {
        let [dcos, secrets, create, file, path] = words[..] else {
            panic!("{lines}");
        };
        assert_eq!([dcos, secrets, create, path], ["security", "secrets", "create", secret]);
        let file = file.strip_prefix("--file=").unwrap();
        assert!(!fs::exists(file).unwrap(), "{file} is still there");
    }
    assert_eq!(cluster.listing(), before);

    // One that fails does not keep the others from being made, and is not forgotten.
    let ran = apply(&cluster, &["a", "refused/b", "c", "--dcos-version", "1.11"]).exits_with(2);
    assert!(
        ran.stderr.contains("secret exists") && ran.stderr.contains("c: created"),
        "{ran:?}"
    );
    let lines = called(&cluster);
    assert_eq!(lines.matches("--value-file=").count(), 3, "{lines}");
    assert_eq!(cluster.listing(), before);

    // A file that was asked for stays.
    apply(&cluster, &["a", "--output", "kept.json"]).exits_with(0);
    let lines = called(&cluster);
    assert_eq!(lines, "security secrets create --file=kept.json a\n");
    assert!(cluster.house.path("kept.json").exists());
}
