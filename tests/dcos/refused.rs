//! What is not sent, and why.

use std::fs;

use super::Cluster;
use crate::util::{APP, House};

const BAD: &str = r#"{"id": "/team/web", "container": {"docker": {"image": "private.example.com/Web:1"}}}"#;

#[test]
fn errors_that_cannot_be_fixed_stop_it() {
    let Some(cluster) = Cluster::new(&[("app.json", BAD)]) else {
        return;
    };
    let ran = cluster
        .run(&["dcos", "marathon", "app", "add", "app.json"])
        .exits_with(1);
    assert!(ran.stderr.contains("error[MC028 bad-image]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("app.json:1:"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("not sent: 1 finding stands in the way of app.json: MC028"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--ignore MC028"), "{}", ran.stderr);
    assert!(cluster.marathon.requests().is_empty());
    let ran = cluster
        .run(&["dcos", "--print", "marathon", "app", "add", "app.json"])
        .exits_with(1);
    assert_eq!(ran.stdout, "");
    cluster
        .run(&["dcos", "--ignore", "MC028", "marathon", "app", "add", "app.json"])
        .exits_with(0);
    assert_eq!(cluster.marathon.writes().len(), 1);
}

#[test]
fn what_marathon_refuses_is_the_clients_to_tell() {
    let refused = r#"{"id": "/team/web", "secrets": {"a": {"source": ""}}, "cmd": "x"}"#;
    let Some(cluster) = Cluster::new(&[("app.json", refused)]) else {
        return;
    };
    let ran = cluster
        .run(&["dcos", "marathon", "app", "add", "app.json"])
        .exits_with(1);
    assert!(ran.stderr.contains("Object is not valid"), "{ran:?}");
}

#[test]
fn what_cannot_be_read_is_no_definition() {
    let house = House::new(&[
        ("broken.json", "{\"id\": \"/a\" \"cpus\": 1}"),
        ("array.json", "[]"),
        ("app.json", APP),
    ]);
    house.write("bad/pullcreds.toml", "nonsense = 1");
    house.write("bad/app.json", APP);
    fs::create_dir(house.path("folder")).unwrap();
    let cases: [(&[&str], &str); 11] = [
        (&["marathon", "app", "add", "none.json"], "none.json: cannot be read"),
        (&["marathon", "app", "add", "folder"], "folder: cannot be read"),
        (&["marathon", "app", "add", "-"], "leave the `-` out"),
        (&["marathon", "app", "add", "broken.json"], "broken.json:1:"),
        (&["marathon", "pod", "add", "array.json"], "array.json:1:"),
        (&["marathon", "app", "add", "bad/app.json"], "bad/pullcreds.toml:1:"),
        (&["marathon", "app", "add"], "<stdin>"),
        (
            &["marathon", "app", "update", "/a", "container=@web.json"],
            "takes no `@file`",
        ),
        (
            &["marathon", "app", "add", "--dry-run", "app.json"],
            "`--dry-run` is no option",
        ),
        (
            &["marathon", "app", "add", "app.json", "--print"],
            "stand before `marathon`",
        ),
        (
            &["--cluster", "x", "marathon", "app", "add", "app.json"],
            "`--cluster` is no option",
        ),
    ];
    for (arguments, why) in cases {
        let mut command = house.command(&[&["dcos"], arguments].concat());
        // Nothing that could be run is asked.
        let ran = crate::util::Ran::from(command.env("PULLCREDS_DCOS", house.path("nothing")).output().unwrap());
        let ran = ran.exits_with(2);
        assert!(ran.stderr.contains(why), "{arguments:?}: {}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn without_a_temporary_folder_it_says_so() {
    let Some(cluster) = Cluster::new(&[("app.json", APP)]) else {
        return;
    };
    let mut command = cluster.command(&["dcos", "marathon", "app", "add", "app.json"]);
    let ran = crate::util::Ran::from(command.env("TMPDIR", "/none").output().unwrap()).exits_with(2);
    assert!(ran.stderr.contains("the temporary folder /none"), "{}", ran.stderr);
    assert!(cluster.marathon.requests().is_empty());
}

#[test]
fn without_a_client_it_says_so() {
    let house = House::new(&[("app.json", APP)]);
    for arguments in [&["dcos", "node"][..], &["dcos", "marathon", "app", "add", "app.json"]] {
        let mut command = house.command(arguments);
        let ran = crate::util::Ran::from(command.env("PATH", house.path("")).output().unwrap()).exits_with(2);
        assert!(ran.stderr.contains("no dcos on PATH"), "{}", ran.stderr);
    }
    let ran = house
        .run(&["dcos", "--print", "marathon", "app", "add", "app.json"])
        .exits_with(0);
    assert_eq!(ran.stdout, APP);
}
