//! Writes the new text in one pass over the old one: what was not touched is copied, the rest is put in between.
//! Decides where things go; how the place is laid out is `site`'s, how a new value looks inside `layout`'s.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::layout::Layout;
use super::offsets::Piece;
use super::overlay::{Content, Kind, NONE, ORIGINAL, Overlay, Slot};
use super::site::{Separator, Site};
use super::style::{Child, Children, children, ends};
use super::{EditError, within_limit};
use crate::json::Value;

/// What a change is expected to put in at the most, in bytes.
const USUAL_LENGTH: usize = 128;

/// The new text, and where its parts come from.
pub(super) fn render(overlay: &Overlay<'_, '_>) -> Result<(String, Vec<Piece>), EditError> {
    let text = overlay.original.text();
    let output = Output {
        old: text,
        at: 0,
        text: String::with_capacity(text.len() + text.len() / 16),
        pieces: vec![],
    };
    let mut splicer = Splicer {
        overlay,
        layout: Layout::new(overlay),
        output,
        levels: Vec::new(),
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

struct Splicer<'o, 'a> {
    overlay: &'o Overlay<'a, 'a>,
    layout: Layout<'o, 'a>,
    output: Output<'o>,
    /// The containers that are being gone through, the innermost last.
    levels: Vec<Level<'o>>,
}

/// A container that stays where it is, with something in it that changes.
struct Level<'o> {
    container: u32,
    value: Value<'o>,
    /// What it is to hold.
    order: Peekable<IntoIter<Slot>>,
    /// What it held, as far as that is still ahead.
    ahead: Peekable<Children<'o>>,
    /// The old child that was passed last, kept or not.
    passed: Option<Child<'o>>,
    /// The one that was kept last, and the one that stood before it.
    kept: Option<(Option<Child<'o>>, Child<'o>)>,
}

impl<'o> Splicer<'o, '_> {
    /// Goes on through a container: to a child that has to be gone through itself, or to the end.
    fn level(&mut self, mut level: Level<'o>) -> Result<(), EditError> {
        loop {
            let mut run = Vec::new();
            while let Some(slot) = level.order.next_if(|slot| slot.home == NONE) {
                run.push(slot);
            }
            let Some(slot) = level.order.next() else {
                return self.tail(&mut level, &run);
            };
            let child = self.head(&mut level, &run, &slot)?;
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
        let mut new = String::new();
        self.layout.lay(content, &place, &mut new)?;
        let span = old.value.span();
        self.output.replace(span.start, span.end, &new)
    }

    fn enter(&mut self, container: u32, old: Child<'o>, site: Site<'o>) -> Result<(), EditError> {
        let order = self.overlay.order(container, true);
        let span = old.value.span();
        if order.iter().any(|slot| slot.home != NONE) {
            let (order, ahead) = (order.into_iter().peekable(), children(old.value).peekable());
            self.levels.push(Level {
                container,
                value: old.value,
                order,
                ahead,
                passed: None,
                kept: None,
            });
            return Ok(());
        }
        let Some((first, second, end)) = ends(old.value) else {
            return self.fill(container, old, site);
        };
        if order.is_empty() {
            return self.output.replace(span.start + 1, span.end - 1, "");
        }
        // All old children are gone, and new ones have their place.
        let site = Site::of(old.value, Some(first), second);
        let separator = site.separator(&self.layout.habits);
        let mut new = String::new();
        for (number, slot) in order.iter().enumerate() {
            if number > 0 {
                separator.write(&mut new);
            }
            self.child(container, slot, &site, &separator, &mut new)?;
        }
        self.output.replace(first.start, end, &new)
    }

    /// Puts new children between brackets that have none.
    fn fill(&mut self, container: u32, old: Child<'o>, site: Site<'o>) -> Result<(), EditError> {
        let span = old.value.span();
        let (inside, at) = (&self.output.old[span.start + 1..span.end - 1], span.start + 1);
        let content = Content::opened(container);
        let mut place = site.place_of(old, content, &self.layout);
        if inside.contains('\n') {
            (place.inline, place.model) = (false, None);
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
    fn head(&mut self, level: &mut Level<'o>, run: &[Slot], slot: &Slot) -> Result<Child<'o>, EditError> {
        let mut from = None;
        let child = loop {
            let Some(child) = level.ahead.next() else {
                return Err(EditError::Internal("something is not where it was".to_owned()));
            };
            from = from.or(Some(child.start));
            if child.home == slot.home {
                break child;
            }
            level.passed = Some(child);
        };
        let mut new = String::new();
        if !run.is_empty() {
            new.reserve(USUAL_LENGTH);
            let site = match level.passed {
                Some(passed) => Site::of(level.value, Some(passed), Some(child)),
                None => Site::of(level.value, Some(child), level.ahead.peek().copied()),
            };
            let site = site.beside(child);
            let separator = site.separator(&self.layout.habits);
            for slot in run {
                self.child(level.container, slot, &site, &separator, &mut new)?;
                separator.write(&mut new);
            }
        }
        self.output.replace(from.unwrap_or(child.start), child.start, &new)?;
        level.kept = Some((level.passed, child));
        level.passed = Some(child);
        Ok(child)
    }

    /// Passes over the removed children at the end, and puts a run of new ones there.
    fn tail(&mut self, level: &mut Level<'o>, run: &[Slot]) -> Result<(), EditError> {
        let Some((before, kept)) = level.kept else {
            return Ok(());
        };
        let removed = level.ahead.next();
        let end = level
            .ahead
            .by_ref()
            .last()
            .or(removed)
            .map_or(kept.end, |child| child.end);
        let mut new = String::new();
        if !run.is_empty() {
            new.reserve(USUAL_LENGTH);
            let site = match before {
                Some(before) => Site::of(level.value, Some(before), Some(kept)),
                None => Site::of(level.value, Some(kept), removed),
            };
            let site = site.beside(kept);
            let separator = site.separator(&self.layout.habits);
            for slot in run {
                separator.write(&mut new);
                self.child(level.container, slot, &site, &separator, &mut new)?;
            }
        }
        self.output.replace(kept.end, end, &new)
    }

    /// Writes a new child, a member with its key.
    fn child(
        &self,
        container: u32,
        slot: &Slot,
        site: &Site<'o>,
        separator: &Separator<'o>,
        out: &mut String,
    ) -> Result<(), EditError> {
        let place = site.place_between(separator, slot.content, &self.layout);
        if site.is_object() {
            out.push_str(self.overlay.key(container, slot));
            out.push_str(place.colon.unwrap_or_else(|| self.layout.habits.colon()));
        }
        self.layout.lay(slot.content, &place, out)
    }
}

/// The new text as far as it is written.
struct Output<'o> {
    old: &'o str,
    /// How far the old text has been gone through.
    at: usize,
    text: String,
    pieces: Vec<Piece>,
}

impl Output<'_> {
    /// Puts something over a part of the old text that is still ahead.
    fn replace(&mut self, from: usize, to: usize, new: &str) -> Result<(), EditError> {
        if from == to && new.is_empty() {
            return Ok(());
        }
        if from < self.at || to < from {
            return Err(EditError::Internal("two changes overlap".to_owned()));
        }
        if from > self.at {
            self.keep_to(from);
        }
        self.pieces.push(Piece {
            new: self.text.len(),
            old: from,
            kept: false,
        });
        self.text.push_str(new);
        self.at = to;
        within_limit(self.text.len())
    }

    fn keep_to(&mut self, to: usize) {
        self.pieces.push(Piece {
            new: self.text.len(),
            old: self.at,
            kept: true,
        });
        self.text.push_str(&self.old[self.at..to]);
        self.at = to;
    }

    fn end(mut self) -> Result<(String, Vec<Piece>), EditError> {
        self.keep_to(self.old.len());
        within_limit(self.text.len())?;
        Ok((self.text, self.pieces))
    }
}
