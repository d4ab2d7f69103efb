//! Everything that is no definition goes to the real client as if nothing stood between.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Cluster, fetches};
use crate::util::{APP, Ran};

fn plain(cluster: &Cluster, arguments: &[&str]) -> Ran {
    let mut command = Command::new("dcos");
    command.args(arguments).current_dir(cluster.house.path(""));
    Ran::from(cluster.around(command).output().unwrap())
}

#[test]
fn other_commands_print_and_end_as_they_do_alone() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    cluster.marathon.keep("apps/team/web", json!({"id": "/team/web"}));
    let lines = [
        "--version",
        "--help",
        "--nonsense",
        "marathon --help",
        "marathon app add --help",
        "marathon app show /team/web",
        "marathon app show /none",
        "marathon app update",
        "--log-level=nonsense marathon app list",
        "config show core.dcos_url",
    ];
    for line in lines {
        let arguments: Vec<&str> = line.split(' ').collect();
        let ours = cluster.run(&[&["dcos", "--"], &arguments[..]].concat());
        let theirs = plain(&cluster, &arguments);
        assert_eq!(
            (ours.code, ours.stdout, ours.stderr),
            (theirs.code, theirs.stdout, theirs.stderr),
            "{line}"
        );
    }
    let ran = cluster
        .run(&["dcos", "--log-level=error", "marathon", "app", "show", "/team/web"])
        .exits_with(0);
    assert!(ran.stdout.contains("/team/web"), "without a `--` too: {}", ran.stdout);
}

#[test]
fn the_client_is_set_up_through_it() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    std::fs::remove_dir_all(cluster.house.path(".dcos")).unwrap();
    cluster
        .run(&["dcos", "config", "set", "core.dcos_url", &cluster.marathon.url])
        .exits_with(0);
    cluster
        .run(&["dcos", "marathon", "app", "add", "app.json"])
        .exits_with(0);
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
}

#[test]
fn standard_input_of_other_commands_is_theirs() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    let ran = cluster.run_with_stdin(&["dcos", "marathon", "--info"], "not read");
    assert_eq!(
        ran.exits_with(0).stdout,
        plain(&cluster, &["marathon", "--info"]).stdout
    );
}

#[cfg(unix)]
#[test]
fn signals_reach_the_client_itself() {
    use std::os::unix::process::ExitStatusExt;
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep("deployments", json!([{"id": "one"}]));
    for (signal, code, number) in [("-INT", Some(0), None), ("-TERM", None, Some(15))] {
        let before = cluster.marathon.requests().len();
        let child = cluster
            .command(&["dcos", "marathon", "deployment", "watch", "one"])
            .env_remove("TERM")
            .spawn()
            .unwrap();
        let start = Instant::now();
        let is_watching = || {
            let requests = cluster.marathon.requests();
            requests[before..]
                .iter()
                .filter(|request| request.path.ends_with("/deployments"))
                .count()
                > 1
        };
        while !is_watching() {
            assert!(start.elapsed() < Duration::from_secs(60), "the client never watched");
            std::thread::sleep(Duration::from_millis(20));
        }
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), output.status.signal()),
            (code, number),
            "{signal}: {output:?}"
        );
        if signal == "-INT" {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(told.contains("User interrupted command with Ctrl-C"), "{told}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_dcos_that_is_pullcreds_again_is_passed_over() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let ours = env!("CARGO_BIN_EXE_pullcreds");
    cluster
        .house
        .write("one/dcos", &format!("#!/bin/sh\nexec '{ours}' dcos \"$@\"\n"));
    std::fs::set_permissions(cluster.house.path("one/dcos"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(cluster.house.path("two")).unwrap();
    symlink(ours, cluster.house.path("two/dcos")).unwrap();
    let mut command = cluster.command(&["dcos", "marathon", "app", "add", "app.json"]);
    let path = command
        .get_envs()
        .find(|(name, _)| *name == "PATH")
        .unwrap()
        .1
        .unwrap()
        .to_owned();
    let folders = [cluster.house.path("one"), cluster.house.path("two")];
    let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path))).unwrap();
    Ran::from(command.env("PATH", path).output().unwrap()).exits_with(0);
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
}

/// The shell function of docs/dcos.md, as it stands there.
#[test]
fn the_shell_function_of_the_manual_works() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let manual = include_str!("../../docs/dcos.md");
    let function = manual
        .split("```sh\n")
        .filter_map(|block| block.split("```").next())
        .find(|block| block.starts_with("dcos() {"))
        .unwrap();
    cluster
        .shell(&format!("{function}\ndcos marathon app add app.json"))
        .exits_with(0);
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
    let ran = cluster.shell(&format!("{function}\ndcos --version")).exits_with(0);
    assert!(ran.stdout.contains("dcoscli.version=0.6.1"), "{}", ran.stdout);
}

/// Where the types of Marathon's RAML stand beside the checkout as JSON Schemas, what arrives fits them.
#[test]
fn what_arrives_fits_marathons_types() {
    let schemas = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schema");
    if !schemas.is_dir() {
        eprintln!("left out: no schemas at {}", schemas.display());
        return;
    }
    let app = r#"{"id": "/team/web", "cpus": 0.1, "mem": 32, "container": {"type": "DOCKER", "docker": {"image": "private.example.com/web:1"}}, "networks": [{"mode": "host"}]}"#;
    let pod = r#"{"id": "/team/pod", "networks": [{"mode": "host"}], "containers": [{"name": "web", "resources": {"cpus": 0.1, "mem": 32}, "image": {"kind": "DOCKER", "id": "private.example.com/web:1"}}]}"#;
    let group = format!(
        r#"{{"id": "/team", "apps": [{}]}}"#,
        app.replace("DOCKER", "MESOS").replace("/team/", "")
    );
    for (subject, text) in [("app", app), ("pod", pod), ("group", &group)] {
        let Some(cluster) = Cluster::new(&[("it.json", text)]) else {
            return;
        };
        cluster
            .run(&["dcos", "marathon", subject, "add", "it.json"])
            .exits_with(0);
        let sent: Value = cluster.arrived().json();
        assert_ne!(sent, serde_json::from_str::<Value>(text).unwrap());
        cluster.house.write("sent.json", &sent.to_string());
        let validate = "import json, sys, jsonschema\njsonschema.Draft4Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
        let output = Command::new(cluster.bin.join("python"))
            .args(["-c", validate])
            .arg(schemas.join(format!("{subject}.schema.json")))
            .arg(cluster.house.path("sent.json"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{subject}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
