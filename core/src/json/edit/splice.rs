//! Writes the new text in one pass over the old one: what was not touched is copied, the rest is put in between.
//! Decides where things go; how the place is laid out is `site`'s, how a new value looks inside `layout`'s.

use std::ops::Range;

use super::edited::Edited;
use super::layout::Layout;
use super::offsets::Piece;
use super::overlay::{Content, Kind, NONE, ORIGINAL, Order, Overlay, Slot};
use super::site::{Separator, Site};
use super::style::{Child, ends};
use super::{EditError, within_limit};
use crate::json::Value;

/// The new text. The old one, which may outlive the overlay, is given beside it.
pub(super) fn render<'t>(overlay: &Overlay<'_, '_>, old: &'t str) -> Result<Edited<'t>, EditError> {
    let output = Output {
        old,
        at: 0,
        kept: 0,
        inserted: String::new(),
        pieces: vec![],
    };
    let mut splicer = Splicer {
        overlay,
        layout: Layout::new(overlay),
        output,
        levels: Vec::new(),
        run: Vec::new(),
    };
    let root = Value::at(overlay.original, 0);
    let span = root.span();
    let top = Child {
        start: span.start,
        end: span.end,
        home: 0,
        value: root,
    };
    splicer.value(
        top,
        overlay.root,
        overlay.origin(overlay.root) == (ORIGINAL, 0),
        Site::top(),
    )?;
    while let Some(level) = splicer.levels.pop() {
        splicer.level(level)?;
    }
    splicer.output.end()
}

struct Splicer<'o, 'a, 't> {
    overlay: &'o Overlay<'a, 'a>,
    layout: Layout<'o, 'a>,
    output: Output<'t>,
    /// The containers that are being gone through, the innermost last.
    levels: Vec<Level<'o>>,
    /// New children that are to be put in together.
    run: Vec<Slot>,
}

/// A container that stays where it is, with something in it that changes.
struct Level<'o> {
    container: u32,
    value: Value<'o>,
    /// What it is to hold.
    order: Order<'o>,
    /// What it held, as far as that is still ahead: the node of the next old child, and that of the closing bracket.
    ahead: Range<u32>,
    /// The old child that was passed last, kept or not; [`NONE`] before the first.
    passed: u32,
    /// The one that was kept last, and the one that stood before it.
    kept: u32,
    before_kept: u32,
}

impl<'o> Level<'o> {
    /// The old child at a node, if it is one.
    fn child(&self, home: u32) -> Option<Child<'o>> {
        (home < self.ahead.end).then(|| Child::at(self.value, home))
    }

    /// Passes over the next old child.
    fn pass(&mut self) {
        let value = self.ahead.start + u32::from(self.value.is_object());
        self.passed = self.ahead.start;
        self.ahead.start = self.value.document().after(value);
    }
}

impl<'o> Splicer<'o, '_, '_> {
    /// Goes on through a container: to a child that has to be gone through itself, or to the end.
    fn level(&mut self, mut level: Level<'o>) -> Result<(), EditError> {
        loop {
            self.run.clear();
            let slot = loop {
                match level.order.next() {
                    Some(slot) if slot.home == NONE => self.run.push(slot),
                    slot => break slot,
                }
            };
            let Some(slot) = slot else {
                return self.tail(&level);
            };
            self.head(&mut level, &slot)?;
            // Most children are as they were; nothing is looked up for these.
            let home = slot.home + u32::from(level.value.is_object());
            if slot.key == NONE && slot.content == Content::tape(ORIGINAL, home) {
                continue;
            }
            let child = Child::at(level.value, slot.home);
            if slot.key != NONE {
                let end = self.overlay.original.end(slot.home);
                self.output
                    .replace(child.start, end, self.overlay.key(level.container, &slot))?;
            }
            let at_home = self.overlay.at_home(level.container, &slot);
            if !(at_home && matches!(self.overlay.settled(slot.content), Kind::Tape { .. })) {
                let site = Site::of(level.value, Some(child), None);
                self.levels.push(level);
                return self.value(child, slot.content, at_home, site);
            }
        }
    }

