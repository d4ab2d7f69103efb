//! `credentials probe`: what its app is for Marathon's schema, what its command does in a sandbox, and what is made of
//! the tasks that a cluster lists.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::{house_with_archive, run, shell};
use crate::util::House;

/// One `dcos node --json`: a master, two private agents and a public one.
const NODES: &str = r#"[{"host": "master.mesos.", "ip": "10.0.0.9", "type": "master (leader)"},
    {"hostname": "10.0.0.1", "type": "agent", "attributes": {}},
    {"hostname": "10.0.0.2", "type": "agent", "attributes": {}},
    {"hostname": "10.0.0.3", "type": "agent", "attributes": {"public_ip": "true"}}]"#;

fn app(house: &House, arguments: &[&str]) -> Value {
    run(house, &[&["probe"], arguments].concat()).exits_with(0).report()
}

#[test]
fn the_app_is_one_that_marathon_takes() {
    let house = House::new(&[("nodes.json", NODES)]);
    let private = app(&house, &["--nodes", "nodes.json"]);
    assert_eq!(private["instances"], 2);
    assert_eq!(private["constraints"], serde_json::json!([["hostname", "UNIQUE"]]));
    assert_eq!(
        private["fetch"],
        serde_json::json!([{"uri": "file:///etc/docker.tar.gz"}])
    );
    let public = [
        "https://example.com/d.tar.gz",
        "--public",
        "--user",
        "nobody",
        "--nodes",
        "nodes.json",
        "--id",
        "/ops/probe",
    ];
    let public = app(&house, &public);
    assert_eq!(public["instances"], 1);
    assert_eq!(
        (&public["user"], &public["id"]),
        (&"nobody".into(), &"/ops/probe".into())
    );
    assert_eq!(public["acceptedResourceRoles"], serde_json::json!(["slave_public"]));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/schema/app.schema.json");
    if let Ok(schema) = std::fs::read_to_string(schema) {
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        for app in [&private, &public] {
            let complaints: Vec<_> = schema.iter_errors(app).map(|error| error.to_string()).collect();
            assert!(complaints.is_empty(), "{complaints:?}");
        }
    }
    // Our own rules have nothing against it that would keep `pullcreds dcos` from adding it.
    house.write("probe.json", &private.to_string());
    house
        .run(&["check", "--isolated", "--fail-on", "error", "probe.json"])
        .exits_with(0);
    for bad in [
        &[][..],
        &["--instances", "0"],
        &["--instances", "1", "--id", "probe"],
        &["--instances", "1", "--id", "/A b"],
        &["--instances", "1", "--user", "a b"],
        &["a b", "--instances", "1"],
        &["--nodes", "no-such-file"],
    ] {
        let ran = run(&house, &[&["probe"], bad].concat()).exits_with(2);
        assert!(ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn its_command_runs_where_the_archive_came_out_and_ends_where_not() {
    let house = house_with_archive();
    let app = app(&house, &["--instances", "3"]);
    let command = app["cmd"].as_str().unwrap();
    let sandbox = house.path("sandbox");
    std::fs::create_dir(&sandbox).unwrap();
    let ran = shell(&house, "sh", command, &[("MESOS_SANDBOX", &sandbox)]).exits_with(1);
    assert!(ran.stderr.contains("no .docker/config.json came out"), "{ran:?}");
    // As the fetcher does it.
    shell(&house, "sh", "tar -xzf docker.tar.gz -C sandbox", &[]).exits_with(0);
    let said = house.path("said");
    let mut task = Command::new("sh");
    task.args(["-c", command]).current_dir(&sandbox).stdin(Stdio::null());
    task.stdout(File::create(&said).unwrap()).process_group(0);
    let mut task = task.spawn().unwrap();
    sleep(Duration::from_millis(500));
    assert!(task.try_wait().unwrap().is_none(), "it stays, so that it is seen");
    // With what it waits for.
    shell(&house, "sh", &format!("kill -- -{}", task.id()), &[]).exits_with(0);
    task.wait().unwrap();
    assert_eq!(house.read("said"), "pullcreds probe: .docker/config.json is here\n");
}

#[test]
fn agents_without_a_running_task_are_named() {
    let house = House::new(&[("nodes.json", NODES)]);
    let told = |tasks: &str, more: &[&str]| {
        house.write("tasks.json", tasks);
        let arguments = ["probe", "--nodes", "nodes.json", "--tasks", "tasks.json"];
        run(&house, &[&arguments[..], more].concat())
    };
    let task =
        |host: &str, state: &str| format!(r#"{{"appId": "/pullcreds-probe", "host": "{host}", "state": "{state}"}}"#);
    let (one, two) = (task("10.0.0.1", "TASK_RUNNING"), task("10.0.0.2", "TASK_RUNNING"));
    let ran = told(&format!("[{one}, {two}]"), &[]).exits_with(0);
    assert_eq!(ran.stdout, "10.0.0.1: fetches it\n10.0.0.2: fetches it\n");
    let staging = task("10.0.0.2", "TASK_STAGING");
    let ran = told(&format!("[{one}, {staging}]"), &[]).exits_with(1);
    assert_eq!(ran.stdout, "10.0.0.1: fetches it\n10.0.0.2: NO TASK RUNS THERE\n");
    let ran = told("[]", &["--public"]).exits_with(1);
    assert_eq!(ran.stdout, "10.0.0.3: NO TASK RUNS THERE\n");
    for bad in ["", "{}", "[1]", r#"[{"state": "TASK_RUNNING"}]"#] {
        told(bad, &[]).exits_with(2);
    }
}
