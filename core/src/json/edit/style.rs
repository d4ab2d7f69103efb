//! White space between tokens, and what can be read off a few of them: styles, indentation, line ends.
//! Looks at one place of a text; writes nothing.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::json::{Document, Type, Value};

/// How far back the beginning of a line is looked for. Nobody indents further, and a line of megabytes must not be
/// gone through for each thing that is put into it.
const LONGEST_LINE: usize = 4096;
/// The longest indentation that is copied, and the longest step of one.
const DEEPEST: usize = 256;
pub(super) const WIDEST_STEP: usize = 16;

/// White space between two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap<'t> {
    /// On one line.
    Inline(&'t str),
    /// A line end, and how far the next line is indented beyond the one that the container begins on.
    Line(&'t str),
}

impl Gap<'_> {
    pub(super) fn is_line(self) -> bool {
        matches!(self, Gap::Line(_))
    }
}

/// How one container is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style<'t> {
    pub(super) opening: Gap<'t>,
    pub(super) before_comma: Gap<'t>,
    pub(super) after_comma: Gap<'t>,
    pub(super) closing: Gap<'t>,
    /// What stands between key and value; `None` where only the habits of the whole text can tell.
    pub(super) colon: Option<&'t str>,
}

impl<'t> Style<'t> {
    /// The same with the steps and the colons of another place.
    pub(super) fn of_place(mut self, step: Option<&'t str>, colon: Option<&'t str>) -> Style<'t> {
        self.colon = colon;
        for gap in [&mut self.opening, &mut self.before_comma, &mut self.after_comma] {
            if let (Gap::Line(own), Some(step)) = (gap, step)
                && !own.is_empty()
            {
                *own = step;
            }
        }
        self
    }
}

/// What a value is by its first child: an array of objects is laid out like another one, not like a list of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nature(usize);

impl Nature {
    /// How many natures there are.
    pub(super) const COUNT: usize = 6;

    pub(super) fn new(object: bool, first_child: Type) -> Nature {
        let child = match first_child {
            Type::Object => 2,
            Type::Array => 1,
            _ => 0,
        };
        Nature(child + if object { 3 } else { 0 })
    }

    /// From 0.
    pub(super) fn number(self) -> usize {
        self.0
    }

    /// `None` for what is no container, or an empty one.
    pub(super) fn of(value: Value<'_>) -> Option<Nature> {
        let child = values(value).next()?;
        Some(Nature::new(value.is_object(), child.kind()))
    }
}

/// A member or an element of the old text.
#[derive(Clone, Copy)]
pub(super) struct Child<'d> {
    /// Where it begins: a member with its key.
    pub(super) start: usize,
    /// Where its value ends.
    pub(super) end: usize,
    /// The node of its key, or of the element.
    pub(super) home: u32,
    pub(super) value: Value<'d>,
}

impl<'d> Child<'d> {
    /// The one of a container that begins at a node.
    pub(super) fn at(container: Value<'d>, home: u32) -> Child<'d> {
        Child::new(container.document(), home, home + u32::from(container.is_object()))
    }

    #[inline]
    fn new(document: &'d Document<'d>, home: u32, value: u32) -> Child<'d> {
        Child {
            start: document.start(home),
            end: document.end(value),
            home,
            value: Value::at(document, value),
        }
    }
}

/// The children of a container in their order.
pub(super) fn children(value: Value<'_>) -> impl Iterator<Item = Child<'_>> {
    let (document, object) = (value.document(), value.is_object());
    homes(value).map(move |home| Child::new(document, home, home + u32::from(object)))
}

/// The nodes of the children of a container, of members those of their keys.
pub(super) fn homes(value: Value<'_>) -> Homes<'_> {
    let is_container = value.is_object() || value.is_array();
    Homes {
        document: value.document(),
        next: value.index() + 1,
        end: if is_container {
            value.document().after(value.index()) - 1
        } else {
            0
        },
        object: value.is_object(),
    }
}

/// See [`homes`].
#[derive(Clone)]
pub(super) struct Homes<'d> {
    document: &'d Document<'d>,
    next: u32,
    end: u32,
    object: bool,
}

impl Iterator for Homes<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let home = self.next;
        self.next = self.document.after(home + u32::from(self.object));
        Some(home)
    }
}

