//! `credentials ca`: certificates that the real openssl made, put in place by real shells and by Ansible.

use std::fs;
use std::path::Path;

use super::{is_clean_shell, play, run, shell};
use crate::debian;
use crate::util::{House, Ran};

const REGISTRY: &str = "registry.example.com:5000";
const DOCKER: &str = "root/etc/docker/certs.d/registry.example.com:5000/ca.crt";
const MESOS: &str = "root/var/lib/dcos/pki/tls/certs";

/// `None` where there is no openssl.
fn house() -> Option<House> {
    debian::are_here("certificates", &[("openssl", "openssl")]).then(|| House::new(&[]))
}

/// Makes a certificate; one without options of its own is a CA for a year.
#[track_caller]
fn certificate(house: &House, name: &str, subject: &str, more: &str) {
    let line = format!(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.crt -utf8 \
         -subj '{subject}' {more}"
    );
    shell(house, "sh", &line, &[]).exits_with(0);
}

/// A CA of other times; only this command of openssl 3.0 takes them.
#[track_caller]
fn dated(house: &House, name: &str, from: &str, to: &str) {
    let settings = "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nnew_certs_dir = .\nrand_serial = yes\ndefault_md = \
                    sha256\npolicy = p\nx509_extensions = e\n[p]\ncommonName = supplied\n[e]\nbasicConstraints = \
                    critical,CA:TRUE\n";
    house.write("ca.cnf", settings);
    house.write("index", "");
    let line = format!(
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN=CA &&
         openssl ca -batch -notext -selfsign -config ca.cnf -keyfile {name}.key -in {name}.csr -startdate {from} -enddate \
         {to} -out {name}.crt"
    );
    shell(house, "sh", &line, &[]).exits_with(0);
}

fn script(house: &House, file: &str, registry: &str) -> Ran {
    let ran = run(house, &["ca", file, "--registry", registry]);
    house.write("ca.sh", &ran.stdout);
    ran
}

fn install(house: &House, with: &str) -> Ran {
    shell(house, with, &format!("{with} ca.sh"), &[("ROOT", &house.path("root"))])
}

/// All that is below the agent's root: files with their text, links with where they lead.
fn listing(house: &House) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            match path.symlink_metadata().unwrap() {
                data if data.is_symlink() => {
                    found.push((name, format!("-> {}", fs::read_link(&path).unwrap().display())));
                }
                data if data.is_dir() => walk(&path, found),
                _ => found.push((name, fs::read_to_string(&path).unwrap())),
            }
        }
    }
    let mut found = Vec::new();
    walk(&house.path("root"), &mut found);
    found.sort();
    found
}

/// What openssl finds by the links of the folder, as Mesos does.
#[track_caller]
fn is_found(house: &House, file: &str) {
    // With no trust but the folder's.
    let line = format!("openssl verify -no-CAfile -no-CAstore -CApath {MESOS} {file}");
    let ran = shell(house, "sh", &line, &[]).exits_with(0);
    assert!(ran.stdout.contains(": OK"), "{ran:?}");
}

#[test]
fn docker_and_mesos_find_the_certificate_and_a_second_run_changes_nothing() {
    for with in ["sh", "bash"] {
        let Some(house) = house() else { return };
        certificate(&house, "ca", "/C=DE/O=Example  GmbH/CN=Example CA", "-days 365");
        let ran = script(&house, "ca.crt", REGISTRY).exits_with(0);
        assert!(
            ran.stderr.contains("CN=Example CA") && ran.stderr.contains("364 days left"),
            "{ran:?}"
        );
        assert!(!ran.stderr.contains("warning"), "{ran:?}");
        assert!(!ran.stdout.contains("systemctl"), "Docker is not restarted");
        is_clean_shell(&house, "ca.sh");

        let root = house.path("root");
        let dry = shell(&house, with, "CHECK=yes sh ca.sh", &[("ROOT", &root)]).exits_with(0);
        assert_eq!(dry.stdout.matches("changed: ").count(), 3, "{dry:?}");
        assert!(listing(&house).is_empty(), "it was only to say so");
        assert_eq!(install(&house, with).exits_with(0).stdout, dry.stdout);
        assert_eq!(house.read(DOCKER), house.read("ca.crt"));
        is_found(&house, "ca.crt");
        let before = listing(&house);
        assert_eq!(before.len(), 3, "{before:?}");
        let again = install(&house, with).exits_with(0);
        assert!(!again.stdout.contains("changed"), "{again:?}");
        assert_eq!(listing(&house), before);
    }
}

