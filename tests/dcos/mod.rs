//! `pullcreds dcos` with the real client before it and a Marathon behind: what arrives is looked at, not assumed.

mod client;
mod handed_on;
mod marathon;
mod refused;
mod secrets;
mod shapes;
mod updates;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use self::marathon::{Marathon, Request};
use crate::util::{APP, House, Ran};

const POLICY: &str = r#"
[[registry]]
match = "private.example.com"
archive = "file:///etc/docker.tar.gz"
secret = "{top}/pullConfig"
"#;

const POD: &str = r#"{
  "id": "/team/pod",
  "containers": [
    {"name": "web", "resources": {"cpus": 0.1, "mem": 32}, "image": {"kind": "DOCKER", "id": "private.example.com/web:1"}}
  ]
}
"#;

const GROUP: &str = r#"{
  "id": "team",
  "groups": [
    {"id": "inner", "apps": [
      {"id": "web", "container": {"type": "MESOS", "docker": {"image": "private.example.com/web:1"}}}
    ]}
  ]
}
"#;

/// A folder of definitions, a Marathon, and a client that is set up for it.
struct Cluster {
    house: House,
    marathon: Marathon,
    bin: &'static Path,
}

impl Cluster {
    /// `None` where there is no client.
    fn new(files: &[(&str, &str)]) -> Option<Cluster> {
        let bin = client::folder()?;
        let house = House::new(files);
        let marathon = Marathon::new();
        house.write("pullcreds.toml", POLICY);
        house.write(".dcos/dcos.toml", &format!("[core]\ndcos_url = \"{}\"\n", marathon.url));
        only_for_me(&house.path(".dcos/dcos.toml"));
        fs::create_dir(house.path("tmp")).unwrap();
        Some(Cluster { house, marathon, bin })
    }

    /// Any program, where the client is on PATH.
    fn around(&self, mut command: Command) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.bin.to_owned()).chain(std::env::split_paths(&path));
        command
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("DCOS_DIR", self.house.path(".dcos"))
            .env("HOME", self.house.path(""))
            .env("TMPDIR", self.house.path("tmp"));
        for name in [
            "DCOS_CONFIG",
            "DCOS_DEBUG",
            "DCOS_LOG_LEVEL",
            "DCOS_URL",
            "PULLCREDS_DCOS",
            "http_proxy",
            "HTTP_PROXY",
        ] {
            command.env_remove(name);
        }
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.around(self.house.command(arguments))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    fn run_with_stdin(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    }

    /// A line for the shell, with `pullcreds` and `dcos` on PATH.
    fn shell(&self, line: &str) -> Ran {
        let ours = Path::new(env!("CARGO_BIN_EXE_pullcreds")).parent().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.house.path(""));
        let mut command = self.around(command);
        let path = command
            .get_envs()
            .find(|(name, _)| *name == "PATH")
            .unwrap()
            .1
            .unwrap()
            .to_owned();
        let folders: Vec<_> = std::iter::once(ours.to_owned())
            .chain(std::env::split_paths(&path))
            .collect();
        command
            .env("PATH", std::env::join_paths(folders).unwrap())
            .stdin(Stdio::null());
        Ran::from(command.output().unwrap())
    }

    /// The one request that wrote something.
    #[track_caller]
    fn arrived(&self) -> Request {
        let writes = self.marathon.writes();
        assert_eq!(writes.len(), 1, "{writes:?}");
        writes[0].clone()
    }

    /// What lies in the folder, so that nothing new goes unnoticed.
    fn listing(&self) -> Vec<String> {
        let names = |folder: &str| {
            let entries = fs::read_dir(self.house.path(folder)).unwrap();
            entries
                .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
                .collect::<Vec<_>>()
        };
        let mut all = [names(""), names("tmp")].concat();
        all.sort();
        all
    }
}

#[cfg(unix)]
fn only_for_me(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn only_for_me(_: &Path) {}

fn fetches(app: &Value) -> Vec<&str> {
    let entries = app["fetch"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(|entry| entry["uri"].as_str().unwrap()).collect()
}

#[test]
fn an_app_is_added_with_its_credentials_and_the_file_stays() {
    let Some(cluster) = Cluster::new(&[("sub/app.json", APP)]) else {
        return;
    };
    let before = cluster.listing();
    let ran = cluster
        .run(&["dcos", "marathon", "app", "add", "sub/app.json"])
        .exits_with(0);
    assert_eq!(ran.stdout, "Created deployment 5ed4c0c5\n");
    assert_eq!(ran.stderr, "sub/app.json: fixed on its way: MC001\n");
    let request = cluster.arrived();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/service/marathon/v2/apps")
    );
    let mut wanted: Value = serde_json::from_str(APP).unwrap();
    wanted["fetch"] = json!([{"uri": "file:///etc/docker.tar.gz"}]);
    assert_eq!(request.json(), wanted);
    assert_eq!(cluster.house.read("sub/app.json"), APP);
    assert_eq!(cluster.listing(), before);
}

#[test]
fn standard_input_is_rewritten_too() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster
        .run_with_stdin(&["dcos", "marathon", "app", "add"], APP)
        .exits_with(0);
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
}

#[cfg(unix)]
#[test]
fn standard_input_by_another_name_has_the_policy_of_the_current_folder() {
    let lines = [
        "pullcreds dcos marathon app add /dev/stdin < app.json",
        "cat app.json | pullcreds dcos marathon app add /dev/stdin",
    ];
    for line in lines {
        let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
            return;
        };
        cluster.shell(line).exits_with(0);
        assert_eq!(
            fetches(&cluster.arrived().json()),
            ["file:///etc/docker.tar.gz"],
            "{line}"
        );
    }
}

