//! What an edited text has to be, as a list of the tokens that have to come and what has to stand between them. Knows
//! nothing of how the text was written, but which of its bytes were kept.

use std::ops::Range;

use super::offsets::Piece;
use super::overlay::{Content, Kind, NONE, ORIGINAL, Order, Overlay};
use crate::json::Document;
use crate::json::tape::Tag;

/// Some tokens that have to come one after the other.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The comma or the colon that has to come before them.
    pub(super) mark: Option<u8>,
    pub(super) tokens: Tokens,
}

#[derive(Debug)]
pub(super) enum Tokens {
    /// So many in a stretch of kept bytes, by where it lies in the new text.
    Kept { new: Range<u32>, count: u32 },
    /// Those of a source that are new where they stand: brought by the patch, or of the original and written anew.
    New { source: u32, nodes: Range<u32> },
    /// A key that the patch brought.
    Key(u32),
}

/// What an overlay comes to, in a text of the given pieces: all tokens that have to come, in their order.
pub(super) fn expected(overlay: &Overlay<'_, '_>, pieces: &[Piece]) -> Vec<Stretch> {
    let mut walk = Walk {
        overlay,
        pieces,
        stretches: Vec::with_capacity(pieces.len() * 2),
        run: Run::default(),
        last: Part::Open,
        levels: Vec::new(),
    };
    walk.whole();
    walk.stretches
}

/// What a token, or the end of a value, is where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Open,
    Key,
    Value,
    Close,
}

/// A container of the overlay that is being gone through.
struct Level<'w> {
    container: u32,
    /// What it was opened from, and the closing bracket there.
    source: u32,
    document: &'w Document<'w>,
    close: u32,
    slots: Order<'w>,
    object: bool,
    in_place: bool,
}

struct Walk<'w> {
    overlay: &'w Overlay<'w, 'w>,
    pieces: &'w [Piece],
    stretches: Vec<Stretch>,
    /// What has to come next and may go on.
    run: Run,
    /// What came last. Before all stands nothing, as after an opening bracket.
    last: Part,
    levels: Vec<Level<'w>>,
}

/// Tokens that stand together in a source, and whether they are where they were.
#[derive(Default)]
struct Run {
    mark: Option<u8>,
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
            let Level {
                container,
                source,
                document,
                object,
                in_place,
                ..
            } = *level;
            let Some(slot) = level.slots.next() else {
                let close = level.close;
                self.levels.pop();
                self.tokens(Part::Close, Part::Close, source, close..close + 1, in_place);
                continue;
            };
            let first = if object { Part::Key } else { Part::Value };
            let home = slot.home.wrapping_add(object.into());
            // Most children are as they were; nothing is looked up for these.
            if slot.key == NONE && slot.content == Content::tape(source, home) {
                self.tokens(first, Part::Value, source, slot.home..document.after(home), in_place);
                continue;
            }
            if object {
                match slot.key {
                    NONE => self.tokens(Part::Key, Part::Key, source, slot.home..slot.home + 1, in_place),
                    key => {
                        self.end_run();
                        let mark = self.mark(Part::Key);
                        let tokens = Tokens::Key(key);
                        self.stretches.push(Stretch { mark, tokens });
                        self.last = Part::Key;
                    }
                }
            }
            let at_home = overlay.at_home(container, &slot);
            self.value(slot.content, in_place && at_home);
        }
        self.end_run();
    }

    /// A value of a tape, or the beginning of an opened container.
    fn value(&mut self, content: Content, in_place: bool) {
        let overlay = self.overlay;
        match overlay.settled(content) {
            Kind::Tape { source, node } => {
                let nodes = node..overlay.source(source).after(node);
                self.tokens(Part::Value, Part::Value, source, nodes, in_place);
            }
            Kind::Opened(container) => {
                let (source, node) = overlay.origin(content);
                let document = overlay.source(source);
                let mut slots = overlay.order(container, in_place);
                let untouched = slots.untouched();
                self.tokens(Part::Open, Part::Open, source, node..node + 1, in_place);
                if let (Some(first), Some(last)) = (untouched.first(), untouched.last()) {
                    let nodes = first.home..document.after(last.home + 1);
                    self.tokens(Part::Key, Part::Value, source, nodes, in_place);
                }
                self.levels.push(Level {
                    container,
                    source,
                    document,
                    close: document.after(node) - 1,
                    slots,
                    object: document.node(node).tag() == Tag::Object,
                    in_place,
                });
            }
        }
    }

    /// Some tokens of a source, the first and the last of which are this.
    fn tokens(&mut self, first: Part, last: Part, source: u32, nodes: Range<u32>, in_place: bool) {
        let run = &mut self.run;
        if !run.nodes.is_empty() && (run.source, run.in_place, run.nodes.end) == (source, in_place, nodes.start) {
            run.nodes.end = nodes.end;
        } else {
            self.end_run();
            self.run = Run {
                mark: self.mark(first),
                source,
                in_place,
                nodes,
            };
        }
        self.last = last;
    }

    /// What the grammar wants between what came last and what comes now.
    fn mark(&self, part: Part) -> Option<u8> {
        match (self.last, part) {
            (Part::Open, _) | (_, Part::Close) => None,
            (Part::Key, _) => Some(b':'),
            (Part::Value | Part::Close, _) => Some(b','),
        }
    }

    fn end_run(&mut self) {
        let Run {
            mark,
            source,
            in_place,
            nodes,
        } = std::mem::take(&mut self.run);
        if nodes.is_empty() {
            return;
        }
        let kept = if in_place { self.kept(&nodes) } else { None };
        let tokens = match kept {
            Some(new) => Tokens::Kept {
                new,
                count: nodes.end - nodes.start,
            },
            None => Tokens::New { source, nodes },
        };
        self.stretches.push(Stretch { mark, tokens });
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
