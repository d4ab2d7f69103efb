//! `credentials cluster`: settings that a YAML reader takes, files that agents start with, and restarts one by one.
//!
//! `systemctl` is a program of the test here (the seam, see the module above): it knows one unit, writes down what it
//! is asked, and says that the unit runs unless the agent's file holds what the agent is told to refuse.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::ssh::Sshd;
use super::{house_with_archive, is_clean_shell, is_clean_there, run, shell};
use crate::installed;
use crate::util::{House, Ran};

const PLACE: &str = "etc/mesosphere/docker_credentials";
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >> "$ROOT/asked"
case $1 in
    cat) [ "$2" = "$(cat "$ROOT/unit")" ] ;;
    is-active) ! grep -qf "$ROOT/refuses" "$ROOT/etc/mesosphere/docker_credentials" ;;
esac
"#;

/// Two agents, a private and a public one.
fn cluster(house: &House) -> Option<Sshd> {
    let sshd = Sshd::new(house, &["alpha", "beta"])?;
    house.write("bin/systemctl", SYSTEMCTL);
    super::mode_to(&house.path("bin/systemctl"), 0o755);
    for (agent, unit) in [("alpha", "dcos-mesos-slave"), ("beta", "dcos-mesos-slave-public")] {
        house.write(&format!("{agent}/unit"), unit);
        house.write(&format!("{agent}/refuses"), "");
        house.write(&format!("{agent}/{PLACE}"), "{}");
    }
    Some(sshd)
}

fn script(house: &House, more: &[&str]) -> Ran {
    let ran = run(house, &[&["cluster", "--from-config", "config.json"], more].concat());
    house.write("cluster.sh", &ran.stdout);
    ran
}

fn spread(house: &House, sshd: &Sshd) -> Ran {
    let ours = std::path::Path::new(env!("CARGO_BIN_EXE_pullcreds")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap());
    let variables = [("SSH", sshd.command()), ("SUDO", "".into()), ("PATH", path.into())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_path()));
    shell(house, "sh", "sh cluster.sh", &variables)
}

