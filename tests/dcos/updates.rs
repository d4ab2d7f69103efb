//! Updates are laid over what is stored, and lose nothing of it.

use serde_json::{Value, json};

use super::{Cluster, POD, fetches};

const CONTAINER: &str = r#"{"container": {"type": "DOCKER", "docker": {"image": "private.example.com/web:2"}}}"#;

fn stored() -> Value {
    json!({
        "id": "/team/web",
        "container": {"type": "DOCKER", "docker": {"image": "private.example.com/web:1"}},
        "fetch": [
            {"uri": "https://files.example.com/data.bin", "extract": false, "executable": false, "cache": true, "destPath": "in/data"},
        ],
        "secrets": {"key": {"source": "team/key"}},
        "instances": 2,
    })
}

#[test]
fn stored_fetch_entries_stay() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep("apps/team/web", stored());
    cluster
        .marathon
        .keep("groups/team", json!({"id": "/team", "apps": [stored()], "groups": []}));
    let ran = cluster
        .run_with_stdin(&["dcos", "marathon", "app", "update", "--force", "team/web"], CONTAINER)
        .exits_with(0);
    assert_eq!(ran.stdout, "Created deployment 5ed4c0c5\n");
    let request = cluster.arrived();
    assert_eq!(request.path, "/service/marathon/v2/apps/team/web?force=true");
    let update = request.json();
    assert_eq!(
        fetches(&update),
        ["https://files.example.com/data.bin", "file:///etc/docker.tar.gz"]
    );
    assert_eq!(update["fetch"][0], stored()["fetch"][0]);
    assert_eq!(
        update.get("secrets"),
        None,
        "what the update leaves alone stays as it is"
    );
}

#[test]
fn stored_secrets_stay() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    let mut app = stored();
    app["container"]["type"] = json!("MESOS");
    cluster.marathon.keep("apps/team/web", app);
    let update = CONTAINER.replace("DOCKER", "MESOS");
    cluster
        .run_with_stdin(&["dcos", "--print", "marathon", "app", "update", "/team/web"], &update)
        .exits_with(0);
    assert!(cluster.marathon.writes().is_empty());
    cluster
        .run_with_stdin(&["dcos", "marathon", "app", "update", "/team/web"], &update)
        .exits_with(0);
    let update = cluster.arrived().json();
    assert_eq!(update["secrets"]["key"]["source"], "team/key");
    let key = update["container"]["docker"]["pullConfig"]["secret"].as_str().unwrap();
    assert_eq!(update["secrets"][key]["source"], "team/pullConfig");
}

#[test]
fn tracing_does_not_spoil_what_is_stored() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep("apps/team/web", stored());
    cluster
        .marathon
        .keep("groups/team", json!({"id": "/team", "apps": [stored()]}));
    let mut command = cluster.command(&[
        "dcos",
        "--debug",
        "--log-level=error",
        "marathon",
        "app",
        "update",
        "/team/web",
        "fetch=[]",
        "instances=1",
    ]);
    let ran = crate::util::Ran::from(command.env("DCOS_DEBUG", "true").output().unwrap()).exits_with(0);
    assert!(
        ran.stdout.contains("send:"),
        "the client itself still traces: {}",
        ran.stdout
    );
    assert!(ran.stderr.contains("MC001"), "{}", ran.stderr);
    // What is stored is known, or nobody would know that its image wants the archive.
    assert_eq!(
        cluster.arrived().json(),
        json!({"fetch": [{"uri": "file:///etc/docker.tar.gz"}], "instances": 1})
    );
}

/// A stand-in for the client in Go, whose `app show` knows no `destPath`; everything else is the real client.
#[cfg(unix)]
fn forgetful(cluster: &Cluster) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let program = cluster.house.path("forgetful");
    let (real, python) = (cluster.bin.join("dcos"), cluster.bin.join("python"));
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*'app show'*) '{}' \"$@\" | '{}' -c 'import json, sys\napp = json.load(sys.stdin)\nfor entry in app[\"fetch\"]: entry.pop(\"destPath\", None)\njson.dump(app, sys.stdout)' ;;\n*) exec '{}' \"$@\" ;;\nesac\n",
        real.display(),
        python.display(),
        real.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[cfg(unix)]
