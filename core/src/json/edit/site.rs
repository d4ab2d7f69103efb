//! The surroundings of a change, and what they ask of what is put there: a separator, an indentation, a model.
//! Looks at a few neighbours only, whatever the size of the container.

use std::borrow::Cow;

use super::habits::Habits;
use super::layout::{Layout, Manner, Place};
use super::overlay::{Content, NONE};
use super::style::{
    Child, Nature, begins_line, colon_between, comma, ends, has_lines, homes, indentation, last_line, step, values,
};
use crate::json::Value;

/// How many siblings are looked at for one that a new value could be laid out like.
const NEIGHBOURS: usize = 16;
/// The same with those that are next to the place.
const MOST_SEEN: usize = NEIGHBOURS + 3;

/// A place in a container.
#[derive(Clone, Copy)]
pub(super) struct Site<'o> {
    /// `None` around the root.
    container: Option<Value<'o>>,
    /// Two children whose separator is to be taken, or one if there are no two.
    first: Option<Child<'o>>,
    second: Option<Child<'o>>,
    /// The one next to the place.
    beside: Option<Child<'o>>,
}

/// What stands between two children.
pub(super) struct Separator<'o> {
    before: &'o str,
    after: Cow<'o, str>,
    /// The indentation of the line that it begins; `None` if it begins none.
    line: Option<Cow<'o, str>>,
}

impl Separator<'_> {
    pub(super) fn write(&self, out: &mut String) {
        out.push_str(self.before);
        out.push(',');
        out.push_str(&self.after);
    }
}