fn asked(house: &House, agent: &str) -> Vec<String> {
    let path = format!("{agent}/asked");
    let lines = if house.path(&path).exists() {
        house.read(&path)
    } else {
        String::new()
    };
    let _ = fs::remove_file(house.path(&path));
    lines
        .lines()
        .filter(|line| !line.starts_with("is-active") && !line.starts_with("cat"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn settings_are_those_of_the_page() {
    let house = House::new(&[]);
    let plain = run(&house, &["cluster"]).exits_with(0).stdout;
    let moved = run(&house, &["cluster", "--path", "/etc/docker_credentials"])
        .exits_with(0)
        .stdout;
    run(&house, &["cluster", "--path", "docker_credentials"]).exits_with(2);
    run(&house, &["cluster", "alpha"]).exits_with(2);
    let Some(bin) = installed::ansible() else { return };
    house.write("plain.yaml", &plain);
    house.write("moved.yaml", &moved);
    let read = "import json, sys, yaml; print(json.dumps([yaml.safe_load(open(name)) for name in sys.argv[1:]]))";
    let mut python = Command::new(bin.join("python"));
    python
        .args(["-c", read, "plain.yaml", "moved.yaml"])
        .current_dir(house.path(""));
    let read = Ran::from(python.output().unwrap()).exits_with(0).report();
    // Strings, as the page has them: DC/OS compares them as text.
    let mut wanted = serde_json::json!({
        "cluster_docker_credentials": "{}",
        "cluster_docker_credentials_enabled": "true",
        "cluster_docker_credentials_write_to_etc": "true",
        "cluster_docker_credentials_dcos_owned": "false",
    });
    assert_eq!(read[0], wanted);
    wanted["cluster_docker_credentials_write_to_etc"] = "false".into();
    wanted["cluster_docker_credentials_path"] = "/etc/docker_credentials".into();
    assert_eq!(read[1], wanted);
}

#[test]
fn files_that_stop_an_agent_are_told() {
    let house = house_with_archive();
    script(&house, &[]).exits_with(0);
    house.write("empty", "");
    house.write("store", r#"{"credsStore": "desktop"}"#);
    house.write("beside", r#"{"auths": {}, "credsStore": "desktop"}"#);
    run(
        &house,
        &["cluster", "--check", "docker_credentials", "config.json", "beside"],
    )
    .exits_with(0);
    for (file, said) in [("empty", "the file is empty"), ("store", "`credsStore` is none")] {
        let ran = run(&house, &["cluster", "--check", "beside", file]).exits_with(1);
        assert!(
            ran.stderr.contains("an agent does not start with it") && ran.stderr.contains(said),
            "{ran:?}"
        );
    }
    run(&house, &["cluster", "--check", "empty", "no-such-file", "store"]).exits_with(2);
}

#[test]
fn one_agent_after_the_other_gets_the_file_and_is_restarted_once() {
    let house = house_with_archive();
    let ran = script(&house, &["alpha", "beta"]).exits_with(0);
    assert!(
        ran.stderr.contains("for every task of the cluster; mode 0600"),
        "{ran:?}"
    );
    let mode = |path: &str| fs::metadata(house.path(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("docker_credentials"), 0o600);
    is_clean_shell(&house, "cluster.sh");
    is_clean_there(&house, "cluster.sh");
    let Some(sshd) = cluster(&house) else { return };
    let ran = spread(&house, &sshd).exits_with(0);
    assert_eq!(ran.stdout.matches(": changed: ").count(), 2, "{ran:?}");
    let units = [("alpha", "dcos-mesos-slave"), ("beta", "dcos-mesos-slave-public")];
    for (agent, unit) in units {
        let place = format!("{agent}/{PLACE}");
        assert_eq!(house.read(&place), house.read("docker_credentials"));
        assert_eq!(mode(&place), 0o600);
        assert_eq!(asked(&house, agent), [format!("restart {unit}")]);
        assert_eq!(
            fs::read_dir(house.path(agent).join("etc/mesosphere")).unwrap().count(),
            1
        );
    }
    let ran = spread(&house, &sshd).exits_with(0);
    assert!(!ran.stdout.contains("changed"), "{ran:?}");
    assert!(asked(&house, "alpha").is_empty() && asked(&house, "beta").is_empty());
    // A run that was cut off between the file and the restart: the old one still lies beside it.
    house.write("alpha/etc/mesosphere/.docker_credentials.before", "{}");
    spread(&house, &sshd).exits_with(0);
    assert_eq!(asked(&house, "alpha"), ["restart dcos-mesos-slave"]);
    assert!(asked(&house, "beta").is_empty());
    assert_eq!(fs::read_dir(house.path("alpha/etc/mesosphere")).unwrap().count(), 1);
}

#[test]
fn an_agent_that_does_not_start_keeps_its_old_file_and_the_others_theirs() {
    let house = house_with_archive();
    script(&house, &["alpha", "beta"]).exits_with(0);
    let Some(sshd) = cluster(&house) else { return };
    house.write("alpha/refuses", "registry.example.com\n");
    let ran = spread(&house, &sshd).exits_with(2);
    assert!(
        ran.stderr.contains("it runs with the old one, which is in place again"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("failed on alpha"), "{ran:?}");
    assert_eq!(asked(&house, "alpha"), ["restart dcos-mesos-slave"; 2]);
    for agent in ["alpha", "beta"] {
        assert_eq!(house.read(&format!("{agent}/{PLACE}")), "{}");
        assert_eq!(
            fs::read_dir(house.path(agent).join("etc/mesosphere")).unwrap().count(),
            1
        );
    }
    assert!(asked(&house, "beta").is_empty(), "it stops at the first");
    // No agent at all is not restarted either.
    house.write("alpha/unit", "nginx");
    let ran = spread(&house, &sshd).exits_with(2);
    assert!(ran.stderr.contains("this is no agent"), "{ran:?}");
    // And a file with which none would start never leaves this machine.
    house.write("docker_credentials", r#"{"credsStore": "desktop"}"#);
    let ran = spread(&house, &sshd).exits_with(2);
    assert!(
        ran.stderr.contains("no agent would start with it") && ran.stdout.is_empty(),
        "{ran:?}"
    );
}
