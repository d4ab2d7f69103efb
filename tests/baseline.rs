//! `--baseline`: an old repository starts clean, and only what is new fails.

use crate::formats::{demo, formats};
use crate::util::APP;

#[test]
fn only_what_is_new_is_told() {
    let house = demo();
    let ran = house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    assert_eq!(
        ran.stderr,
        "Recorded 3 findings of 3 files in known.json; from now on, `pullcreds check --baseline known.json` tells only what is new.\n"
    );
    let ran = house.run(&["check", "--baseline", "known.json"]).exits_with(0);
    assert!(
        ran.stderr
            .contains("note: 3 findings are known to known.json and were silenced\n"),
        "{}",
        ran.stderr
    );

    house.write(
        "services/web.json",
        &house
            .read("services/web.json")
            .replace("{\n  \"id\"", "{\n\n\n  \"id\""),
    );
    house.write("services/new.json", &APP.replace("private", "registry"));
    for format in formats() {
        let ran = house
            .run(&["check", "--baseline", "known.json", "--format", format])
            .exits_with(1);
        assert!(
            ran.stdout.contains("services/new.json") && !ran.stdout.contains("services/web.json"),
            "{}",
            ran.stdout
        );
    }
    let report = house
        .run(&["check", "--baseline", "known.json", "--format", "json"])
        .report();
    assert_eq!(report["summary"]["errors"], 1);
    assert_eq!(report["summary"]["baseline"]["silenced"], 3);
}

#[test]
fn it_counts_from_every_folder_and_for_named_files() {
    let house = demo();
    house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    let mut below = house.command(&["check", "--baseline", "../known.json", "web.json"]);
    let output = below.current_dir(house.path("services")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("stale"), "{output:?}");
    let stdin = house.read("services/web.json");
    house
        .run_with_stdin(
            &[
                "check",
                "--baseline",
                "known.json",
                "--stdin-filename",
                "services/web.json",
                "-",
            ],
            &stdin,
        )
        .exits_with(0);
}

#[test]
fn stale_entries_are_named() {
    let house = demo();
    house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    let ran = house
        .run(&["fix", "--baseline", "known.json", "services/web.json"])
        .exits_with(0);
    let expected = "note: 1 entry of known.json is stale, nothing is found for it:\n  \
        services/web.json: MC001 /shop/web /container/docker/image\n";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    let ran = house.run(&["check", "--baseline", "known.json"]).exits_with(0);
    assert!(
        ran.stderr.contains("2 findings are known") && ran.stderr.contains(expected),
        "{}",
        ran.stderr
    );
    let ran = house
        .run(&["check", "--baseline", "known.json", "--ignore", "MC001"])
        .exits_with(0);
    assert!(!ran.stderr.contains("stale"), "{}", ran.stderr);
    house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    assert!(!house.read("known.json").contains("MC001"));
}

#[test]
fn fix_mends_what_is_known_too_and_is_silent_about_the_rest() {
    let house = demo();
    house.write(
        "services/old.json",
        r#"{"id": "/old", "container": {"docker": {"image": "a", "credential": {"principal": "p"}}}}"#,
    );
    house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    house.run(&["fix"]).exits_with(1);
    let ran = house.run(&["fix", "--baseline", "known.json"]).exits_with(0);
    assert!(!ran.stderr.contains("MC019"), "{}", ran.stderr);
    assert!(house.read("services/web.json").contains("docker.tar.gz"));
}

#[test]
fn what_a_diff_would_fix_is_not_stale() {
    let house = demo();
    house.run(&["check", "--write-baseline", "known.json"]).exits_with(0);
    let ran = house.run(&["fix", "--diff", "--baseline", "known.json"]).exits_with(1);
    assert!(
        ran.stderr.contains("services/web.json: would fix 1 finding: MC001") && !ran.stderr.contains("stale"),
        "{}",
        ran.stderr
    );
    house.write("services/web.json", APP);
    let ran = house.run(&["fix", "--diff", "--baseline", "known.json"]).exits_with(1);
    assert!(ran.stderr.contains("1 entry of known.json is stale"), "{}", ran.stderr);
}

#[test]
fn nothing_is_recorded_of_a_run_that_failed() {
    let house = demo();
    house.write("known.json", "before");
    house.write(
        "services/broken.json",
        r#"{"id": "/x", "container": {"docker": {"image": "a",}}}"#,
    );
    let ran = house
        .run(&["check", "--write-baseline", "known.json", "services"])
        .exits_with(2);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(house.read("known.json"), "before");
    house
        .run(&["check", "--write-baseline", "no/such/folder.json", "services/web.json"])
        .exits_with(2);
    house.run(&["check", "--baseline", "nowhere.json"]).exits_with(2);
    house
        .run(&["check", "--baseline", "a", "--write-baseline", "b"])
        .exits_with(2);
}
