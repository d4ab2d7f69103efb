//! `pullcreds credentials verify` against real registries, with skopeo and the Docker client as peers.

mod certificates;
mod manners;
mod page;
mod parts;
mod services;
mod tokens;

use std::net::TcpListener;

use crate::util::{House, Ran};
use parts::{NAME, Server, authorities, certificate, free_port, image, login, nginx, own_names, push, registry, sh};

const PASSWORD: &str = "correct-horse-battery";

/// Asks; nothing that is said may have the password or what it becomes.
#[track_caller]
fn verify(house: &House, ports: &[u16], arguments: &[&str]) -> Ran {
    let resolve: Vec<String> = ports.iter().map(|port| format!("{NAME}:{port}:127.0.0.1")).collect();
    let resolve = resolve.iter().flat_map(|name| ["--resolve", name]);
    let all: Vec<&str> = ["credentials", "verify", "--isolated"]
        .into_iter()
        .chain(resolve)
        .chain(arguments.iter().copied())
        .collect();
    let ran = house.run(&all);
    let encoded = auth("deploy", PASSWORD);
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(PASSWORD) && !text.contains(&encoded), "{text}");
    }
    ran
}

fn auth(user: &str, password: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
}

/// Of each image, by whom it was asked for and the verdict.
fn verdicts(ran: &Ran) -> Vec<String> {
    let report = ran.report();
    let images = report["images"].as_array().unwrap();
    let short = |image: &serde_json::Value| {
        let name = image["image"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        format!(
            "{name} {} {}",
            image["reader"].as_str().unwrap(),
            image["verdict"].as_str().unwrap()
        )
    };
    images.iter().map(short).collect()
}

/// docker-registry with an htpasswd of its own, and TLS.
fn with_htpasswd(house: &House) -> Server {
    authorities(house);
    certificate(house, "server", "ca", &own_names(), None);
    sh(house, &format!("htpasswd -Bbc users deploy {PASSWORD} 2>&1"));
    let tls = "  tls: {certificate: server.crt, key: server.key}\n";
    let server = registry(house, "own", tls, "auth:\n  htpasswd: {realm: Registry, path: users}\n");
    login(
        house,
        "push.json",
        &format!("localhost:{}", server.port),
        "deploy",
        PASSWORD,
    );
    image(house);
    push(
        house,
        &format!("localhost:{}/team/web:1.2", server.port),
        Some("push.json"),
        "",
    );
    server
}

#[test]
fn a_registry_with_passwords_of_its_own() {
    if !parts::are_here("a registry with htpasswd") {
        return;
    }
    let house = House::new(&[]);
    let server = with_htpasswd(&house);
    let port = server.port;
    let at = format!("{NAME}:{port}");
    login(&house, "right.json", &at, "deploy", PASSWORD);
    login(&house, "wrong.json", &at, "deploy", "guessed");
    let ask = |more: &[&str]| {
        verify(
            &house,
            &[port],
            &[&["--format", "json", "--ca", "ca.crt"], more].concat(),
        )
    };
    let web = format!("{at}/team/web:1.2");
    let (tag, repository) = (format!("{at}/team/web:9"), format!("{at}/team/api:1"));

    let ran = ask(&["--config-json", "right.json", &web, &tag, &repository]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        [
            "web:1.2 docker pullable",
            "web:1.2 ucr pullable",
            "web:9 docker no-manifest",
            "web:9 ucr no-manifest",
            "api:1 docker no-repository",
            "api:1 ucr no-repository",
        ]
    );
    assert_eq!(ran.report()["registries"][0]["anyone_pulls"], false);
    ask(&["--config-json", "right.json", &web]).exits_with(0);
    let ran = ask(&["--config-json", "wrong.json", &web, &tag]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        [
            "web:1.2 docker wrong-credentials",
            "web:1.2 ucr wrong-credentials",
            "web:9 docker wrong-credentials",
            "web:9 ucr wrong-credentials",
        ]
    );
    let refused = std::fs::read_to_string(house.path("own.log")).unwrap();
    assert_eq!(
        refused.matches("error authenticating user").count(),
        2,
        "a wrong password is sent once by each reader: {refused}"
    );
    let ran = ask(&[&web]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        ["web:1.2 docker needs-credentials", "web:1.2 ucr needs-credentials"]
    );
    drop(server);
    let ran = ask(&["--config-json", "right.json", &web]).exits_with(1);
    assert_eq!(
        verdicts(&ran),
        ["web:1.2 docker unreachable", "web:1.2 ucr unreachable"]
    );
}

#[test]
fn a_registry_behind_nginx() {
    if !parts::are_here("a registry behind nginx") {
        return;
    }
    let house = House::new(&[]);
    authorities(&house);
    certificate(&house, "server", "ca", &own_names(), None);
    certificate(
        &house,
        "expired",
        "ca",
        &own_names(),
        Some(("20200101000000Z", "20210301000000Z")),
    );
    certificate(
        &house,
        "early",
        "ca",
        &own_names(),
        Some(("20900101000000Z", "20910301000000Z")),
    );
    certificate(&house, "elsewhere", "ca", "DNS:other.example.com", None);
    image(&house);
    let behind = registry(&house, "behind", "", "");
    sh(
        &house,
        &format!(r#"printf "deploy:$(openssl passwd -apr1 {PASSWORD})\n" > cloud66.htpasswd"#),
    );
    let ports: Vec<u16> = (0..6).map(|_| free_port()).collect();
    let pass = format!(
        "location /v2/ {{ auth_basic Registry; auth_basic_user_file cloud66.htpasswd; \
         add_header Docker-Distribution-Api-Version registry/2.0 always; \
         proxy_pass http://127.0.0.1:{}; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme; }}",
        behind.port
    );
    let tls = |port: u16, file: &str, rest: &str| {
        format!(
            "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {file}.crt; ssl_certificate_key {file}.key; {rest} }}\n"
        )
    };
    let limited = format!(
        "location / {{ limit_req zone=all; limit_req_status 429; add_header Retry-After 30 always; proxy_pass http://127.0.0.1:{}; }}",
        behind.port
    );
    let servers = [
        "limit_req_zone $server_port zone=all:64k rate=1r/m;\n".to_owned(),
        tls(ports[0], "server", &pass),
        tls(ports[1], "expired", &pass),
        tls(ports[2], "elsewhere", &pass),
        tls(ports[3], "early", &pass),
        tls(ports[4], "server", &limited),
        format!("server {{ listen 127.0.0.1:{}; {pass} }}\n", ports[5]),
    ];
    let _front = nginx(&house, &ports, &servers.concat());
    let at = |port: u16, image: &str| format!("{NAME}:{port}/{image}");
    for port in &ports {
        login(&house, "right.json", &format!("{NAME}:{port}"), "deploy", PASSWORD);
        login(&house, "wrong.json", &format!("{NAME}:{port}"), "deploy", "guessed");
    }
    login(
        &house,
        "push.json",
        &format!("localhost:{}", ports[0]),
        "deploy",
        PASSWORD,
    );
    push(
        &house,
        &format!("localhost:{}/team/web:1.2", ports[0]),
        Some("push.json"),
        "",
    );
    push(
        &house,
        &format!("localhost:{}/team/web:oci", ports[0]),
        Some("push.json"),
        "--format oci",
    );

    let ask = |more: &[&str]| verify(&house, &ports, &[&["--format", "json"], more].concat());
    let trusting = |more: &[&str]| ask(&[&["--ca", "ca.crt", "--config-json", "right.json"], more].concat());
    let web = at(ports[0], "team/web:1.2");
    assert_eq!(
        verdicts(&trusting(&[&web, &at(ports[0], "team/web:oci"), &at(ports[0], "team/web:9")]).exits_with(1)),
        [
            "web:1.2 docker pullable",
            "web:1.2 ucr pullable",
            "web:oci docker pullable",
            "web:oci ucr wrong-form",
            "web:9 docker no-manifest",
            "web:9 ucr no-manifest",
        ]
    );
    let of = |ran: Ran, code: i32| -> Vec<String> {
        let verdicts = verdicts(&ran.exits_with(code));
        verdicts
            .iter()
            .map(|verdict| verdict.split_once(' ').unwrap().1.to_owned())
            .collect()
    };
    let both = |verdict: &str| vec![format!("docker {verdict}"), format!("ucr {verdict}")];
    let wrong = ["--ca", "ca.crt", "--config-json", "wrong.json", &web];
    assert_eq!(of(ask(&wrong), 1), both("wrong-credentials"));
    for (ca, verdict) in [
        (&[][..], "certificate-not-trusted"),
        (&["--ca", "other-ca.crt"], "certificate-not-trusted"),
    ] {
        assert_eq!(of(ask(&[ca, &[&web]].concat()), 1), both(verdict));
    }
    for (port, verdict) in [
        (ports[1], "certificate-expired"),
        (ports[2], "certificate-other-name"),
        (ports[3], "certificate-not-yet-valid"),
        (ports[5], "not-tls"),
    ] {
        assert_eq!(of(trusting(&[&at(port, "team/web:1.2")]), 1), both(verdict));
    }
    // One question is answered; the next is too much.
    assert_eq!(
        of(trusting(&["--for", "docker", &at(ports[4], "team/web:1.2")]), 2),
        ["docker rate-limited"]
    );
    // Docker has authorities of its own for a host, UCR has not.
    sh(
        &house,
        &format!(
            "mkdir -p certs.d/{NAME}:{0} && cp ca.crt certs.d/{NAME}:{0}/ca.crt",
            ports[0]
        ),
    );
    let by_folder = ["--config-json", "right.json", "--certs-d", "certs.d", &web];
    assert_eq!(
        of(ask(&by_folder), 1),
        ["docker pullable", "ucr certificate-not-trusted"]
    );

    // Without nginx everybody may do everything, as the OpenSVC page warns.
    let bare = format!("127.0.0.1:{}/team/web:1.2", behind.port);
    let ran = ask(&["--probe-push", &bare]).exits_with(0);
    assert_eq!(verdicts(&ran), ["web:1.2 docker pullable", "web:1.2 ucr pullable"]);
    let registry = &ran.report()["registries"][0];
    assert_eq!(
        (&registry["anyone_pulls"], &registry["anyone_pushes"]),
        (&true.into(), &true.into())
    );
    // The registry itself leaves a state of nothing behind, which it clears away after a week.
    let begun = sh(&house, "find behind-storage -path '*_uploads*' -name startedat");
    assert_eq!(begun, "", "the upload that was begun is given up");
    let states = sh(&house, "find behind-storage -path '*_uploads*' -type f");
    assert_eq!(states.lines().count(), 1, "one was begun: {states}");
    let ran = trusting(&["--probe-push", &web]).exits_with(0);
    let registry = &ran.report()["registries"][0];
    assert_eq!(
        (&registry["anyone_pulls"], &registry["anyone_pushes"]),
        (&false.into(), &false.into())
    );
}

#[test]
fn servers_that_do_not_answer() {
    let house = House::new(&[]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (silent, closed) = (listener.local_addr().unwrap().port(), free_port());
    let (silent, closed) = (format!("{NAME}:{silent}/a"), format!("{NAME}:{closed}/a"));
    let ports = [&silent, &closed].map(|image| image[NAME.len() + 1..image.len() - 2].parse().unwrap());
    let ran = verify(&house, &ports, &["--timeout", "1", "--for", "ucr", &silent, &closed]).exits_with(1);
    assert!(ran.stderr.contains("does not answer in time"), "{ran:?}");
    assert!(ran.stderr.contains("cannot be reached: Connection refused"), "{ran:?}");
    let ran = house
        .run(&["credentials", "verify", "--for", "ucr", "no-such-host.invalid/a"])
        .exits_with(1);
    assert!(
        ran.stderr.contains("no address is known for no-such-host.invalid"),
        "{ran:?}"
    );
}