#[test]
fn the_policy_is_that_of_the_files_folder() {
    let Some(cluster) = Cluster::new(&[("a/app.json", APP), ("a/pullcreds.toml", "")]) else {
        return;
    };
    let ran = cluster
        .run(&["dcos", "marathon", "app", "add", "a/app.json"])
        .exits_with(0);
    assert!(ran.stderr.contains("MC034"), "{}", ran.stderr);
    assert_eq!(cluster.arrived().json(), serde_json::from_str::<Value>(APP).unwrap());
}

#[test]
fn the_flags_of_fix_work() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let flags = ["dcos", "--isolated", "--archive", "file:///x/docker.tar.gz", "--quiet"];
    let ran = cluster
        .run(&[&flags[..], &["marathon", "app", "add", "app.json"]].concat())
        .exits_with(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///x/docker.tar.gz"]);
}

#[test]
fn a_pod_is_added_with_its_secret() {
    let Some(cluster) = Cluster::new(&[("pod.json", POD)]) else {
        return;
    };
    cluster
        .run(&["dcos", "marathon", "pod", "add", "pod.json"])
        .exits_with(0);
    let request = cluster.arrived();
    assert_eq!(request.path, "/service/marathon/v2/pods");
    let pod = request.json();
    let key = pod["containers"][0]["image"]["pullConfig"]["secret"].as_str().unwrap();
    assert_eq!(pod["secrets"][key]["source"], "team/pullConfig");
    assert_eq!(cluster.house.read("pod.json"), POD);
}

#[test]
fn apps_of_a_group_are_read_below_it() {
    let Some(cluster) = Cluster::new(&[("group.json", GROUP)]) else {
        return;
    };
    cluster
        .run(&["dcos", "marathon", "group", "add", "group.json"])
        .exits_with(0);
    let request = cluster.arrived();
    assert_eq!(request.path, "/service/marathon/v2/groups");
    let app = &request.json()["groups"][0]["apps"][0];
    let key = app["container"]["docker"]["pullConfig"]["secret"].as_str().unwrap();
    assert_eq!(app["secrets"][key]["source"], "team/pullConfig");
}

#[test]
fn pods_and_groups_come_from_standard_input_as_well() {
    for (subject, text) in [("pod", POD), ("group", GROUP)] {
        let Some(cluster) = Cluster::new(&[]) else { return };
        cluster
            .run_with_stdin(&["dcos", "marathon", subject, "add"], text)
            .exits_with(0);
        let body = cluster.arrived().json().to_string();
        assert!(body.contains("team/pullConfig"), "{body}");
    }
}

#[test]
fn a_plain_pipe_does_for_what_is_added() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let ran = cluster
        .shell("pullcreds fix - < app.json | dcos marathon app add")
        .exits_with(0);
    assert_eq!(ran.stdout, "Created deployment 5ed4c0c5\n");
    assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
}

#[test]
fn print_shows_what_would_be_sent_and_sends_nothing() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let ran = cluster
        .run(&["dcos", "--print", "marathon", "app", "add", "app.json"])
        .exits_with(0);
    assert_eq!(ran.stdout, cluster.house.run_with_stdin(&["fix", "-"], APP).stdout);
    let ran = cluster.run(&["dcos", "--print", "node"]).exits_with(0);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.lines().count()),
        ("", 1),
        "{}",
        ran.stderr
    );
    assert!(cluster.marathon.requests().is_empty());
}

#[cfg(feature = "network")]
mod network {
    use super::*;

    #[test]
    fn a_url_is_downloaded_and_its_credentials_are_not_told() {
        let Some(cluster) = Cluster::new(&[]) else { return };
        cluster.marathon.keep("files/app.json", json!(APP));
        cluster.marathon.keep("files/broken.json", json!("{\"id\": "));
        let host = cluster.marathon.url.strip_prefix("http://").unwrap();
        let url = format!("http://jo:hush@{host}/files/app.json?sig=hush");
        let ran = cluster.run(&["dcos", "marathon", "app", "add", &url]).exits_with(0);
        assert_eq!(
            ran.stderr,
            format!("http://{host}/files/app.json: fixed on its way: MC001\n")
        );
        assert_eq!(fetches(&cluster.arrived().json()), ["file:///etc/docker.tar.gz"]);
        let download = &cluster.marathon.requests()[0];
        assert_eq!(download.path, "/files/app.json?sig=hush");
        assert!(download.headers.contains("Basic am86aHVzaA=="), "{}", download.headers);

        for subject in ["pod", "group"] {
            cluster
                .marathon
                .keep("files/x.json", json!(if subject == "pod" { POD } else { GROUP }));
            let url = format!("http://{host}/files/x.json");
            let ran = cluster
                .run(&["dcos", "--print", "marathon", subject, "add", &url])
                .exits_with(0);
            assert!(ran.stdout.contains("team/pullConfig"), "{}", ran.stdout);
        }
        for (file, why) in [
            ("secret.json", "the server answers 401"),
            ("none.json", "the server answers 404"),
            ("round.json", "redirects in a circle"),
            ("long.json", "longer than 64 MiB"),
            ("broken.json", "the text ends inside an object"),
        ] {
            let url = format!("http://jo:hush@{host}/files/{file}?sig=hush");
            let ran = cluster.run(&["dcos", "marathon", "app", "add", &url]).exits_with(2);
            assert!(ran.stderr.contains(why), "{}", ran.stderr);
            assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
        }
        assert_eq!(cluster.marathon.writes().len(), 1);
    }
}

#[cfg(not(feature = "network"))]
#[test]
fn without_the_feature_a_url_says_how_to_get_it() {
    let house = House::new(&[]);
    let ran = house
        .run(&["dcos", "marathon", "app", "add", "https://jo:hush@h/app.json"])
        .exits_with(2);
    assert!(ran.stderr.contains("--features network"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
}
