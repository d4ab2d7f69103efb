//! What an edited text has to be, as a list of the tokens that have to come: made of the overlay, which can go then, and
//! the tape of the old text with it. Knows nothing of how the text was written, but which of its bytes were kept.

use std::ops::Range;

use super::offsets::Piece;
use super::overlay::{Container, Content, Kind, NONE, ORIGINAL, Overlay, Slot};
use crate::json::Document;
use crate::json::tape::{Node, Tag};

/// All tokens that have to come, in their order.
pub(super) struct Expected<'p> {
    pub(super) stretches: Vec<Stretch>,
    /// The old text.
    pub(super) old: &'p str,
    /// The values that the patch brought, from source 1, and its keys.
    pub(super) values: Vec<Document<'p>>,
    pub(super) keys: Vec<String>,
}

/// Some tokens that have to come one after the other.
pub(super) enum Stretch {
    /// Those of a stretch of kept bytes, by where it lies in the new text.
    Kept { new: Range<u32>, tokens: u32 },
    /// Those of the original that were written anew.
    Moved(Vec<Node>),
    /// Those of a value that the patch brought.
    Value { source: u32, nodes: Range<u32> },
    /// A key that the patch brought.
    Key(u32),
}

impl Stretch {
    /// How many there are.
    pub(super) fn tokens(&self) -> usize {
        match self {
            Stretch::Kept { tokens, .. } => *tokens as usize,
            Stretch::Moved(nodes) => nodes.len(),
            Stretch::Value { nodes, .. } => nodes.len(),
            Stretch::Key(_) => 1,
        }
    }
}

impl<'p> Expected<'p> {
    /// What an overlay over the old text comes to, in a text of the given pieces.
    pub(super) fn of(overlay: Overlay<'_, 'p>, old: &'p str, pieces: &[Piece]) -> Expected<'p> {
        let mut walk = Walk {
            overlay: &overlay,
            pieces,
            stretches: Vec::new(),
            run: Run::default(),
            levels: Vec::new(),
        };
        walk.whole();
        Expected {
            stretches: walk.stretches,
            old,
            values: overlay.values,
            keys: overlay.keys,
        }
    }
}

/// A container of the overlay that is being gone through.
struct Level {
    container: u32,
    slots: std::vec::IntoIter<Slot>,
    object: bool,
    in_place: bool,
}

struct Walk<'w> {
    overlay: &'w Overlay<'w, 'w>,
    pieces: &'w [Piece],
    stretches: Vec<Stretch>,
    /// What has to come next and may go on.
    run: Run,
    levels: Vec<Level>,
}

/// Tokens that stand together in a source, and whether they are where they were.
#[derive(Default)]
struct Run {
    source: u32,
    in_place: bool,
    nodes: Range<u32>,
}

impl Walk<'_> {
    fn whole(&mut self) {
        let overlay = self.overlay;
        let in_place = overlay.origin(overlay.root) == (ORIGINAL, 0);
        self.value(overlay.root, in_place);
        while let Some(level) = self.levels.last_mut() {
            let Container { source, node, .. } = overlay.containers[level.container as usize];
            let Some(slot) = level.slots.next() else {
                let in_place = level.in_place;
                self.levels.pop();
                let close = overlay.source(source).after(node) - 1;
                self.tokens(source, close..close + 1, in_place);
                continue;
            };
            let (key_in_place, at_home) = (level.in_place, overlay.at_home(level.container, &slot));
            if level.object {
                match slot.key {
                    NONE => self.tokens(source, slot.home..slot.home + 1, key_in_place),
                    key => {
                        self.end_run();
                        self.stretches.push(Stretch::Key(key));
                    }
                }
            }
            self.value(slot.content, key_in_place && at_home);
        }
        self.end_run();
    }

    /// A value of a tape, or the beginning of an opened container.
    fn value(&mut self, content: Content, in_place: bool) {
        let overlay = self.overlay;
        match overlay.settled(content) {
            Kind::Tape { source, node } => {
                let nodes = node..overlay.source(source).after(node);
                self.tokens(source, nodes, in_place);
            }
            Kind::Opened(container) => {
                let (source, node) = overlay.origin(content);
                self.levels.push(Level {
                    container,
                    slots: overlay.order(container, in_place).into_iter(),
                    object: overlay.source(source).node(node).tag() == Tag::Object,
                    in_place,
                });
                self.tokens(source, node..node + 1, in_place);
            }
        }
    }

    fn tokens(&mut self, source: u32, nodes: Range<u32>, in_place: bool) {
        let run = &mut self.run;
        if (run.source, run.in_place, run.nodes.end) == (source, in_place, nodes.start) {
            run.nodes.end = nodes.end;
        } else {
            self.end_run();
            self.run = Run {
                source,
                in_place,
                nodes,
            };
        }
    }

    fn end_run(&mut self) {
        let Run {
            source,
            in_place,
            nodes,
        } = std::mem::take(&mut self.run);
        if nodes.is_empty() {
            return;
        }
        self.stretches.push(if source != ORIGINAL {
            Stretch::Value { source, nodes }
        } else if let (true, Some(new)) = (in_place, self.kept(&nodes)) {
            let tokens = nodes.end - nodes.start;
            Stretch::Kept { new, tokens }
        } else {
            Stretch::Moved(self.overlay.original.nodes(nodes).to_vec())
        });
    }

    /// Where the bytes of some tokens of the original are in the new text, if they were kept in one piece.
    fn kept(&self, nodes: &Range<u32>) -> Option<Range<u32>> {
        let original = self.overlay.original;
        let (start, end) = (original.start(nodes.start), original.token_end(nodes.end - 1));
        let next = self.pieces.partition_point(|piece| piece.old <= start);
        let piece = self.pieces[next.checked_sub(1)?];
        let new = piece.new + (start - piece.old);
        // The last piece has no other behind it, and goes on to the end.
        let is_whole = self
            .pieces
            .get(next)
            .is_none_or(|piece| new + (end - start) <= piece.new);
        (piece.kept && is_whole).then_some(new as u32..(new + end - start) as u32)
    }
}