/// The values of the children of a container.
pub(super) fn values(value: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let (document, object) = (value.document(), value.is_object());
    homes(value).map(move |home| Value::at(document, home + u32::from(object)))
}

/// The first and the second child of a container, and where its last one ends. The cost is that of three children,
/// whatever their number, because the last is found from the bracket.
pub(super) fn ends<'d>(value: Value<'d>) -> Option<(Child<'d>, Option<Child<'d>>, usize)> {
    let mut children = children(value);
    let first = children.next()?;
    let second = children.next();
    let document = value.document();
    let close = document.after(value.index()) - 1;
    let last = document
        .token_end(close - 1)
        .max(document.start(close).saturating_sub(LONGEST_LINE));
    Some((first, second, last))
}

/// What stands between the first key of an object and its value, if that is on one line: aligned columns are not
/// continued.
pub(super) fn colon<'d>(value: Value<'d>) -> Option<&'d str> {
    let member = value.members().next()?;
    colon_between(
        value.document().text(),
        member.key.span().end,
        member.value.span().start,
    )
}

pub(super) fn colon_between(text: &str, key_end: usize, value_start: usize) -> Option<&str> {
    let gap = &text[key_end..value_start.min(key_end + LONGEST_LINE)];
    if matches!(gap, ": " | ":") {
        return Some(gap);
    }
    let (before, after) = gap.split_once(':')?;
    match (before, after) {
        ("", "") => Some(":"),
        ("", after) if last_line(after).is_none() => Some(": "),
        (before, "") if last_line(before).is_none() => Some(" :"),
        _ if last_line(gap).is_none() => Some(" : "),
        _ => None,
    }
}

/// The white space before and after the comma between two children; `None` if that is no reasonable amount.
pub(super) fn comma(text: &str, from: usize, to: usize) -> Option<(Range<usize>, Range<usize>)> {
    let gap = text.as_bytes().get(from..to.min(from + LONGEST_LINE))?;
    let comma = from + gap.iter().position(|&byte| byte == b',')?;
    (to - comma <= LONGEST_LINE).then_some((from..comma, comma + 1..to))
}

/// What stands after the last line end of some white space; `None` if there is no line end.
pub(super) fn last_line(gap: &str) -> Option<&str> {
    let near = gap.floor_char_boundary(gap.len().saturating_sub(LONGEST_LINE));
    // Mostly a few bytes, which are gone through sooner than a search has begun.
    let line = &gap[near + gap.as_bytes()[near..].iter().rposition(|&byte| byte == b'\n')? + 1..];
    Some(&line[..line.floor_char_boundary(DEEPEST)])
}

/// The white space that the line at `offset` begins with, up to there.
pub(super) fn indentation(text: &str, offset: usize) -> &str {
    let earliest = text.floor_char_boundary(offset.saturating_sub(LONGEST_LINE));
    let start = match memrchr(b'\n', &text.as_bytes()[earliest..offset]) {
        Some(at) => earliest + at + 1,
        None if earliest == 0 => 0,
        None => return "",
    };
    let bytes = text.as_bytes();
    let length = bytes[start..offset]
        .iter()
        .take(DEEPEST)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    &text[start..start + length]
}

/// How far a line is indented beyond another, if it is and in a reasonable amount.
pub(super) fn step<'t>(line: &'t str, outer: &str) -> Option<&'t str> {
    let white = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    white
        .strip_prefix(outer)
        .filter(|step| !step.is_empty() && step.len() <= WIDEST_STEP)
}

/// The first line end of a text.
pub(super) fn newline(text: &str) -> Option<&str> {
    let at = memchr(b'\n', text.as_bytes())?;
    Some(if text[..at].ends_with('\r') { "\r\n" } else { "\n" })
}

/// Whether the line of `offset` has only white space, or a leading comma, before it.
pub(super) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.as_bytes()[..offset].iter().rev().take(LONGEST_LINE);
    before.copied().find(|byte| !matches!(byte, b' ' | b'\t' | b',')) == Some(b'\n')
}

/// Whether a value is written over several lines, by its beginning.
pub(super) fn has_lines(value: Value<'_>) -> bool {
    let raw = value.raw().as_bytes();
    memchr(b'\n', &raw[..raw.len().min(LONGEST_LINE)]).is_some()
}
