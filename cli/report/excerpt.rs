//! The lines of a text that a diagnostic shows, and where its marks stand in them.
//!
//! Only these lines are ever looked at, so a diagnostic costs the same in a large file as in a small one.

use std::ops::Range;

use super::hidden::Hidden;
use super::places::{BYTE_ORDER_MARK, Places};
use super::safe;

/// How many characters of a line are shown at most, and how many of them before the mark.
const WIDEST: usize = 160;
const BEFORE: usize = 60;
/// Lines between two marks that are shown rather than left out.
const GAP: usize = 2;

/// A place to point at.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
    pub(crate) label: String,
    pub(crate) is_primary: bool,
}

/// Neighbouring lines, safe to show.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) source: String,
    /// Counted from 1.
    pub(crate) first_line: usize,
    /// The spans are of `source`.
    pub(crate) marks: Vec<Mark>,
    /// The column of the mark that the excerpt is about: in the text, and in `source`, where a line may be cut.
    pub(crate) column: (usize, usize),
    /// The line of that mark, counted from 1.
    pub(crate) line: usize,
}

/// Shows every mark; those near one another together. The excerpt with the primary mark comes first.
pub(crate) fn excerpts(places: &Places<'_>, hidden: &Hidden<'_>, mut marks: Vec<Mark>) -> Vec<Excerpt> {
    marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
    let line = |mark: &Mark| places.line(mark.span.start);
    let mut excerpts: Vec<Excerpt> = marks
        .chunk_by(|one, next| line(next) - line(one) <= GAP)
        .map(|near| excerpt(places, hidden, near))
        .collect();
    excerpts.sort_by_key(|excerpt| !excerpt.marks.iter().any(|mark| mark.is_primary));
    excerpts
}

fn excerpt(places: &Places<'_>, hidden: &Hidden<'_>, near: &[Mark]) -> Excerpt {
    let lines: Vec<usize> = near.iter().map(|mark| places.line(mark.span.start)).collect();
    let (first, last) = (lines.first().copied().unwrap_or(0), lines.last().copied().unwrap_or(0));
    let mut excerpt = Excerpt {
        source: String::new(),
        first_line: first + 1,
        marks: Vec::new(),
        column: (1, 1),
        line: first + 1,
    };
    let about = near.iter().position(|mark| mark.is_primary).unwrap_or(0);
    for line in first..=last {
        let here = || {
            near.iter()
                .zip(&lines)
                .filter(|(_, at)| **at == line)
                .map(|(mark, _)| mark)
        };
        let focus = here().find(|mark| mark.is_primary).or_else(|| here().next());
        let shown = Shown::new(places, hidden, line, focus.map(|mark| &mark.span));
        for mark in here() {
            if std::ptr::eq(mark, &near[about]) {
                (excerpt.line, excerpt.column.0) = places.position(mark.span.start);
                excerpt.column.1 = shown.column(mark.span.start);
            }
            // A place that runs over several lines is shown by its beginning.
            if let Some(span) = shown.span(&mark.span) {
                let span = excerpt.source.len() + span.start..excerpt.source.len() + span.end;
                excerpt.marks.push(Mark { span, ..mark.clone() });
            }
        }
        excerpt.source.push_str(&shown.text);
        if line < last {
            excerpt.source.push('\n');
        }
    }
    excerpt
}

/// One line, cut and masked.
struct Shown {
    text: String,
    /// For every character: where it is in the whole text, and where in this one. The last pair is the end.
    characters: Vec<(usize, usize)>,
}

impl Shown {
    fn new(places: &Places<'_>, hidden: &Hidden<'_>, line: usize, focus: Option<&Range<usize>>) -> Shown {
        let text = places.text();
        let bounds = places.bounds(line);
        let window = window(text, bounds.clone(), focus.map_or(bounds.start, |focus| focus.start));
        let secrets = hidden.within(&window);

        let mut shown = Shown {
            text: String::new(),
            characters: Vec::new(),
        };
        if window.start > bounds.start {
            shown.text.push('…');
        }
        let mut at = window.start;
        for chunk in text[window.clone()].utf8_chunks() {
            for (offset, character) in safe::masked(chunk.valid(), at, &secrets) {
                // A byte order mark is no part of what a person sees.
                if at + offset == 0 && text.starts_with(BYTE_ORDER_MARK) {
                    continue;
                }
                shown.push(at + offset, character);
            }
            at += chunk.valid().len();
            for offset in 0..chunk.invalid().len() {
                shown.push(at + offset, '\u{fffd}');
            }
            at += chunk.invalid().len();
        }
        shown.characters.push((window.end, shown.text.len()));
        if window.end < bounds.end {
            shown.text.push('…');
        }
        shown
    }

    fn push(&mut self, original: usize, character: char) {
        self.characters.push((original, self.text.len()));
        self.text.push(character);
    }

