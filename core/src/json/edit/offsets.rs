//! Where the bytes of an edited text come from. Knows nothing of JSON.

use std::ops::Range;

/// Leads from places of an edited text back to the text before.
///
/// A byte that was kept leads to itself; one that was put in, to where it was put in, or to the beginning of what it
/// replaces. Never backwards: a later byte does not lead to an earlier place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// One for each edit that was made after another, the last first. None is the identity.
    layers: Vec<Vec<Piece>>,
}

/// A stretch of the new text, up to the next one's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it begins in the new text.
    pub(super) new: usize,
    /// Where it begins in the old text, or where what it replaces begins.
    pub(super) old: usize,
    /// Whether its bytes are the old ones.
    pub(super) kept: bool,
}

impl OffsetMap {
    /// From pieces in order; the last is a kept one, though it may be empty.
    pub(super) fn new(pieces: Vec<Piece>) -> OffsetMap {
        OffsetMap { layers: vec![pieces] }
    }

    /// The pieces of the edit that was made last.
    pub(super) fn last(&self) -> &[Piece] {
        self.layers.first().map_or(&[], Vec::as_slice)
    }

    /// The place in the old text that a place in the new one comes from.
    pub fn to_original(&self, offset: usize) -> usize {
        self.layers
            .iter()
            .fold(offset, |offset, pieces| match at(pieces, offset) {
                Some((piece, _)) if piece.kept => piece.old + (offset - piece.new),
                Some((piece, _)) => piece.old,
                None => offset,
            })
    }

    /// The bytes of the old text that a span of the new one comes from: empty for one that was put in, all that was
    /// replaced for one that lies in a replacement.
    pub fn span_to_original(&self, span: Range<usize>) -> Range<usize> {
        self.layers.iter().fold(span, |span, pieces| {
            let start = match at(pieces, span.start) {
                Some((piece, _)) if piece.kept => piece.old + (span.start - piece.new),
                Some((piece, _)) => piece.old,
                None => span.start,
            };
            // The end belongs to the byte before it.
            let end = match at(pieces, span.end.max(span.start + 1) - 1) {
                _ if span.is_empty() => start,
                Some((piece, _)) if piece.kept => piece.old + (span.end - piece.new),
                Some((_, Some(next))) => next.old,
                Some((piece, None)) => piece.old,
                None => span.end,
            };
            start..end.max(start)
        })
    }

    /// The map through both: `self` leads to the text that `earlier` leads on from.
    #[must_use]
    pub fn after(mut self, earlier: &OffsetMap) -> OffsetMap {
        self.layers.extend_from_slice(&earlier.layers);
        self
    }
}

/// The piece that holds a byte of the new text, and the next one.
fn at(pieces: &[Piece], offset: usize) -> Option<(Piece, Option<Piece>)> {
    let next = pieces.partition_point(|piece| piece.new <= offset);
    let piece = pieces.get(next.checked_sub(1)?)?;
    Some((*piece, pieces.get(next).copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `abcdef` became `aXXcdYf`: XX put over b, Y over e.
    fn map() -> OffsetMap {
        let piece = |new, old, kept| Piece { new, old, kept };
        OffsetMap::new(vec![
            piece(0, 0, true),
            piece(1, 1, false),
            piece(3, 2, true),
            piece(5, 4, false),
            piece(6, 5, true),
        ])
    }

    #[test]
    fn places_lead_back() {
        let map = map();
        assert_eq!(
            (0..9).map(|new| map.to_original(new)).collect::<Vec<_>>(),
            [0, 1, 1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(map.span_to_original(1..3), 1..2);
        assert_eq!(map.span_to_original(2..3), 1..2);
        assert_eq!(map.span_to_original(0..7), 0..6);
        assert_eq!(map.span_to_original(2..4), 1..3);
        assert_eq!(map.span_to_original(3..3), 2..2);
        assert_eq!(OffsetMap::default().span_to_original(4..9), 4..9);
    }

    #[test]
    fn a_map_goes_through_an_earlier_one() {
        let twice = map().after(&map());
        assert_eq!(twice.to_original(3), 1);
        assert_eq!(twice.span_to_original(5..6), 3..4);
    }
}
