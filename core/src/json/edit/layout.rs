//! Writes values that are new to a place in the manner of the place. Knows style, not where in the old text it stands.

use super::habits::Habits;
use super::overlay::{Content, Kind, ORIGINAL, Overlay, Slot};
use super::style::{Gap, Nature, Style, children, indentation};
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
    pub(super) indentation: String,
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
}

/// A container that is being written.
struct Level<'o> {
    children: std::vec::IntoIter<(Option<&'o str>, Content)>,
    first: bool,
    object: bool,
    style: Style<'o>,
    indentation: String,
    step: Option<&'o str>,
    model: Option<u32>,
}

impl<'o, 'a> Layout<'o, 'a> {
    pub(super) fn new(overlay: &'o Overlay<'a, 'a>) -> Layout<'o, 'a> {
        Layout {
            overlay,
            habits: Habits::new(overlay.original),
        }
    }

    /// Writes a value.
    pub(super) fn lay(&self, content: Content, place: &Place<'o>, out: &mut String) -> Result<(), EditError> {
        let mut levels: Vec<Level<'o>> = Vec::new();
        levels.extend(self.begin(content, place.clone(), 0, out));
        while let Some(level) = levels.last_mut() {
            within_limit(out.len())?;
            let style = level.style;
            let Some((key, content)) = level.children.next() else {
                self.gap(style.closing, &level.indentation, out);
                out.push(if level.object { '}' } else { ']' });
                levels.pop();
                continue;
            };
            let gap = if level.first { style.opening } else { style.after_comma };
            if !level.first {
                self.gap(style.before_comma, &level.indentation, out);
                out.push(',');
            }
            level.first = false;
            self.gap(gap, &level.indentation, out);
            if let Some(key) = key {
                out.push_str(key);
                out.push_str(style.colon.unwrap_or_else(|| self.habits.colon()));
            }
            let line = [gap, style.before_comma].into_iter().find_map(|gap| match gap {
                Gap::Line(step) => Some(step),
                Gap::Inline(_) => None,
            });
            let place = Place {
                indentation: [&level.indentation, line.unwrap_or_default()].concat(),
                inline: line.is_none(),
                step: level.step,
                colon: style.colon,
                model: self.model_within(level.model, content),
            };
            let depth = levels.len();
            levels.extend(self.begin(content, place, depth, out));
        }
        Ok(())
    }

    /// Writes a value that is no container, or an empty one; of any other its opening bracket.
    fn begin(&self, content: Content, place: Place<'o>, depth: usize, out: &mut String) -> Option<Level<'o>> {
        let overlay = self.overlay;
        let settled = overlay.settled(content);
        let children: Vec<(Option<&str>, Content)> = match settled {
            Kind::Tape { source, node } => {
                let value = overlay.value(source, node);
                if source == ORIGINAL && self.lay_block(value, &place, out) {
                    return None;
                }
                let key = |home| value.is_object().then(|| value.document().raw(home));
                let slots = children(value).map(|child| (key(child.home), Content::tape(source, child.value.index())));
                slots.collect()
            }
            Kind::Opened(container) => {
                let object = self.is_object(content);
                let key = |slot: &Slot| object.then(|| overlay.key(container, slot));
                overlay
                    .order(container, false)
                    .iter()
                    .map(|slot| (key(slot), slot.content))
                    .collect()
            }
        };
        if children.is_empty() {
            out.push_str(match (settled, self.tag(content)) {
                (_, Tag::Object) => "{}",
                (_, Tag::Array) => "[]",
                (Kind::Tape { source, node }, _) => overlay.source(source).raw(node),
                // What is open is a container.
                (Kind::Opened(_), _) => "",
            });
            return None;
        }
        let object = self.is_object(content);
        out.push(if object { '{' } else { '[' });
        let deep = depth >= DEEPEST_LEVEL || place.indentation.len() > WIDEST_INDENTATION;
        let style = if deep {
            self.habits.one_line(object, place.colon)
        } else {
            self.style(content, children[0].1, &place)
        };
        let model = if deep { None } else { place.model };
        let children = children.into_iter();
        Some(Level {
            children,
            first: true,
            object,
            style,
            indentation: place.indentation,
            step: place.step,
            model,
        })
    }

    /// The style for a container with a given first child.
    fn style(&self, content: Content, first: Content, place: &Place<'o>) -> Style<'o> {
        let object = self.is_object(content);
        // What was moved or copied, and changed as well, keeps its own style where it can.
        let own = match self.overlay.origin(content) {
            (ORIGINAL, node) => Nature::of(self.overlay.value(ORIGINAL, node)).map(|_| self.habits.style(node)),
            _ => None,
        };
        if let Some(own) = own.filter(|own| !(place.inline && own.opening.is_line())) {
            return own;
        }
        if let Some(model) = place.model {
            let style = self.habits.style(model);
            // On one line many write closer than they else do.
            return if style.opening.is_line() {
                Style {
                    colon: place.colon,
                    ..style
                }
            } else {
                style
            };
        }
        if place.inline {
            return self.habits.one_line(object, place.colon);
        }
        let nature = Nature::new(object, self.kind(first));
        let style = match self.habits.model(nature).map(|model| self.habits.style(model)) {
            Some(style) if style.opening.is_line() || self.is_short(content) => style,
            _ => self.habits.expanded(),
        };
        style.of_place(place.step, place.colon)
    }

    /// Something of the original that was moved or copied as it is, its lines indented as the new place wants them.
    fn lay_block(&self, value: Value<'_>, place: &Place<'o>, out: &mut String) -> bool {
        let raw = value.raw();
        if !raw.contains('\n') {
            out.push_str(raw);
            return true;
        }
        if place.inline {
            return false;
        }
        let old = indentation(value.document().text(), value.span().start);
        let mut lines = raw.split_inclusive('\n');
        out.push_str(lines.next().unwrap_or_default());
        for line in lines {
            match line.strip_prefix(old) {
                Some(rest) if !line.trim_ascii().is_empty() => {
                    out.push_str(&place.indentation);
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
        let found = children(self.overlay.value(ORIGINAL, model?))
            .map(|child| child.value)
            .take(16)
            .find(alike);
        found.map(|value| value.index())
    }

    /// What a value is by its first child; `None` for what is no container, or an empty one.
    pub(super) fn nature(&self, content: Content) -> Option<Nature> {
        match self.overlay.settled(content) {
            Kind::Tape { source, node } => Nature::of(self.overlay.value(source, node)),
            Kind::Opened(container) => {
                let first = self.overlay.order(container, false).first()?.content;
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
