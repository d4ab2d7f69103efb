//! The habits of a text as a whole, for where no neighbour says how a thing is to be laid out.
//! Reads them off a text; writes nothing.

use std::cell::OnceCell;
use std::ops::Range;

use super::style::WIDEST_STEP;
use super::style::{Gap, Nature, Style, children, colon, comma, ends, indentation, last_line, newline, step};
use crate::json::{Document, Value};

/// How many values are looked at.
const SAMPLE: usize = 100_000;

/// The habits of a whole text, looked for when one is first needed: where neighbours say it all, none is.
pub(super) struct Habits<'a> {
    document: &'a Document<'a>,
    newline: OnceCell<Option<&'a str>>,
    found: OnceCell<Found<'a>>,
}

#[derive(Default)]
struct Found<'t> {
    step: Option<&'t str>,
    colon: Option<&'t str>,
    comma: Option<&'t str>,
    object_padding: Option<&'t str>,
    array_padding: Option<&'t str>,
    /// Nothing follows a colon, and no line ends but the last.
    minified: bool,
    models: [Option<u32>; Nature::COUNT],
}

impl<'a> Habits<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Habits<'a> {
        Habits {
            document,
            newline: OnceCell::new(),
            found: OnceCell::new(),
        }
    }

    /// The line end.
    pub(super) fn newline(&self) -> &'a str {
        self.first_newline().unwrap_or("\n")
    }

    /// Whether the text has more than one line.
    pub(super) fn has_lines(&self) -> bool {
        self.first_newline().is_some()
    }

    fn first_newline(&self) -> Option<&'a str> {
        *self.newline.get_or_init(|| newline(self.document.text()))
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
        found.comma.unwrap_or(if found.minified { "" } else { " " })
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
        self.found().models[nature.number()]
    }

    /// All on one line.
    pub(super) fn one_line(&self, object: bool, colon: Option<&'a str>) -> Style<'a> {
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
            colon: None,
        }
    }

    /// The style of a container that is not empty; that of one line for any other value.
    pub(super) fn style(&self, container: u32) -> Style<'a> {
        let value = Value::at(self.document, container);
        let Some((first, second, last)) = ends(value) else {
            return self.one_line(value.is_object(), None);
        };
        let text = self.document.text();
        let span = value.span();
        let indentation = indentation(text, span.start);
        let gap = |range: Range<usize>, otherwise: fn(&Self) -> &'a str| self.gap(&text[range], indentation, otherwise);
        let opening = gap(span.start + 1..first.start, Self::step);
        let (before_comma, after_comma) = match second.and_then(|second| comma(text, first.end, second.start)) {
            Some((before, after)) => (gap(before, |_| ""), gap(after, Self::step)),
            None if opening.is_line() => (Gap::Inline(""), opening),
            None => (Gap::Inline(""), Gap::Inline(self.comma())),
        };
        let closing = gap(last..span.end - 1, |_| "");
        // Slips are not repeated: `[ {…}]`, and a last bracket that is not where its line begins.
        let (opening, closing) = match (opening, closing) {
            (Gap::Inline(one), Gap::Inline(other)) if one.len() > other.len() => (closing, closing),
            (Gap::Inline(_), Gap::Inline(_)) => (opening, opening),
            _ => (opening, Gap::Line("")),
        };
        Style {
            opening,
            before_comma,
            after_comma,
            closing,
            colon: colon(value),
        }
    }

    fn gap(&self, text: &'a str, indentation: &str, otherwise: fn(&Self) -> &'a str) -> Gap<'a> {
        match last_line(text) {
            None => Gap::Inline(&text[..text.len().min(WIDEST_STEP)]),
            Some(line) => match line.strip_prefix(indentation) {
                Some(step) if step.len() <= WIDEST_STEP => Gap::Line(step),
                _ => Gap::Line(otherwise(self)),
            },
        }
    }

    fn found(&self) -> &Found<'a> {
        self.found.get_or_init(|| {
            let found = look(self.document);
            let minified = found.colon == Some(":") && newline(self.document.root().raw()).is_none();
            Found { minified, ..found }
        })
    }
}

fn look<'a>(document: &'a Document<'a>) -> Found<'a> {
    let text = document.text();
    let mut found = Found::default();
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
                && found.models[nature.number()].is_none()
                && last_line(&text[before..child.start]).is_some()
            {
                found.models[nature.number()] = Some(child.value.index());
            }
            before = child.end;
        }
    }
    found
}
