//! What `pullcreds credentials` makes for agents, run with what it is for: real shells, openssl, tar and ssh, Ansible,
//! and shellcheck to read the scripts. Agents are folders, and one `sshd` on loopback leads to them by several names.
//!
//! The seam: there is no systemd in a container. Where a script restarts an agent, a program of the test stands in its
//! place; what is tested is what the script asks of it, in which order, and what it does with the answers.

mod ca;
mod cluster;
mod distribute;
mod page;
mod probe;
mod rotate;
mod ssh;

use std::path::Path;
use std::process::{Command, Stdio};

use crate::credentials::{AUTH, PASSWORD, quiet_about_it, run};
use crate::installed;
use crate::util::{House, Ran};

/// A line for a shell in the house, with variables.
fn shell(house: &House, shell: &str, line: &str, variables: &[(&str, &Path)]) -> Ran {
    let mut command = Command::new(shell);
    command
        .args(["-c", line])
        .current_dir(house.path(""))
        .stdin(Stdio::null());
    for (name, value) in variables {
        command.env(name, value);
    }
    quiet_about_it(Ran::from(command.output().unwrap()))
}

/// A config.json, an archive of it, and a folder for an agent that everybody may look into.
fn house_with_archive() -> House {
    let house = House::new(&[]);
    let login = [
        "credentials",
        "add",
        "registry.example.com",
        "-u",
        "deploy",
        "--password-stdin",
    ];
    quiet_about_it(house.run_with_stdin(&login, PASSWORD).exits_with(0));
    run(&house, &["archive", "--from-config", "config.json"]).exits_with(0);
    everybody_may_look(&house.path(""));
    house
}

fn everybody_may_look(path: &Path) {
    mode_to(path, 0o755);
}

fn mode_to(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// What a script has agents do is a string to shellcheck; here it is a script of its own.
#[track_caller]
fn is_clean_there(house: &House, script: &str) {
    let text = house.read(script);
    let part = |begin: &str, end: &str| {
        let (_, rest) = text.split_once(begin).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let there = format!(
        "#!/bin/sh{}{}\n",
        part("\nprogram='", "'\"$then\""),
        part("\nthen='", "\n'\n")
    );
    house.write("there.sh", &there);
    is_clean_shell(house, "there.sh");
}

/// Nothing to say about the script.
#[track_caller]
fn is_clean_shell(house: &House, name: &str) {
    let Some(bin) = installed::ansible() else { return };
    let mut shellcheck = Command::new(bin.join("shellcheck"));
    shellcheck
        .args(["--shell=sh", "--enable=check-unassigned-uppercase", name])
        .current_dir(house.path(""));
    let ran = Ran::from(shellcheck.output().unwrap());
    assert!(ran.code == Some(0) && ran.stdout.is_empty(), "{ran:?}");
}

/// Runs a play against this machine, below a folder, and gives the last lines: `ok=1 changed=0 …`
#[track_caller]
fn play(house: &House, name: &str, more: &[&str]) -> Option<String> {
    let bin = installed::ansible()?;
    let mut ansible = Command::new(bin.join("ansible-playbook"));
    let python = format!("ansible_python_interpreter={}", bin.join("python").display());
    ansible
        .args([
            "-i",
            "localhost,",
            "-c",
            "local",
            "-e",
            "ansible_become=false",
            "-e",
            &python,
            name,
        ])
        .args(more)
        .current_dir(house.path(""))
        .env("ANSIBLE_LOCALHOST_WARNING", "false")
        .env("ANSIBLE_HOME", house.path(".ansible"))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    let ran = quiet_about_it(Ran::from(ansible.output().unwrap()));
    let (_, recap) = ran.stdout.split_once("PLAY RECAP").unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(ran.code == Some(0), recap.contains("failed=0"), "{ran:?}");
    Some(recap.to_owned())
}

/// Whether this is root, who alone can give files away; says what is left out otherwise.
fn is_root(what: &str) -> bool {
    let ran = Ran::from(Command::new("id").arg("-u").output().unwrap());
    let is_root = ran.stdout.trim() == "0";
    if !is_root {
        installed::leave_out(what, "only root can put files with another owner");
    }
    is_root
}