#[test]
fn certificates_of_one_name_stand_side_by_side() {
    let Some(house) = house() else { return };
    // The same hash: openssl folds case and spaces, and it is the name alone that counts.
    certificate(&house, "one", "/O=Example/CN=Our CA", "");
    certificate(&house, "two", "/O=EXAMPLE/CN=our  ca", "");
    let names = [("one.crt", "one.example.com"), ("two.crt", "two.example.com")];
    for (file, registry) in names {
        script(&house, file, registry).exits_with(0);
        install(&house, "sh").exits_with(0);
    }
    let links: Vec<_> = listing(&house)
        .into_iter()
        .filter(|(_, text)| text.starts_with("->"))
        .collect();
    assert_eq!(links.len(), 2, "{links:?}");
    assert!(links[0].0.ends_with(".0") && links[1].0.ends_with(".1"), "{links:?}");
    for (file, _) in names {
        is_found(&house, file);
    }
    // In the other order there is nothing to do, nor for a certificate that somebody linked by hand.
    let before = listing(&house);
    for (file, registry) in names {
        script(&house, file, registry).exits_with(0);
        let ran = install(&house, "sh").exits_with(0);
        assert!(!ran.stdout.contains("changed"), "{ran:?}");
    }
    assert_eq!(listing(&house), before);
    script(&house, "two.crt", "three.example.com").exits_with(0);
    let ran = install(&house, "sh").exits_with(0);
    assert_eq!(
        ran.stdout.matches("changed: ").count(),
        2,
        "no third link for the same certificate: {ran:?}"
    );
}

#[test]
fn a_run_that_was_cut_off_is_taken_up_again() {
    let Some(house) = house() else { return };
    certificate(&house, "ca", "/CN=Example CA", "");
    script(&house, "ca.crt", REGISTRY).exits_with(0);
    install(&house, "sh").exits_with(0);
    let whole = listing(&house);
    // Cut off between any two of its steps: what a killed run leaves behind.
    let link = whole.iter().find(|(_, text)| text.starts_with("->")).unwrap().0.clone();
    let file = whole
        .iter()
        .find(|(name, _)| name.ends_with("5000.crt"))
        .unwrap()
        .0
        .clone();
    let leave: [(&str, &dyn Fn()); 4] = [
        ("no link", &|| fs::remove_file(&link).unwrap()),
        ("a link that leads nowhere", &|| fs::remove_file(&file).unwrap()),
        ("half a new file", &|| {
            fs::write(format!("{file}.new"), "-----BEGIN").unwrap();
            fs::write(&file, "old").unwrap();
        }),
        ("an old certificate", &|| fs::write(house.path(DOCKER), "old").unwrap()),
    ];
    for (what, leave) in leave {
        leave();
        assert_ne!(listing(&house), whole, "{what}");
        install(&house, "sh").exits_with(0);
        assert_eq!(listing(&house), whole, "{what}");
    }
    // A script that was cut itself changes nothing.
    let text = house.read("ca.sh");
    let middle = text.find("END CERTIFICATE").unwrap() - 100;
    house.write("ca.sh", &text[..middle]);
    fs::remove_dir_all(house.path("root")).unwrap();
    install(&house, "sh");
    assert!(listing(&house).is_empty());
}

#[test]
fn each_certificate_of_a_chain_is_found() {
    let Some(house) = house() else { return };
    certificate(&house, "root-ca", "/CN=Root", "");
    certificate(&house, "other", "/CN=Ümläut GmbH", "");
    shell(
        &house,
        "sh",
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout mid.key -out mid.csr -subj /CN=Middle &&
         printf 'basicConstraints=critical,CA:TRUE' > ext &&
         openssl x509 -req -in mid.csr -CA root-ca.crt -CAkey root-ca.key -days 9 -extfile ext -out mid.crt &&
         { echo 'subject: for people'; cat mid.crt root-ca.crt other.crt mid.crt; } | tr -d '\\r' | sed 's/$/\\r/' > chain.pem",
        &[],
    )
    .exits_with(0);
    let ran = script(&house, "chain.pem", REGISTRY).exits_with(0);
    assert_eq!(ran.stderr.matches("days left").count(), 3, "each once: {ran:?}");
    install(&house, "sh").exits_with(0);
    assert_eq!(house.read(DOCKER).matches("BEGIN CERTIFICATE").count(), 3);
    for file in ["root-ca.crt", "other.crt", "mid.crt"] {
        is_found(&house, file);
    }
    shell(&house, "sh", "openssl x509 -in mid.crt -outform DER -out mid.der", &[]).exits_with(0);
    let ran = script(&house, "mid.der", "registry.example.com").exits_with(0);
    assert!(ran.stderr.contains("CN=Middle"), "{ran:?}");
}

