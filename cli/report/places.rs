//! Lines and columns of many places in one text, each found in bounded time however long the lines are.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

/// U+FEFF, as some editors begin a file with.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How many bytes are counted anew at each look-up.
const BLOCK: usize = 4096;

/// So many places are looked for one by one where what is known of earlier ones does not help; an index pays from there
/// on.
const FEW: usize = 8;

/// The places of one text.
pub(crate) struct Places<'t> {
    text: &'t [u8],
    index: OnceCell<Index>,
    /// How many places were looked for without the index.
    asked: Cell<usize>,
    /// The furthest line that was found: most places are asked for in the order of the text.
    furthest: Cell<Line>,
}

/// A line as far as it was seen.
#[derive(Clone, Copy, Default)]
struct Line {
    /// From 0.
    number: usize,
    start: usize,
    /// Up to here it goes, or further.
    seen: usize,
}

/// Built in one pass.
struct Index {
    /// Where each line begins.
    lines: Vec<usize>,
    /// How many characters stand before each block.
    blocks: Vec<usize>,
}

impl Index {
    fn new(text: &[u8]) -> Index {
        let mut lines = Vec::with_capacity(text.len() / 32 + 1);
        lines.push(0);
        lines.extend(memchr::memchr_iter(b'\n', text).map(|at| at + 1));
        let mut blocks = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut characters = 0;
        for start in (0..text.len()).step_by(BLOCK) {
            if start > 0 {
                characters += count(&text[start - BLOCK..start]);
            }
            blocks.push(characters);
        }
        Index { lines, blocks }
    }
}

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Places<'t> {
        Places {
            text,
            index: OnceCell::new(),
            asked: Cell::new(0),
            furthest: Cell::default(),
        }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.text))
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &'t [u8] {
        self.text
    }

    /// Which line an offset is on, counted from 0.
    pub(crate) fn line(&self, offset: usize) -> usize {
        let lines = &self.index().lines;
        lines.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// A line without its end.
    pub(crate) fn bounds(&self, line: usize) -> Range<usize> {
        let lines = &self.index().lines;
        let start = lines.get(line).copied().unwrap_or(self.text.len());
        let end = match lines.get(line + 1) {
            Some(next) if self.text[..next - 1].ends_with(b"\r") && next - 1 > start => next - 2,
            Some(next) => next - 1,
            None => self.text.len(),
        };
        start..end
    }

    /// Line and column, both counted from 1, the column in Unicode scalar values; a byte order mark counts for
    /// nothing.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let (line, start) = self.line_with_start(offset);
        let characters = if offset - start <= BLOCK || self.is_one_of_few() {
            count(&self.text[start..offset])
        } else {
            self.characters(offset) - self.characters(start)
        };
        let mark = usize::from(line == 0 && offset > 0 && self.text.starts_with(BYTE_ORDER_MARK));
        (line + 1, characters + 1 - mark)
    }

    /// The line of an offset, counted from 0, and where it begins. What lies ahead of all earlier places is gone through
    /// once, whatever number of places is asked for.
    fn line_with_start(&self, offset: usize) -> (usize, usize) {
        let known = self.furthest.get();
        if offset >= known.seen {
            let (lines, start) = lines(&self.text[known.seen..offset]);
            let line = Line {
                number: known.number + lines,
                start: start.map_or(known.start, |start| known.seen + start),
                seen: offset,
            };
            self.furthest.set(line);
            (line.number, line.start)
        } else if offset >= known.start {
            (known.number, known.start)
        } else if self.is_one_of_few() {
            let (lines, start) = lines(&self.text[..offset]);
            (lines, start.unwrap_or(0))
        } else {
            let line = self.line(offset);
            (line, self.bounds(line).start)
        }
    }

    /// Whether an index would not pay yet.
    fn is_one_of_few(&self) -> bool {
        let asked = self.asked.get();
        self.asked.set(asked.saturating_add(1));
        self.index.get().is_none() && asked < FEW
    }

    /// How many characters stand before an offset.
    pub(crate) fn characters(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let blocks = &self.index().blocks;
        match blocks.get(block) {
            Some(before) => before + count(&self.text[block * BLOCK..offset]),
            // Right at the end of a text of whole blocks.
            None => blocks.last().map_or(0, |before| {
                before + count(&self.text[(block.saturating_sub(1)) * BLOCK..offset])
            }),
        }
    }
}

/// How many lines end in some text, and where the one after them begins.
fn lines(text: &[u8]) -> (usize, Option<usize>) {
    let lines = memchr::memchr_iter(b'\n', text).count();
    (lines, memchr::memrchr(b'\n', text).map(|end| end + 1))
}

/// Bytes that begin a character.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the book, from the start of the text.
    fn slowly(text: &str, offset: usize) -> (usize, usize) {
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }

    #[test]
    fn positions_are_what_counting_from_the_start_gives() {
        let long = "xä€𝄞".repeat(3000);
        for text in [
            "",
            "a",
            "\n",
            "ab\ncd\n",
            "a\r\nb",
            "ä\nö€\n𝄞",
            &long,
            &format!("{long}\n{long}"),
            &"a".repeat(BLOCK),
        ] {
            let places = Places::new(text.as_bytes());
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let expected = slowly(text, offset);
                assert_eq!(places.position(offset), expected, "offset {offset}");
                if offset % 101 == 0 || text.len() < 100 {
                    let alone = Places::new(text.as_bytes());
                    assert_eq!(alone.position(offset), expected, "offset {offset}, without the index");
                }
            }
            let backwards = Places::new(text.as_bytes());
            for (offset, _) in text.char_indices().rev().step_by(97) {
                let expected = slowly(text, offset);
                assert_eq!(backwards.position(offset), expected, "offset {offset}, backwards");
                assert_eq!(places.position(offset), expected, "offset {offset}, once more");
            }
        }
    }

    #[test]
    fn a_line_has_no_end() {
        let places = Places::new(b"ab\r\n\r\nc\n\nd");
        let line = |line| std::str::from_utf8(&places.text()[places.bounds(line)]).unwrap();
        assert_eq!((0..5).map(line).collect::<Vec<_>>(), ["ab", "", "c", "", "d"]);
    }
}