impl<'o> Site<'o> {
    /// Around the whole value.
    pub(super) fn top() -> Site<'o> {
        Site {
            container: None,
            first: None,
            second: None,
            beside: None,
        }
    }

    pub(super) fn of(container: Value<'o>, first: Option<Child<'o>>, second: Option<Child<'o>>) -> Site<'o> {
        Site {
            container: Some(container),
            first,
            second,
            beside: first,
        }
    }

    pub(super) fn beside(mut self, child: Child<'o>) -> Site<'o> {
        self.beside = Some(child);
        self
    }

    pub(super) fn is_object(&self) -> bool {
        self.container.is_some_and(|container| container.is_object())
    }

    /// The separator of the neighbours, without blank lines; one that suits the brackets where there is only one child.
    pub(super) fn separator(&self, habits: &Habits<'o>) -> Separator<'o> {
        let (Some(container), Some(first)) = (self.container, self.first) else {
            return Separator {
                before: "",
                after: habits.comma().into(),
                line: None,
            };
        };
        let text = container.document().text();
        if let Some((before, after)) = self.second.and_then(|second| comma(text, first.end, second.start)) {
            let (before, after) = (&text[before], &text[after]);
            let line = last_line(after).or_else(|| last_line(before));
            return Separator {
                before,
                after: one_line_end(after),
                line: line.map(Cow::Borrowed),
            };
        }
        let span = container.span();
        let opening = &text[span.start + 1..first.start];
        let closing = &text[ends(container).map_or(span.end - 1, |(_, _, end)| end)..span.end - 1];
        let line: Option<Cow<'o, str>> = match (self.second, last_line(opening), last_line(closing)) {
            // Too far apart to be copied.
            (Some(second), ..) => begins_line(text, second.start).then(|| indentation(text, second.start).into()),
            (None, Some(line), _) => Some(line.into()),
            (None, None, Some(_)) => Some([indentation(text, span.start), habits.step()].concat().into()),
            (None, None, None) => None,
        };
        let after = match &line {
            Some(line) => [habits.newline(), line].concat().into(),
            None if opening.is_empty() => habits.comma().into(),
            None => " ".into(),
        };
        Separator {
            before: "",
            after,
            line,
        }
    }

    /// What stands between key and value hereabouts: what most members have, and of two that are as many the nearest.
    fn colon(&self) -> Option<&'o str> {
        let document = self.container.filter(Value::is_object)?.document();
        let text = document.text();
        // Nearly always the first is what all have: the others are held against that before they are looked into.
        let mut first = ("", 0);
        let mut others: Vec<(&str, usize)> = Vec::new();
        for key in self.neighbours() {
            let (key_end, value_start) = (document.node(key).upper(), document.start(key + 1));
            if first.1 > 0 && text.as_bytes()[key_end..value_start] == *first.0.as_bytes() {
                first.1 += 1;
            } else if let Some(colon) = colon_between(text, key_end, value_start) {
                if first.1 == 0 {
                    first.0 = colon;
                }
                match others.iter_mut().find(|(other, _)| *other == colon) {
                    _ if first.0 == colon => first.1 += 1,
                    Some((_, count)) => *count += 1,
                    None => others.push((colon, 1)),
                }
            }
            if first.1 > MOST_SEEN / 2 {
                break;
            }
        }
        // Of equals `max_by_key` gives the last.
        let counts = others.into_iter().rev().chain([first]);
        let (colon, count) = counts.max_by_key(|(_, count)| *count)?;
        (count > 0).then_some(colon)
    }

    /// A few children, the nearest first.
    fn neighbours(&self) -> impl Iterator<Item = u32> {
        let others = self
            .container
            .into_iter()
            .flat_map(|container| homes(container).take(NEIGHBOURS));
        let near = [self.beside, self.first, self.second].map(|child| child.map_or(NONE, |child| child.home));
        near.into_iter()
            .enumerate()
            .filter(move |(at, home)| *home != NONE && !near[..*at].contains(home))
            .map(|(_, home)| home)
            .chain(others.filter(move |home| !near.contains(home)))
    }

    /// The place of a new child between its neighbours.
    pub(super) fn place_between(
        &self,
        separator: &Separator<'o>,
        content: Content,
        layout: &Layout<'o, '_>,
    ) -> Place<'o> {
        let indentation = match (&separator.line, self.beside) {
            (Some(line), _) => line.clone(),
            (None, Some(child)) => indentation(child.value.document().text(), child.end).into(),
            (None, None) => "".into(),
        };
        let inline = separator.line.is_none();
        let step = self.step(self.beside.filter(|_| !inline).map(|child| child.start));
        let model = self.model(content, inline, layout);
        Place {
            indentation,
            manner: Manner {
                step,
                colon: self.colon(),
                inline,
                model,
            },
        }
    }

    /// The place of an old child that something else is put over.
    pub(super) fn place_of(&self, old: Child<'o>, content: Content, layout: &Layout<'o, '_>) -> Place<'o> {
        let text = old.value.document().text();
        let inline = match self.container {
            Some(_) => !begins_line(text, old.start),
            None => !layout.habits.has_lines(),
        };
        let model = if alike(old.value, content, layout) {
            Some(old.value.index())
        } else {
            self.model(content, inline, layout)
        };
        let step = self.step((!inline).then_some(old.start));
        let indentation = indentation(text, old.start).into();
        Place {
            indentation,
            manner: Manner {
                step,
                colon: self.colon(),
                inline,
                model,
            },
        }
    }

    /// How far what is put here is to be indented inside: as far as a sibling is, or as this container itself is.
    fn step(&self, child: Option<usize>) -> Option<&'o str> {
        let inside = |container: Value<'o>, child: usize| {
            let text = container.document().text();
            step(indentation(text, child), indentation(text, container.span().start))
        };
        let (child, container) = (child?, self.container?);
        let value = |home| Value::at(container.document(), home + u32::from(container.is_object()));
        let mut siblings = self.neighbours().map(value).filter_map(|sibling| {
            let first = homes(sibling).next()?;
            inside(sibling, sibling.document().start(first))
        });
        siblings.next().or_else(|| inside(container, child))
    }

    /// A sibling to lay a new value out like: among elements any of its kind, among members one of its nature, unless
    /// one is on a line and the other would not fit there, or the other way round.
    fn model(&self, content: Content, inline: bool, layout: &Layout<'o, '_>) -> Option<u32> {
        let container = self.container?;
        let nature = layout.nature(content)?;
        let near = [self.beside, self.first, self.second].into_iter().flatten();
        let mut siblings = near.map(|child| child.value).chain(values(container).take(NEIGHBOURS));
        let model = if container.is_object() {
            let fits = |value: &Value<'_>| match has_lines(*value) {
                true => !inline,
                false => inline || layout.is_short(content),
            };
            siblings.find(|value| Nature::of(*value) == Some(nature)).filter(fits)
        } else {
            siblings.find(|value| alike(*value, content, layout))
        };
        model.map(|value| value.index())
    }
}

/// Whether a value that is there can be the model of a new one: a container of the same kind that is not empty.
fn alike(value: Value<'_>, content: Content, layout: &Layout<'_, '_>) -> bool {
    Nature::of(value).is_some() && value.kind() == layout.kind(content)
}

/// White space with at most one line end, and nothing at the end of the line before it.
fn one_line_end(space: &str) -> Cow<'_, str> {
    let Some(line) = last_line(space) else {
        return space.into();
    };
    let newline = if space.contains('\r') { "\r\n" } else { "\n" };
    // Mostly that is what it is.
    if space.strip_prefix(newline) == Some(line) {
        space.into()
    } else {
        [newline, line].concat().into()
    }
}
