//! Writes values that are new to a place in the manner of the place. Knows style, not where in the old text it stands.

use std::borrow::Cow;
use std::cell::Cell;

use super::habits::Habits;
use super::overlay::{Content, Kind, ORIGINAL, Order, Overlay};
use super::style::{self, Gap, Homes, Nature, Style, homes, values};
use super::{EditError, within_limit};
use crate::json::tape::Tag;
use crate::json::{Type, Value};

/// Deeper than this, and further in than this many bytes, a value is written on one line: indentation must not grow
/// with the square of the depth.
const DEEPEST_LEVEL: usize = 64;
const WIDEST_INDENTATION: usize = 256;
/// The longest value that is laid on one line merely because others like it are.
const LONGEST_ONE_LINE: usize = 80;

/// Where a value goes.
#[derive(Clone, Debug)]
pub(super) struct Place<'o> {
    /// The indentation of the line that it begins on.
    pub(super) indentation: Cow<'o, str>,
    pub(super) manner: Manner<'o>,
}

/// What the surroundings of a place ask of a value there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'o> {
    /// How far one level is indented beyond another hereabouts, if that can be seen.
    pub(super) step: Option<&'o str>,
    /// What stands between key and value hereabouts, if that can be seen.
    pub(super) colon: Option<&'o str>,
    /// Whether what is around it is on one line.
    pub(super) inline: bool,
    /// A container of the original to be laid out like.
    pub(super) model: Option<u32>,
}

pub(super) struct Layout<'o, 'a> {
    pub(super) overlay: &'o Overlay<'a, 'a>,
    pub(super) habits: Habits<'o>,
    /// From one value that is written to the next.
    room: Cell<Room<'o>>,
}

/// What it takes to write a value. Emptied before each, and kept because there are many.
#[derive(Default)]
struct Room<'o> {
    levels: Vec<Level<'o>>,
    /// That of the line at hand; each level's begins with that of the one around it.
    indentation: String,
}

/// A container that is being written.
struct Level<'o> {
    inside: Inside<'o>,
    first: bool,
    object: bool,
    style: Style<'o>,
    /// How much of the indentation so far is that of the line that it begins on.
    indentation: usize,
    step: Option<&'o str>,
    model: Option<u32>,
}

/// What of a container is still to be written.
#[derive(Clone)]
enum Inside<'o> {
    Tape {
        source: u32,
        object: bool,
        homes: Homes<'o>,
    },
    Opened {
        container: u32,
        object: bool,
        slots: Order<'o>,
    },
}

impl<'o> Inside<'o> {
    /// The next child, with its key if it is a member.
    fn next(&mut self, overlay: &'o Overlay<'_, '_>) -> Option<(Option<&'o str>, Content)> {
        match self {
            Inside::Tape { source, object, homes } => {
                let home = homes.next()?;
                let key = object.then(|| overlay.source(*source).raw(home));
                Some((key, Content::tape(*source, home + u32::from(*object))))
            }
            Inside::Opened {
                container,
                object,
                slots,
            } => {
                let slot = slots.next()?;
                Some((object.then(|| overlay.key(*container, &slot)), slot.content))
            }
        }
    }
}

impl<'o, 'a> Layout<'o, 'a> {
    pub(super) fn new(overlay: &'o Overlay<'a, 'a>) -> Layout<'o, 'a> {
        Layout {
            overlay,
            habits: Habits::new(overlay.original),
            room: Cell::default(),
        }
    }

    /// Writes a value.
    pub(super) fn lay(&self, content: Content, place: &Place<'o>, out: &mut String) -> Result<(), EditError> {
        if let Some(token) = self.token(content) {
            out.push_str(token);
            return Ok(());
        }
        let mut room = self.room.take();
        let Room { levels, indentation } = &mut room;
        levels.clear();
        indentation.clear();
        indentation.push_str(&place.indentation);
        levels.extend(self.begin(content, indentation, place.manner, 0, out));
        while let Some(level) = levels.last_mut() {
            within_limit(out.len())?;
            let style = level.style;
            let around = &indentation[..level.indentation];
            let Some((key, content)) = level.inside.next(self.overlay) else {
                self.gap(style.closing, around, out);
                out.push(if level.object { '}' } else { ']' });
                levels.pop();
                continue;
            };
            let gap = if level.first { style.opening } else { style.after_comma };
            if !level.first {
                self.gap(style.before_comma, around, out);
                out.push(',');
            }
            level.first = false;
            self.gap(gap, around, out);
            if let Some(key) = key {
                out.push_str(key);
                out.push_str(style.colon.unwrap_or_else(|| self.habits.colon()));
            }
            if let Some(token) = self.token(content) {
                out.push_str(token);
                continue;
            }
            let line = [gap, style.before_comma].into_iter().find_map(|gap| match gap {
                Gap::Line(step) => Some(step),
                Gap::Inline(_) => None,
            });
            let manner = Manner {
                inline: line.is_none(),
                step: level.step,
                colon: style.colon,
                model: self.model_within(level.model, content),
            };
            indentation.truncate(level.indentation);
            indentation.push_str(line.unwrap_or_default());
            let depth = levels.len();
            levels.extend(self.begin(content, indentation, manner, depth, out));
        }
        self.room.set(room);
        Ok(())
    }

