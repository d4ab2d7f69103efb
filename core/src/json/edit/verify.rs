//! Looks at an edited text with fresh eyes: is it what the patch means, and did nothing else change?
//! Knows nothing of how it was written.

use std::ops::Range;

use super::EditError;
use super::expected::{Expected, Stretch};
use super::offsets::Piece;
use crate::json::Document;
use crate::json::tape::{Tag, Tape, same_tokens};

/// Reads an edited text and compares it, token by token, with what it has to be. The bytes that were kept have been
/// compared already: see [`only_given_up`].
///
/// `room` is a tape that nobody needs any more.
pub(super) fn check(text: &str, expected: &Expected<'_>, room: Tape) -> Result<(), EditError> {
    let result = match Document::in_room(text, room) {
        Ok(result) => result,
        Err(error) => return Err(EditError::Internal(format!("the result is not JSON: {error}"))),
    };
    let mut at = 0;
    for stretch in &expected.stretches {
        let end = at + stretch.tokens();
        if end > result.len() || !is(stretch, expected, &result, at as u32..end as u32) {
            return Err(EditError::Internal("the result is not what the patch means".to_owned()));
        }
        at = end;
    }
    if at == result.len() {
        Ok(())
    } else {
        Err(EditError::Internal(
            "the result holds more than the patch means".to_owned(),
        ))
    }
}

/// Whether some tokens of the result, as many as there have to be, are the right ones.
fn is(stretch: &Stretch, expected: &Expected<'_>, result: &Document<'_>, tokens: Range<u32>) -> bool {
    match stretch {
        // The same bytes from the beginning of a token to the end of one are the same tokens.
        Stretch::Kept { new, .. } => {
            result.start(tokens.start) == new.start as usize && result.token_end(tokens.end - 1) == new.end as usize
        }
        Stretch::Moved(nodes) => same_tokens(expected.old, nodes, result, tokens),
        Stretch::Value { source, nodes } => {
            let value = &expected.values[*source as usize - 1];
            same_tokens(value.text(), value.nodes(nodes.clone()), result, tokens)
        }
        Stretch::Key(key) => {
            matches!(result.node(tokens.start).tag(), Tag::Plain | Tag::Escaped)
                && result.raw(tokens.start) == expected.keys[*key as usize]
        }
    }
}

/// Whether the kept bytes are the old ones, and the lost ones are what the operations gave up, white space and commas.
pub(super) fn only_given_up(mut given_up: Vec<Range<usize>>, old: &str, new: &str, pieces: &[Piece]) -> bool {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    given_up.sort_by_key(|range| (range.start, range.end));
    let mut given_up = given_up.into_iter().peekable();
    // How far the old text is kept or accounted for, and how far it was given up.
    let (mut done, mut free) = (0, 0);
    for (index, piece) in pieces.iter().enumerate() {
        let end = pieces.get(index + 1).map_or(new.len(), |next| next.new);
        if !piece.kept {
            continue;
        }
        let length = end - piece.new;
        if piece.old < done || new.get(piece.new..end) != old.get(piece.old..piece.old + length) {
            return false;
        }
        while done < piece.old {
            while let Some(range) = given_up.next_if(|range| range.start <= done) {
                free = range.end.max(free);
            }
            if done < free {
                done = free.min(piece.old);
            } else if matches!(old[done], b' ' | b'\t' | b'\r' | b'\n' | b',') {
                done += 1;
            } else {
                return false;
            }
        }
        done = piece.old + length;
    }
    done == old.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Patch;
    use crate::json::edit::{operations, splice};

    fn is_right(document: &Document<'_>, patch: &Patch, text: &str, pieces: &[Piece]) -> bool {
        let overlay = operations::run(document, patch).unwrap();
        only_given_up(overlay.given_up.clone(), document.text(), text, pieces)
            && check(text, &Expected::of(overlay, document.text(), pieces), Tape::default()).is_ok()
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
        let (text, pieces) = splice::render(&overlay).unwrap();
        assert_eq!(text, r#"{"a": [1, {"b": 2, "x": 3}], "c": "d"}"#);
        assert!(is_right(&document, &patch, &text, &pieces));
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
                !is_right(&document, &patch, &text.replacen(right, wrong, 1), &pieces),
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
        assert!(!is_right(&document, &patch, &text, &all_new));
    }
}
