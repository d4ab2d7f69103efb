use pullcreds_core::finding::Severity;

use super::*;

fn finding(pointer: &str) -> Finding {
    Finding {
        code: "MC001".into(),
        name: "missing-archive".into(),
        severity: Severity::Error,
        message: String::new(),
        span: 0..0,
        label: "".into(),
        related: Vec::new(),
        help: Vec::new(),
        pointer: Pointer::parse(pointer).unwrap(),
        id: Some("/a".to_owned()),
        fix: None,
    }
}

fn places(text: &str, pointers: &[&str]) -> Vec<(String, usize)> {
    let findings: Vec<Finding> = pointers.iter().map(|pointer| finding(pointer)).collect();
    identities(text.as_bytes(), &findings)
        .into_iter()
        .map(|(identity, before)| (identity.place, before))
        .collect()
}

#[test]
fn places_are_told_by_names() {
    let text = r#"{"apps": [{"id": "web", "fetch": [{"uri": "https://me:pw@h/a"}, "x", 1, {}]}]}"#;
    let places = places(
        text,
        &[
            "/apps/0/id",
            "/apps/0/fetch/0/uri",
            "/apps/0/fetch/1",
            "/apps/0/fetch/2",
            "/apps/0/fetch/3",
            "/apps/0/container/0",
            "/apps/9/x",
        ],
    );
    let expected = [
        ("/apps/[web]/id", 0),
        ("/apps/[web]/fetch/[https://*****@h/a]/uri", 0),
        ("/apps/[web]/fetch/[x]", 0),
        ("/apps/[web]/fetch/[]", 0),
        ("/apps/[web]/fetch/[]", 1),
        ("/apps/[web]/container/0", 0),
        ("/apps/[]/x", 0),
    ];
    let places: Vec<_> = places.iter().map(|(place, before)| (place.as_str(), *before)).collect();
    assert_eq!(places, expected);
}

#[test]
fn order_and_layout_change_nothing() {
    let one = places(r#"{"apps":[{"id":"a"},{"id":"b"}]}"#, &["/apps/0/id", "/apps/1/id"]);
    let mut other = places(
        "\n\n{\"x\": 1, \"apps\": [\n{\"id\": \"b\"},\n{\"id\":\"c\"}, {\"id\": \"a\"}]}",
        &["/apps/0/id", "/apps/2/id"],
    );
    other.reverse();
    assert_eq!(one, other);
}

#[test]
fn fingerprints_differ_by_every_part() {
    let identity = Identity {
        rule: "MC001".to_owned(),
        id: "/a".to_owned(),
        place: "/x".to_owned(),
    };
    let prints = [
        fingerprint("a.json", &identity, 0),
        fingerprint("b.json", &identity, 0),
        fingerprint("a.json", &identity, 1),
        fingerprint(
            "a.json",
            &Identity {
                place: "/y".to_owned(),
                ..identity.clone()
            },
            0,
        ),
        fingerprint(
            "a.json",
            &Identity {
                id: "/a/x".to_owned(),
                place: String::new(),
                ..identity.clone()
            },
            0,
        ),
        fingerprint(
            "a.json",
            &Identity {
                id: "/b".to_owned(),
                ..identity.clone()
            },
            0,
        ),
        fingerprint(
            "a.json",
            &Identity {
                rule: "MC002".to_owned(),
                ..identity.clone()
            },
            0,
        ),
    ];
    let different: std::collections::HashSet<_> = prints.iter().collect();
    assert_eq!(different.len(), prints.len());
    assert!(prints.iter().all(|print| print.len() == 32));
    // The published test vectors of FNV-1a, with the zero that ends a part: it must never change.
    assert_eq!(digest(&[]), "6c62272e07bb014262b821756295c58d");
}
