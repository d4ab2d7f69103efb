//! `pullcreds credentials` as its user meets it, with the `tar` of the system to judge the archives.

use std::process::Command;

use crate::util::{APP, House, Ran};

pub(crate) const PASSWORD: &str = "hunter2-hunter2";
/// base64 of `deploy:hunter2-hunter2`
pub(crate) const AUTH: &str = "ZGVwbG95Omh1bnRlcjItaHVudGVyMg==";

fn add(house: &House, registry: &str, more: &[&str]) -> Ran {
    let arguments = [
        "credentials",
        "add",
        registry,
        "--username",
        "deploy",
        "--password-stdin",
    ];
    let ran = house.run_with_stdin(&[&arguments, more].concat(), &format!("{PASSWORD}\n"));
    quiet_about_it(ran)
}

/// Neither the password nor its encoding is ever shown.
#[track_caller]
pub(crate) fn quiet_about_it(ran: Ran) -> Ran {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!text.contains(PASSWORD) && !text.contains(AUTH), "{text}");
    }
    ran
}

#[track_caller]
pub(crate) fn run(house: &House, arguments: &[&str]) -> Ran {
    quiet_about_it(house.run(&[&["credentials"], arguments].concat()))
}

fn tar(house: &House, arguments: &[&str]) -> String {
    let mut command = Command::new("tar");
    command
        .args(arguments)
        .current_dir(house.path("."))
        .env("TZ", "UTC")
        .env("LC_ALL", "C");
    let ran = Ran::from(command.output().unwrap()).exits_with(0);
    ran.stdout
}

