use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{self, Checked, Options};

use super::*;

const ONE: &str = r#"{"apps": [
  {"id": "/a", "container": {"docker": {"image": "private.example.com/a"}}},
  {"id": "/b", "container": {"docker": {"image": "private.example.com/b"}}}
]}"#;

fn found(text: &str) -> Vec<Finding> {
    let (policy, selection) = (
        Policy::default(),
        Selection {
            select: vec!["MC034".to_owned()],
            ..Selection::default()
        },
    );
    match transform::check(text.as_bytes(), &Options::new(&policy, &selection)).unwrap() {
        Checked::Definition(analysis) => analysis.findings,
        Checked::Passed(passed) => panic!("{passed:?}"),
    }
}

fn baseline(name: &str, text: &str) -> (tempfile::TempDir, Baseline) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let recorder = Recorder::new(&path);
    recorder.record(&at(&folder, name), text.as_bytes(), &found(text));
    recorder.write().unwrap();
    let baseline = Baseline::read(&path).unwrap();
    (folder, baseline)
}

fn at(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_string_lossy().into_owned()
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter_map(|finding| finding.id.as_deref()).collect()
}

#[test]
fn what_moved_is_still_known() {
    let (folder, baseline) = baseline("x/a.json", ONE);
    let moved = r#"{"apps": [{"id": "/new", "container": {"docker": {"image": "private.example.com/n"}}},

      {"id": "/b", "cpus": 1, "container": {"docker": {"image": "private.example.com/b:2"}}},
      {"container": {"docker": {"image": "private.example.com/a"}}, "id": "/a"}]}"#;
    let new = baseline.sift(&at(&folder, "x/a.json"), moved.as_bytes(), found(moved));
    assert_eq!(ids(&new), ["/new"]);
    let standing = baseline.standing(&Selection::default());
    assert_eq!((standing.silenced, standing.stale), (2, vec![]));
}

#[test]
fn the_same_finding_twice_is_counted() {
    let pod = |count: usize| {
        let container = r#"{"image": {"kind": "DOCKER", "id": "private.example.com/a"}}"#;
        format!(
            r#"{{"id": "/p", "containers": [{}]}}"#,
            vec![container; count].join(", ")
        )
    };
    let (folder, baseline) = baseline("p.json", &pod(2));
    let sift = |count| {
        baseline
            .sift(&at(&folder, "p.json"), pod(count).as_bytes(), found(&pod(count)))
            .len()
    };
    assert_eq!((sift(3), sift(2), sift(1)), (1, 0, 0));
    let stale = baseline.standing(&Selection::default()).stale;
    assert_eq!(stale, ["p.json: MC034 /p /containers/[]/image/id"]);
}

#[test]
fn only_what_was_looked_at_can_be_stale() {
    let (folder, baseline) = baseline("a.json", ONE);
    std::fs::write(folder.path().join("a.json"), ONE).unwrap();
    assert_eq!(baseline.standing(&Selection::default()), Standing::default());

    let gone = baseline.sift(&at(&folder, "a.json"), b"{}", Vec::new());
    assert!(gone.is_empty());
    assert_eq!(baseline.standing(&Selection::default()).stale.len(), 2);
    let other = Selection {
        select: vec!["MC001".to_owned()],
        ..Selection::default()
    };
    assert_eq!(baseline.standing(&other).stale.len(), 0, "the rule was not asked for");
}

#[test]
fn entries_of_a_file_that_is_gone_are_stale() {
    let (_folder, baseline) = baseline("gone.json", ONE);
    let standing = baseline.standing(&Selection::default());
    assert_eq!(
        standing.stale,
        [
            "gone.json: MC034 /a /apps/[/a]/container/docker/image",
            "gone.json: MC034 /b /apps/[/b]/container/docker/image"
        ]
    );
    let notes = baseline.notes(&standing);
    assert!(
        notes.contains("2 entries of") && notes.contains("gone.json: MC034 /a"),
        "{notes}"
    );
}

#[test]
fn what_is_no_baseline_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        format!("{:#}", Baseline::read(&path).unwrap_err())
    };
    assert!(refused("{}").contains("is no baseline"));
    assert!(refused(r#"{"version": 2, "findings": []}"#).contains("has version 2"));
    assert!(refused(r#"{"version": 1, "findings": [{"path": "a"}]}"#).contains("missing field `rule`"));
    std::fs::remove_file(&path).unwrap();
    let error = Baseline::read(&path).unwrap_err().to_string();
    assert!(
        error.contains("cannot be read") && error.contains("--write-baseline"),
        "{error}"
    );
}
