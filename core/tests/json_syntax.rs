//! What is JSON and what is not: the lists of fixtures/json, and serde_json as a second opinion.
#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use pullcreds_core::json::{Document, LONGEST_TEXT, SyntaxErrorKind, position};
use serde::de::IgnoredAny;

const ACCEPT: &str = include_str!("../../fixtures/json/accept.txt");
const REFUSE: &str = include_str!("../../fixtures/json/refuse.txt");

/// serde_json's verdict on the grammar alone: it skips values without decoding them.
fn oracle(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text.strip_prefix('\u{feff}').unwrap_or(text)).is_ok()
}

#[test]
fn what_is_json_is_accepted() {
    for text in ACCEPT.lines() {
        for text in [
            text.to_owned(),
            format!("\u{feff}\r\n\t {text} \n"),
            format!("{{\"k\" : [ {text} ]}}"),
        ] {
            let document = Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(document.text(), text);
            assert_eq!(
                document.root().raw(),
                text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
            );
            assert!(oracle(&text), "{text}");
        }
    }
}

#[test]
fn what_is_not_is_refused_at_its_place() {
    let mut cases = 0;
    for line in REFUSE.lines().filter(|line| !line.starts_with("# ")) {
        let mut columns = line.splitn(3, '\t');
        let (offset, message, text) = (
            columns.next().unwrap(),
            columns.next().unwrap(),
            columns.next().unwrap(),
        );
        let error = Document::parse(text.as_bytes()).expect_err(text);
        assert_eq!(error.offset.to_string(), offset, "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert!(!oracle(text), "{text}");
        cases += 1;
    }
    assert!(cases > 100);
}

#[test]
fn bytes_that_a_list_cannot_hold_are_refused() {
    let cases: [(&[u8], usize, SyntaxErrorKind); 10] = [
        (b"[\"a\0\"]", 3, SyntaxErrorKind::ControlCharacter(0)),
        (b"\"a\nb\"", 2, SyntaxErrorKind::LineEndInString),
        (b"{\n\"a\r\n\": 1}", 4, SyntaxErrorKind::LineEndInString),
        (b"\"\xff\"", 1, SyntaxErrorKind::InvalidUtf8),
        (b"[1, \"\xc3\"]", 5, SyntaxErrorKind::InvalidUtf8),
        (b"\"\xed\xa0\x80\"", 1, SyntaxErrorKind::InvalidUtf8),
        (b"\xff\xfe[\0]\0", 0, SyntaxErrorKind::InvalidUtf8),
        (b"[1]\0", 3, SyntaxErrorKind::TextAfterEnd),
        (b"\0", 0, SyntaxErrorKind::ExpectedValue),
        (b"[1,\n\n]", 2, SyntaxErrorKind::TrailingComma),
    ];
    for (text, offset, kind) in cases {
        let error = Document::parse(text).unwrap_err();
        assert_eq!((error.offset, error.kind), (offset, kind), "{text:?}");
    }
}

#[test]
fn the_limit_is_said_clearly() {
    // Untouched zero pages: nothing of it is read.
    let text = vec![0; LONGEST_TEXT + 1];
    let error = Document::parse(&text).unwrap_err();
    assert_eq!(error.kind, SyntaxErrorKind::TooLong);
    assert!(error.to_string().contains("512 MiB"));
}

#[test]
fn an_error_has_a_line_and_a_column() {
    let text = "\u{feff}{\r\n  \"é\": 1,\r\n}\r\n";
    let error = Document::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.kind, SyntaxErrorKind::TrailingComma);
    let place = position(text, error.offset);
    assert_eq!((place.line, place.column), (2, 9));
}

/// Pieces that make JSON often enough, and something close to it the rest of the time.
fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    let all = vec![
        "{",
        "}",
        "[",
        "]",
        "{",
        "}",
        "[",
        "]",
        ",",
        ",",
        ":",
        ":",
        "\"",
        "\"a\"",
        "\"a\":",
        "\"\\u00e9\"",
        "\\",
        "\\u",
        "\\n",
        "u12",
        "0",
        "1",
        "-",
        ".",
        "e",
        "E+",
        "10.5e-3",
        "true",
        "false",
        "null",
        "nul",
        " ",
        "        ",
        "\n",
        "\t",
        "\r\n",
        "é",
        "\u{1}",
        "\u{feff}",
        "'",
        "//",
        "\u{a0}",
        "abcdefgh",
    ];
    prop::collection::vec(prop::sample::select(all), 0..12)
}

/// A text that is JSON, by the pieces of a grammar.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(ACCEPT.lines().collect::<Vec<_>>()).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let gap = || prop::sample::select(vec!["", " ", "\n    ", "\r\n\t", "         "]);
        let list = prop::collection::vec((gap(), inner, gap()), 0..4);
        (list, any::<bool>(), gap()).prop_map(|(list, object, gap)| {
            let key = if object { "\"k\\n\" :" } else { "" };
            let items: Vec<String> = list
                .into_iter()
                .map(|(before, value, after)| format!("{before}{key}{value}{after}"))
                .collect();
            let (open, close) = if object { ('{', '}') } else { ('[', ']') };
            format!("{open}{gap}{}{close}", items.join(","))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn near_json_is_judged_as_serde_json_judges_it(pieces in pieces()) {
        let text = pieces.concat();
        prop_assert_eq!(Document::parse(text.as_bytes()).is_ok(), oracle(&text), "{:?}", text);
    }

    #[test]
    fn broken_json_is_judged_as_serde_json_judges_it(
        text in json(),
        at in any::<prop::sample::Index>(),
        length in 0..3_usize,
        pieces in prop::collection::vec(pieces(), 0..2),
    ) {
        prop_assert!(Document::parse(text.as_bytes()).is_ok(), "{}", text);
        let from = text.floor_char_boundary(at.index(text.len() + 1));
        let to = text.ceil_char_boundary((from + length).min(text.len()));
        let broken = format!("{}{}{}", &text[..from], pieces.concat().concat(), &text[to..]);
        match Document::parse(broken.as_bytes()) {
            Ok(_) => prop_assert!(oracle(&broken), "{:?}", broken),
            Err(error) => {
                prop_assert!(!oracle(&broken), "{:?}: {}", broken, error);
                prop_assert!(error.offset <= broken.len() && broken.is_char_boundary(error.offset));
            }
        }
    }

    #[test]
    fn spans_cover_the_tokens(text in json()) {
        let document = Document::parse(text.as_bytes()).unwrap();
        let mut values = vec![document.root()];
        while let Some(value) = values.pop() {
            prop_assert_eq!(&text[value.span()], value.raw());
            prop_assert!(Document::parse(value.raw().as_bytes()).is_ok());
            for member in value.members() {
                prop_assert_eq!(&text[member.key.span()], member.key.raw());
                prop_assert!(member.key.is(&member.key.decoded()));
                values.push(member.value);
            }
            values.extend(value.elements());
        }
    }
}