#[test]
fn what_no_agent_could_use_is_told() {
    let Some(house) = house() else { return };
    let judged = |name: &str, code: i32, said: &str| {
        let ran = script(&house, &format!("{name}.crt"), REGISTRY).exits_with(code);
        assert!(ran.stderr.contains(said), "{ran:?}");
        assert_eq!(ran.stdout.is_empty(), code != 0, "{ran:?}");
    };
    let told = |name: &str, subject: &str, more: &str, code: i32, said: &str| {
        certificate(&house, name, subject, more);
        judged(name, code, said);
    };
    dated(&house, "expired", "20200101000000Z", "20210101000000Z");
    judged("expired", 2, "error: CN=CA: expired at 2021-01-01");
    dated(&house, "early", "20900101000000Z", "20910101000000Z");
    judged("early", 0, "not valid before 2090-01-01");
    let leaf = "-addext basicConstraints=critical,CA:FALSE";
    told(
        "leaf",
        "/CN=registry.example.com",
        leaf,
        0,
        "warning: CN=registry.example.com: no CA",
    );
    told("nameless", "/CN=registry.example.com", "", 0, "no subjectAltName");
    let other = format!("{leaf} -addext subjectAltName=DNS:other.example.com,IP:10.0.0.1");
    told(
        "wrong",
        "/CN=x",
        &other,
        0,
        "not for `registry.example.com`: it names other.example.com, 10.0.0.1",
    );
    told(
        "sign",
        "/CN=CA",
        "-addext keyUsage=critical,digitalSignature",
        0,
        "key usage",
    );
    let own = format!("{leaf} -addext subjectAltName=DNS:*.example.com");
    certificate(&house, "own", "/CN=x", &own);
    let ran = script(&house, "own.crt", REGISTRY).exits_with(0);
    assert!(
        !ran.stderr.contains("not for") && ran.stderr.contains("can only be the registry's own"),
        "{ran:?}"
    );

    house.write(
        "both.pem",
        &format!("{}{}", house.read("sign.crt"), house.read("sign.key")),
    );
    let ran = script(&house, "both.pem", REGISTRY).exits_with(2);
    assert!(ran.stderr.contains("private key") && ran.stdout.is_empty(), "{ran:?}");
    house.write("none.pem", "hello\n");
    script(&house, "none.pem", REGISTRY).exits_with(2);
    script(&house, "no-such.pem", REGISTRY).exits_with(2);
    script(&house, "sign.crt", "https://registry.example.com/v2/").exits_with(2);
    script(&house, "sign.crt", "a b").exits_with(2);
}

#[test]
fn the_play_does_what_the_script_does() {
    let Some(house) = house() else { return };
    certificate(&house, "ca", "/CN=Example {{ CA }} {# 50% #}", "");
    script(&house, "ca.crt", REGISTRY).exits_with(0);
    let ran = run(&house, &["ca", "ca.crt", "--registry", REGISTRY, "--ansible"]).exits_with(0);
    house.write("ca.yml", &ran.stdout);
    let root = format!("root={}", house.path("root").display());
    let with_root = ["-e", root.as_str()];
    let Some(recap) = play(&house, "ca.yml", &[&with_root[..], &["--check"]].concat()) else {
        return;
    };
    assert!(recap.contains("changed=1") && listing(&house).is_empty(), "{recap}");
    assert!(play(&house, "ca.yml", &with_root).unwrap().contains("changed=1"));
    assert!(play(&house, "ca.yml", &with_root).unwrap().contains("changed=0"));
    is_found(&house, "ca.crt");
    let ran = install(&house, "sh").exits_with(0);
    assert!(!ran.stdout.contains("changed"), "{ran:?}");
}

#[test]
fn docker_is_restarted_only_on_an_agent_that_was_drained() {
    let Some(house) = house() else { return };
    certificate(&house, "ca", "/CN=Example CA", "");
    let arguments = ["ca", "ca.crt", "--registry", REGISTRY, "--restart-docker"];
    let ran = run(&house, &arguments).exits_with(0);
    assert!(ran.stderr.contains("stops all its containers: drain"), "{ran:?}");
    assert!(
        ran.stdout.contains("WARNING: it stops all Docker containers. Drain"),
        "{ran:?}"
    );
    house.write("ca.sh", &ran.stdout);
    is_clean_shell(&house, "ca.sh");
    let ran = install(&house, "sh").exits_with(1);
    assert!(ran.stderr.contains("DRAINED=yes"), "{ran:?}");
    let root = house.path("root");
    shell(&house, "sh", "DRAINED=yes sh ca.sh", &[("ROOT", &root)]).exits_with(0);
}
