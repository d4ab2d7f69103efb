//! What a person would look at: texts before and after.

use super::{EditError, Refusal, apply};
use crate::json::{Document, Patch, Pointer};

/// Applies operations in a short spelling, one a line: `add /path value`, `move /from /path`, `remove /path`.
fn edited(before: &str, operations: &str) -> Result<String, EditError> {
    let lines = operations
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let (op, path) = (words.next().unwrap(), words.next().unwrap());
            match (op, words.next()) {
                ("move" | "copy", Some(to)) => format!(r#"{{"op": "{op}", "from": "{path}", "path": "{to}"}}"#),
                (_, Some(value)) => format!(r#"{{"op": "{op}", "path": "{path}", "value": {value}}}"#),
                (_, None) => format!(r#"{{"op": "{op}", "path": "{path}"}}"#),
            }
        });
    let patch = format!("[{}]", lines.collect::<Vec<_>>().join(","));
    let document = Document::parse(before.as_bytes()).unwrap();
    apply(&document, &Patch::parse(patch.as_bytes()).unwrap()).map(|edited| edited.text())
}

#[track_caller]
fn becomes(before: &str, operations: &str, after: &str) {
    let result = edited(before, operations).unwrap();
    assert_eq!(result, after, "\n--- wanted\n{after}\n--- came out\n{result}");
}

const FETCH: &str = r#"add /fetch [{"uri":"u"}]"#;

#[test]
fn a_member_goes_before_the_last_line() {
    becomes(
        "{\n  \"id\": 1,\n  \"mem\": 2\n}\n",
        "add /x 3",
        "{\n  \"id\": 1,\n  \"x\": 3,\n  \"mem\": 2\n}\n",
    );
    becomes(
        "{\n  \"id\": 1,\n  \"mem\": 2\n}\n",
        "add /x 3\nadd /y 4",
        "{\n  \"id\": 1,\n  \"x\": 3,\n  \"y\": 4,\n  \"mem\": 2\n}\n",
    );
    becomes(
        "{\n  \"id\": 1\n}",
        "add /x 3\nadd /y 4",
        "{\n  \"id\": 1,\n  \"x\": 3,\n  \"y\": 4\n}",
    );
}

#[test]
fn on_one_line_a_member_goes_to_the_end() {
    becomes(
        "{\"a\":1}\n",
        r#"add /b {"x":1,"y":[1,2]}"#,
        "{\"a\":1,\"b\":{\"x\":1,\"y\":[1,2]}}\n",
    );
    becomes(r#"{"a":1,"b":2}"#, FETCH, r#"{"a":1,"b":2,"fetch":[{"uri":"u"}]}"#);
    becomes(
        r#"{ "a": 1, "b": 2 }"#,
        FETCH,
        r#"{ "a": 1, "b": 2, "fetch": [{ "uri": "u" }] }"#,
    );
    becomes(r#"{"a": 1}"#, FETCH, r#"{"a": 1, "fetch": [{"uri": "u"}]}"#);
    becomes(r#"{"a":1}"#, FETCH, r#"{"a":1,"fetch":[{"uri":"u"}]}"#);
    becomes(
        "{\"a\": 1, \"b\": [\n  1\n]}",
        "add /x 3",
        "{\"a\": 1, \"x\": 3, \"b\": [\n  1\n]}",
    );
}

#[test]
fn indentation_is_that_of_the_place() {
    for step in ["  ", "   ", "    ", "\t"] {
        let before = format!("{{\n{step}\"id\": 1,\n{step}\"mem\": 2\n}}\n");
        let after = format!(
            "{{\n{step}\"id\": 1,\n{step}\"fetch\": [\n{step}{step}{{\n{step}{step}{step}\"uri\": \"u\"\n\
             {step}{step}}}\n{step}],\n{step}\"mem\": 2\n}}\n"
        );
        becomes(&before, FETCH, &after);
    }
    // Tabs inside, spaces outside.
    becomes(
        "{\n  \"c\": {\n\t\t\"a\": 1,\n\t\t\"b\": 2\n  },\n  \"d\": 3\n}",
        "add /c/x {\"s\": [1]}",
        "{\n  \"c\": {\n\t\t\"a\": 1,\n\t\t\"x\": {\n\t\t  \"s\": [\n\t\t    1\n\t\t  ]\n\t\t},\n\t\t\"b\": 2\n  },\n  \"d\": 3\n}",
    );
}

#[test]
fn line_ends_colons_and_blank_lines_are_those_of_the_neighbours() {
    becomes(
        "{\r\n  \"id\": 1,\r\n  \"mem\": 2\r\n}\r\n",
        FETCH,
        "{\r\n  \"id\": 1,\r\n  \"fetch\": [\r\n    {\r\n      \"uri\": \"u\"\r\n    }\r\n  ],\r\n  \"mem\": 2\r\n}\r\n",
    );
    becomes(
        "{\n  \"id\" : 1,\n\n\n  \"mem\" : 2\n}",
        "add /x {\"y\": 1}",
        "{\n  \"id\" : 1,\n\n\n  \"x\" : {\n    \"y\" : 1\n  },\n  \"mem\" : 2\n}",
    );
    becomes(
        "{ \"a\": 1\n, \"b\": 2\n}",
        "add /x 3",
        "{ \"a\": 1\n, \"x\": 3\n, \"b\": 2\n}",
    );
    becomes("[ 1\n, 2\n]", "add /- 3\nadd /0 0", "[ 0\n, 1\n, 2\n, 3\n]");
}

#[test]
fn a_byte_order_mark_and_what_is_around_stay() {
    becomes("\u{feff} \n{\"a\":1} \n\n", "replace /a 2", "\u{feff} \n{\"a\":2} \n\n");
    becomes(
        "\u{feff} \n{\"a\":1} \n\n",
        "replace  [1,2]",
        "\u{feff} \n[\n  1,\n  2\n] \n\n",
    );
    becomes("{\"a\": 1}\n", "replace  [1,2]", "[\n  1,\n  2\n]\n");
    becomes("{\"a\": 1}", "add  [1,2]", "[1, 2]");
}

#[test]
fn elements_follow_their_siblings() {
    becomes(
        "{\"f\": [\n  {\"uri\": \"a\"}\n]}",
        "add /f/- {\"uri\":\"b\"}",
        "{\"f\": [\n  {\"uri\": \"a\"},\n  {\"uri\": \"b\"}\n]}",
    );
    becomes(
        "{\n  \"f\": [\n    { \"uri\": \"a\" }\n  ]\n}",
        "add /f/0 {\"uri\":\"b\",\"x\":[]}",
        "{\n  \"f\": [\n    { \"uri\": \"b\", \"x\": [] },\n    { \"uri\": \"a\" }\n  ]\n}",
    );
    becomes(
        "{\n  \"f\": [{\n    \"uri\": \"a\"\n  }]\n}",
        "add /f/- {\"uri\":\"b\"}",
        "{\n  \"f\": [{\n    \"uri\": \"a\"\n  }, {\n    \"uri\": \"b\"\n  }]\n}",
    );
    becomes("[1]", "add /- 2", "[1, 2]");
    becomes("{\"a\":[1]}", "add /a/0 0", "{\"a\":[0,1]}");
    becomes("[ 1 ]", "add /0 0", "[ 0, 1 ]");
    becomes("[1,2,\n 3]", "add /1 9\nadd /- 4", "[1,9,2,\n 3,\n 4]");
}

#[test]
fn the_manner_of_another_list_of_its_kind_is_taken() {
    becomes(
        "{\n  \"id\": 1,\n  \"ports\": [{\n    \"p\": 1\n  }],\n  \"mem\": 2\n}",
        FETCH,
        "{\n  \"id\": 1,\n  \"ports\": [{\n    \"p\": 1\n  }],\n  \"fetch\": [{\n    \"uri\": \"u\"\n  }],\n  \"mem\": 2\n}",
    );
    let before = "{\n  \"id\": 1,\n  \"ports\": [{ \"p\": 1 }],\n  \"mem\": 2\n}";
    becomes(
        before,
        FETCH,
        "{\n  \"id\": 1,\n  \"ports\": [{ \"p\": 1 }],\n  \"fetch\": [{ \"uri\": \"u\" }],\n  \"mem\": 2\n}",
    );
    // But not on one line what does not fit there; whatever white space the patch has.
    let long = format!("add /fetch [{{\"uri\":          \"{}\"}}]", "u".repeat(90));
    let after = edited(before, &long).unwrap();
    assert!(after.contains("\"fetch\": [\n    {\n      \"uri\": \"u"), "{after}");
    let short = format!("add /fetch [{{\"uri\":{}\"u\"}}]", " ".repeat(90));
    assert_eq!(edited(before, &short), edited(before, FETCH));
}

#[test]
fn empty_brackets_are_filled_as_their_surroundings_are() {
    let filled = "{\n  \"f\": [\n    1\n  ],\n  \"m\": 2\n}";
    becomes("{\n  \"f\": [],\n  \"m\": 2\n}", "add /f/- 1", filled);
    becomes("{\n  \"f\": [ ],\n  \"m\": 2\n}", "add /f/- 1", filled);
    becomes("{\n  \"f\": [\n  ],\n  \"m\": 2\n}", "add /f/- 1", filled);
    becomes("{\"f\":[],\"m\":2}", "add /f/- 1", "{\"f\":[1],\"m\":2}");
    becomes("{\"f\": [ ], \"m\": 2}", "add /f/- 1", "{\"f\": [ 1 ], \"m\": 2}");
    becomes("{}", "add /a 1", "{\"a\": 1}");
    becomes("{}\n", "add /a 1", "{\n  \"a\": 1\n}\n");
    becomes("{\n}\n", "add /a 1\nadd /b []", "{\n  \"a\": 1,\n  \"b\": []\n}\n");
    becomes("{\n\n}\n", "add /a 1", "{\n  \"a\": 1\n\n}\n");
}

#[test]
fn a_value_is_put_over_another_in_its_bytes_only() {
    becomes(
        "{\"a\" :  1.50 ,\"b\":2}",
        "replace /a true",
        "{\"a\" :  true ,\"b\":2}",
    );
    becomes(
        "{\n  \"a\": null,\n  \"b\": 2\n}",
        "add /a [1]",
        "{\n  \"a\": [\n    1\n  ],\n  \"b\": 2\n}",
    );
    becomes(
        "{\n  \"a\": [3, 4],\n  \"b\": 2\n}",
        "replace /a [1]",
        "{\n  \"a\": [1],\n  \"b\": 2\n}",
    );
    // The same tokens once more: nothing is new.
    becomes("{\"a\": [ 1 ,2]}", "replace /a [1,2]", "{\"a\": [ 1 ,2]}");
    becomes(
        "[1e999, 123456789012345678901234567890, \"\\ud800\"]",
        "add /0 -0.0E+1",
        "[-0.0E+1, 1e999, 123456789012345678901234567890, \"\\ud800\"]",
    );
}

#[test]
fn a_removed_child_takes_one_separator_with_it() {
    let before = "{\n  \"a\": 1,\n  \"b\": 2,\n\n  \"c\": 3\n}";
    becomes(before, "remove /a", "{\n  \"b\": 2,\n\n  \"c\": 3\n}");
    becomes(before, "remove /b", "{\n  \"a\": 1,\n  \"c\": 3\n}");
    becomes(before, "remove /c", "{\n  \"a\": 1,\n  \"b\": 2\n}");
    becomes(before, "remove /a\nremove /b\nremove /c", "{}");
    becomes(
        before,
        "remove /b\nremove /c\nadd /x 4",
        "{\n  \"a\": 1,\n  \"x\": 4\n}",
    );
    becomes(
        before,
        "remove /a\nremove /b\nremove /c\nadd /x 4\nadd /y 5",
        "{\n  \"x\": 4,\n  \"y\": 5\n}",
    );
    becomes("[1, 2, 3, 4]", "remove /1\nremove /1", "[1, 4]");
    becomes("[ 1\n, 2\n, 3\n]", "remove /1\nremove /1", "[ 1\n]");
    becomes("[1, 2, 3, 4]", "remove /3\nremove /0", "[2, 3]");
    becomes("[1, 2]", "remove /1\nadd /- 3", "[1, 3]");
}

#[test]
fn what_is_moved_keeps_its_form() {
    becomes(
        "{\n  \"a\": 1,\n  \"b\": 2\n}",
        "move /a /x",
        "{\n  \"x\": 1,\n  \"b\": 2\n}",
    );
    becomes(
        "{\n  \"a\": {\n    \"x\": [1, 2]\n  },\n  \"b\": [\n    3\n  ]\n}",
        "move /a/x /c",
        "{\n  \"a\": {},\n  \"c\": [1, 2],\n  \"b\": [\n    3\n  ]\n}",
    );
    becomes(
        "{\n  \"a\": {\n    \"x\": [\n      1,  2\n    ],\n    \"y\": 0\n  },\n  \"b\": 3\n}",
        "copy /a /a/z",
        "{\n  \"a\": {\n    \"x\": [\n      1,  2\n    ],\n    \"z\": {\n      \"x\": [\n        1,  2\n      ],\n      \"y\": 0\n    },\n    \"y\": 0\n  },\n  \"b\": 3\n}",
    );
    becomes(
        "{\"a\": [\n  1\n], \"b\": {\"c\": 2}}",
        "move /a /b/a",
        "{\"b\": {\"c\": 2, \"a\": [1]}}",
    );
    becomes("[[\n  1\n], 2]", "move /0 /1", "[2, [\n  1\n]]");
    becomes("{\"a\": 1}", "move /a /a\ncopy /a /a\ncopy  ", "{\"a\": 1}");
    becomes("[1]", "copy /0 /0\nmove /0 /0", "[1, 1]");
    // Changed, and moved after that, and changed again.
    becomes(
        "{\n  \"a\": {\n    \"x\": 1\n  },\n  \"b\": 3\n}",
        "add /a/y 2\nmove /a /c\nremove /c/x\ncopy /c /d\nadd /d/z 4",
        "{\n  \"c\": {\n    \"y\": 2\n  },\n  \"d\": {\n    \"y\": 2,\n    \"z\": 4\n  },\n  \"b\": 3\n}",
    );
}

#[test]
fn depth_is_no_reason_to_indent_without_end() {
    let deep = "[".repeat(70) + &"]".repeat(70);
    let after = edited("{\n  \"a\": 1,\n  \"b\": 2\n}", &format!("add /x {deep}")).unwrap();
    assert_eq!(after.lines().count(), 4 + 2 * 64 + 1, "{after}");
    assert!(after.contains(&format!("{}[[[[[[]]]]]]\n", "  ".repeat(65))), "{after}");
}

#[test]
fn the_rfc_s_errors_are_errors() {
    let refused = |before: &str, operations: &str| match edited(before, operations).unwrap_err() {
        EditError::Refused {
            operation,
            path,
            refusal,
        } => (operation, path.to_string(), refusal),
        other => panic!("{other}"),
    };
    let text = r#"{"a": {"b": [1, 2]}, "s": "x"}"#;
    for (operations, operation, path, refusal) in [
        ("remove /x", 0, "/x", Refusal::NotFound),
        ("add /y 1\nadd /x/y/z 1", 1, "/x", Refusal::NotFound),
        ("replace /a/c 1", 0, "/a/c", Refusal::NotFound),
        ("add /a/b/3 1", 0, "/a/b/3", Refusal::IndexOutOfRange { length: 2 }),
        ("remove /a/b/2", 0, "/a/b/2", Refusal::IndexOutOfRange { length: 2 }),
        (
            "remove /a/b/99999999999999999999999999",
            0,
            "/a/b/99999999999999999999999999",
            Refusal::IndexOutOfRange { length: 2 },
        ),
        ("remove /a/b/-", 0, "/a/b/-", Refusal::BadIndex),
        ("add /a/b/01 1", 0, "/a/b/01", Refusal::BadIndex),
        ("add /a/b/-/x 1", 0, "/a/b/-", Refusal::BadIndex),
        ("add /s/x 1", 0, "/s/x", Refusal::NotAContainer),
        ("test /s \"y\"", 0, "/s", Refusal::TestFailed),
        ("move /a /a/c", 0, "/a/c", Refusal::MoveIntoItself),
        ("move  /a", 0, "/a", Refusal::MoveIntoItself),
        ("move /x /s", 0, "/x", Refusal::NotFound),
        ("remove ", 0, "", Refusal::RootRemoved),
    ] {
        assert_eq!(
            refused(text, operations),
            (operation, path.to_owned(), refusal),
            "{operations}"
        );
    }
    assert_eq!(
        refused("[1]", "add /- {\"a\":1,\"\\u0061\":2}\nremove /1/a").2,
        Refusal::DuplicateKeyInValue
    );
}

#[test]
fn duplicates_matter_only_on_the_way() {
    let text = r#"{"a": 1, "\u0061": 2, "b": {"c": 1}, "b2": {"a": 1, "a": 1}}"#;
    for operations in [
        "replace /a 3",
        "add /a 3",
        "remove /a",
        "move /a /x",
        "copy /b /a",
        "test /a 2",
    ] {
        let refusal = Refusal::DuplicateKey {
            first: 1..4,
            second: 9..17,
        };
        let path = Pointer::parse("/a").unwrap();
        assert_eq!(
            edited(text, operations),
            Err(EditError::Refused {
                operation: 0,
                path,
                refusal
            }),
            "{operations}"
        );
    }
    becomes(text, "replace /b/c 2", &text.replacen("\"c\": 1", "\"c\": 2", 1));
    becomes(text, "remove /b2", r#"{"a": 1, "\u0061": 2, "b": {"c": 1}}"#);
    becomes(text, "test /b2 {\"a\": 1.0}", text);
}
