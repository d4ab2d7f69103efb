use pullcreds_core::finding::{Applicability, Fix, Related};
use pullcreds_core::json::{Operation, Patch, Pointer, RawJson};

use super::*;

const TEXT: &str = r#"{
  "id": "/team/web",
  "container": { "docker": { "image": "registry.example.com/web" } },
  "env": { "PASSWORD": "hunter2" },
  "instances": 1
}
"#;

fn place(what: &str) -> Range<usize> {
    let start = TEXT.find(what).unwrap();
    start..start + what.len()
}

fn finding() -> Finding {
    Finding {
        code: "MC001".into(),
        name: "missing-archive".into(),
        severity: Severity::Error,
        message: "the image is private, and nothing fetches its credentials".to_owned(),
        span: place("\"registry.example.com/web\""),
        label: "pulled by the Docker containerizer".into(),
        related: Vec::new(),
        help: Vec::new(),
        pointer: Pointer::parse("/container/docker/image").unwrap(),
        id: Some("/team/web".to_owned()),
        fix: None,
    }
}

fn shown(findings: &[Finding]) -> String {
    let seen = Seen {
        name: "a.json",
        text: TEXT.as_bytes(),
        kind: None,
        findings,
        fixed: &[],
        problem: None,
    };
    String::from_utf8(Human::new(false, false).whole(&seen)).unwrap()
}

#[test]
fn a_finding_with_a_fix() {
    let archive = RawJson::parse(r#"[{"uri": "file:///etc/docker.tar.gz"}]"#).unwrap();
    let patch = Patch {
        operations: vec![Operation::Add {
            path: Pointer::parse("/fetch").unwrap(),
            value: archive,
        }],
    };
    let fix = Fix {
        title: "add the archive to `fetch`".to_owned(),
        applicability: Applicability::Unsafe,
        patch,
    };
    let finding = Finding {
        help: vec!["the policy names it".to_owned()],
        fix: Some(fix),
        ..finding()
    };
    assert_eq!(
        shown(&[finding]),
        r#"error[MC001 missing-archive]: the image is private, and nothing fetches its credentials
 --> a.json:3:39
  |
3 |   "container": { "docker": { "image": "registry.example.com/web" } },
  |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^ pulled by the Docker containerizer
  |
  = help: the policy names it
help: add the archive to `fetch` (with `--unsafe-fixes`)
  |
5 +   "fetch": [
6 +     { "uri": "file:///etc/docker.tar.gz" }
7 +   ],
8 |   "instances": 1
  |

"#
    );
}

#[test]
fn places_near_one_another_are_shown_together_and_credentials_masked() {
    let related = Related {
        span: place("\"instances\""),
        message: "not this".to_owned(),
    };
    let finding = Finding {
        severity: Severity::Info,
        related: vec![related],
        ..finding()
    };
    assert_eq!(
        shown(&[finding]),
        r#"info[MC001 missing-archive]: the image is private, and nothing fetches its credentials
 --> a.json:3:39
  |
3 |   "container": { "docker": { "image": "registry.example.com/web" } },
  |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^ pulled by the Docker containerizer
4 |   "env": { "PASSWORD": "*******" },
5 |   "instances": 1
  |   ----------- not this

"#
    );
}

#[test]
fn the_column_of_a_cut_line_is_that_of_the_file() {
    let text = format!("{{\"a\":\"{}\",\"image\":1}}", "x".repeat(1000));
    let start = text.find("\"image\"").unwrap();
    let problem = Problem::new("wrong").at(start..start + 7);
    let out = Human::new(false, false).whole(&Seen::failed("a.json", text.as_bytes(), &problem));
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(&format!(" --> a.json:1:{}\n", start + 1)), "{out}");
    assert!(out.lines().all(|line| line.chars().count() < 180), "{out}");
}

#[test]
fn a_problem_without_a_place_names_the_file() {
    let problem = Problem::new("cannot be read").with_help("look elsewhere");
    let out = Human::new(false, false).whole(&Seen::failed("a\u{1b}.json", b"", &problem));
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "error: a␛.json: cannot be read\n |\n = help: look elsewhere\n\n"
    );
}

#[test]
fn the_end_counts() {
    let tally = Tally {
        checked: 12,
        errors: 3,
        warnings: 1,
        files_with_findings: 2,
        fixable: 2,
        ..Tally::default()
    };
    assert_eq!(
        closing(&tally, Ending::Checked),
        "Found 3 errors, 1 warning in 2 files (12 checked). 2 fixable with `pullcreds fix`.\n"
    );
    let restarts = pullcreds_core::transform::Restarts { apps: 2, pods: 1 };
    let tally = Tally {
        checked: 3,
        fixed: 4,
        files_changed: 2,
        restarts,
        ..Tally::default()
    };
    assert_eq!(
        closing(&tally, Ending::Fixed),
        "Fixed 4 findings in 2 files; 2 apps and 1 pod will restart on their next deployment.\nNothing remains (3 files checked).\n"
    );
    let nothing = closing(&Tally::default(), Ending::Checked);
    assert!(nothing.starts_with("No files to check. "), "{nothing}");
    let others = Tally {
        not_marathon: 2,
        ..Tally::default()
    };
    assert_eq!(
        closing(&others, Ending::Checked),
        "No Marathon definitions found. 2 other files were passed over; --verbose says which.\n"
    );
}