#[cfg(unix)]
fn mode(house: &House, path: &str) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(house.path(path)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_login_becomes_an_archive_that_tar_reads() {
    let house = House::new(&[]);
    add(&house, "docker.io", &[]).exits_with(0);
    add(&house, "https://registry.example.com:5000/v2/", &[]).exits_with(0);
    let ran = run(&house, &["archive", "--from-config", "config.json"]).exits_with(2);
    assert!(
        ran.stderr.contains("for 2 registries") && !house.path("docker.tar.gz").exists(),
        "{ran:?}"
    );
    let wanted = [
        "archive",
        "--from-config",
        "config.json",
        "--registry",
        "registry.example.com:5000",
    ];
    let ran = run(&house, &wanted).exits_with(0);
    assert!(
        ran.stderr.contains("mode 0600") && ran.stderr.contains("nobody"),
        "{ran:?}"
    );
    let listed = tar(&house, &["-tvf", "docker.tar.gz"]);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert_eq!(
        (lines[0][0], lines[0][1], lines[0][5]),
        ("drwx------", "root/root", ".docker/")
    );
    assert_eq!(
        (lines[1][0], lines[1][1], lines[1][5]),
        ("-rw-------", "root/root", ".docker/config.json")
    );
    assert_eq!(lines[1][3], "1970-01-01");
    let packed = tar(&house, &["-xzOf", "docker.tar.gz", ".docker/config.json"]);
    let expected = format!(
        "{{\n\t\"auths\": {{\n\t\t\"registry.example.com:5000\": {{\n\t\t\t\"auth\": \"{AUTH}\"\n\t\t}}\n\t}}\n}}\n"
    );
    assert_eq!(packed, expected);
    run(&house, &["check", "docker.tar.gz", "config.json"]).exits_with(0);
    // From itself, at another time, under another name: the same bytes.
    run(
        &house,
        &["archive", "--from-config", "docker.tar.gz", "-o", "again.tar.gz"],
    )
    .exits_with(0);
    let bytes = |path| std::fs::read(house.path(path)).unwrap();
    assert_eq!(bytes("docker.tar.gz"), bytes("again.tar.gz"));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new(&[("config.json", "{\"auths\": {}, \"x\": 1.0}\n")]);
    std::fs::set_permissions(house.path("config.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    add(&house, "registry.example.com", &[]).exits_with(0);
    assert_eq!(mode(&house, "config.json"), 0o600);
    let text = format!("{{\"auths\": {{\"registry.example.com\": {{\"auth\": \"{AUTH}\"}}}}, \"x\": 1.0}}\n");
    assert_eq!(house.read("config.json"), text);
    let archive = ["archive", "--from-config", "config.json"];
    run(&house, &archive).exits_with(0);
    assert_eq!(mode(&house, "docker.tar.gz"), 0o600);
    // Somebody made it readable for those who fetch it.
    std::fs::set_permissions(house.path("docker.tar.gz"), std::fs::Permissions::from_mode(0o640)).unwrap();
    add(&house, "other.example.com", &[]).exits_with(0);
    run(&house, &[&archive[..], &["--all"]].concat()).exits_with(0);
    assert_eq!(mode(&house, "docker.tar.gz"), 0o640);
    run(
        &house,
        &["secret", "team/pull", "--from-config", "config.json", "--all"],
    )
    .exits_with(0);
    assert_eq!(mode(&house, "pull-config.json"), 0o600);
}

#[test]
fn bad_input_is_refused_and_nothing_is_half_written() {
    let broken = "{\"auths\": {\"registry.example.com\": {\"auth\": \"hunter2-hunter2\",}}}";
    let house = House::new(&[
        ("broken.json", broken),
        ("twice.json", r#"{"auths": {}, "auths": {"a.b": {}}}"#),
    ]);
    add(&house, "registry.example.com", &["--file", "broken.json"]).exits_with(2);
    add(&house, "registry.example.com", &["--file", "twice.json"]).exits_with(2);
    assert_eq!(house.read("broken.json"), broken);
    add(&house, "not a registry", &[]).exits_with(2);
    add(
        &house,
        "registry.example.com",
        &["--file", "no/such/folder/config.json"],
    )
    .exits_with(2);
    assert!(!house.path("config.json").exists());
    for password in ["", "\n", "two\nlines\n", "\0"] {
        let arguments = ["credentials", "add", "a.b", "-u", "u", "--password-stdin"];
        house.run_with_stdin(&arguments, password).exits_with(2);
    }
    run(&house, &["check", "broken.json"]).exits_with(2);
    run(&house, &["check", "no-such.json"]).exits_with(2);
    run(&house, &["archive", "--from-config", "broken.json"]).exits_with(2);
    // Neither is a config.json overwritten by an archive.
    add(&house, "registry.example.com", &[]).exits_with(0);
    let before = house.read("config.json");
    run(
        &house,
        &["archive", "--from-config", "config.json", "-o", "config.json"],
    )
    .exits_with(2);
    run(
        &house,
        &["secret", "a", "--from-config", "config.json", "-o", "config.json"],
    )
    .exits_with(2);
    assert_eq!(house.read("config.json"), before);
    let left: Vec<_> = std::fs::read_dir(house.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn archives_of_a_wrong_layout_are_found() {
    let config = format!(r#"{{"auths": {{"registry.example.com": {{"auth": "{AUTH}"}}}}}}"#);
    let house = House::new(&[("home/u/.docker/config.json", &config), ("old/.dockercfg", &config)]);
    tar(&house, &["-czf", "wrong.tar.gz", "home"]);
    let ran = run(&house, &["check", "wrong.tar.gz"]).exits_with(1);
    assert!(
        ran.stderr.contains("error[CC006 archive-layout]") && ran.stderr.contains("`home/u/.docker/config.json`"),
        "{ran:?}"
    );
    tar(&house, &["-czf", "right.tar.gz", "-C", "home/u", "./.docker"]);
    run(&house, &["check", "right.tar.gz"]).exits_with(0);
    tar(
        &house,
        &[
            "-czf",
            "absolute.tar.gz",
            "-P",
            "--transform=s,^,/,",
            "-C",
            "home/u",
            ".docker/config.json",
        ],
    );
    let ran = run(&house, &["check", "absolute.tar.gz"]).exits_with(2);
    assert!(ran.stderr.contains("leads out of the folder"), "{ran:?}");
    tar(&house, &["-czf", "old.tar.gz", "-C", "old", ".dockercfg"]);
    let ran = run(&house, &["check", "old.tar.gz", "--format", "json"]).exits_with(1);
    let codes: Vec<_> = ran.report()["files"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].clone())
        .collect();
    assert_eq!(codes, ["CC006"]);
}

#[test]
fn a_key_for_docker_hub_is_renamed_and_nothing_else() {
    let text = |key: &str| format!("{{\r\n  \"auths\": {{ \"{key}\": {{\"auth\": \"{AUTH}\"}} }}, \"n\": 1e400\r\n}}");
    let house = House::new(&[("config.json", &text("docker.io"))]);
    run(&house, &["check", "config.json"]).exits_with(1);
    run(&house, &["check", "config.json", "--for", "ucr"]).exits_with(0);
    run(&house, &["check", "config.json", "--fix"]).exits_with(0);
    assert_eq!(house.read("config.json"), text("https://index.docker.io/v1/"));
}

#[test]
fn definitions_are_held_beside_credentials() {
    let config = format!(r#"{{"auths": {{"private.example.com:5000": {{"auth": "{AUTH}"}}}}}}"#);
    let policy = "[[registry]]\nmatch = \"private.example.com\"\narchive = \"file:///etc/docker.tar.gz\"\n";
    let app = APP.replace(
        "\"instances\"",
        "\"fetch\": [{\"uri\": \"file:///etc/docker.tar.gz\"}],\n  \"instances\"",
    );
    let house = House::new(&[("c/config.json", &config), ("pullcreds.toml", policy), ("a.json", &app)]);
    house.run(&["check", "a.json"]).exits_with(0);
    let beside = ["check", "--config-json", "c/config.json", "a.json"];
    let ran = quiet_about_it(house.run(&beside).exits_with(1));
    assert!(ran.stderr.contains("warning[CC004 misleading-key]"), "{ran:?}");
    assert!(
        ran.stderr
            .contains("(pulled by Docker): Docker finds nothing, UCR finds nothing"),
        "{ran:?}"
    );
    add(&house, "private.example.com", &["--file", "c/config.json"]).exits_with(0);
    let ran = quiet_about_it(house.run(&beside).exits_with(0));
    assert!(ran.stderr.contains("Docker finds `private.example.com`"), "{ran:?}");
    house.write("c/config.json", r#"{"auths": {"other.example.com": {"auth": "eDp5"}}}"#);
    house.run(&beside).exits_with(1);
    house.write("pullcreds.toml", &format!("{policy}[rules]\nCC007 = \"off\"\n"));
    house.run(&beside).exits_with(0);
    house
        .run(&["check", "--config-json", "no-such.json", "a.json"])
        .exits_with(2);
}

#[test]
fn an_archive_that_hides_the_credentials_of_the_agents_is_told() {
    let app = |kind: &str, fetch: &str| {
        APP.replace("DOCKER", kind)
            .replace("\"instances\"", &format!("{fetch}\"instances\""))
    };
    let fetch = "\"fetch\": [{\"uri\": \"file:///etc/docker.tar.gz\"}],\n  ";
    let policy = "[[registry]]\nmatch = \"private.example.com\"\ncredentials = \"cluster\"\n";
    let house = House::new(&[
        ("config.json", r#"{"auths": {"other.example.com": {"auth": "eDp5"}}}"#),
        ("pullcreds.toml", policy),
        ("hidden.json", &app("DOCKER", fetch)),
        ("plain.json", &app("DOCKER", "")),
        ("ucr.json", &app("MESOS", fetch)),
        (
            "label.json",
            &app(
                "DOCKER",
                &format!("{fetch}\"labels\": {{\"pullcreds-ignore\": \"CC007\"}},\n  "),
            ),
        ),
    ]);
    let check = |more: &[&str]| quiet_about_it(house.run(&[&["check", "--config-json", "config.json"], more].concat()));
    let ran = check(&["hidden.json"]).exits_with(1);
    for said in [
        "warning[CC007 missing-registry]: config.json has no credentials for `private.example.com`",
        "the policy says that the agents have the credentials for private.example.com",
        "info[MC037 archive-over-cluster]",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    for file in ["plain.json", "ucr.json", "label.json"] {
        let ran = check(&[file, "--ignore", "MC004"]).exits_with(0);
        assert!(!ran.stderr.contains("[CC007"), "{file}: {}", ran.stderr);
    }
    // Named like every other rule, and as loud as the policy says.
    for (more, code) in [
        (&["--ignore", "CC007"][..], 0),
        (&["--ignore", "missing-registry"], 0),
        (&["--select", "MC001"], 0),
        (&["--select", "CC"], 1),
        (&["--select", "cc007", "--ignore", "CC0"], 0),
    ] {
        check(&[&["hidden.json"], more].concat()).exits_with(code);
    }
    house.write("pullcreds.toml", &format!("{policy}[rules]\nCC007 = \"info\"\n"));
    check(&["hidden.json"]).exits_with(0);
    house.write("pullcreds.toml", &format!("{policy}[rules]\nCC007 = \"off\"\n"));
    let ran = check(&["hidden.json"]).exits_with(0);
    assert!(!ran.stderr.contains("[CC007"), "{}", ran.stderr);
    check(&["hidden.json", "--select", "CC007"]).exits_with(1);
    // Without credentials at hand, nothing looks for it.
    let ran = house.run(&["check", "--select", "CC007", "hidden.json"]).exits_with(2);
    assert!(ran.stderr.contains("--config-json"), "{}", ran.stderr);
    house
        .run(&["fix", "--diff", "--ignore", "CC007", "hidden.json"])
        .exits_with(0);
    // The archive that has the registry hides nothing.
    add(&house, "private.example.com", &[]).exits_with(0);
    check(&["hidden.json"]).exits_with(0);
}

#[test]
fn several_models_of_acs_engine_give_one_archive() {
    let model = |registry: &str, nested: bool| {
        let login = format!(r#""Registry": "{registry}", "registryUser": "deploy", "registryPASSWORD": "{PASSWORD}""#);
        let inner = if nested {
            format!(r#""dcosConfig": {{{login}}}"#)
        } else {
            login
        };
        format!(r#"{{"apiVersion": "vlabs", "properties": {{"orchestratorProfile": {{{inner}}}}}}}"#)
    };
    let house = House::new(&[
        ("1.json", &model("One.azurecr.io", true)),
        ("2.json", &model("two.azurecr.io", false)),
    ]);
    run(&house, &["archive", "--from-acs", "1.json", "2.json"]).exits_with(0);
    let packed = tar(&house, &["-xzOf", "docker.tar.gz", ".docker/config.json"]);
    assert!(
        packed.contains("\"one.azurecr.io\"")
            && packed.contains("\"two.azurecr.io\"")
            && packed.matches(AUTH).count() == 2
    );
    let mut command = house.command(&["credentials", "archive", "--from-env", "-o", "env.tar.gz"]);
    command
        .env("PULLCREDS_REGISTRY", "one.azurecr.io")
        .env("PULLCREDS_USERNAME", "deploy");
    quiet_about_it(Ran::from(command.output().unwrap()).exits_with(2));
    command.env("PULLCREDS_PASSWORD", PASSWORD);
    quiet_about_it(Ran::from(command.output().unwrap()).exits_with(0));
    run(&house, &["archive", "--from-acs", "1.json", "-o", "acs.tar.gz"]).exits_with(0);
    let bytes = |path| std::fs::read(house.path(path)).unwrap();
    assert_eq!(bytes("env.tar.gz"), bytes("acs.tar.gz"));
}

#[test]
fn the_secrets_that_definitions_need_are_listed_and_created() {
    let ucr = APP.replace("DOCKER", "MESOS").replace("/team/web", "/team/ucr");
    let house = House::new(&[
        ("apps/web.json", APP),
        ("apps/ucr.json", &ucr),
        (
            "pullcreds.toml",
            "[[registry]]\nmatch = \"private.example.com\"\narchive = \"file:///etc/docker.tar.gz\"\nsecret = \"{top}/pullConfig\"\n",
        ),
    ]);
    let ran = run(&house, &["secret", "--list", "apps"]).exits_with(0);
    assert_eq!(ran.stdout, "team/pullConfig\n");
    add(&house, "private.example.com", &[]).exits_with(0);
    let from = ["secret", "other/it's", "--list", "apps", "--from-config", "config.json"];
    let ran = run(&house, &from).exits_with(0);
    let create = "dcos security secrets create --file=pull-config.json";
    assert_eq!(
        ran.stdout,
        format!("{create} 'other/it'\\''s'\n{create} team/pullConfig\n")
    );
    let ran = run(&house, &[&from[..], &["--dcos-version", "1.11"]].concat()).exits_with(0);
    assert!(
        ran.stdout
            .contains("create --value-file=pull-config.json team/pullConfig\n"),
        "{ran:?}"
    );
    run(&house, &[&from[..], &["--dcos-version", "one"]].concat()).exits_with(2);
    run(&house, &["secret", "--", "../x"]).exits_with(2);
    let mut without_dcos = house.command(&["credentials", "secret", "a", "--from-config", "config.json", "--apply"]);
    let ran = quiet_about_it(Ran::from(without_dcos.env("PATH", "").output().unwrap()).exits_with(2));
    assert!(ran.stderr.contains("`dcos` cannot be run"), "{ran:?}");
}