    /// Writes an empty container, or the opening bracket of another.
    fn begin(
        &self,
        content: Content,
        indentation: &str,
        manner: Manner<'o>,
        depth: usize,
        out: &mut String,
    ) -> Option<Level<'o>> {
        let overlay = self.overlay;
        let object = self.is_object(content);
        let inside = match overlay.settled(content) {
            Kind::Tape { source, node } => {
                let value = overlay.value(source, node);
                if source == ORIGINAL && self.lay_block(value, indentation, manner.inline, out) {
                    return None;
                }
                let homes = homes(value);
                Inside::Tape { source, object, homes }
            }
            Kind::Opened(container) => Inside::Opened {
                container,
                object,
                slots: overlay.order(container, false),
            },
        };
        let Some((_, first)) = inside.clone().next(overlay) else {
            out.push_str(if object { "{}" } else { "[]" });
            return None;
        };
        out.push(if object { '{' } else { '[' });
        let deep = depth >= DEEPEST_LEVEL || indentation.len() > WIDEST_INDENTATION;
        let style = if deep {
            self.habits.one_line(object, manner.colon)
        } else {
            self.style(content, first, manner)
        };
        Some(Level {
            inside,
            first: true,
            object,
            style,
            indentation: indentation.len(),
            step: manner.step,
            model: if deep { None } else { manner.model },
        })
    }

    /// What is no container, as it is written.
    fn token(&self, content: Content) -> Option<&'o str> {
        let (source, node) = self.overlay.origin(content);
        let document = self.overlay.source(source);
        let is_container = matches!(document.node(node).tag(), Tag::Array | Tag::Object);
        (!is_container).then(|| document.raw(node))
    }

    /// The style for a container with a given first child.
    fn style(&self, content: Content, first: Content, manner: Manner<'o>) -> Style<'o> {
        let object = self.is_object(content);
        // What was moved or copied, and changed as well, keeps its own style where it can.
        let own = match self.overlay.origin(content) {
            (ORIGINAL, node) => Nature::of(self.overlay.value(ORIGINAL, node)).map(|_| self.habits.style(node)),
            _ => None,
        };
        if let Some(own) = own.filter(|own| !(manner.inline && own.opening.is_line())) {
            return own;
        }
        if let Some(model) = manner.model {
            let style = self.habits.style(model);
            // On one line many write closer than they else do.
            return if style.opening.is_line() {
                Style {
                    colon: manner.colon,
                    ..style
                }
            } else {
                style
            };
        }
        if manner.inline {
            return self.habits.one_line(object, manner.colon);
        }
        let nature = Nature::new(object, self.kind(first));
        let style = match self.habits.model(nature).map(|model| self.habits.style(model)) {
            Some(style) if style.opening.is_line() || self.is_short(content) => style,
            _ => self.habits.expanded(),
        };
        style.of_place(manner.step, manner.colon)
    }

    /// Something of the original that was moved or copied as it is, its lines indented as the new place wants them.
    fn lay_block(&self, value: Value<'_>, indentation: &str, inline: bool, out: &mut String) -> bool {
        let raw = value.raw();
        if !raw.contains('\n') {
            out.push_str(raw);
            return true;
        }
        if inline {
            return false;
        }
        let old = style::indentation(value.document().text(), value.span().start);
        let mut lines = raw.split_inclusive('\n');
        out.push_str(lines.next().unwrap_or_default());
        for line in lines {
            match line.strip_prefix(old) {
                Some(rest) if !line.trim_ascii().is_empty() => {
                    out.push_str(indentation);
                    out.push_str(rest);
                }
                _ => out.push_str(line),
            }
            if within_limit(out.len()).is_err() {
                // The caller looks at the length next.
                return true;
            }
        }
        true
    }

    fn gap(&self, gap: Gap<'_>, indentation: &str, out: &mut String) {
        match gap {
            Gap::Inline(space) => out.push_str(space),
            Gap::Line(step) => {
                out.push_str(self.habits.newline());
                out.push_str(indentation);
                out.push_str(step);
            }
        }
    }

    /// The first container in a model that is of the same kind as a value that goes into the like of it.
    fn model_within(&self, model: Option<u32>, content: Content) -> Option<u32> {
        let tag = self.tag(content);
        let alike =
            |value: &Value<'_>| self.overlay.original.node(value.index()).tag() == tag && Nature::of(*value).is_some();
        let found = values(self.overlay.value(ORIGINAL, model?)).take(16).find(alike);
        found.map(|value| value.index())
    }

    /// What a value is by its first child; `None` for what is no container, or an empty one.
    pub(super) fn nature(&self, content: Content) -> Option<Nature> {
        match self.overlay.settled(content) {
            Kind::Tape { source, node } => Nature::of(self.overlay.value(source, node)),
            Kind::Opened(container) => {
                let first = self.overlay.order(container, false).next()?.content;
                Some(Nature::new(self.is_object(content), self.kind(first)))
            }
        }
    }

    fn tag(&self, content: Content) -> Tag {
        let (source, node) = self.overlay.origin(content);
        self.overlay.source(source).node(node).tag()
    }

    pub(super) fn kind(&self, content: Content) -> Type {
        let (source, node) = self.overlay.origin(content);
        self.overlay.value(source, node).kind()
    }

    fn is_object(&self, content: Content) -> bool {
        self.tag(content) == Tag::Object
    }

    /// Whether a value may go on one line because others like it do. Reckoned by its tokens, since the white space that
    /// a patch has between them must make no difference.
    pub(super) fn is_short(&self, content: Content) -> bool {
        let Kind::Tape { source, node } = self.overlay.settled(content) else {
            return false;
        };
        let document = self.overlay.source(source);
        let mut length = 0;
        (node..document.after(node)).all(|index| {
            length += match document.node(index).tag() {
                Tag::Array | Tag::Object | Tag::Close => 1,
                _ => document.raw(index).len() + 2,
            };
            length <= LONGEST_ONE_LINE
        })
    }
}