    /// What stands in an old place now: something else, or what was there, changed.
    fn value(&mut self, old: Child<'o>, content: Content, at_home: bool, site: Site<'o>) -> Result<(), EditError> {
        if let (Kind::Opened(container), true) = (self.overlay.settled(content), at_home) {
            return self.enter(container, old, site);
        }
        let place = site.place_of(old, content, &self.layout);
        let span = old.value.span();
        self.output.begin(span.start)?;
        self.layout.lay(content, &place, &mut self.output.inserted)?;
        self.output.end_at(span.end)
    }

    fn enter(&mut self, container: u32, old: Child<'o>, site: Site<'o>) -> Result<(), EditError> {
        let mut order = self.overlay.order(container, true);
        let span = old.value.span();
        if order.clone().any(|slot| slot.home != NONE) {
            let node = old.value.index();
            let mut level = Level {
                container,
                value: old.value,
                ahead: node + 1..old.value.document().after(node) - 1,
                passed: NONE,
                kept: NONE,
                before_kept: NONE,
                order: order.clone(),
            };
            if let [before @ .., last] = order.untouched() {
                level.ahead.start = last.home;
                level.pass();
                level.kept = last.home;
                level.before_kept = before.last().map_or(NONE, |slot| slot.home);
                level.order = order;
            }
            self.levels.push(level);
            return Ok(());
        }
        let Some((first, second, end)) = ends(old.value) else {
            return self.fill(container, old, site);
        };
        if order.clone().next().is_none() {
            return self.output.replace(span.start + 1, span.end - 1, "");
        }
        // All old children are gone, and new ones have their place.
        let site = Site::of(old.value, Some(first), second);
        let separator = site.separator(&self.layout.habits);
        self.output.begin(first.start)?;
        for (number, slot) in order.enumerate() {
            if number > 0 {
                separator.write(&mut self.output.inserted);
            }
            child(
                &self.layout,
                container,
                &slot,
                &site,
                &separator,
                &mut self.output.inserted,
            )?;
        }
        self.output.end_at(end)
    }

    /// Puts new children between brackets that have none.
    fn fill(&mut self, container: u32, old: Child<'o>, site: Site<'o>) -> Result<(), EditError> {
        let span = old.value.span();
        let (inside, at) = (&self.output.old[span.start + 1..span.end - 1], span.start + 1);
        let content = Content::opened(container);
        let mut place = site.place_of(old, content, &self.layout);
        if inside.contains('\n') {
            (place.manner.inline, place.manner.model) = (false, None);
        }
        let mut filled = String::new();
        self.layout.lay(content, &place, &mut filled)?;
        let filled = &filled[1..filled.len() - 1];
        let space = [' ', '\t', '\r', '\n'];
        let opens_line = filled.len() - filled.trim_start_matches(space).len() > 0
            && filled[..filled.len() - filled.trim_start_matches(space).len()].contains('\n');
        // The old white space stays: on one line it pads both sides, otherwise it is the last line's indentation.
        match (inside.contains('\n'), opens_line) {
            (true, true) => self.output.replace(at, at, filled.trim_end_matches(space)),
            (true, false) => {
                let habits = &self.layout.habits;
                let bare = filled.trim_matches(space);
                let line = format!("{}{}{}{bare}", habits.newline(), place.indentation, habits.step());
                self.output.replace(at, at, &line)
            }
            (false, false) if !inside.is_empty() => {
                self.output
                    .replace(at, at, &format!("{}{}", &inside[..1], filled.trim_matches(space)))
            }
            (false, _) => self.output.replace(at, at + inside.len(), filled),
        }
    }

    /// Passes over removed children up to a kept one, and puts a run of new ones before it.
    fn head(&mut self, level: &mut Level<'o>, slot: &Slot) -> Result<(), EditError> {
        let from = level.ahead.start;
        while level.ahead.start != slot.home {
            if level.ahead.is_empty() {
                return Err(EditError::Internal("something is not where it was".to_owned()));
            }
            level.pass();
        }
        let before = level.passed;
        level.pass();
        (level.before_kept, level.kept) = (before, slot.home);
        if from == slot.home && self.run.is_empty() {
            return Ok(());
        }
        let document = level.value.document();
        let (from, to) = (document.start(from), document.start(slot.home));
        if self.run.is_empty() {
            return self.output.replace(from, to, "");
        }
        let kept = Child::at(level.value, slot.home);
        let site = match level.child(before) {
            Some(before) => Site::of(level.value, Some(before), Some(kept)),
            None => Site::of(level.value, Some(kept), level.child(level.ahead.start)),
        };
        self.put(level.container, &site.beside(kept), from..to, Beside::Before)
    }

