use super::{Kind, detect};
use crate::definition::Definition;
use crate::json::Document;

fn kind(text: &str) -> Option<Kind> {
    detect(Document::parse(text.as_bytes()).unwrap().root())
}

#[test]
fn shapes_are_told_apart() {
    const APP: &str = r#"{"id": "a", "container": {"docker": {"image": "b"}}}"#;
    const POD: &str = r#"{"id": "a", "containers": [{"exec": {}}, {"image": {"kind": "DOCKER", "id": "b"}}]}"#;
    let cases = [
        (APP.to_owned(), Some(Kind::App)),
        (
            r#"{"cpus": 1, "container": {"docker": {"image": "b"}}}"#.to_owned(),
            Some(Kind::App),
        ),
        (r#"{"container": {"docker": {"image": "b"}}}"#.to_owned(), None),
        (r#"{"id": "a", "container": {"type": "MESOS"}}"#.to_owned(), None),
        (
            r#"{"id": "a", "container": {"appc": {"image": "b"}}}"#.to_owned(),
            Some(Kind::App),
        ),
        (POD.to_owned(), Some(Kind::Pod)),
        (format!("[{APP}]"), Some(Kind::Apps)),
        (format!("[{{}}, {APP}]"), Some(Kind::Apps)),
        (format!("[{POD}]"), Some(Kind::Pods)),
        (format!("[1, {APP}]"), None),
        (format!("[null, {APP}]"), Some(Kind::Apps)),
        ("[null]".to_owned(), None),
        (
            r#"{"id": 5, "container": {"docker": {"image": "b"}}}"#.to_owned(),
            Some(Kind::App),
        ),
        (
            r#"{"id": null, "container": {"docker": {"image": "b"}}}"#.to_owned(),
            None,
        ),
        (format!(r#"{{"app": {APP}}}"#), Some(Kind::AppReply)),
        (format!(r#"{{"apps": [{APP}]}}"#), Some(Kind::AppsReply)),
        (format!(r#"{{"*": [{APP}]}}"#), Some(Kind::AppsReply)),
        (format!(r#"{{"id": "/", "apps": [{APP}]}}"#), Some(Kind::Group)),
        (
            format!(r#"{{"id": "/", "groups": [{{"groups": [{{"apps": [{APP}]}}]}}]}}"#),
            Some(Kind::Group),
        ),
        (format!(r#"{{"id": "/", "pods": [{POD}]}}"#), Some(Kind::Group)),
        (
            format!(r#"{{"id": "/", "color": 1, "apps": [{APP}]}}"#),
            Some(Kind::Group),
        ),
        (
            format!(r#"{{"id": "/", "color": 1, "groups": [{{"cpus": 1, "pods": [{POD}]}}]}}"#),
            Some(Kind::Group),
        ),
        (format!(r#"{{"apps": [{APP}], "total": 1}}"#), Some(Kind::AppsReply)),
        (
            format!(r#"{{"groups": [{{"apps": [{APP}]}}], "total": 1}}"#),
            Some(Kind::Group),
        ),
        (format!(r#"{{"*": [{APP}], "total": 1}}"#), None),
        (format!(r#"{{"app": {APP}, "count": 1}}"#), None),
        // With a stranger's member the apps must be apps beyond doubt …
        (
            r#"{"id": "/", "apps": [{"container": {"docker": {"image": "b"}}}]}"#.to_owned(),
            Some(Kind::Group),
        ),
        (
            r#"{"id": "/", "color": 1, "apps": [{"container": {"docker": {"image": "b"}}}]}"#.to_owned(),
            None,
        ),
        // … and nothing may mark them as another's.
        (
            r#"{"id": "/", "color": 1, "apps": [{"id": "a", "run": {}, "container": {"docker": {"image": "b"}}}]}"#
                .to_owned(),
            None,
        ),
        (
            format!(r#"{{"id": "/", "color": 1, "groups": [{{"apiVersion": "v1", "apps": [{APP}]}}]}}"#),
            None,
        ),
        (format!(r#"{{"id": "/", "spec": 1, "apps": [{APP}]}}"#), None),
        (r#"{"id": "/", "apps": []}"#.to_owned(), None),
        (format!(r#"{{"app": {{"app": {APP}}}}}"#), None),
        (
            r#"{"\u0069d": "a", "container": {"d\u006fcker": {"image": "b"}}}"#.to_owned(),
            Some(Kind::App),
        ),
        ("1".to_owned(), None),
    ];
    for (text, wanted) in cases {
        assert_eq!(kind(&text), wanted, "{text}");
    }
}

#[test]
fn the_marks_of_others_are_heeded() {
    let marks = [
        "apiVersion",
        "$schema",
        "schedule",
        "run",
        "spec",
        "containerDefinitions",
        "taskDefinition",
    ];
    for mark in marks
        .into_iter()
        .chain(["framework", "swagger", "openapi", "eventType"])
    {
        let text = format!(r#"{{"{mark}": {{}}, "id": "a", "container": {{"docker": {{"image": "b"}}}}}}"#);
        assert_eq!(kind(&text), None, "{text}");
    }
}

#[test]
fn what_stands_among_others_is_told() {
    const APP: &str = r#"{"id": "a", "container": {"docker": {"image": "b"}}}"#;
    const POD: &str = r#"{"id": "a", "containers": [{"image": {"kind": "DOCKER", "id": "b"}}]}"#;
    let pod = "expected an app, and this is a pod";
    for (text, wanted) in [
        (format!("[null, {APP}]"), "expected an app (an object)"),
        (format!("[{APP}, {POD}]"), pod),
        (format!(r#"{{"id": "/", "apps": [{APP}, {POD}]}}"#), pod),
        (
            format!("[{POD}, {APP}]"),
            "expected a pod: an object with an array of `containers`",
        ),
    ] {
        let document = Document::parse(text.as_bytes()).unwrap();
        let kind = detect(document.root()).unwrap();
        let read = Definition::read(document.root(), kind, None).map(|definition| definition.owners.len());
        assert_eq!(read.unwrap_err().message, wanted, "{text}");
    }
}
