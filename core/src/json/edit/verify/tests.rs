use super::*;
use crate::json::edit::offsets::Piece;
use crate::json::edit::{expected, operations, reading, splice};
use crate::json::{Operation, Patch, Pointer, RawJson};

/// A text of these pieces, unless what is said to be kept is not what the old text has there.
fn said<'t>(old: &'t str, text: &str, pieces: &[Piece]) -> Option<Edited<'t>> {
    let mut inserted = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let part = text.get(piece.new..pieces.get(index + 1).map_or(text.len(), |next| next.new))?;
        if !piece.kept {
            inserted.push_str(part);
        } else if old.get(piece.old..piece.old + part.len()) != Some(part) {
            return None;
        }
    }
    Some(Edited::new(old, inserted, pieces.to_vec(), text.len()))
}

/// What comes of looking at a text and pieces that are said to be the result; both ways of looking have to agree.
fn is_right(overlay: &Overlay<'_, '_>, text: &str, pieces: &[Piece]) -> bool {
    let Some(edited) = said(overlay.original.text(), text, pieces) else {
        return false;
    };
    let expected = expected::expected(overlay, pieces);
    let kept = only_given_up(overlay.given_up.clone(), &edited);
    assert!(!kept || edited.text() == text);
    let verdict = kept && check(&edited, &expected, overlay).is_ok();
    let oracle = kept && reading::is_expected(text, &expected, overlay);
    assert_eq!(
        verdict,
        oracle,
        "{}\n---\n{text}\n{pieces:?}\n{expected:?}",
        overlay.original.text()
    );
    verdict
}