    /// Passes over the removed children at the end, and puts a run of new ones there.
    fn tail(&mut self, level: &Level<'o>) -> Result<(), EditError> {
        let Some(kept) = level.child(level.kept) else {
            return Ok(());
        };
        let removed = level.child(level.ahead.start);
        let end = match removed {
            // They go up to the last child.
            Some(_) => ends_at(level.value),
            None => kept.end,
        };
        if self.run.is_empty() {
            return self.output.replace(kept.end, end, "");
        }
        let site = match level.child(level.before_kept) {
            Some(before) => Site::of(level.value, Some(before), Some(kept)),
            None => Site::of(level.value, Some(kept), removed),
        };
        self.put(level.container, &site.beside(kept), kept.end..end, Beside::Behind)
    }

    /// Puts the run of new children over a part of the old text, on one side of a child that was kept.
    fn put(&mut self, container: u32, site: &Site<'o>, part: Range<usize>, beside: Beside) -> Result<(), EditError> {
        let separator = site.separator(&self.layout.habits);
        self.output.begin(part.start)?;
        for slot in &self.run {
            let inserted = &mut self.output.inserted;
            if beside == Beside::Behind {
                separator.write(inserted);
            }
            child(&self.layout, container, slot, site, &separator, inserted)?;
            if beside == Beside::Before {
                separator.write(inserted);
            }
        }
        self.output.end_at(part.end)
    }
}

/// On which side of the child that was kept new ones stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Before,
    Behind,
}

/// Where the last child of a container that has one ends: its last token is the last before the bracket.
fn ends_at(container: Value<'_>) -> usize {
    let document = container.document();
    document.token_end(document.after(container.index()) - 2)
}

/// Writes a new child, a member with its key.
fn child<'o>(
    layout: &Layout<'o, '_>,
    container: u32,
    slot: &Slot,
    site: &Site<'o>,
    separator: &Separator<'o>,
    out: &mut String,
) -> Result<(), EditError> {
    let place = site.place_between(separator, slot.content, layout);
    if site.is_object() {
        out.push_str(layout.overlay.key(container, slot));
        out.push_str(place.manner.colon.unwrap_or_else(|| layout.habits.colon()));
    }
    layout.lay(slot.content, &place, out)
}

/// The new text as far as it is written.
struct Output<'t> {
    old: &'t str,
    /// How far the old text has been gone through, and how many bytes of it were kept.
    at: usize,
    kept: usize,
    inserted: String,
    pieces: Vec<Piece>,
}

impl<'t> Output<'t> {
    fn length(&self) -> usize {
        self.kept + self.inserted.len()
    }

    /// Puts something over a part of the old text that is still ahead.
    fn replace(&mut self, from: usize, to: usize, new: &str) -> Result<(), EditError> {
        if from == to && new.is_empty() {
            return Ok(());
        }
        self.begin(from)?;
        self.inserted.push_str(new);
        self.end_at(to)
    }

    /// The same for something that is then written to `inserted` by whoever makes it.
    fn begin(&mut self, from: usize) -> Result<(), EditError> {
        if from < self.at {
            return Err(EditError::Internal("two changes overlap".to_owned()));
        }
        if from > self.at {
            self.keep_to(from);
        }
        self.pieces.push(Piece {
            new: self.length(),
            old: from,
            kept: false,
        });
        Ok(())
    }

    /// Ends what was begun: the old text goes on at `to`.
    fn end_at(&mut self, to: usize) -> Result<(), EditError> {
        if to < self.at {
            return Err(EditError::Internal("two changes overlap".to_owned()));
        }
        self.at = to;
        within_limit(self.length())
    }

    fn keep_to(&mut self, to: usize) {
        self.pieces.push(Piece {
            new: self.length(),
            old: self.at,
            kept: true,
        });
        self.kept += to - self.at;
        self.at = to;
    }

    fn end(mut self) -> Result<Edited<'t>, EditError> {
        self.keep_to(self.old.len());
        within_limit(self.length())?;
        let length = self.length();
        Ok(Edited::new(self.old, self.inserted, self.pieces, length))
    }
}
