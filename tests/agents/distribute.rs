//! `credentials distribute`: to agents over a real ssh, and by Ansible.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::ssh::Sshd;
use super::{AUTH, PASSWORD, house_with_archive, is_clean_shell, is_clean_there, is_root, play, run, shell};
use crate::util::{House, Ran};

const PLACE: &str = "etc/docker.tar.gz";

fn script(house: &House, more: &[&str]) -> Ran {
    let ran = run(house, &[&["distribute", "docker.tar.gz"], more].concat());
    house.write("distribute.sh", &ran.stdout);
    ran
}

/// Runs the script with nothing but ssh between.
fn distribute(house: &House, sshd: &Sshd, line: &str) -> Ran {
    let variables = [("SSH", sshd.command()), ("SUDO", "".into())];
    shell(
        house,
        "sh",
        line,
        &variables.each_ref().map(|(name, value)| (*name, value.as_path())),
    )
}

/// Mode and owner, as `ls` has them.
fn state(path: &Path) -> (u32, u32, u32) {
    let data = fs::metadata(path).unwrap();
    (data.permissions().mode() & 0o7777, data.uid(), data.gid())
}

/// Nothing lies beside what was put there.
#[track_caller]
fn is_alone(house: &House, agent: &str) {
    let names: Vec<_> = fs::read_dir(house.path(&format!("{agent}/etc")))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "docker.tar.gz" && name != "mesosphere")
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn every_agent_gets_the_archive_once() {
    let house = house_with_archive();
    let ran = script(&house, &["alpha", "beta", "--user", "nobody"]).exits_with(0);
    assert!(ran.stderr.contains("root and the group of nobody"), "{ran:?}");
    is_clean_shell(&house, "distribute.sh");
    is_clean_there(&house, "distribute.sh");
    let Some(sshd) = Sshd::new(&house, &["alpha", "beta"]) else {
        return;
    };
    let ran = distribute(&house, &sshd, "sh distribute.sh").exits_with(0);
    assert_eq!(ran.stdout.matches(": changed: ").count(), 2, "{ran:?}");
    let archive = fs::read(house.path("docker.tar.gz")).unwrap();
    let nobody = shell(&house, "sh", "id -g nobody", &[]).stdout.trim().parse().unwrap();
    let mut seen = Vec::new();
    for agent in ["alpha", "beta"] {
        let place = house.path(agent).join(PLACE);
        assert_eq!(fs::read(&place).unwrap(), archive);
        assert_eq!(state(&place), (0o640, 0, nobody));
        is_alone(&house, agent);
        seen.push(fs::metadata(place).unwrap().ino());
    }
    let ran = distribute(&house, &sshd, "dash distribute.sh").exits_with(0);
    assert!(!ran.stdout.contains("changed"), "{ran:?}");
    // Another mode is put right, and only there; agents that are named at the run are the only ones.
    let place = house.path("beta").join(PLACE);
    fs::set_permissions(&place, fs::Permissions::from_mode(0o666)).unwrap();
    let ran = distribute(&house, &sshd, "bash distribute.sh beta").exits_with(0);
    assert_eq!(ran.stdout.matches(": changed: ").count(), 1, "{ran:?}");
    assert_eq!(state(&place), (0o640, 0, nobody));
    assert_eq!(fs::metadata(house.path("alpha").join(PLACE)).unwrap().ino(), seen[0]);
}

#[test]
fn what_arrives_damaged_is_not_put_in_place() {
    let house = house_with_archive();
    script(&house, &["alpha"]).exits_with(0);
    let Some(sshd) = Sshd::new(&house, &["alpha"]) else {
        return;
    };
    distribute(&house, &sshd, "sh distribute.sh").exits_with(0);
    let place = house.path("alpha").join(PLACE);
    let before = fs::read(&place).unwrap();
    // A connection that breaks in the middle: the last bytes never come.
    let ssh = sshd.command().display().to_string();
    house.write("lossy", &format!("#!/bin/sh\nhead -c 200 | {ssh} \"$@\"\n"));
    let lossy = house.path("lossy");
    super::mode_to(&lossy, 0o755);
    let login = ["credentials", "add", "b.example.com", "-u", "u", "--password-stdin"];
    house.run_with_stdin(&login, PASSWORD).exits_with(0);
    run(&house, &["archive", "--from-config", "config.json", "--all"]).exits_with(0);
    assert!(fs::metadata(house.path("docker.tar.gz")).unwrap().len() > 200);
    let variables = [("SSH", lossy.as_path()), ("SUDO", Path::new(""))];
    let ran = shell(&house, "sh", "sh distribute.sh", &variables).exits_with(2);
    assert!(
        ran.stderr.contains("arrived damaged") && ran.stderr.contains("failed on alpha"),
        "{ran:?}"
    );
    assert_eq!(fs::read(&place).unwrap(), before);
    is_alone(&house, "alpha");
}

