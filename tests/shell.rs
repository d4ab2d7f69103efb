//! Completions and manual pages.

use std::process::Command;

use crate::util::{House, Ran};

/// The commands, as `pullcreds -h` lists them.
fn commands(house: &House) -> Vec<String> {
    let help = house.run(&["-h"]).exits_with(0).stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let list = list.lines().take_while(|line| !line.is_empty());
    list.map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn bash_completes_commands_and_options() {
    let house = House::new(&[]);
    let script = house.run(&["completions", "bash"]).exits_with(0).stdout;
    house.write("completions", &script);
    let complete = |words: &[&str]| {
        let script = format!(
            "source ./completions; COMP_WORDS=({}); COMP_CWORD={}; _pullcreds pullcreds '{}' '{}'; echo \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &script]).current_dir(house.path("."));
        Ran::from(bash.output().unwrap()).exits_with(0).stdout
    };
    assert_eq!(complete(&["pullcreds", "ex"]).trim(), "explain");
    assert_eq!(
        complete(&["pullcreds", "check", "--strict"]).trim(),
        "--strict-templates"
    );
    assert_eq!(complete(&["pullcreds", "check", "--color", "al"]).trim(), "always");
}

#[test]
fn each_shell_is_told_each_command() {
    let house = House::new(&[]);
    let commands = commands(&house);
    assert!(commands.len() > 6, "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = house.run(&["completions", shell]).exits_with(0).stdout;
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell} does not know {command}");
        }
    }
    house.run(&["completions", "sh"]).exits_with(2);
}

#[test]
fn each_command_has_a_manual_page() {
    let house = House::new(&[]);
    let main = house.run(&["man"]).exits_with(0).stdout;
    assert!(main.contains(".TH pullcreds 1"), "{main}");
    for command in commands(&house) {
        assert!(
            main.contains(&format!("pullcreds\\-{command}")),
            "{command} is not named in {main}"
        );
        let page = house.run(&["man", &command]).exits_with(0).stdout;
        assert!(page.contains(&format!(".TH pullcreds-{command} 1")), "{page}");
    }
    let ran = house.run(&["man", "chekc"]).exits_with(2);
    assert!(ran.stderr.contains("there are check, fix"), "{}", ran.stderr);
}
