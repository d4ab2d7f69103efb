//! Input that means harm: neither a panic, nor an overflow, nor time with the square of it. What would take the square
//! of these lengths would not come to an end here.
#![allow(clippy::unwrap_used, missing_docs)]

use pullcreds_core::json::{Document, EditError, Operation, Patch, Pointer, RawJson, SyntaxErrorKind, apply};

const DEEP: usize = 100_000;
const MANY: usize = 50_000;

fn nested(open: &str, core: &str, close: &str) -> String {
    open.repeat(DEEP) + core + &close.repeat(DEEP)
}

fn edited(text: &str, operations: impl IntoIterator<Item = Operation>) -> Result<String, EditError> {
    let patch = Patch {
        operations: operations.into_iter().collect(),
    };
    apply(&Document::parse(text.as_bytes()).unwrap(), &patch).map(|edited| edited.text())
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn raw(text: &str) -> RawJson {
    RawJson::parse(text).unwrap()
}

#[test]
fn depth_is_read() {
    for (open, core, close) in [
        ("[", "", "]"),
        ("{\"a\":", "1", "}"),
        ("[{\"a\":[", "", "]}]"),
        ("[\n", "1", "\n]"),
    ] {
        let text = nested(open, core, close);
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.root().raw(), text);
    }
    assert_eq!(
        Document::parse("[".repeat(DEEP).as_bytes()).unwrap_err().kind,
        SyntaxErrorKind::EndInArray
    );
    assert_eq!(
        Document::parse("{\"a\":".repeat(DEEP).as_bytes()).unwrap_err().kind,
        SyntaxErrorKind::EndInObject
    );
    assert_eq!(Document::parse("{".repeat(DEEP).as_bytes()).unwrap_err().offset, 0);
    assert_eq!(
        Document::parse("]".repeat(DEEP).as_bytes()).unwrap_err().kind,
        SyntaxErrorKind::LoneClose(']')
    );
}

#[test]
fn depth_is_edited_in_text_pointer_and_value() {
    let objects = nested("{\"a\":", "{}", "}");
    let path = pointer(&"/a".repeat(DEEP));
    let value = raw(&nested("[", "", "]"));
    let added = edited(
        &objects,
        [Operation::Add {
            path: path.child("b"),
            value: value.clone(),
        }],
    )
    .unwrap();
    assert_eq!(added, nested("{\"a\":", &format!("{{\"b\":{}}}", value.as_str()), "}"));
    let removed = edited(&added, [Operation::Remove { path: path.child("b") }]).unwrap();
    assert_eq!(removed, objects);
    let copied = edited(
        &objects,
        [Operation::Copy {
            from: Pointer::root(),
            path: path.child("b"),
        }],
    )
    .unwrap();
    assert_eq!(copied, nested("{\"a\":", &format!("{{\"b\":{objects}}}"), "}"));
    let same = Operation::Test {
        path: Pointer::root(),
        value: raw(&objects),
    };
    assert_eq!(edited(&objects, [same]).unwrap(), objects);
    // Everything on the way is opened and changed, copied with its changes, and compared.
    let grown = Operation::Add {
        path: path.child("b"),
        value: raw("1"),
    };
    let copy = Operation::Copy {
        from: pointer("/a"),
        path: pointer("/c"),
    };
    let inner = objects[5..objects.len() - 1].replace("{}", "{\"b\":1.0}");
    let test = Operation::Test {
        path: pointer("/c"),
        value: raw(&inner),
    };
    let moved = Operation::Move {
        from: pointer("/c"),
        path: pointer("/d"),
    };
    assert!(edited(&objects, [grown, copy, test, moved]).unwrap().ends_with("}}"));
    let too_deep = edited(
        &objects,
        [Operation::Remove {
            path: path.child("x").child("y"),
        }],
    );
    assert!(matches!(too_deep, Err(EditError::Refused { .. })));
}

#[test]
fn depth_on_many_lines_is_not_indented_with_its_square() {
    let value = raw(&nested("[\n", "1", "\n]"));
    let result = edited(
        "{\n  \"a\": 1\n}",
        [Operation::Add {
            path: pointer("/b"),
            value,
        }],
    )
    .unwrap();
    assert!(result.len() < 3 * DEEP, "{}", result.len());
    // An indentation of a megabyte is not copied to every line.
    let wide = format!("{{\n{}\"a\": [1]\n}}", " ".repeat(1_000_000));
    let adds = (0..100).map(|n| Operation::Add {
        path: pointer(&format!("/{n}")),
        value: raw("[[1],[2]]"),
    });
    assert!(edited(&wide, adds).unwrap().len() < 1_200_000);
}

