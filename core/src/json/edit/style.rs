//! How a text is laid out: its indentation, its line ends, the white space around its brackets, commas and colons.
//! Reads that off a text; writes nothing.

use std::cell::OnceCell;
use std::ops::Range;

use crate::json::{Document, Type, Value};

/// How far back the beginning of a line is looked for. Nobody indents further, and a line of megabytes must not be
/// gone through for each thing that is put into it.
const LONGEST_LINE: usize = 4096;
/// The longest indentation that is copied, and the longest step of one.
const DEEPEST: usize = 256;
const WIDEST_STEP: usize = 16;
/// How many values are looked at for the habits of a text.
const SAMPLE: usize = 100_000;

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
    pub(super) colon: &'t str,
}

impl<'t> Style<'t> {
    /// The same with the steps and the colons of another place.
    pub(super) fn of_place(mut self, step: Option<&'t str>, colon: &'t str) -> Style<'t> {
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
    const COUNT: usize = 6;

    pub(super) fn new(object: bool, first_child: Type) -> Nature {
        let child = match first_child {
            Type::Object => 2,
            Type::Array => 1,
            _ => 0,
        };
        Nature(child + if object { 3 } else { 0 })
    }

    /// `None` for what is no container, or an empty one.
    pub(super) fn of(value: Value<'_>) -> Option<Nature> {
        let child = first_child(value)?;
        Some(Nature::new(value.is_object(), child.kind()))
    }
}

/// The habits of a whole text, looked for when one is first needed.
pub(super) struct Habits<'a> {
    document: &'a Document<'a>,
    found: OnceCell<Found<'a>>,
}

#[derive(Default)]
struct Found<'t> {
    newline: Option<&'t str>,
    step: Option<&'t str>,
    colon: Option<&'t str>,
    comma: Option<&'t str>,
    object_padding: Option<&'t str>,
    array_padding: Option<&'t str>,
    models: [Option<u32>; Nature::COUNT],
}

impl<'a> Habits<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Habits<'a> {
        Habits {
            document,
            found: OnceCell::new(),
        }
    }

    /// The line end.
    pub(super) fn newline(&self) -> &'a str {
        self.found().newline.unwrap_or("\n")
    }

    /// Whether the text has more than one line.
    pub(super) fn has_lines(&self) -> bool {
        self.found().newline.is_some()
    }

    /// One step of indentation.
    pub(super) fn step(&self) -> &'a str {
        self.found().step.unwrap_or("  ")
    }

    /// What stands between a key and its value.
    pub(super) fn colon(&self) -> &'a str {
        self.found().colon.unwrap_or(": ")
    }

    /// What follows a comma on the same line.
    pub(super) fn comma(&self) -> &'a str {
        let found = self.found();
        let minified = found.newline.is_none() && found.colon == Some(":");
        found.comma.unwrap_or(if minified { "" } else { " " })
    }

    /// What stands inside the brackets of a container on one line.
    pub(super) fn padding(&self, object: bool) -> &'a str {
        let found = self.found();
        if object {
            found.object_padding
        } else {
            found.array_padding
        }
        .unwrap_or("")
    }

    /// The first container of a nature that begins on a line of its own.
    pub(super) fn model(&self, nature: Nature) -> Option<u32> {
        self.found().models[nature.0]
    }

    /// All on one line.
    pub(super) fn one_line(&self, object: bool, colon: &'a str) -> Style<'a> {
        let padding = Gap::Inline(self.padding(object));
        Style {
            opening: padding,
            before_comma: Gap::Inline(""),
            after_comma: Gap::Inline(self.comma()),
            closing: padding,
            colon,
        }
    }

    /// A line for each child.
    pub(super) fn expanded(&self) -> Style<'a> {
        Style {
            opening: Gap::Line(self.step()),
            before_comma: Gap::Inline(""),
            after_comma: Gap::Line(self.step()),
            closing: Gap::Line(""),
            colon: self.colon(),
        }
    }

    /// The style of a container that is not empty; that of one line for any other value.
    pub(super) fn style(&self, container: u32) -> Style<'a> {
        let value = Value::at(self.document, container);
        let Some((first, second, last)) = ends(value) else {
            return self.one_line(value.is_object(), self.colon());
        };
        let text = self.document.text();
        let span = value.span();
        let indentation = indentation(text, span.start);
        let gap = |range: Range<usize>, otherwise| self.gap(&text[range], indentation, otherwise);
        let opening = gap(span.start + 1..first.start, self.step());
        let (before_comma, after_comma) = match second.and_then(|second| comma(text, first.end, second.start)) {
            Some((before, after)) => (gap(before, ""), gap(after, self.step())),
            None if opening.is_line() => (Gap::Inline(""), opening),
            None => (Gap::Inline(""), Gap::Inline(self.comma())),
        };
        let closing = gap(last..span.end - 1, "");
        // Slips are not repeated: `[ {…}]`, and a last bracket that is not where its line begins.
        let (opening, closing) = match (opening, closing) {
            (Gap::Inline(one), Gap::Inline(other)) if one.len() > other.len() => (closing, closing),
            (Gap::Inline(_), Gap::Inline(_)) => (opening, opening),
            _ => (opening, Gap::Line("")),
        };
        let colon = colon(value).unwrap_or(self.colon());
        Style {
            opening,
            before_comma,
            after_comma,
            closing,
            colon,
        }
    }

    fn gap(&self, text: &'a str, indentation: &str, otherwise: &'a str) -> Gap<'a> {
        match last_line(text) {
            None => Gap::Inline(&text[..text.len().min(WIDEST_STEP)]),
            Some(line) => match line.strip_prefix(indentation) {
                Some(step) if step.len() <= WIDEST_STEP => Gap::Line(step),
                _ => Gap::Line(otherwise),
            },
        }
    }

    fn found(&self) -> &Found<'a> {
        self.found.get_or_init(|| look(self.document))
    }
}

