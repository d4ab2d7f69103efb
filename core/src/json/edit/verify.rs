//! Looks at an edited text with fresh eyes: is it what the patch means, and did nothing else change?
//! Knows nothing of how it was written.

use super::EditError;
use super::offsets::Piece;
use super::overlay::{Content, Kind, ORIGINAL, Overlay, Slot};
use crate::json::Document;
use crate::json::tape::Tag;

pub(super) fn check(overlay: &Overlay<'_>, text: &str, pieces: &[Piece]) -> Result<(), EditError> {
    let internal = |what: &str| EditError::Internal(what.to_owned());
    let result = match Document::of(text) {
        Ok(result) => result,
        Err(error) => return Err(EditError::Internal(format!("the result is not JSON: {error}"))),
    };
    if !means(overlay, &result) {
        return Err(internal("the result is not what the patch means"));
    }
    if !only_given_up(overlay, text, pieces) {
        return Err(internal("something was lost that the patch does not touch"));
    }
    Ok(())
}

/// A container of the overlay that is being compared.
struct Level {
    container: u32,
    slots: std::vec::IntoIter<Slot>,
    object: bool,
    in_place: bool,
}

/// Whether the result is, token by token, what the overlay says.
fn means(overlay: &Overlay<'_>, result: &Document<'_>) -> bool {
    let mut at = 0;
    let mut levels = Vec::new();
    let in_place = overlay.origin(overlay.root) == (ORIGINAL, 0);
    if !begin(overlay, overlay.root, in_place, result, &mut at, &mut levels) {
        return false;
    }
    while let Some(level) = levels.last_mut() {
        let Some(slot) = level.slots.next() else {
            levels.pop();
            if !takes(result, &mut at, |tag| tag == Tag::Close) {
                return false;
            }
            continue;
        };
        if level.object {
            let key = at;
            let found = takes(result, &mut at, |tag| matches!(tag, Tag::Plain | Tag::Escaped));
            if !found || result.raw(key) != overlay.key(level.container, &slot) {
                return false;
            }
        }
        let in_place = level.in_place && overlay.at_home(level.container, &slot);
        if !begin(overlay, slot.content, in_place, result, &mut at, &mut levels) {
            return false;
        }
    }
    at as usize == result.len()
}

/// Compares a value of a tape, or begins with an opened container.
fn begin(
    overlay: &Overlay<'_>,
    content: Content,
    in_place: bool,
    result: &Document<'_>,
    at: &mut u32,
    levels: &mut Vec<Level>,
) -> bool {
    match overlay.settled(content) {
        Kind::Tape { source, node } => match overlay.source(source).same_tokens(node, result, *at) {
            Some(after) => {
                *at = after;
                true
            }
            None => false,
        },
        Kind::Opened(container) => {
            let (source, node) = overlay.origin(content);
            let opening = overlay.source(source).node(node).tag();
            let slots = overlay.order(container, in_place).into_iter();
            levels.push(Level {
                container,
                slots,
                object: opening == Tag::Object,
                in_place,
            });
            takes(result, at, |tag| tag == opening)
        }
    }
}

/// Passes a node of the result if it is there and of the right kind.
fn takes(result: &Document<'_>, at: &mut u32, right: impl Fn(Tag) -> bool) -> bool {
    let there = (*at as usize) < result.len() && right(result.node(*at).tag());
    *at += 1;
    there
}

/// Whether the kept bytes are the old ones, and the lost ones are what the operations gave up, white space and commas.
fn only_given_up(overlay: &Overlay<'_>, text: &str, pieces: &[Piece]) -> bool {
    let (old, new) = (overlay.original.text().as_bytes(), text.as_bytes());
    let mut given_up: Vec<_> = overlay.given_up.clone();
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
        assert_eq!(check(&overlay, &text, &pieces), Ok(()));
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
                check(&overlay, &text.replacen(right, wrong, 1), &pieces).is_err(),
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
        assert!(check(&overlay, &text, &all_new).is_err());
    }
}