#[test]
fn gaps_too_wide_to_copy_are_no_harm() {
    for shift in 0..4 {
        for gap in ["    ", "\n", "\r\n  ", "\t"] {
            let (filler, wide) = ("é".repeat(2500), gap.repeat(3000));
            let text = format!(
                "{}{{{wide}\"{filler}\": \"{filler}\",{wide}\"b\":{wide}[{wide}],\"c\":[1{wide},2]{wide}}}",
                " ".repeat(shift)
            );
            let add = |path: &str| Operation::Add {
                path: pointer(path),
                value: raw("{\"x\":[1,2]}"),
            };
            let remove = Operation::Remove { path: pointer("/b") };
            for operations in [
                vec![add("/z"), add("/b/-"), add("/c/1"), add("/c/-")],
                vec![add("/z"), remove],
            ] {
                let result = edited(&text, operations).unwrap();
                assert!(result.len() < text.len() + 8000);
            }
        }
    }
}

#[test]
fn many_operations_take_their_own_time_only() {
    let elements = vec!["{\"x\":0}"; MANY].join(",");
    let array = format!("[{elements}]");
    let each = |operation: &dyn Fn(usize) -> Operation| edited(&array, (0..MANY).map(operation)).unwrap();
    let front = each(&|_| Operation::Add {
        path: pointer("/0"),
        value: raw("1"),
    });
    assert_eq!(front, format!("[{}{elements}]", "1,".repeat(MANY)));
    let spread = each(&|n| Operation::Add {
        path: pointer(&format!("/{n}/y")),
        value: raw("1"),
    });
    assert_eq!(spread, array.replace("\"x\":0", "\"x\":0,\"y\":1"));
    assert_eq!(each(&|_| Operation::Remove { path: pointer("/0") }), "[]");
    let moved = each(&|n| Operation::Move {
        from: pointer(&format!("/{n}")),
        path: pointer("/0"),
    });
    assert_eq!(moved.len(), array.len());
    let tested = each(&|n| Operation::Test {
        path: pointer(&format!("/{n}")),
        value: raw("{\"x\":0.0}"),
    });
    assert_eq!(tested, array);
}

#[test]
fn a_large_object_is_found_through_by_key() {
    const MANY: usize = 20_000;
    let members: Vec<String> = (0..MANY).map(|n| format!("\"k{n}\":{n}")).collect();
    let object = format!("{{{}}}", members.join(","));
    let replaced = (0..MANY).map(|n| Operation::Replace {
        path: pointer(&format!("/k{n}")),
        value: raw("null"),
    });
    assert_eq!(edited(&object, replaced).unwrap().matches("null").count(), MANY);
    let renamed = (0..MANY).map(|n| Operation::Move {
        from: pointer(&format!("/k{n}")),
        path: pointer(&format!("/l{n}")),
    });
    assert_eq!(edited(&object, renamed).unwrap(), object.replace('k', "l"));
    // A large object compared with small ones, and a key that comes and goes.
    let tests = (0..MANY).map(|_| Operation::Test {
        path: pointer("/0"),
        value: raw("{}"),
    });
    let wrapped = format!("[{object}]");
    assert!(edited(&wrapped, tests).is_err());
    let flicker = (0..MANY).map(|n| match n % 2 {
        0 => Operation::Add {
            path: pointer("/new"),
            value: raw("1"),
        },
        _ => Operation::Remove { path: pointer("/new") },
    });
    assert_eq!(edited(&object, flicker).unwrap(), object);
}

#[test]
fn copies_of_copies_are_stopped() {
    let double = |_| Operation::Copy {
        from: Pointer::root(),
        path: pointer("/-"),
    };
    let doubled = edited("[1]", (0..3).map(double)).unwrap();
    assert_eq!(doubled, "[1, [1], [1, [1]], [1, [1], [1, [1]]]]");
    // Without a limit this would be two to the sixtieth. A long string reaches it with little work.
    let long = format!("[\"{}\"]", "x".repeat(1 << 20));
    assert_eq!(edited(&long, (0..60).map(double)), Err(EditError::TooLong));
}

#[test]
fn odd_tokens_pass_unchanged() {
    let text = "\u{feff}{\r\n \"n\": [123456789012345678901234567890, 1e999, -0.0, 1E+2],\r\n \"\\ud800\": \"\\udc00\",\r\n \"a\": 1,\r\n \"a\": 2\r\n}";
    let add = |path: &str, value: &str| Operation::Add {
        path: pointer(path),
        value: raw(value),
    };
    let result = edited(
        text,
        [add("/n/-", "1e-999999999999"), add("/\u{fffd}", "\"\\udc00\\ud800\"")],
    )
    .unwrap();
    assert_eq!(
        result,
        text.replace("1E+2]", "1E+2, 1e-999999999999]")
            .replace(" \"a\": 2", " \"\u{fffd}\": \"\\udc00\\ud800\",\r\n \"a\": 2"),
    );
    let test = |path: &str, value: &str| {
        edited(
            text,
            [Operation::Test {
                path: pointer(path),
                value: raw(value),
            }],
        )
    };
    assert!(
        test("/n/0", "1.2345678901234567890123456789e29").is_ok() && test("/n/0", "1.23456789012345678e29").is_err()
    );
    assert!(test("/n/1", "10e998").is_ok() && test("/n/1", "1e99999999999999999999").is_err());
    assert!(test("/n/2", "0").is_ok() && test("/n/3", "100").is_ok());
    assert!(test("/a", "2").is_err(), "which of the two?");
}
