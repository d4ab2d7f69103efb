//! Laying any patch into any JSON text.

use crate::util::House;

#[test]
fn only_the_value_changes() {
    let text = "\u{feff}{\r\n\t\"a\" :1.0,\"b\":[ 1,2 ] }";
    let house = House::new(&[
        ("a.json", text),
        ("p", r#"[{"op": "replace", "path": "/a", "value": 2}]"#),
    ]);
    let ran = house.run(&["apply", "p", "a.json"]).exits_with(0);
    assert_eq!(ran.stdout, text.replace("1.0", "2"));
    assert_eq!(house.read("a.json"), text, "without --write the file stays");
    let ran = house.run(&["apply", "-w", "p", "a.json"]).exits_with(0);
    assert_eq!(
        (ran.stdout.as_str(), house.read("a.json")),
        ("", text.replace("1.0", "2"))
    );
}

#[test]
fn a_patch_is_laid_whole_or_not_at_all() {
    let patch = r#"[{"op": "replace", "path": "/a", "value": 2}, {"op": "remove", "path": "/nowhere"}]"#;
    let house = House::new(&[("a.json", "{\"a\": 1}"), ("p", patch)]);
    let ran = house.run(&["apply", "--write", "p", "a.json"]).exits_with(2);
    assert!(ran.stderr.contains("/nowhere"), "{}", ran.stderr);
    assert_eq!((ran.stdout.as_str(), house.read("a.json").as_str()), ("", "{\"a\": 1}"));
}

#[test]
fn duplicate_keys_on_the_way_are_shown_both() {
    let house = House::new(&[
        ("a.json", "{\n  \"a\": 1,\n  \"a\": 2\n}"),
        ("p", r#"[{"op": "remove", "path": "/a"}]"#),
    ]);
    let ran = house.run(&["apply", "--color", "never", "p", "a.json"]).exits_with(2);
    assert!(ran.stderr.contains("a.json:3:3"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the same key stands here"), "{}", ran.stderr);
}

#[test]
fn what_is_no_patch_or_no_json_is_refused() {
    let house = House::new(&[
        ("a.json", "{\"a\": 1,}"),
        ("good", "[]"),
        ("bad", r#"[{"op": "frobnicate", "path": ""}]"#),
    ]);
    let ran = house
        .run(&["apply", "--color", "never", "good", "a.json"])
        .exits_with(2);
    assert!(ran.stderr.contains("a.json:1:8"), "{}", ran.stderr);
    let ran = house.run(&["apply", "--color", "never", "bad", "a.json"]).exits_with(2);
    assert!(ran.stderr.contains("--> bad:1:2"), "{}", ran.stderr);
    house.run(&["apply", "-", "-"]).exits_with(2);
    house.run(&["apply", "--write", "good", "-"]).exits_with(2);
}
