//! The reports for other programs: what they say of the demo tree and of files with odd names, and what must hold of all.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use pullcreds_core::rules::RULES;
use pullcreds_credentials::rules::RULES as OF_CREDENTIALS;
use serde_json::Value;

use crate::snapshot;
use crate::util::{APP, House, POLICY};

/// What standard output is written for.
pub(crate) fn formats() -> Vec<&'static str> {
    let mut formats = vec!["json", "sarif", "github", "gitlab"];
    formats.extend(cfg!(feature = "junit").then_some("junit"));
    formats
}

/// A copy of fixtures/demo.
pub(crate) fn demo() -> House {
    let house = House::new(&[]);
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    for name in [
        "pullcreds.toml",
        "services/cache-pod.json",
        "services/public.json",
        "services/web.json",
        "services/worker.json",
    ] {
        house.write(name, &fs::read_to_string(demo.join(name)).unwrap());
    }
    house
}

/// Names and texts that have broken reports before, somewhere.
pub(crate) fn odd() -> House {
    let app = |id: &str, more: &str| {
        let image = r#""container": {"type": "DOCKER", "docker": {"image": "private.example.com/a"}}"#;
        format!("{{\"id\": \"{id}\", {more}{image}}}\n")
    };
    let house = House::new(&[("pullcreds.toml", POLICY)]);
    house.write("a b%20#?.json", &app("/a", ""));
    house.write("ü, 100%: [x](y)::warning.json", &app("/b", ""));
    house.write(
        "apps/mark.json",
        &format!("\u{feff}{}", app("/mark", "\"env\": {\"X\": \"ä€𝄞\"}, ")),
    );
    let spread = "{\r\n  \"id\": \"/s\",\r\n  \"container\": {\"docker\": {\r\n    \"image\": \"private.example.com/s\",\r\n    \"credential\": {\r\n      \"principal\": \"𝄞\"\r\n    }\r\n  }}\r\n}\r\n";
    house.write("apps/spread.json", spread);
    house.write("apps/link.json", &app("[x](http://evil.example.com)", ""));
    house.write(
        "broken.json",
        "{\n  \"id\": \"/x\",\n  \"container\": {\"docker\": {\"image\": \"a\",}}\n}\n",
    );
    #[cfg(unix)]
    {
        house.write("line\nend\r::error::x.json", &app("/c", ""));
        house.write("\u{1b}[31m\u{7}.json", &app("/d", ""));
        house.write("back\\slash.json", &app("/e", ""));
    }
    house
}

/// A report as a snapshot keeps it: JSON laid out, the pages of the rules left away.
fn readable(format: &str, report: &str) -> String {
    if !matches!(format, "json" | "sarif" | "gitlab") {
        return report.to_owned();
    }
    let mut report: Value = serde_json::from_str(report).unwrap();
    if format == "sarif" {
        let driver = &mut report["runs"][0]["tool"]["driver"];
        driver["semanticVersion"] = "…".into();
        let rules = driver["rules"].as_array_mut().unwrap();
        assert_eq!(rules.len(), RULES.len() + OF_CREDENTIALS.len());
        rules.truncate(1);
        rules[0]["help"]["markdown"] = "…".into();
    }
    serde_json::to_string_pretty(&report).unwrap() + "\n"
}

#[test]
fn the_demo_tree_is_told() {
    for format in formats() {
        let ran = demo().run(&["check", "--format", format]).exits_with(1);
        assert_eq!(ran.stderr, "", "{format}");
        snapshot::compare(&format!("demo.{format}"), &readable(format, &ran.stdout));
    }
}

#[cfg(unix)]
#[test]
fn odd_names_and_texts_are_told() {
    for format in formats() {
        let ran = odd().run(&["check", "--format", format]).exits_with(2);
        assert!(!ran.stdout.contains(['\u{1b}', '\u{7}']), "{format}");
        snapshot::compare(&format!("odd.{format}"), &readable(format, &ran.stdout));
    }
}

#[test]
fn a_clean_run_is_a_whole_report_too() {
    let house = demo();
    house.run(&["fix", "-q"]).exits_with(0);
    for format in formats() {
        let ran = house.run(&["check", "--format", format]).exits_with(0);
        snapshot::compare(&format!("clean.{format}"), &readable(format, &ran.stdout));
    }
}

#[test]
fn a_broken_policy_is_told() {
    let house = demo();
    house.write("pullcreds.toml", "registri = 1\n");
    for format in formats() {
        let ran = house.run(&["check", "--format", format]).exits_with(2);
        snapshot::compare(&format!("policy.{format}"), &readable(format, &ran.stdout));
    }
}

#[test]
fn names_are_relative_to_the_repository() {
    let house = demo();
    house.git(&["init", "-q"]).exits_with(0);
    let absolute = house.path("services/web.json").canonicalize().unwrap();
    for format in formats().into_iter().filter(|format| *format != "json") {
        let from_root = house.run(&["check", "--format", format, "services/web.json"]).stdout;
        let mut below = house.command(&["check", "--format", format, "web.json"]);
        below.current_dir(house.path("services"));
        assert_eq!(String::from_utf8(below.output().unwrap().stdout).unwrap(), from_root);
        let absolute = house.run(&["check", "--format", format, absolute.to_str().unwrap()]);
        assert_eq!(absolute.stdout, from_root);
        assert!(from_root.contains("services/web.json"), "{from_root}");
    }
}

