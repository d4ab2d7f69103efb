//! Stages of a policy: when they run, what they see, and how what they say is told.

use std::fs;

use super::guest::Guest;
use super::{Home, digest};
use crate::util::{APP, House};

/// Adds a label where it is not there yet.
fn label() -> Guest {
    Guest::patching(r#"[{"op": "add", "path": "/labels", "value": {"a": "b"}}]"#).resting_on(br#""a":"#)
}

#[test]
fn a_stage_runs_after_the_rules_and_its_patch_is_laid_beside_theirs() {
    let home = Home::of(&label(), "allow = [\"/labels\"]");
    let patch = home.run(&["patch", "--plugins", "app.json"]).exits_with(0).stdout;
    assert!(patch.contains("/fetch") && patch.contains("/labels"), "{patch}");
    let diff = home
        .run(&["fix", "--plugins", "--diff", "app.json"])
        .exits_with(1)
        .stdout;
    let stdin = home
        .command(&["fix", "--plugins", "-"])
        .stdin(fs::File::open(home.house.path("app.json")).unwrap())
        .output();
    let ran = home.fix().exits_with(0);
    assert!(ran.stderr.contains("1 app will restart"), "{}", ran.stderr);
    let fixed = home.house.read("app.json");
    assert_eq!(
        fixed,
        APP.replace(
            "  \"instances\"",
            "  \"fetch\": [\n    {\n      \"uri\": \"file:///etc/docker.tar.gz\"\n    }\n  ],\n  \"labels\": {\n    \"a\": \"b\"\n  },\n  \"instances\""
        )
    );
    assert_eq!(String::from_utf8(stdin.unwrap().stdout).unwrap(), fixed);
    assert!(diff.contains("+  \"labels\": {"), "{diff}");
    // `patch`, then `apply`, is `fix` to the byte.
    home.house.write("app.json", APP);
    home.house.write("patch.json", &patch);
    assert_eq!(
        home.run(&["apply", "patch.json", "app.json"]).exits_with(0).stdout,
        fixed
    );
    home.fix().exits_with(0);
    let again = home.fix().exits_with(0);
    assert!(again.stderr.contains("Nothing found"), "{}", again.stderr);
}

#[test]
fn each_app_is_seen_by_itself() {
    let home = Home::of(&label(), "allow = [\"/labels\"]");
    let app = |id: &str| format!("{{\"id\": \"{id}\", \"container\": {{\"docker\": {{\"image\": \"nginx\"}}}}}}");
    let group = format!("{{\"id\": \"/g\", \"apps\": [{}, {}]}}", app("one"), app("two"));
    home.house.write("app.json", &group);
    let ran = home.fix().exits_with(0);
    assert!(ran.stderr.contains("2 apps will restart"), "{}", ran.stderr);
    let labels = home
        .house
        .read("app.json")
        .matches("\"labels\": {\"a\": \"b\"}")
        .count();
    assert_eq!(labels, 2, "{}", home.house.read("app.json"));
}

#[test]
fn a_second_stage_sees_what_the_first_has_left() {
    let first = label().build();
    let second = Guest::patching(r#"[{"op": "copy", "from": "/labels", "path": "/env"}]"#)
        .resting_on(b"\"env")
        .build();
    let house = House::new(&[("app.json", APP)]);
    fs::write(house.path("first.wasm"), &first).unwrap();
    fs::write(house.path("second.wasm"), &second).unwrap();
    let plugin = |name: &str, bytes: &[u8], allow: &str| {
        format!(
            "[[plugin]]\npath = \"{name}.wasm\"\nsha256 = \"{}\"\nallow = [\"{allow}\"]\n",
            digest(bytes)
        )
    };
    let policy = plugin("first", &first, "/labels") + &plugin("second", &second, "/env");
    house.write("pullcreds.toml", &policy);
    house.run(&["fix", "--plugins", "app.json"]).exits_with_any();
    assert!(
        house.read("app.json").contains("\"env\": {\n    \"a\": \"b\"\n  }"),
        "{}",
        house.read("app.json")
    );
}

#[test]
fn a_finding_is_told_in_the_text_that_the_person_has() {
    let home = Home::of(&Guest::finding("A1", (0, 0), "/instances"), "");
    let report = home
        .run(&["check", "--plugins", "--format", "json", "app.json"])
        .exits_with(1)
        .report();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../docs/report.schema.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &report), "{report}");
    let findings = report["files"][0]["findings"].as_array().unwrap();
    let ours = findings.iter().find(|finding| finding["code"] == "guest/A1").unwrap();
    assert_eq!((&ours["name"], &ours["severity"]), (&"test".into(), &"warning".into()));
    assert_eq!(
        (&ours["pointer"], &ours["id"]),
        (&"/instances".into(), &"/team/web".into())
    );
    // The rules add `fetch` before it, in the text that the plugin sees.
    assert_eq!(
        (&ours["range"]["start"]["line"], &ours["range"]["start"]["column"]),
        (&9.into(), &16.into())
    );
    assert!(findings.iter().any(|finding| finding["code"] == "MC001"));
    // What is read beside the file has its place in the file that was written.
    let after = home
        .run(&["fix", "--plugins", "--format", "github", "app.json"])
        .exits_with(1)
        .stdout;
    assert!(after.contains("line=14") && after.contains("guest/A1"), "{after}");
    // Bytes of the app alone, in a file in which it does not stand first.
    let home = Home::of(&Guest::finding("A1", (2, 6), "/id"), "");
    home.house.write("app.json", &format!("[\n{}]", APP.trim_end()));
    let human = home.run(&["check", "--plugins", "app.json"]).exits_with(1).stderr;
    assert!(
        human.contains("warning[guest/A1 test]: found by a test\n --> app.json:3:1"),
        "{human}"
    );
    for format in ["sarif", "github", "gitlab", "junit"] {
        let ran = home
            .run(&["check", "--plugins", "--format", format, "app.json"])
            .exits_with(1);
        assert!(ran.stdout.contains("guest/A1"), "{format}: {}", ran.stdout);
    }
}

