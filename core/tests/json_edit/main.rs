//! Properties of edits: random documents in random layouts, random patches of all six operations.
#![allow(clippy::unwrap_used, missing_docs)]

mod texts;

use proptest::prelude::*;
use proptest::sample::Index;
use pullcreds_core::json::{Document, EditError, OffsetMap, Operation, Patch, Pointer, RawJson, Refusal, apply};

use texts::{key, text, value};

/// An operation before it is known on what: the places are drawn from the document as it then is.
#[derive(Clone, Debug)]
struct Draft {
    kind: usize,
    place: Index,
    from: Index,
    key: String,
    value: RawJson,
    wild: bool,
}

fn drafts(most: usize) -> impl Strategy<Value = Vec<Draft>> {
    let draft = (
        0..8_usize,
        any::<Index>(),
        any::<Index>(),
        key(),
        value(),
        prop::bool::weighted(0.03),
    );
    let draft = draft.prop_map(|(kind, place, from, key, value, wild)| Draft {
        kind,
        place,
        from,
        key,
        value,
        wild,
    });
    prop::collection::vec(draft, 1..most)
}

/// All places of a value that are there, and those where something could be added.
fn places(value: &serde_json::Value, at: &Pointer, there: &mut Vec<Pointer>, free: &mut Vec<Pointer>, key: &str) {
    there.push(at.clone());
    match value {
        serde_json::Value::Array(elements) => {
            free.push(at.child("-"));
            for (index, element) in elements.iter().enumerate() {
                free.push(at.child(&index.to_string()));
                places(element, &at.child(&index.to_string()), there, free, key);
            }
        }
        serde_json::Value::Object(members) => {
            free.push(at.child(key));
            for (key, member) in members {
                places(member, &at.child(key), there, free, key);
            }
        }
        _ => {}
    }
}

