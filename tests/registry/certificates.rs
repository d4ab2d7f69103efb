//! A certificate that a server signed for itself, as `openssl req -x509` makes it: an authority's, by its marks.

use std::process::Command;

use super::parts::{self, NAME, image, login, push, registry, sh};
use super::{PASSWORD, verdicts, verify};
use crate::util::{House, Ran};

#[test]
fn a_certificate_that_signs_itself_is_taken_where_it_is_trusted() {
    if !parts::are_here("certificates that sign themselves") {
        return;
    }
    let house = House::new(&[]);
    for (file, names) in [
        ("own", format!("DNS:{NAME},DNS:localhost")),
        ("twin", format!("DNS:{NAME}")),
    ] {
        sh(
            &house,
            &format!(
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout {file}.key -out {file}.crt -days 2 -subj /CN={NAME} \
                 -addext subjectAltName={names} 2>&1; openssl x509 -in {file}.crt -noout -text | grep -q CA:TRUE"
            ),
        );
    }
    sh(
        &house,
        &format!("htpasswd -Bbc users deploy {PASSWORD} 2>&1; mkdir ca-folder; cp own.crt ca-folder/ca.crt"),
    );
    let tls = "  tls: {certificate: own.crt, key: own.key}\n";
    let server = registry(
        &house,
        "self",
        tls,
        "auth:\n  htpasswd: {realm: Registry, path: users}\n",
    );
    let port = server.port;
    login(&house, "push.json", &format!("localhost:{port}"), "deploy", PASSWORD);
    image(&house);
    // skopeo, which is written in Docker's language, takes it.
    push(&house, &format!("localhost:{port}/team/web:1.2"), Some("push.json"), "");

    let web = format!("{NAME}:{port}/team/web:1.2");
    login(&house, "right.json", &format!("{NAME}:{port}"), "deploy", PASSWORD);
    let ask = |image: &str, more: &[&str]| {
        let base = [
            "--format",
            "json",
            "--for",
            "docker",
            "--config-json",
            "right.json",
            image,
        ];
        verify(&house, &[port], &[&base[..], more].concat())
    };
    assert_eq!(
        verdicts(&ask(&web, &["--ca", "own.crt"]).exits_with(0)),
        ["web:1.2 docker pullable"]
    );
    for untrusted in [&[][..], &["--ca", "twin.crt"]] {
        let ran = ask(&web, untrusted).exits_with(1);
        assert_eq!(verdicts(&ran), ["web:1.2 docker certificate-not-trusted"]);
    }
    let other = format!("other.example.com:{port}/team/web:1.2");
    let resolve = format!("other.example.com:{port}:127.0.0.1");
    let ran = ask(&other, &["--ca", "own.crt", "--resolve", &resolve]).exits_with(1);
    assert_eq!(verdicts(&ran), ["web:1.2 docker certificate-other-name"]);
    let later = Command::new("faketime")
        .args([
            "-f",
            "+5d",
            env!("CARGO_BIN_EXE_pullcreds"),
            "credentials",
            "verify",
            "--format",
            "json",
        ])
        .args([
            "--ca",
            "own.crt",
            "--for",
            "ucr",
            "--resolve",
            &format!("{NAME}:{port}:127.0.0.1"),
            &web,
        ])
        .current_dir(house.path("."))
        .output();
    let ran = Ran::from(later.unwrap()).exits_with(1);
    assert_eq!(verdicts(&ran), ["web:1.2 ucr certificate-expired"]);
}