#[test]
fn what_fix_leaves_is_told_where_it_stands_afterwards() {
    let app = APP.replace(
        "\"instances\": 1",
        "\"instances\": 1,\n  \"uris\": [\"http://a.example.com/.docker/config.json\"]",
    );
    for format in formats().into_iter().filter(|format| *format != "json") {
        let house = House::new(&[("pullcreds.toml", POLICY), ("a.json", &app)]);
        let fixed = house.run(&["fix", "--format", format]);
        let checked = house
            .run(&["check", "--format", format])
            .exits_with(fixed.code.unwrap());
        assert!(checked.stdout.contains("MC017"), "{checked:?}");
        assert_eq!(fixed.stdout, checked.stdout);
    }
}

#[test]
fn fingerprints_hold_while_lines_move_and_differ_between_findings() {
    let app = |id: &str| {
        format!("{{\"id\": \"{id}\", \"container\": {{\"docker\": {{\"image\": \"private.example.com/x\"}}}}}}")
    };
    let before = format!("{{\"apps\": [{}, {}]}}", app("/a"), app("/b"));
    let after = format!("\n\n{{\"apps\": [\n{},\n{},\n{}]}}", app("/new"), app("/b"), app("/a"));
    let house = House::new(&[("pullcreds.toml", POLICY)]);
    let prints = |text: &str| -> HashSet<String> {
        house.write("a.json", text);
        let ran = house.run(&["check", "--format", "gitlab"]).exits_with(1);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let issues = report.as_array().unwrap();
        let prints: HashSet<String> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(prints.len(), issues.len());
        let sarif = house.run(&["check", "--format", "sarif"]).stdout;
        assert!(prints.iter().all(|print| sarif.contains(print)), "SARIF has the same");
        prints
    };
    let (before, after) = (prints(&before), prints(&after));
    assert!(
        before.is_subset(&after) && before.len() < after.len(),
        "{before:?} {after:?}"
    );
}

#[test]
fn no_report_carries_a_credential() {
    let secrets = ["hunter2", "dXNlcjpodW50ZXIyaHVudGVyMmh1bnRlcjI5", "s3cr3tPrincipal"];
    let app = r#"{"id": "/a",
  "uris": ["https://me:hunter2@h.example.com/docker.tar.gz"],
  "fetch": [{"uri": "https://me:hunter2@h.example.com/x/docker.tar.gz", "extract": false}],
  "env": {"AUTH": "{\"auths\": {\"h\": {\"auth\": \"dXNlcjpodW50ZXIyaHVudGVyMmh1bnRlcjI5\"}}}"},
  "container": {"docker": {"image": "private.example.com/a", "credential": {"principal": "p", "secret": "s3cr3tPrincipal"}}}}"#;
    let house = House::new(&[("pullcreds.toml", POLICY), ("a.json", app)]);
    for format in formats().into_iter().chain(["human"]) {
        for command in [
            &["check"][..],
            &["check", "--select", "MC004,MC009,MC010,MC011,MC017,MC020"],
        ] {
            let ran = house.run(&[command, &["--format", format]].concat()).exits_with(1);
            for secret in secrets {
                let all = format!("{}{}", ran.stdout, ran.stderr);
                assert!(!all.contains(secret), "{format} shows {secret}: {all}");
            }
        }
    }
    house.run(&["check", "--write-baseline", "b.json"]).exits_with(0);
    let baseline = house.read("b.json");
    assert!(
        baseline.contains("MC009") && !secrets.iter().any(|secret| baseline.contains(secret)),
        "{baseline}"
    );
}

