use super::*;

/// Where text came from when it was inserted in one place: what an edit's own map would say.
fn inserted(at: usize, length: usize) -> impl Fn(usize) -> usize {
    move |offset| {
        if offset <= at {
            offset
        } else {
            offset.saturating_sub(length).max(at)
        }
    }
}

fn diff(old: &str, new: &str, origin: impl Fn(usize) -> usize) -> String {
    String::from_utf8(unified(b"a.json", old.as_bytes(), new.as_bytes(), origin)).unwrap()
}

#[test]
fn equal_texts_have_no_diff() {
    for text in ["", "a\n", "a", "a\r\nb"] {
        assert_eq!(diff(text, text, |offset| offset), "");
    }
}

#[test]
fn an_inserted_line_is_one_line_of_diff() {
    let old = "{\n  \"a\": 1,\n  \"b\": 2\n}\n";
    let new = "{\n  \"a\": 1,\n  \"x\": 3,\n  \"b\": 2\n}\n";
    let expected = "--- a/a.json\n+++ b/a.json\n@@ -1,4 +1,5 @@\n {\n   \"a\": 1,\n+  \"x\": 3,\n   \"b\": 2\n }\n";
    assert_eq!(diff(old, new, inserted(12, 10)), expected);
}

#[test]
fn an_element_added_at_the_end_changes_only_the_line_that_gains_a_comma() {
    let old = "[\n  {\n    \"u\": 1\n  }\n]\n";
    let new = "[\n  {\n    \"u\": 1\n  },\n  {\n    \"u\": 2\n  }\n]\n";
    let at = old.rfind("\n]").unwrap();
    let expected =
        "--- a/a.json\n+++ b/a.json\n@@ -1,5 +1,8 @@\n [\n   {\n     \"u\": 1\n+  },\n+  {\n+    \"u\": 2\n   }\n ]\n";
    assert_eq!(diff(old, new, inserted(at, new.len() - old.len())), expected);
}

#[test]
fn the_end_without_a_newline_is_marked_on_the_side_that_has_none() {
    assert_eq!(
        diff("a\nb", "a\nc", |offset| offset),
        "--- a/a.json\n+++ b/a.json\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"
    );
    assert!(diff("a\nb", "c\nb", |offset| offset).ends_with(" b\n\\ No newline at end of file\n"));
}

#[test]
fn changes_far_apart_are_hunks_of_their_own() {
    let old: String = (0..40).map(|line| format!("{line:02}\n")).collect();
    let new = old.replace("05\n", "xx\n").replace("30\n", "yy\n");
    let diff = diff(&old, &new, |offset| offset);
    assert_eq!(diff.matches("@@ -").count(), 2);
    assert!(
        diff.contains("@@ -3,7 +3,7 @@") && diff.contains("@@ -28,7 +28,7 @@"),
        "{diff}"
    );
}

#[test]
fn a_wrong_guess_of_the_origin_makes_no_false_diff() {
    let old = "a\nb\nc\nd\n";
    let new = "x\na\nb\nd\ne\n";
    for guess in [0_usize, 2, 4, 100] {
        let (old_lines, new_lines) = (Lines::new(old.as_bytes()), Lines::new(new.as_bytes()));
        let mut rebuilt = Vec::new();
        let mut at = 0;
        for change in changes(&old_lines, &new_lines, |offset| offset ^ guess) {
            rebuilt.extend_from_slice(old_lines.text(at..change.old.start));
            rebuilt.extend_from_slice(new_lines.text(change.new.clone()));
            at = change.old.end;
        }
        rebuilt.extend_from_slice(old_lines.text(at..old_lines.len()));
        assert_eq!(String::from_utf8(rebuilt).unwrap(), new, "guess {guess}");
    }
}

#[test]
fn odd_names_are_quoted_as_git_does() {
    let quoted = |name: &str| {
        let mut out = Vec::new();
        quote(&mut out, name.as_bytes());
        String::from_utf8(out).unwrap()
    };
    assert_eq!(quoted("a/plain-name.json"), "a/plain-name.json");
    assert_eq!(quoted("a/two words.json"), "a/two words.json\t");
    assert_eq!(quoted("a/ä\"\\\n.json"), "\"a/\\303\\244\\\"\\\\\\n.json\"");
}