#[test]
fn a_client_that_forgets_parts_of_what_is_stored_does_no_harm() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep("apps/team/web", stored());
    let update = |cluster: &Cluster| {
        let mut command = cluster.command(&["dcos", "marathon", "app", "update", "/team/web", "instances=3"]);
        command.arg(format!(
            "container={}",
            &CONTAINER[r#"{"container": "#.len()..CONTAINER.len() - 1]
        ));
        command.env("PULLCREDS_DCOS", forgetful(cluster));
        crate::util::Ran::from(command.output().unwrap())
    };
    let ran = update(&cluster).exits_with(2);
    assert!(ran.stderr.contains("destPath"), "{}", ran.stderr);
    assert!(cluster.marathon.writes().is_empty());

    cluster
        .marathon
        .keep("groups/team", json!({"id": "/team", "apps": [stored()]}));
    update(&cluster).exits_with(0);
    let update = cluster.arrived().json();
    assert_eq!(update["fetch"][0], stored()["fetch"][0]);
    assert_eq!(update["instances"], 3);
}

#[test]
fn pairs_that_concern_no_image_are_left_to_the_client() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep("apps/team/web", stored());
    let ran = cluster
        .run(&["dcos", "marathon", "app", "update", "/team/web", "instances=3"])
        .exits_with(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(cluster.arrived().json(), json!({"instances": 3}));
    assert_eq!(
        cluster
            .marathon
            .requests()
            .iter()
            .filter(|request| request.method == "GET")
            .count(),
        2,
        "/metadata and the client's own look"
    );
}

#[test]
fn a_pod_is_updated_and_told_what_it_loses() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    let mut pod: Value = serde_json::from_str(POD).unwrap();
    pod["containers"][0]["image"]["id"] = json!("elsewhere.example.com/web:1");
    pod["containers"][0]["image"]["pullConfig"] = json!({"secret": "theirs"});
    pod["secrets"] = json!({"theirs": {"source": "team/theirs"}});
    cluster.marathon.keep("pods/team/pod", pod);
    let elsewhere = POD.replace("private.", "elsewhere.");
    let ran = cluster
        .run_with_stdin(&["dcos", "marathon", "pod", "update", "/team/pod"], &elsewhere)
        .exits_with(0);
    assert!(
        ran.stderr
            .contains("drops the stored pullConfig `theirs` of the container `web`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("drops the stored secrets theirs"), "{}", ran.stderr);
    assert_eq!(
        cluster.arrived().json(),
        serde_json::from_str::<Value>(&elsewhere).unwrap()
    );

    let ran = cluster
        .run_with_stdin(
            &["dcos", "--fail-on", "warning", "marathon", "pod", "update", "/team/pod"],
            &elsewhere,
        )
        .exits_with(1);
    assert!(ran.stderr.contains("not sent: 3 findings"), "{}", ran.stderr);

    let ran = cluster
        .run_with_stdin(
            &["dcos", "--ignore", "MC026", "marathon", "pod", "update", "/team/pod"],
            POD,
        )
        .exits_with(0);
    assert_eq!(ran.stderr, "<stdin>: fixed on its way: MC002\n");
    let writes = cluster.marathon.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[1].path, "/service/marathon/v2/pods/team/pod");
    assert!(writes[1].json().to_string().contains("team/pullConfig"));
}

#[test]
fn a_group_is_updated_below_its_id_and_told_what_it_loses() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    cluster.marathon.keep(
        "groups/team",
        json!({"id": "/team", "apps": [stored()], "groups": [], "pods": []}),
    );
    let update = r#"{"apps": [{"id": "web", "container": {"type": "MESOS", "docker": {"image": "private.example.com/web:1"}}}]}"#;
    let ran = cluster
        .run_with_stdin(&["dcos", "marathon", "group", "update", "/team"], update)
        .exits_with(0);
    assert!(
        ran.stderr.contains("drops 1 of the stored fetch entries of /team/web"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("drops the stored secrets key of /team/web"),
        "{}",
        ran.stderr
    );
    let request = cluster.arrived();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("PUT", "/service/marathon/v2/groups/team")
    );
    let app = &request.json()["apps"][0];
    let key = app["container"]["docker"]["pullConfig"]["secret"].as_str().unwrap();
    assert_eq!(app["secrets"][key]["source"], "team/pullConfig");
}

#[test]
fn what_does_not_exist_is_the_clients_to_tell() {
    let Some(cluster) = Cluster::new(&[]) else { return };
    for (subject, text) in [("app", CONTAINER), ("pod", POD), ("group", "{}")] {
        let with = cluster.run_with_stdin(&["dcos", "marathon", subject, "update", "/none"], text);
        let mut without = std::process::Command::new("dcos");
        without
            .args(["marathon", subject, "update", "/none"])
            .stdin(std::process::Stdio::null());
        let without = crate::util::Ran::from(cluster.around(without).output().unwrap());
        assert_eq!(
            (with.code, with.stdout, with.stderr),
            (without.code, without.stdout, without.stderr)
        );
    }
    assert!(cluster.marathon.writes().is_empty());
}