fn to_serde(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

fn to_oracle(patch: &Patch) -> json_patch::Patch {
    serde_json::from_str(&patch.to_json()).unwrap()
}

/// Makes a patch of drafts that json-patch can apply, and its result; now and then one that it cannot.
fn settle(text: &str, drafts: &[Draft]) -> (Patch, Option<serde_json::Value>) {
    let mut value = to_serde(text);
    let mut patch = Patch::default();
    for draft in drafts {
        let (mut there, mut free) = (Vec::new(), Vec::new());
        places(&value, &Pointer::root(), &mut there, &mut free, &draft.key);
        free.push(Pointer::root());
        let mut path = draft.place.get(&there).clone();
        let from = draft.from.get(&there).clone();
        let open = draft.place.get(&free).clone();
        if draft.wild {
            path.push(&draft.key);
        }
        let carried = draft.value.clone();
        let operation = match draft.kind {
            0 | 1 => Operation::Add {
                path: open,
                value: carried,
            },
            2 if !path.is_root() => Operation::Remove { path },
            3 => Operation::Replace { path, value: carried },
            4 if !open.starts_with_tokens(&from) => Operation::Move { from, path: open },
            5 => Operation::Copy { from, path: open },
            6 => match value.pointer(path.as_str()) {
                Some(there) => Operation::Test {
                    path,
                    value: RawJson::parse(there.to_string()).unwrap(),
                },
                None => Operation::Test { path, value: carried },
            },
            _ => continue,
        };
        let step = Patch {
            operations: vec![operation.clone()],
        };
        let after = {
            let mut after = value.clone();
            json_patch::patch(&mut after, &to_oracle(&step)).ok().map(|()| after)
        };
        patch.operations.push(operation);
        match after {
            Some(after) => value = after,
            None => return (patch, None),
        }
    }
    (patch, Some(value))
}

/// The new text, and what leads from it to the old one.
fn edited(text: &str, patch: &Patch) -> Result<(String, OffsetMap), EditError> {
    let document = Document::parse(text.as_bytes()).unwrap();
    apply(&document, patch).map(|edited| (edited.text(), edited.map().clone()))
}

/// Whether `part` is what is left of `whole` when some bytes are taken out.
fn is_subsequence(part: &str, whole: &str) -> bool {
    let mut whole = whole.bytes();
    part.bytes().all(|byte| whole.any(|other| other == byte))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_result_is_that_of_json_patch(text in text(), drafts in drafts(8)) {
        let (patch, expected) = settle(&text, &drafts);
        match (edited(&text, &patch), expected) {
            (Ok((edited, _)), Some(expected)) => {
                prop_assert_eq!(to_serde(&edited), expected, "{}", edited);
                prop_assert!(Document::parse(edited.as_bytes()).is_ok());
                prop_assert_eq!(edited.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
                prop_assert_eq!(edited.ends_with('\n'), text.ends_with('\n'));
            }
            (Err(EditError::Refused { operation, .. }), None) => prop_assert_eq!(operation, patch.operations.len() - 1),
            (Err(error), Some(_)) => prop_assert!(false, "{}\n{}", error, patch.to_json()),
            (Ok((edited, _)), None) => prop_assert!(false, "json-patch refuses it: {}", edited),
            (Err(error), None) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn additions_change_no_old_byte(text in text(), drafts in drafts(6)) {
        let mut patch = settle(&text, &drafts).0;
        let mut so_far = to_serde(&text);
        patch.operations.retain(|operation| {
            let fresh = match operation {
                Operation::Add { path, .. } => {
                    let beside = path.parent().and_then(|parent| so_far.pointer(parent.as_str()));
                    match (beside, path.last()) {
                        (Some(serde_json::Value::Object(members)), Some(key)) => !members.contains_key(key.as_ref()),
                        (Some(serde_json::Value::Array(_)), _) => true,
                        _ => false,
                    }
                }
                _ => false,
            };
            let step = Patch { operations: vec![operation.clone()] };
            fresh && json_patch::patch(&mut so_far, &to_oracle(&step)).is_ok()
        });
        let (result, map) = edited(&text, &patch).unwrap();
        prop_assert!(is_subsequence(&text, &result), "{}\n---\n{}", text, result);
        // And the map knows which bytes those are. (White space between empty brackets may have become other.)
        let kept = |new: &usize| map.to_original(new + 1) == map.to_original(*new) + 1;
        let kept: Vec<u8> = (0..result.len()).filter(kept).map(|new| result.as_bytes()[new]).collect();
        let without_space = |bytes: &[u8]| bytes.iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect::<Vec<_>>();
        prop_assert_eq!(without_space(&kept), without_space(text.as_bytes()));
    }

    #[test]
    fn the_map_never_leads_backwards(text in text(), drafts in drafts(6)) {
        let (patch, _) = settle(&text, &drafts);
        let Ok((result, map)) = edited(&text, &patch) else { return Ok(()) };
        let places: Vec<usize> = (0..=result.len()).map(|new| map.to_original(new)).collect();
        prop_assert!(places.is_sorted() && places.last() == Some(&text.len()), "{:?}", places);
        let again = edited(&result, &Patch::default()).unwrap().1.after(&map);
        for (new, &old) in places.iter().enumerate() {
            prop_assert_eq!(again.to_original(new), old);
            let span = map.span_to_original(new..result.len());
            prop_assert!(span.start == old && span.end <= text.len() && span.start <= span.end);
        }
    }

    #[test]
    fn replacing_one_value_leaves_all_others_where_they_lead_back_to(
        text in text(),
        place in any::<Index>(),
        value in value(),
    ) {
        let (mut there, mut free) = (Vec::new(), Vec::new());
        places(&to_serde(&text), &Pointer::root(), &mut there, &mut free, "a");
        let path = place.get(&there);
        let patch = Patch { operations: vec![Operation::Replace { path: path.clone(), value }] };
        let (result, map) = edited(&text, &patch).unwrap();
        let (before, after) = (Document::parse(text.as_bytes()).unwrap(), Document::parse(result.as_bytes()).unwrap());
        for other in there.iter().filter(|other| !other.starts_with_tokens(path) || *other == path) {
            let (old, new) = (before.find(other).unwrap(), after.find(other).unwrap());
            prop_assert_eq!(map.span_to_original(new.span()), old.span(), "{}", other);
            prop_assert!(path.starts_with_tokens(other) || old.raw() == new.raw());
        }
    }

    #[test]
    fn a_patch_survives_its_own_text(text in text(), drafts in drafts(6)) {
        let (patch, _) = settle(&text, &drafts);
        let again = Patch::parse(patch.to_json().as_bytes()).unwrap();
        prop_assert_eq!(again.to_json(), patch.to_json());
        match (edited(&text, &patch), edited(&text, &again)) {
            (Ok(this), Ok(that)) => prop_assert_eq!(this.0, that.0),
            (Err(this), Err(that)) => prop_assert_eq!(this, that),
            _ => prop_assert!(false),
        }
    }
}

#[test]
fn refusals_name_their_places() {
    let text = r#"{"a": {"b": 1, "c": 0, "b": 2}}"#;
    let patch =
        Patch::parse(br#"[{"op": "test", "path": "/a/c", "value": 0}, {"op": "remove", "path": "/a/b/x"}]"#).unwrap();
    let refused = EditError::Refused {
        operation: 1,
        path: Pointer::parse("/a/b").unwrap(),
        refusal: Refusal::DuplicateKey {
            first: 7..10,
            second: 23..26,
        },
    };
    assert_eq!(edited(text, &patch).unwrap_err(), refused);
}
