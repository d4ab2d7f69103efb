//! docs/registries.md: every command in it is run, in its order, with its files and servers. Only the folder and the ports
//! are others, and what needs a Docker engine is left to the reader.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use super::parts::{self, Server, free_port, image, sh};
use crate::ci_page::{blocks, shell};
use crate::debian;
use crate::util::{House, Ran};

const PAGE: &str = include_str!("../../docs/registries.md");

/// What is written behind a block's language.
fn marks(info: &str) -> HashMap<&str, &str> {
    let marks = info.split(' ').skip(1);
    marks.map(|mark| mark.split_once('=').unwrap_or((mark, ""))).collect()
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    if !parts::are_here("the commands of docs/registries.md") {
        return;
    }
    let house = House::new(&[]);
    image(&house);
    sh(&house, "mv image.tar team-web.tar");
    let ports = ["5000", "5001", "5002"].map(|port| (port, free_port().to_string()));
    let folder = house.path("");
    let here = |text: &str| {
        let text = text.replace("/srv/registry", folder.to_str().unwrap().trim_end_matches('/'));
        ports.iter().fold(text, |text, (port, own)| text.replace(port, own))
    };
    let mut servers = Vec::new();
    let mut said = String::new();
    let mut ran = 0;
    for (info, text) in blocks(PAGE) {
        let (language, marks) = (info.split(' ').next().unwrap(), marks(&info));
        let text = here(&text);
        if let Some(file) = marks.get("file") {
            // The build of nginx has folders for what it puts aside that only root may write to.
            let aside = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|what| format!("{what}_temp_path aside-{what};"));
            house.write(
                file,
                &text.replace("http {\n", &format!("http {{\n{}\n", aside.join("\n"))),
            );
        } else if let Some(port) = marks.get("server") {
            servers.push(start(&house, &text, &here(port)));
        } else if language == "sh" && !marks.contains_key("engine") {
            let code = marks.get("exits").map_or(0, |code| code.parse().unwrap());
            let output = shell(&house, &text).output().unwrap();
            said = Ran::from(output).exits_with(code).stderr;
            ran += 1;
        } else if language == "text" {
            assert!(said.ends_with(&text), "the page says\n{text}and it was\n{said}");
        } else {
            assert!(
                ["sh", "yaml"].contains(&language),
                "a block in {language}: say what it is for"
            );
        }
    }
    assert_eq!((servers.len(), ran), (3, 11));
    // The other user, who came later, may pull as well; a third may not.
    let ask = |password: &str| {
        let script = here(&format!(
            "pullcreds credentials add registry.example.com:5000 --username ci --password-stdin --file other.json < {password}
             pullcreds credentials verify --ca ca.crt --config-json other.json --resolve \
             registry.example.com:5000:127.0.0.1 registry.example.com:5000/team/web:1.2"
        ));
        Ran::from(shell(&house, &script).output().unwrap())
    };
    ask("ci.password").exits_with(0);
    ask("deploy.password").exits_with(1);
}

/// Starts what a block says, in the foreground of a process of its own.
fn start(house: &House, command: &str, port: &str) -> Server {
    let command = command.trim().replace("daemon off;", "daemon off; master_process off;");
    let mut words = command.splitn(2, ' ');
    let program = debian::find(words.next().unwrap()).unwrap();
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &format!("exec {} {}", program.display(), words.next().unwrap())])
        .current_dir(house.path(""));
    let log = format!("{port}.log");
    Server::start(&mut shell, port.parse().unwrap(), Path::new(&house.path(&log)))
}