#[test]
fn a_wrong_result_is_not_passed() {
    let before = r#"{"a": [1, {"b": 2}], "c": "d", "e": null}"#;
    let patch = r#"[{"op":"add","path":"/a/1/x","value":3},{"op":"remove","path":"/e"}]"#;
    let (document, patch) = (
        Document::parse(before.as_bytes()).unwrap(),
        Patch::parse(patch.as_bytes()).unwrap(),
    );
    let overlay = operations::run(&document, &patch).unwrap();
    let edited = splice::render(&overlay, before).unwrap();
    let (text, pieces) = (edited.text(), edited.pieces());
    assert_eq!(text, r#"{"a": [1, {"b": 2, "x": 3}], "c": "d"}"#);
    assert!(is_right(&overlay, &text, pieces));
    for (right, wrong) in [
        ("1", "7"),
        ("3", "4"),
        (r#""x""#, r#""y""#),
        (r#""d""#, r#""D""#),
        (r#", "x": 3"#, ""),
        (r#""b": 2, "x": 3"#, r#""x": 3, "b": 2"#),
        (r#", "c": "d""#, ""),
        ("3}]", "3}, 4]"),
        ("}", ""),
        ("[1", "[ 1"),
    ] {
        assert!(
            !is_right(&overlay, &text.replacen(right, wrong, 1), pieces),
            "{right} became {wrong}"
        );
    }
    // Right tokens, but the old text is said to have lost more than it gave up.
    let all_new = [
        Piece {
            new: 0,
            old: 0,
            kept: false,
        },
        Piece {
            new: text.len(),
            old: before.len(),
            kept: true,
        },
    ];
    assert!(!is_right(&overlay, &text, &all_new));
}

/// How many results are spoilt, in many ways each.
const ROUNDS: usize = 1000;

/// Numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn space(&mut self) -> &'static str {
        self.pick(&["", "", "", " ", "\n", "\r\n  ", "\n    ", "\t"])
    }

    /// A value with white space anywhere, and the pointers to all that is in it.
    fn value(&mut self, depth: usize, at: &Pointer, places: &mut Vec<Pointer>, out: &mut String) {
        places.push(at.clone());
        let kind = self.below(if depth == 0 { 5 } else { 12 });
        let object = kind > 8;
        if kind < 5 {
            out.push_str(self.pick(&["1", "12", "-0", "1.5e3", "null", "true", "\"\"", "\"a\"", "\"1,\\\":\""]));
            return;
        }
        out.push(if object { '{' } else { '[' });
        for child in 0..self.below(5) {
            if child > 0 {
                out.push(',');
                out.push_str(self.space());
            }
            let mut step = child.to_string();
            if object {
                step = ["a", "b", "c", "1"][child].to_owned();
                out.push_str(&format!("\"{step}\"{}:{}", self.space(), self.space()));
            }
            self.value(depth - 1, &at.child(&step), places, out);
            out.push_str(self.space());
        }
        out.push_str(self.space());
        out.push(if object { '}' } else { ']' });
    }

    fn raw(&mut self, depth: usize) -> RawJson {
        let mut text = String::new();
        self.value(depth, &Pointer::root(), &mut Vec::new(), &mut text);
        RawJson::parse(text).unwrap()
    }

    /// An operation that may be possible.
    fn operation(&mut self, places: &[Pointer]) -> Operation {
        let path = places[self.below(places.len())].clone();
        let beside = path.child(self.pick(&["0", "1", "-", "a", "x", "y"]));
        let from = places[self.below(places.len())].clone();
        let place = if self.below(3) == 0 { path.clone() } else { beside };
        match self.below(8) {
            0..=2 => Operation::Add {
                path: place,
                value: self.raw(2),
            },
            3 => Operation::Replace {
                path,
                value: self.raw(2),
            },
            4 | 5 => Operation::Remove { path },
            6 => Operation::Move { from, path: place },
            _ => Operation::Copy { from, path: place },
        }
    }
}

/// A result that is one byte, or one boundary of a piece, away from the right one. What follows a byte that was put in
/// or taken out moves along, so that the kept bytes are what they were, except where it is the kept bytes that change.
fn spoil(dice: &mut Dice, text: &str, pieces: &[Piece]) -> Option<(String, Vec<Piece>)> {
    let (mut text, mut pieces) = (text.to_owned(), pieces.to_vec());
    let fresh: Vec<usize> = (0..pieces.len()).filter(|&at| !pieces[at].kept).collect();
    let piece = if fresh.is_empty() || dice.below(4) == 0 {
        dice.below(pieces.len())
    } else {
        fresh[dice.below(fresh.len())]
    };
    let end = pieces.get(piece + 1).map_or(text.len(), |next| next.new);
    let at = pieces[piece].new + dice.below(end + 1 - pieces[piece].new);
    if !text.is_char_boundary(at) {
        return None;
    }
    let byte = dice.pick(&b"0129-.eEtrufalsn\"\\,:[]{} \n\txab\0"[..]);
    let mut moved = 0;
    match dice.below(8) {
        0..=2 => {
            text.insert(at, byte.into());
            moved = 1;
        }
        3 | 4 if at < end && text.as_bytes()[at].is_ascii() => {
            text.remove(at);
            moved = -1;
        }
        5 | 6 if at < end && text.as_bytes()[at].is_ascii() => {
            text.replace_range(at..=at, char::from(byte).encode_utf8(&mut [0]));
        }
        // A kept stretch that is said to begin elsewhere, or not to be kept.
        7 if dice.below(2) == 0 => pieces[piece].kept = !pieces[piece].kept,
        7 => {
            let step = dice.below(3);
            pieces[piece].new = (pieces[piece].new + step).checked_sub(1)?;
            pieces[piece].old = (pieces[piece].old + step).checked_sub(1)?;
        }
        _ => return None,
    }
    if dice.below(8) > 0 {
        for piece in &mut pieces[piece + 1..] {
            piece.new = piece.new.checked_add_signed(moved)?;
        }
    }
    Some((text, pieces))
}

#[test]
fn whatever_is_done_to_a_result_both_ways_of_looking_agree() {
    let mut dice = Dice(7);
    let (mut results, mut passed, mut refused) = (0, 0, 0);
    for _ in 0..ROUNDS {
        let (mut before, mut places) = (
            dice.pick(&["", "", "\u{feff}", " ", "\u{feff}\n"]).to_owned(),
            Vec::new(),
        );
        dice.value(4, &Pointer::root(), &mut places, &mut before);
        before.push_str(dice.space());
        let document = Document::parse(before.as_bytes()).unwrap();
        let mut patch = Patch::default();
        for _ in 0..=dice.below(6) {
            patch.operations.push(dice.operation(&places));
            if operations::run(&document, &patch).is_err() {
                patch.operations.pop();
            }
        }
        let overlay = operations::run(&document, &patch).unwrap();
        if !overlay.is_changed() {
            continue;
        }
        let edited = splice::render(&overlay, &before).unwrap();
        let (text, pieces) = (edited.text(), edited.pieces());
        assert!(is_right(&overlay, &text, pieces), "{before}\n---\n{patch}\n---\n{text}");
        results += 1;
        for _ in 0..40 {
            if let Some((text, pieces)) = spoil(&mut dice, &text, pieces) {
                match is_right(&overlay, &text, &pieces) {
                    true => passed += 1,
                    false => refused += 1,
                }
            }
        }
    }
    // White space in what is new, and what is said of it, makes a result that is another and right as well.
    assert!(
        results > ROUNDS / 2 && passed > results && refused > 10 * results,
        "{results} {passed} {refused}"
    );
}
