//! RFC 6902 case by case (fixtures/json/rfc6902.json), here and by json-patch.
#![allow(clippy::unwrap_used, missing_docs)]

use pullcreds_core::json::{Document, Patch, apply};

const CASES: &str = include_str!("../../fixtures/json/rfc6902.json");

#[test]
fn the_rfc_s_examples_come_out_as_it_says() {
    let cases = Document::parse(CASES.as_bytes()).unwrap();
    for case in cases.root().elements() {
        let name = case.get("case").unwrap().as_str().unwrap();
        let before = case.get("before").unwrap().raw();
        let document = Document::parse(before.as_bytes()).unwrap();
        let patch = case.get("patch").unwrap().raw();
        let result = Patch::parse(patch.as_bytes())
            .map_err(|error| error.to_string())
            .and_then(|patch| apply(&document, &patch).map_err(|error| error.to_string()));
        match (result, case.get("after"), case.get("error")) {
            (Ok(edited), Some(after), None) => {
                let text = edited.text();
                let edited = Document::parse(text.as_bytes()).unwrap();
                assert!(edited.root().same_value(&after), "{name}: {}", edited.text());
                // Where json-patch departs from the RFC the case says so.
                if case.get("json-patch").is_some() {
                    continue;
                }
                let mut oracle = serde_json::from_str(before).unwrap();
                json_patch::patch(&mut oracle, &serde_json::from_str::<json_patch::Patch>(patch).unwrap()).unwrap();
                let oracle = oracle.to_string();
                assert!(
                    Document::parse(oracle.as_bytes()).unwrap().root().same_value(&after),
                    "{name}: {oracle}"
                );
            }
            (Err(error), None, Some(expected)) => {
                let expected = expected.as_str().unwrap();
                assert!(error.contains(expected.as_ref()), "{name}: {error}");
            }
            (result, ..) => panic!("{name}: {result:?}"),
        }
    }
    assert!(cases.root().elements().count() >= 27);
}
