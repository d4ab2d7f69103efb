//! How often a registry is asked, where credentials go, and clocks that differ.

use std::process::Command;

use super::parts::{
    self, NAME, authorities, certificate, free_port, image, login, nginx, own_names, push, registry, sh,
};
use super::{PASSWORD, auth, verdicts, verify, with_htpasswd};
use crate::util::{House, Ran};

#[test]
fn credentials_go_to_the_registry_alone_and_no_question_is_put_twice() {
    if !parts::are_here("what a registry is asked") {
        return;
    }
    let house = House::new(&[]);
    authorities(&house);
    certificate(&house, "server", "ca", &own_names(), None);
    image(&house);
    let behind = registry(&house, "behind", "", "");
    sh(
        &house,
        &format!(r#"printf "deploy:$(openssl passwd -apr1 {PASSWORD})\n" > users"#),
    );
    let (front, redirects, proxied) = (free_port(), free_port(), free_port());
    let tls = "ssl_certificate server.crt; ssl_certificate_key server.key;";
    let servers = format!(
        "log_format asked '$server_port $request_method $uri $http_authorization';
         server {{ listen 127.0.0.1:{front} ssl; {tls} access_log asked.log asked; location / {{ auth_basic x; auth_basic_user_file users;
           proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
           proxy_pass http://127.0.0.1:{}; }} }}
         server {{ listen 127.0.0.1:{redirects} ssl; {tls} access_log asked.log asked; return 307 https://{NAME}:{front}$request_uri; }}
         server {{ listen 127.0.0.1:{proxied}; return 502; }}\n",
        behind.port
    );
    let _nginx = nginx(&house, &[front, redirects, proxied], &servers);
    login(&house, "push.json", &format!("localhost:{front}"), "deploy", PASSWORD);
    for tag in ["1", "2", "3"] {
        push(
            &house,
            &format!("localhost:{front}/team/web:{tag}"),
            Some("push.json"),
            "",
        );
    }
    for port in [front, redirects] {
        login(&house, "right.json", &format!("{NAME}:{port}"), "deploy", PASSWORD);
    }
    let asked = |ask: &dyn Fn()| -> Vec<String> {
        sh(&house, ": > asked.log");
        ask();
        // nginx writes a line after it has answered.
        std::thread::sleep(std::time::Duration::from_millis(200));
        house.read("asked.log").lines().map(str::to_owned).collect()
    };
    let base = ["--format", "json", "--ca", "ca.crt", "--config-json", "right.json"];
    let ask = |more: &[&str]| verify(&house, &[front, redirects], &[&base[..], more].concat());

    let images = ["1", "2", "3", "1"].map(|tag| format!("{NAME}:{front}/team/web:{tag}"));
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let lines = asked(&|| {
        ask(&[&["--for", "docker"], images.as_slice()].concat()).exits_with(0);
    });
    let sent = format!("Basic {}", auth("deploy", PASSWORD));
    let count = |what: &str| lines.iter().filter(|line| **line == format!("{front} {what}")).count();
    // Without credentials `/v2/` once for them and once for anyone, and one image for anyone.
    assert_eq!(count("GET /v2/ -"), 2, "{lines:#?}");
    for tag in ["1", "2", "3"] {
        assert_eq!(
            count(&format!("HEAD /v2/team/web/manifests/{tag} {sent}")),
            1,
            "{lines:#?}"
        );
    }
    assert_eq!(count("HEAD /v2/team/web/manifests/1 -"), 1, "{lines:#?}");
    assert_eq!(lines.len(), 6, "{lines:#?}");

    let lines = asked(&|| {
        let ran = ask(&["--for", "ucr", &format!("{NAME}:{redirects}/team/web:1")]).exits_with(1);
        assert_ne!(verdicts(&ran), ["web:1 ucr pullable"]);
    });
    assert!(
        lines[0].starts_with(&format!("{redirects} ")) && lines[0].ends_with(&sent),
        "{lines:#?}"
    );
    assert!(
        lines[1].starts_with(&format!("{front} ")) && lines[1].ends_with(" -"),
        "{lines:#?}"
    );

    // A proxy of the environment is for those who ask for it.
    let proxy = |more: &[&str]| {
        let name = format!("{NAME}:{front}:127.0.0.1");
        let arguments = [
            "credentials",
            "verify",
            "--resolve",
            &name,
            "--for",
            "docker",
            images[0],
        ];
        let mut command = house.command(&[&arguments[..], &base, more].concat());
        command.env("HTTPS_PROXY", format!("http://127.0.0.1:{proxied}"));
        Ran::from(command.output().unwrap())
    };
    let ran = proxy(&[]).exits_with(0);
    assert!(ran.stderr.contains("names a proxy, which is not used"), "{ran:?}");
    let ran = proxy(&["--proxy"]).exits_with(1);
    assert_eq!(verdicts(&ran), ["web:1 docker connection"]);
}

#[test]
fn clocks_that_differ_are_told() {
    if !parts::are_here("clocks that differ") {
        return;
    }
    let house = House::new(&[]);
    let server = with_htpasswd(&house);
    let at = format!("{NAME}:{}", server.port);
    login(&house, "right.json", &at, "deploy", PASSWORD);
    let ask = |clock: &str| {
        let output = Command::new("faketime")
            .args(["-f", clock, env!("CARGO_BIN_EXE_pullcreds"), "credentials", "verify"])
            .args(["--ca", "ca.crt", "--config-json", "right.json", "--for", "ucr"])
            .args(["--resolve", &format!("{at}:127.0.0.1"), &format!("{at}/team/web:1.2")])
            .current_dir(house.path("."))
            .output();
        Ran::from(output.unwrap())
    };
    let ran = ask("+2h").exits_with(0);
    let said = format!("warning: {at}: its clock is 7");
    assert!(
        ran.stderr.contains(&said) && ran.stderr.contains(" seconds behind this machine's"),
        "{ran:?}"
    );
    let ran = ask("2019-12-30 00:00:00").exits_with(1);
    let said = "is good from 2020-01-01 only; this machine's clock says 2019-12-30";
    assert!(
        ran.stderr.contains(said) && ran.stderr.contains("the clock that is wrong"),
        "{ran:?}"
    );
    assert!(!ask("+0").exits_with(0).stderr.contains("clock"));
}