#[test]
fn an_agent_that_fails_is_told_and_the_others_get_theirs() {
    let house = house_with_archive();
    script(&house, &["--user", "nobody"]).exits_with(0);
    let Some(sshd) = Sshd::new(&house, &["alpha", "beta"]) else {
        return;
    };
    let ran = distribute(&house, &sshd, "sh distribute.sh").exits_with(2);
    assert!(ran.stderr.contains("name the agents"), "{ran:?}");
    // Nobody may look into this folder, so a fetch of that user would fail.
    super::mode_to(&house.path("alpha/etc"), 0o700);
    let ran = distribute(&house, &sshd, "sh distribute.sh alpha beta -oProxyCommand=false").exits_with(2);
    assert!(ran.stderr.contains("nobody cannot read files in"), "{ran:?}");
    assert!(ran.stderr.contains("failed on alpha -oProxyCommand=false"), "{ran:?}");
    assert!(!house.path("alpha").join(PLACE).exists() && house.path("beta").join(PLACE).exists());
    is_alone(&house, "alpha");
    // What lies beside the script is looked at before any agent is.
    for (text, said) in [("", "empty"), ("hello", "no whole archive")] {
        fs::write(house.path("docker.tar.gz"), text).unwrap();
        let ran = distribute(&house, &sshd, "sh distribute.sh beta").exits_with(2);
        assert!(ran.stderr.contains(said) && ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn the_play_puts_the_same_and_changes_nothing_the_second_time() {
    let house = house_with_archive();
    let ran = run(
        &house,
        &["distribute", "docker.tar.gz", "--user", "nobody", "--ansible"],
    )
    .exits_with(0);
    house.write("distribute.yml", &ran.stdout);
    if !is_root("a play that gives files away") {
        return;
    }
    for folder in ["alpha", "alpha/etc"] {
        fs::create_dir(house.path(folder)).unwrap();
        super::everybody_may_look(&house.path(folder));
    }
    let root = format!("root={}", house.path("alpha").display());
    let with_root = ["-e", root.as_str()];
    let place = house.path("alpha").join(PLACE);
    let Some(recap) = play(
        &house,
        "distribute.yml",
        &[&with_root[..], &["--check", "--diff"]].concat(),
    ) else {
        return;
    };
    assert!(recap.contains("changed=1") && !place.exists(), "{recap}");
    assert!(
        play(&house, "distribute.yml", &with_root)
            .unwrap()
            .contains("changed=1")
    );
    assert_eq!(
        fs::read(&place).unwrap(),
        fs::read(house.path("docker.tar.gz")).unwrap()
    );
    assert_eq!(state(&place).0, 0o640);
    is_alone(&house, "alpha");
    let again = play(&house, "distribute.yml", &[&with_root[..], &["--diff"]].concat()).unwrap();
    assert!(again.contains("changed=0"), "{again}");
    super::mode_to(&house.path("alpha/etc"), 0o700);
    let recap = play(&house, "distribute.yml", &with_root).unwrap();
    assert!(recap.contains("failed=1"), "nobody can read it: {recap}");
    super::everybody_may_look(&house.path("alpha/etc"));
    fs::write(house.path("docker.tar.gz"), "").unwrap();
    assert!(play(&house, "distribute.yml", &with_root).unwrap().contains("failed=1"));
}

#[test]
fn scripts_hold_no_credentials_and_bad_input_gives_none() {
    let house = house_with_archive();
    let archive = fs::read(house.path("docker.tar.gz")).unwrap();
    let sum = shell(&house, "sh", "sha256sum docker.tar.gz | cut -c 1-64", &[]).stdout;
    for more in [&["alpha"][..], &["--ansible"]] {
        let text = script(&house, more).exits_with(0).stdout;
        assert!(
            !text.contains(PASSWORD) && !text.contains(AUTH) && !text.contains(sum.trim()),
            "{text}"
        );
    }
    for bad in [
        &["--to", "etc/docker.tar.gz"][..],
        &["--to", "/etc/$HOME"],
        &["--user", "a b"],
        &["--mode", "0999"],
        &["--mode", "0000"],
        &["--nodes", "no-such-file"],
        &["--nodes", "config.json"],
        &["alpha;reboot"],
        &["--ansible", "alpha"],
    ] {
        let ran = script(&house, bad).exits_with(2);
        assert!(ran.stdout.is_empty(), "{ran:?}");
    }
    for (text, said) in [
        (&archive[..archive.len() / 2], ""),
        (b"hello", "is no archive"),
        (b"", "is no archive"),
    ] {
        fs::write(house.path("docker.tar.gz"), text).unwrap();
        let ran = script(&house, &["alpha"]).exits_with(2);
        assert!(ran.stderr.contains(said) && ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn agents_are_taken_from_a_file() {
    let house = house_with_archive();
    house.write("nodes.txt", "# private\nalpha\n\n core@10.0.0.2 # the second\nalpha\n");
    let text = script(&house, &["--nodes", "nodes.txt", "gamma"]).exits_with(0).stdout;
    assert!(text.contains("set -- gamma alpha core@10.0.0.2\n"), "{text}");
    // As `dcos node --json` prints them: masters first.
    house.write(
        "nodes.json",
        r#"[{"host": "master.mesos.", "ip": "10.0.0.9", "type": "master (leader)", "id": "x"},
            {"hostname": "10.0.0.1", "type": "agent", "attributes": {}, "resources": {"cpus": 4.0}},
            {"hostname": "10.0.0.3", "type": "agent (public)", "attributes": {"public_ip": "true"}}]"#,
    );
    let text = script(&house, &["--nodes", "nodes.json"]).exits_with(0).stdout;
    assert!(text.contains("set -- 10.0.0.1 10.0.0.3\n"), "{text}");
    for bad in [
        "{}",
        "[]",
        "[1]",
        r#"[{"type": "agent"}]"#,
        r#"[{"hostname": "a b", "type": "agent"}]"#,
        "[",
        "# none\n",
    ] {
        house.write("nodes.json", bad);
        script(&house, &["--nodes", "nodes.json"]).exits_with(2);
    }
}