#[test]
fn rules_of_a_plugin_are_chosen_and_silenced_like_ours() {
    let home = Home::of(&Guest::finding("A1", (0, 0), "/id"), "");
    let codes = |arguments: &[&str]| -> Vec<String> {
        let all = [&["check", "--plugins", "--format", "json", "app.json"], arguments].concat();
        let report = home.run(&all).exits_with_any().report();
        let findings = report["files"].as_array().unwrap().iter();
        let findings = findings.flat_map(|file| file["findings"].as_array().unwrap());
        findings
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(codes(&[]), ["guest/A1", "MC001"]);
    assert_eq!(codes(&["--select", "guest/A1"]), ["guest/A1"]);
    assert_eq!(codes(&["--select", "guest/"]), ["guest/A1"]);
    assert_eq!(codes(&["--select", "MC"]), ["MC001"]);
    assert_eq!(codes(&["--ignore", "guest/A1"]), ["MC001"]);
    assert_eq!(codes(&["--ignore", "guest/test"]), ["MC001"]);
    assert_eq!(codes(&["--ignore", "other/"]), ["guest/A1", "MC001"]);
    let pinned = home.house.read("pullcreds.toml");
    for (tables, expected) in [
        ("[rules]\n\"guest/A1\" = \"off\"", &["MC001"][..]),
        ("[rules]\n\"guest/test\" = \"error\"", &["guest/A1", "MC001"]),
        ("[[ignore]]\nid = \"/team/**\"\nrules = [\"guest/A1\"]", &["MC001"]),
        (
            "[[ignore]]\nid = \"/other/**\"\nrules = [\"guest/\"]",
            &["guest/A1", "MC001"],
        ),
        ("[[ignore]]\npath = \"app.json\"\nrules = [\"guest/\"]", &["MC001"]),
    ] {
        home.house.write("pullcreds.toml", &format!("{pinned}\n{tables}\n"));
        assert_eq!(codes(&[]), expected, "{tables}");
    }
    home.house
        .write("pullcreds.toml", &format!("{pinned}\n[rules]\n\"gest/A1\" = \"off\"\n"));
    let ran = home.run(&["check", "app.json"]).exits_with(2);
    assert!(ran.stderr.contains("there is no rule `gest/A1`"), "{}", ran.stderr);
    home.house.write("pullcreds.toml", &pinned);
    let labelled = |label: &str| {
        let labels = format!("  \"labels\": {{\"pullcreds-ignore\": \"{label}\"}},\n  \"instances\"");
        home.house.write("app.json", &APP.replace("  \"instances\"", &labels));
        codes(&[])
    };
    assert_eq!(labelled("guest/A1"), ["MC001"]);
    assert_eq!(labelled("MC001"), ["guest/A1"]);
    assert!(labelled("all").is_empty());
    // A level is the policy's to set, and `--fail-on` looks at it.
    home.house
        .write("app.json", &APP.replace("private.example.com/web:1.2", "nginx"));
    home.run(&["check", "--plugins", "app.json"]).exits_with(1);
    home.house.write(
        "pullcreds.toml",
        &format!("{pinned}\n[rules]\n\"guest/A1\" = \"info\"\n"),
    );
    home.run(&["check", "--plugins", "app.json"]).exits_with(0);
}

#[test]
fn a_baseline_knows_findings_of_plugins() {
    let home = Home::of(&Guest::finding("A1", (0, 0), "/id"), "");
    home.run(&["check", "--plugins", "--write-baseline", "known.json", "app.json"])
        .exits_with(0);
    home.run(&["check", "--plugins", "--baseline", "known.json", "app.json"])
        .exits_with(0);
}

#[test]
fn a_policy_that_was_found_starts_nothing() {
    let home = Home::of(&Guest::doing("unreachable"), "");
    let ran = home.run(&["check", "app.json"]).exits_with(1);
    assert!(
        ran.stderr
            .contains("note: 1 file without the plugins that the policy names")
            && ran.stderr.contains("`--plugins`"),
        "{}",
        ran.stderr
    );
    let ran = home.run(&["patch", "app.json"]).exits_with(0);
    assert!(
        ran.stderr.contains("without the plugins") && ran.stderr.contains("guest"),
        "{}",
        ran.stderr
    );
    // Not even looked at.
    fs::remove_file(home.house.path("guest.wasm")).unwrap();
    home.run(&["fix", "app.json"]).exits_with(0);
    home.run(&["fix", "--plugins", "app.json"]).exits_with(2);
    home.run(&["fix", "--config", "pullcreds.toml", "app.json"])
        .exits_with(2);
    home.run(&["fix", "--isolated", "app.json"]).exits_with_any();
}

#[test]
fn the_command_line_that_names_the_policy_trusts_it() {
    let home = Home::of(&Guest::doing("unreachable"), "");
    let ran = home
        .run(&["check", "--config", "pullcreds.toml", "app.json"])
        .exits_with(2);
    assert!(
        ran.stderr.contains("plugin guest on /team/web: it broke off"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_plugin_belongs_to_the_policy_that_names_it() {
    let home = Home::of(&Guest::finding("A1", (0, 0), "/id"), "");
    home.house.write(
        "below/pullcreds.toml",
        "extend = \"../pullcreds.toml\"\n[rules]\n\"guest/A1\" = \"error\"\n",
    );
    home.house.write("below/app.json", APP);
    let ran = home.run(&["check", "--plugins", "below/app.json"]).exits_with(1);
    assert!(ran.stderr.contains("error[guest/A1 test]"), "{}", ran.stderr);
    home.house.write(
        "below/pullcreds.toml",
        "extend = \"../pullcreds.toml\"\n[[plugin]]\npath = \"guest.wasm\"\n",
    );
    let ran = home.run(&["check", "--plugins", "below/app.json"]).exits_with(2);
    assert!(ran.stderr.contains("another one has the same name"), "{}", ran.stderr);
}

#[test]
fn what_a_package_generated_is_reported_and_left() {
    let home = Home::of(
        &Guest::patching(r#"[{"op": "add", "path": "/env", "value": {}}]"#),
        "allow = [\"/env\"]",
    );
    let app = APP.replace(
        "  \"instances\"",
        "  \"labels\": {\"DCOS_PACKAGE_NAME\": \"x\"},\n  \"instances\"",
    );
    home.house.write("app.json", &app);
    home.fix().exits_with_any();
    assert_eq!(home.house.read("app.json"), app);
}

#[test]
fn a_later_version_of_the_interface_is_spoken() {
    let home = Home::of(&Guest::finding("A1", (0, 0), "/id").version("0.1.7"), "");
    let ran = home.run(&["check", "--plugins", "app.json"]).exits_with(1);
    assert!(ran.stderr.contains("guest/A1"), "{}", ran.stderr);
}

#[test]
fn a_text_that_is_no_definition_is_no_business_of_a_plugin() {
    let home = Home::of(&Guest::doing("unreachable"), "");
    home.house.write("app.json", "{\"name\": \"package\"}");
    home.run(&["check", "--plugins", "app.json"]).exits_with(0);
}
