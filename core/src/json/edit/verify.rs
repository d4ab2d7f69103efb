//! Looks at an edited text with fresh eyes: is it what the patch means, and did nothing else change?
//! Knows nothing of how it was written.

use std::ops::Range;

use super::EditError;
use super::offsets::Piece;
use super::overlay::{Container, Content, Kind, NONE, ORIGINAL, Overlay, Slot};
use crate::json::Document;
use crate::json::tape::Tag;

pub(super) fn check(overlay: &Overlay<'_>, text: &str, pieces: &[Piece]) -> Result<(), EditError> {
    let internal = |what: &str| EditError::Internal(what.to_owned());
    let result = match Document::of(text) {
        Ok(result) => result,
        Err(error) => return Err(EditError::Internal(format!("the result is not JSON: {error}"))),
    };
    if !only_given_up(overlay, text, pieces) {
        return Err(internal("something was lost that the patch does not touch"));
    }
    if !means(overlay, &result, pieces) {
        return Err(internal("the result is not what the patch means"));
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

/// Whether the result is, token by token, what the overlay says. The kept bytes have been compared already.
fn means(overlay: &Overlay<'_>, result: &Document<'_>, pieces: &[Piece]) -> bool {
    let mut tokens = Tokens {
        overlay,
        result,
        pieces,
        at: 0,
        run: (ORIGINAL, 0..0),
    };
    let mut levels = Vec::new();
    let in_place = overlay.origin(overlay.root) == (ORIGINAL, 0);
    if !begin(overlay, overlay.root, in_place, &mut tokens, &mut levels) {
        return false;
    }
    while let Some(level) = levels.last_mut() {
        let Container { source, node, .. } = overlay.containers[level.container as usize];
        let Some(slot) = level.slots.next() else {
            levels.pop();
            let close = overlay.source(source).after(node) - 1;
            if !tokens.are(source, close..close + 1) {
                return false;
            }
            continue;
        };
        if level.object {
            let is_there = match slot.key {
                NONE => tokens.are(source, slot.home..slot.home + 1),
                _ => tokens.is_key(overlay.key(level.container, &slot)),
            };
            if !is_there {
                return false;
            }
        }
        let in_place = level.in_place && overlay.at_home(level.container, &slot);
        if !begin(overlay, slot.content, in_place, &mut tokens, &mut levels) {
            return false;
        }
    }
    tokens.compare() && tokens.at as usize == result.len()
}

/// Passes a value of a tape, or begins with an opened container.
fn begin(
    overlay: &Overlay<'_>,
    content: Content,
    in_place: bool,
    tokens: &mut Tokens<'_>,
    levels: &mut Vec<Level>,
) -> bool {
    match overlay.settled(content) {
        Kind::Tape { source, node } => tokens.are(source, node..overlay.source(source).after(node)),
        Kind::Opened(container) => {
            let (source, node) = overlay.origin(content);
            levels.push(Level {
                container,
                slots: overlay.order(container, in_place).into_iter(),
                object: overlay.source(source).node(node).tag() == Tag::Object,
                in_place,
            });
            tokens.are(source, node..node + 1)
        }
    }
}

/// The tokens of the result, passed in the order in which they have to come.
struct Tokens<'c> {
    overlay: &'c Overlay<'c>,
    result: &'c Document<'c>,
    pieces: &'c [Piece],
    /// How far the result is compared.
    at: u32,
    /// What has to come next and is not compared yet: tokens that stand together in a source.
    run: (u32, Range<u32>),
}

impl Tokens<'_> {
    /// Some tokens of a source have to come next. Says whether those before them are right.
    fn are(&mut self, source: u32, nodes: Range<u32>) -> bool {
        if self.run.0 == source && self.run.1.end == nodes.start {
            self.run.1.end = nodes.end;
            return true;
        }
        let same = self.compare();
        self.run = (source, nodes);
        same
    }

    /// A key that the patch brought has to come next.
    fn is_key(&mut self, key: &str) -> bool {
        let same = self.compare();
        let at = self.at;
        self.at += 1;
        same && (at as usize) < self.result.len()
            && matches!(self.result.node(at).tag(), Tag::Plain | Tag::Escaped)
            && self.result.raw(at) == key
    }

    /// Compares what has to come next with what comes.
    fn compare(&mut self) -> bool {
        let (source, nodes) = std::mem::replace(&mut self.run, (ORIGINAL, 0..0));
        let at = self.at;
        self.at = at.saturating_add(nodes.end - nodes.start);
        if nodes.is_empty() {
            return true;
        }
        let document = self.overlay.source(source);
        (self.at as usize) <= self.result.len()
            && (source == ORIGINAL && self.is_kept(&nodes, at) || document.same_tokens(nodes, self.result, at))
    }

    /// Whether tokens of the original lie in one stretch of kept bytes, and what comes is that stretch: the same bytes
    /// from the beginning of a token to the end of one are the same tokens.
    fn is_kept(&self, nodes: &Range<u32>, at: u32) -> bool {
        let original = self.overlay.original;
        let (start, end) = (original.start(nodes.start), original.token_end(nodes.end - 1));
        let next = self.pieces.partition_point(|piece| piece.old <= start);
        let Some(piece) = next.checked_sub(1).map(|index| self.pieces[index]) else {
            return false;
        };
        let new_end = self
            .pieces
            .get(next)
            .map_or(self.result.text().len(), |piece| piece.new);
        let new = piece.new + (start - piece.old);
        piece.kept
            && new + (end - start) <= new_end
            && self.result.start(at) == new
            && self.result.token_end(self.at - 1) == new + (end - start)
    }
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