    /// The column of a place of the whole text.
    fn column(&self, offset: usize) -> usize {
        self.text[..self.place(offset)].chars().count() + 1
    }

    fn place(&self, offset: usize) -> usize {
        let next = self.characters.partition_point(|(original, _)| *original < offset);
        self.characters
            .get(next)
            .or(self.characters.last())
            .map_or(0, |(_, shown)| *shown)
    }

    /// A place of the whole text, as far as it is shown.
    fn span(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let first = self.characters.first()?.0;
        let last = self.characters.last()?.0;
        if span.end < first || span.start > last {
            return None;
        }
        Some(self.place(span.start)..self.place(span.end.max(span.start)))
    }
}

/// The part of a line that is shown, beginning and ending between characters.
fn window(text: &[u8], line: Range<usize>, focus: usize) -> Range<usize> {
    if line.len() <= WIDEST {
        return line;
    }
    let is_inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let mut start = focus.clamp(line.start, line.end);
    let mut characters = 0;
    while start > line.start && characters < BEFORE {
        start -= 1;
        characters += usize::from(!is_inside(start));
    }
    let mut end = start;
    characters = 0;
    while end < line.end && characters < WIDEST {
        end += 1;
        characters += usize::from(!is_inside(end));
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, span: Range<usize>) -> Excerpt {
        let mark = Mark {
            span,
            label: String::new(),
            is_primary: true,
        };
        excerpts(&Places::new(text.as_bytes()), &Hidden::new(text.as_bytes()), vec![mark]).remove(0)
    }

    fn marked(excerpt: &Excerpt) -> &str {
        &excerpt.source[excerpt.marks[0].span.clone()]
    }

    #[test]
    fn a_mark_points_at_the_same_characters() {
        let text = "{\n  \"ä\u{1b}\": \"image\"\n}";
        let at = text.find("image").unwrap();
        let excerpt = one(text, at..at + 5);
        assert_eq!((excerpt.first_line, marked(&excerpt)), (2, "image"));
        assert_eq!(excerpt.source, "  \"ä␛\": \"image\"");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("{}\"image\"{}", "ä ".repeat(5000), "ö ".repeat(5000));
        let at = text.find("image").unwrap();
        let excerpt = one(&text, at..at + 5);
        assert_eq!(marked(&excerpt), "image");
        assert_eq!(
            excerpt.column,
            (10_002, 62),
            "one for the dots, and those before the mark"
        );
        assert!(excerpt.source.chars().count() <= WIDEST + 2, "{}", excerpt.source);
        assert!(excerpt.source.starts_with('…') && excerpt.source.ends_with('…'));
    }

    #[test]
    fn a_credential_is_masked_though_its_key_is_cut_off_or_a_line_above() {
        let text = format!("{{\n\"password\":\n  \"{}\" }}", "x".repeat(400));
        let excerpt = one(&text, text.len() - 2..text.len() - 1);
        assert!(!excerpt.source.contains('x'), "{}", excerpt.source);
    }

    #[test]
    fn a_password_that_is_a_word_of_its_own_is_masked_on_its_line() {
        let text = "\"args\": [\n \"docker\",\n \"login\",\n \"-p\",\n \"hunter2\"\n]";
        let at = text.find("hunter2").unwrap();
        assert_eq!(one(text, at..at + 7).source, " \"*******\"");
    }

    #[test]
    fn a_place_over_several_lines_is_shown_by_its_first() {
        let excerpt = one("a {\n b\n}", 2..8);
        assert_eq!((excerpt.source.as_str(), marked(&excerpt)), ("a {", "{"));
    }

    #[test]
    fn invalid_bytes_are_shown_as_such() {
        let mark = Mark {
            span: 1..2,
            label: String::new(),
            is_primary: true,
        };
        let excerpt = excerpts(&Places::new(b"a\xffb"), &Hidden::new(b"a\xffb"), vec![mark]).remove(0);
        assert_eq!((excerpt.source.as_str(), marked(&excerpt)), ("a\u{fffd}b", "\u{fffd}"));
    }

    #[test]
    fn marks_far_apart_are_shown_apart_and_the_primary_first() {
        let text = "a\n".repeat(30);
        let mark = |at: usize, is_primary| Mark {
            span: at..at + 1,
            label: String::new(),
            is_primary,
        };
        let shown = excerpts(
            &Places::new(text.as_bytes()),
            &Hidden::new(text.as_bytes()),
            vec![mark(0, false), mark(40, true), mark(42, false)],
        );
        assert_eq!(
            shown
                .iter()
                .map(|excerpt| (excerpt.first_line, excerpt.marks.len()))
                .collect::<Vec<_>>(),
            [(21, 2), (1, 1)]
        );
    }
}