fn look<'a>(document: &'a Document<'a>) -> Found<'a> {
    let text = document.text();
    let mut found = Found {
        newline: newline(text),
        ..Found::default()
    };
    let mut budget = SAMPLE;
    for index in 0..document.len().min(SAMPLE) as u32 {
        let value = Value::at(document, index);
        // A key is looked at as if it were a string, and has no children.
        let Some((first, second, last)) = ends(value) else {
            continue;
        };
        let span = value.span();
        let opening = &text[span.start + 1..first.start];
        if let (None, Some(line)) = (found.step, last_line(opening)) {
            found.step = step(line, indentation(text, span.start));
        }
        if let (None, Some(second)) = (found.comma, second)
            && let Some((_, after)) = comma(text, first.end, second.start)
            && last_line(&text[after.clone()]).is_none()
        {
            found.comma = Some(&text[after.start..after.end.min(after.start + 1)]);
        }
        let closing = &text[last..span.end - 1];
        if opening == closing && last_line(opening).is_none() {
            let padding = if value.is_object() {
                &mut found.object_padding
            } else {
                &mut found.array_padding
            };
            padding.get_or_insert(&opening[..opening.len().min(1)]);
        }
        if found.colon.is_none() {
            found.colon = colon(value);
        }
        let mut before = span.start + 1;
        for child in children(value) {
            if budget == 0 {
                return found;
            }
            budget -= 1;
            if let Some(nature) = Nature::of(child.value)
                && found.models[nature.0].is_none()
                && last_line(&text[before..child.start]).is_some()
            {
                found.models[nature.0] = Some(child.value.index());
            }
            before = child.end;
        }
    }
    found
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

/// The children of a container in their order.
pub(super) fn children<'d>(value: Value<'d>) -> impl Iterator<Item = Child<'d>> + Clone {
    let members = value.members().map(|member| Child {
        start: member.key.span().start,
        end: member.value.span().end,
        home: member.key.index(),
        value: member.value,
    });
    let elements = value.elements().map(|value| {
        let span = value.span();
        Child {
            start: span.start,
            end: span.end,
            home: value.index(),
            value,
        }
    });
    members.chain(elements)
}

pub(super) fn first_child(value: Value<'_>) -> Option<Value<'_>> {
    children(value).next().map(|child| child.value)
}

/// The first and the second child of a container, and where its last one ends. The cost is that of three children,
/// whatever their number, because the last is found from the bracket.
pub(super) fn ends<'d>(value: Value<'d>) -> Option<(Child<'d>, Option<Child<'d>>, usize)> {
    let mut children = children(value);
    let first = children.next()?;
    let second = children.next();
    let end = value.span().end - 1;
    let before = value.document().text().as_bytes()[..end]
        .iter()
        .rev()
        .take(LONGEST_LINE);
    let last = end
        - before
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
            .count();
    Some((first, second, last))
}

/// What stands between the first key of an object and its value, if that is on one line: aligned columns are not
/// continued.
fn colon<'d>(value: Value<'d>) -> Option<&'d str> {
    let member = value.members().next()?;
    colon_between(
        value.document().text(),
        member.key.span().end,
        member.value.span().start,
    )
}

pub(super) fn colon_between(text: &str, key_end: usize, value_start: usize) -> Option<&str> {
    let gap = &text[key_end..value_start.min(key_end + LONGEST_LINE)];
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
    let gap = text.as_bytes()[from..to].get(..(to - from).min(LONGEST_LINE))?;
    let comma = from + gap.iter().position(|&byte| byte == b',')?;
    (to - comma <= LONGEST_LINE).then_some((from..comma, comma + 1..to))
}

/// What stands after the last line end of some white space; `None` if there is no line end.
pub(super) fn last_line(gap: &str) -> Option<&str> {
    let near = gap.len().saturating_sub(LONGEST_LINE);
    let line = &gap[near + gap[near..].rfind('\n')? + 1..];
    Some(&line[..line.len().min(DEEPEST)])
}

/// The white space that the line at `offset` begins with, up to there.
pub(super) fn indentation(text: &str, offset: usize) -> &str {
    let bytes = text.as_bytes();
    let earliest = offset.saturating_sub(LONGEST_LINE);
    let start = match bytes[earliest..offset].iter().rposition(|&byte| byte == b'\n') {
        Some(at) => earliest + at + 1,
        None if earliest == 0 => 0,
        None => return "",
    };
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
fn newline(text: &str) -> Option<&str> {
    let at = text.find('\n')?;
    Some(if text[..at].ends_with('\r') { "\r\n" } else { "\n" })
}

/// Whether the line of `offset` has only white space, or a leading comma, before it.
pub(super) fn begins_line(text: &str, offset: usize) -> bool {
    let before = text.as_bytes()[..offset].iter().rev().take(LONGEST_LINE);
    before.copied().find(|byte| !matches!(byte, b' ' | b'\t' | b',')) == Some(b'\n')
}

/// Whether a value is written over several lines, by its beginning.
pub(super) fn has_lines(value: Value<'_>) -> bool {
    value
        .raw()
        .as_bytes()
        .iter()
        .take(LONGEST_LINE)
        .any(|&byte| byte == b'\n')
}
