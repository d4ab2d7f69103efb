//! What a plugin may write: the places that `allow` names, by whole tokens, and never the label that silences rules.

use pullcreds_core::json::{Operation, Patch, Pointer};
use pullcreds_core::policy::SILENCING_LABEL;

/// The first place that a patch writes and may not: why, in words. All pointers are relative to the app or pod.
pub(super) fn trespass(patch: &Patch, allow: &[Pointer]) -> Option<String> {
    let written = patch.operations.iter().enumerate().flat_map(|(index, operation)| {
        let places: Vec<&Pointer> = match operation {
            Operation::Add { path, .. } | Operation::Replace { path, .. } | Operation::Remove { path } => vec![path],
            // What is moved is gone from where it was.
            Operation::Move { from, path } => vec![from, path],
            Operation::Copy { path, .. } => vec![path],
            Operation::Test { .. } => Vec::new(),
        };
        places.into_iter().map(move |place| (index, operation.name(), place))
    });
    let mut refused = written.filter_map(|(index, name, place)| {
        let why = if place.is_root() {
            "which is the whole app or pod".to_owned()
        } else if is_silencing(place) {
            "the label that silences rules, which no plugin may write".to_owned()
        } else if !allow.iter().any(|allowed| place.starts_with_tokens(allowed)) {
            match allow {
                [] => "and its `allow` opens nothing".to_owned(),
                allow => {
                    let opened: Vec<&str> = allow.iter().map(Pointer::as_str).collect();
                    format!("and its `allow` opens {} only", opened.join(", "))
                }
            }
        } else {
            return None;
        };
        Some(format!(
            "operation {index} of its patch, `{name}`, writes `{place}`, {why}"
        ))
    });
    refused.next()
}

fn is_silencing(place: &Pointer) -> bool {
    let mut tokens = place.tokens();
    (tokens.next().as_deref(), tokens.next().as_deref()) == (Some("labels"), Some(SILENCING_LABEL))
}

/// The same patch, from the root of the text instead of from the app or pod.
pub(super) fn rebased(patch: Patch, base: &Pointer) -> Patch {
    if base.is_root() {
        return patch;
    }
    let at = |pointer: &Pointer| {
        let mut whole = base.clone();
        pointer.tokens().for_each(|token| whole.push(&token));
        whole
    };
    let operations = patch.operations.into_iter().map(|operation| match operation {
        Operation::Add { path, value } => Operation::Add { path: at(&path), value },
        Operation::Remove { path } => Operation::Remove { path: at(&path) },
        Operation::Replace { path, value } => Operation::Replace { path: at(&path), value },
        Operation::Move { from, path } => Operation::Move {
            from: at(&from),
            path: at(&path),
        },
        Operation::Copy { from, path } => Operation::Copy {
            from: at(&from),
            path: at(&path),
        },
        Operation::Test { path, value } => Operation::Test { path: at(&path), value },
    });
    Patch {
        operations: operations.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(allow: &[&str], patch: &str) -> Option<String> {
        let allow: Vec<Pointer> = allow.iter().map(|text| text.parse().unwrap()).collect();
        trespass(&Patch::parse(patch.as_bytes()).unwrap(), &allow)
    }

    #[test]
    fn places_are_opened_by_whole_tokens() {
        let add = |path: &str| format!(r#"[{{"op": "add", "path": "{path}", "value": 1}}]"#);
        for open in ["/labels", "/labels/a", "/labels/a/b"] {
            assert_eq!(refused(&["/env", "/labels"], &add(open)), None, "{open}");
        }
        for closed in ["", "/", "/labelsX", "/label", "/Labels", "/x/labels", "/labels~1a"] {
            assert!(refused(&["/labels"], &add(closed)).is_some(), "{closed}");
        }
        assert!(refused(&["/labels/a"], &add("/labels")).is_some());
        assert!(refused(&[], &add("/a")).unwrap().contains("opens nothing"));
    }

    #[test]
    fn a_move_writes_both_its_ends_and_a_test_neither() {
        let two =
            |name: &str, from: &str, path: &str| format!(r#"[{{"op": "{name}", "from": "{from}", "path": "{path}"}}]"#);
        assert!(refused(&["/b"], &two("move", "/a", "/b")).unwrap().contains("`/a`"));
        assert!(refused(&["/a"], &two("move", "/a", "/b")).unwrap().contains("`/b`"));
        assert_eq!(refused(&["/a", "/b"], &two("move", "/a", "/b/c")), None);
        assert_eq!(refused(&["/b"], &two("copy", "/a", "/b")), None);
        assert!(refused(&["/a"], &two("copy", "/a", "/b")).is_some());
        assert_eq!(refused(&[], r#"[{"op": "test", "path": "", "value": {}}]"#), None);
    }

    #[test]
    fn the_label_that_silences_is_never_opened() {
        for patch in [
            r#"[{"op": "add", "path": "/labels/pullcreds-ignore", "value": "all"}]"#,
            r#"[{"op": "remove", "path": "/labels/pullcreds-ignore"}]"#,
            r#"[{"op": "add", "path": "/labels/pullcreds-ignore/x", "value": "all"}]"#,
            r#"[{"op": "move", "from": "/labels/a", "path": "/labels/pullcreds-ignore"}]"#,
            r#"[{"op": "move", "from": "/labels/pullcreds-ignore", "path": "/labels/a"}]"#,
        ] {
            assert!(refused(&["/labels"], patch).unwrap().contains("silences"), "{patch}");
        }
    }

    #[test]
    fn a_patch_is_led_to_its_app() {
        let patch = r#"[{"op": "move", "from": "/a~1b", "path": "/c"}, {"op": "test", "path": "", "value": 1}]"#;
        let base: Pointer = "/apps/0".parse().unwrap();
        let rebased = rebased(Patch::parse(patch.as_bytes()).unwrap(), &base);
        let places: Vec<&str> = rebased
            .operations
            .iter()
            .map(|operation| operation.path().as_str())
            .collect();
        assert_eq!(places, ["/apps/0/c", "/apps/0"]);
        assert_eq!(rebased.operations[0].from().unwrap().as_str(), "/apps/0/a~1b");
    }
}
