//! What no plugin may change, however it goes about it.

use super::Home;
use super::guest::Guest;
use super::refusal::refused;
use crate::util::APP;

#[test]
fn nothing_is_written_that_is_not_opened() {
    for (allow, patch, words) in [
        (
            "",
            r#"[{"op": "add", "path": "/labels", "value": {}}]"#,
            "its `allow` opens nothing",
        ),
        (
            "\"/labels\"",
            r#"[{"op": "add", "path": "/labelsX", "value": {}}]"#,
            "writes `/labelsX`",
        ),
        (
            "\"/labels\"",
            r#"[{"op": "move", "from": "/instances", "path": "/labels"}]"#,
            "writes `/instances`",
        ),
        (
            "\"/labels\"",
            r#"[{"op": "replace", "path": "", "value": {}}]"#,
            "the whole app or pod",
        ),
        (
            "\"/labels\"",
            r#"[{"op": "add", "path": "/labels/pullcreds-ignore", "value": "all"}]"#,
            "the label that silences rules",
        ),
    ] {
        refused(&Home::of(&Guest::patching(patch), &format!("allow = [{allow}]")), words);
    }
}

#[test]
fn the_label_that_silences_is_not_written_in_a_roundabout_way_either() {
    let words = "it changes the label that silences rules";
    let whole = r#"[{"op": "add", "path": "/labels", "value": {"pullcreds-ignore": "all"}}]"#;
    refused(&Home::of(&Guest::patching(whole), "allow = [\"/labels\"]"), words);
    let moved = r#"[{"op": "move", "from": "/env", "path": "/labels"}]"#;
    let home = Home::of(&Guest::patching(moved), "allow = [\"/labels\", \"/env\"]");
    let app = APP.replace(
        "  \"instances\"",
        "  \"env\": {\"pullcreds-ignore\": \"MC021\"},\n  \"instances\"",
    );
    home.house.write("app.json", &app);
    refused(&home, words);
    let app = APP.replace(
        "  \"instances\"",
        "  \"labels\": {\"pullcreds-ignore\": \"MC021\"},\n  \"instances\"",
    );
    let away = r#"[{"op": "replace", "path": "/labels", "value": {}}]"#;
    let home = Home::of(&Guest::patching(away), "allow = [\"/labels\"]");
    home.house.write("app.json", &app);
    refused(&home, words);
}

#[test]
fn what_is_pulled_stays_what_it_was() {
    let image = r#"[{"op": "replace", "path": "/container/docker/image", "value": "evil.example.com/web:1.2"}]"#;
    let said = refused(
        &Home::of(&Guest::patching(image), "allow = [\"/container\"]"),
        "it changes the image",
    );
    assert!(
        said.contains("private.example.com/web:1.2 becomes evil.example.com/web:1.2"),
        "{said}"
    );
    for (allow, patch, words) in [
        // The rules have added the credentials just before.
        (
            "/fetch",
            r#"[{"op": "remove", "path": "/fetch"}]"#,
            "file:///etc/docker.tar.gz becomes none",
        ),
        (
            "/fetch",
            r#"[{"op": "replace", "path": "/fetch/0/uri", "value": "https://evil.example.com/docker.tar.gz"}]"#,
            "it changes the credentials",
        ),
        (
            "/fetch",
            r#"[{"op": "add", "path": "/fetch/0", "value": {"uri": "https://evil.example.com/docker.tar.gz"}}]"#,
            "it changes the credentials",
        ),
        (
            "/id",
            r#"[{"op": "replace", "path": "/id", "value": "/team/other"}]"#,
            "it changes the id",
        ),
        (
            "/container",
            r#"[{"op": "replace", "path": "/container/type", "value": "MESOS"}]"#,
            "who pulls the image",
        ),
        ("/container", r#"[{"op": "remove", "path": "/container"}]"#, ""),
        (
            "/labels",
            r#"[{"op": "add", "path": "/labels", "value": {"DCOS_PACKAGE_NAME": "x"}}]"#,
            "whether a DC/OS package generated",
        ),
    ] {
        refused(
            &Home::of(&Guest::patching(patch), &format!("allow = [\"{allow}\"]")),
            words,
        );
    }
}

#[test]
fn what_the_rules_would_undo_is_not_done() {
    let misspelt = r#"[{"op": "add", "path": "/container/docker/forcePull", "value": true}]"#;
    refused(
        &Home::of(&Guest::patching(misspelt), "allow = [\"/container\"]"),
        "its result leaves the rules something to do",
    );
    let unpacked = r#"[{"op": "add", "path": "/fetch/0/extract", "value": false}]"#;
    refused(
        &Home::of(&Guest::patching(unpacked), "allow = [\"/fetch\"]"),
        "its result leaves the rules something to do",
    );
}

#[test]
fn what_changes_without_a_word_is_not_taken() {
    let patch = r#"[{"op": "add", "path": "/labels", "value": {}}]"#;
    let words = "it changes something, and has no finding that says why";
    refused(&Home::of(&Guest::wordless(patch), "allow = [\"/labels\"]"), words);
    // Silenced, and changed nevertheless.
    let home = Home::of(
        &Guest::patching(patch),
        "allow = [\"/labels\"]\n[rules]\n\"guest/A1\" = \"off\"",
    );
    refused(&home, words);
}

#[test]
fn a_plugin_that_never_comes_to_rest_is_not_followed() {
    let again = r#"[{"op": "add", "path": "/labels", "value": {"a": "b"}}]"#;
    refused(
        &Home::of(&Guest::patching(again), "allow = [\"/labels\"]"),
        "it never comes to rest",
    );
}