/// A credential in every place that one was found in and shown, on one line and on many.
#[test]
fn no_credential_is_shown_wherever_it_stands() {
    let places = [
        r#""cmd": "docker login -u a -p hunter2 r""#,
        r#""cmd": "docker login -u a -phunter2 r && x""#,
        r#""cmd": "sh -c 'docker login --password \"hunter2 hunter2\" r'""#,
        r#""args": ["docker", "login", "-u", "a", "-p", "hunter2 hunter2", "r"]"#,
        r#""cmd": "export TOKEN='hunter2'; x --access-token hunter2""#,
        r#""uris": ["https:\/\/bob\u003ahunter2\u0040h\/docker.tar.gz", "https://h/docker.tar.gz?s\u0069g=hunter2"]"#,
        r#""secrets": {"x": {"value": "hunter2"}, "y": "hunter2", "password=hunter2": {"source": ""}}"#,
        r#""secrets": {"bob:hunter2": {"sauce": "t/a"}}"#,
        r#""secrets": {"x": {"source": "dXNlcjpodW50ZXIy"}}"#,
    ];
    let secrets = ["hunter2", "dXNlcjpodW50ZXIy"];
    let house = House::new(&[]);
    let policy = format!("{POLICY}secret = \"team/pullConfig\"\n");
    house.write("pullcreds.toml", &policy);
    for (index, place) in places.iter().enumerate() {
        for (kind, key) in [("DOCKER", "x"), ("MESOS", "x"), ("MESOS", "bob:hunter2")] {
            let pull_config = if kind == "MESOS" {
                format!(r#", "pullConfig": {{"secret": "{key}"}}"#)
            } else {
                String::new()
            };
            let app = format!(
                r#"{{"id": "/a", "container": {{"type": "{kind}", "docker": {{"image": "private.example.com/a"{pull_config}}}}}, {place}}}"#
            );
            let value: Value = serde_json::from_str(&app).unwrap();
            let key = key.len();
            house.write(&format!("{index}-{kind}-{key}.json"), &app);
            let spread = serde_json::to_string_pretty(&value).unwrap();
            house.write(&format!("{index}-{kind}-{key}-spread.json"), &spread);
        }
    }
    let all = "MC001,MC002,MC004,MC005,MC006,MC007,MC008,MC010,MC014,MC017,MC020";
    for format in formats().into_iter().chain(["human"]) {
        for command in [&["check"][..], &["check", "--select", all], &["fix", "--diff"]] {
            let ran = house.run(&[command, &["--format", format]].concat()).exits_with(1);
            let shown = match format {
                // A diff is the text itself.
                "human" => ran.stderr,
                _ => format!("{}{}", ran.stdout, ran.stderr),
            };
            for secret in secrets {
                let place = shown
                    .find(secret)
                    .map(|at| &shown[at.saturating_sub(300)..at + secret.len()]);
                assert_eq!(place, None, "{command:?} {format} shows {secret}");
            }
        }
    }
    for name in [
        "0-DOCKER-1.json",
        "3-DOCKER-1-spread.json",
        "6-MESOS-11.json",
        "8-MESOS-1.json",
    ] {
        let shown = house.run(&["explain", name]).exits_with(0).stdout;
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    }
    house.run(&["check", "--write-baseline", "b.txt"]).exits_with(0);
    let baseline = house.read("b.txt");
    assert!(
        baseline.contains("MC020") && !secrets.iter().any(|secret| baseline.contains(secret)),
        "{baseline}"
    );
}

#[test]
fn reports_for_programs_hold_nothing_that_a_terminal_obeys() {
    let obeyed = ['\u{7f}', '\u{9b}', '\u{202e}', '\u{2028}', '\u{200b}'];
    let marks: String = obeyed.iter().collect();
    let app = format!(
        r#"{{"id": "/a{marks}", "container": {{"docker": {{"image": "private.example.com/a"}}}}, "secrets": {{"{marks}": {{}}}}}}"#
    );
    let house = House::new(&[("pullcreds.toml", POLICY), (&format!("{marks}.json"), &app)]);
    for format in formats() {
        let ran = house.run(&["check", "--format", format]).exits_with(1);
        assert!(!ran.stdout.contains(obeyed), "{format}: {:?}", ran.stdout);
        if format == "json" {
            let report: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(report["files"][0]["path"], format!("{marks}.json"));
            assert_eq!(report["files"][0]["findings"][0]["id"], format!("/a{marks}"));
        }
    }
}

#[test]
fn github_columns_are_told_of_one_line_only() {
    let ran = odd()
        .run(&["check", "--format", "github", "apps/spread.json"])
        .exits_with(1);
    let spread: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("MC019")).collect();
    assert_eq!(spread.len(), 1, "{}", ran.stdout);
    assert!(spread[0].contains("line=5,endLine=7,title="), "{}", spread[0]);
    assert!(ran.stdout.lines().all(|line| line.starts_with("::")), "{}", ran.stdout);
}

#[cfg(feature = "junit")]
#[test]
fn what_junit_calls_a_failure_follows_fail_on() {
    let house = House::new(&[("a.json", APP)]);
    for (severity, failures, code) in [("warning", 1, 1), ("error", 0, 0)] {
        let ran = house
            .run(&["check", "--format", "junit", "--fail-on", severity])
            .exits_with(code);
        assert!(
            ran.stdout.contains(&format!("failures=\"{failures}\" errors=\"0\">")),
            "{}",
            ran.stdout
        );
    }
}

#[cfg(feature = "junit")]
#[test]
fn junit_is_read_by_others() {
    let Some(python) = crate::installed::python() else {
        return;
    };
    for (house, expected) in [(demo(), "4 3 0"), (odd(), "20 9 1")] {
        let report = house.path("report.xml");
        fs::write(&report, house.run(&["check", "--format", "junit"]).stdout).unwrap();
        let program = "import sys, junitparser\nx = junitparser.JUnitXml.fromfile(sys.argv[1])\nprint(sum(1 for s in x for c in s), x.failures, x.errors)";
        let output = std::process::Command::new(python.join("python"))
            .args(["-c", program])
            .arg(report)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{output:?}");
    }
}
