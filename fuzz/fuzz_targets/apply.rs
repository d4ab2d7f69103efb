//! A JSON text, a zero byte, and a JSON Patch for it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pullcreds_core::json::{Document, EditError, Patch, apply};

fuzz_target!(|input: &[u8]| {
    let Some(zero) = input.iter().position(|byte| *byte == 0) else {
        let _ = Document::parse(input);
        return;
    };
    let (text, patch) = (&input[..zero], &input[zero + 1..]);
    let (Ok(document), Ok(patch)) = (Document::parse(text), Patch::parse(patch)) else {
        return;
    };
    match apply(&document, &patch) {
        Ok(edited) => {
            Document::parse(edited.text().as_bytes()).expect("what was edited is JSON");
            if patch.is_empty() {
                assert_eq!(edited.text().as_bytes(), text);
            }
        }
        Err(EditError::Internal(why)) => panic!("{why}"),
        Err(_) => {}
    }
});
