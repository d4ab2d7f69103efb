//! An edited text as what it is made of: stretches of the old text, and what was put between them. Knows nothing of JSON.

use super::offsets::{OffsetMap, Piece};

/// A text after a patch.
///
/// It borrows what was kept from the old text, so that a small change to a long text takes little room;
/// [`text`](Edited::text) puts it together.
#[derive(Clone, Debug)]
pub struct Edited<'t> {
    old: &'t str,
    /// What was put in, one after the other.
    inserted: String,
    map: OffsetMap,
    length: usize,
}

impl<'t> Edited<'t> {
    /// A text in which nothing changed.
    pub(super) fn unchanged(old: &'t str) -> Edited<'t> {
        let all = Piece {
            new: 0,
            old: 0,
            kept: true,
        };
        Edited::new(old, String::new(), vec![all], old.len())
    }

    /// From pieces in order, the last a kept one, though it may be empty, and what stands in those that are not kept.
    pub(super) fn new(old: &'t str, inserted: String, pieces: Vec<Piece>, length: usize) -> Edited<'t> {
        Edited {
            old,
            inserted,
            map: OffsetMap::new(pieces),
            length,
        }
    }

    /// How many bytes the new text has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The new text in its parts, the first one first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let mut inserted = self.inserted.as_str();
        self.pieces().iter().enumerate().map(move |(index, piece)| {
            let length = self.end(index) - piece.new;
            if piece.kept {
                return &self.old[piece.old..piece.old + length];
            }
            let (part, rest) = inserted.split_at(length);
            inserted = rest;
            part
        })
    }

    /// The new text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.length);
        text.extend(self.parts());
        text
    }

    /// From its places to those of the old text.
    pub fn map(&self) -> &OffsetMap {
        &self.map
    }

    pub(super) fn old(&self) -> &'t str {
        self.old
    }

    pub(super) fn inserted(&self) -> &str {
        &self.inserted
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        self.map.last()
    }

    /// Where a piece ends in the new text.
    pub(super) fn end(&self, piece: usize) -> usize {
        self.pieces().get(piece + 1).map_or(self.length, |next| next.new)
    }
}
