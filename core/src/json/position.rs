//! Lines and columns of byte offsets, for messages. Knows nothing of JSON.

use std::ops::Range;

/// A place as an editor shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// From 1; a line ends with its line feed.
    pub line: usize,
    /// From 1, in Unicode scalar values; a leading byte order mark is not counted.
    pub column: usize,
}

/// Where the byte at `offset` stands. For many look-ups in one text, build [`Lines`].
///
/// An offset inside a character counts as that character's, one beyond the text as its end.
pub fn position(text: &str, offset: usize) -> Position {
    let offset = text.floor_char_boundary(offset);
    let before = &text.as_bytes()[..offset];
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = 1 + before[..start].iter().filter(|&&byte| byte == b'\n').count();
    Position {
        line,
        column: column(text, start, offset),
    }
}

/// The beginnings of a text's lines, found once.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Finds the lines of a text.
    pub fn new(text: &'t str) -> Lines<'t> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines {
            text,
            starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(),
        }
    }

    /// Where the byte at `offset` stands, as [`position`] has it.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|&start| start <= offset);
        Position {
            line,
            column: column(self.text, self.starts[line - 1], offset),
        }
    }

    /// The bytes of a line, counted from 1, without its line end; empty at the end of the text for one that is not
    /// there.
    pub fn line(&self, line: usize) -> Range<usize> {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return self.text.len()..self.text.len();
        };
        let end = self.starts.get(line).map_or(self.text.len(), |&next| next - 1);
        let end = if self.text[start..end].ends_with('\r') {
            end - 1
        } else {
            end
        };
        start..end
    }

    /// How many lines there are; a text that ends with a line feed has an empty last one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }
}

fn column(text: &str, line_start: usize, offset: usize) -> usize {
    let before = &text[line_start..offset];
    let before = if line_start == 0 {
        before.strip_prefix('\u{feff}').unwrap_or(before)
    } else {
        before
    };
    1 + before.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_no_byte_order_mark() {
        let text = "\u{feff}{\r\n  \"é\": 1\n}\n";
        let lines = Lines::new(text);
        for (what, line, column) in [("{", 1, 1), ("\"é", 2, 3), ("1\n", 2, 8), ("}", 3, 1)] {
            let offset = text.find(what).unwrap();
            assert_eq!(position(text, offset), Position { line, column }, "{what}");
        }
        for offset in 0..text.len() + 3 {
            assert_eq!(lines.position(offset), position(text, offset));
        }
        assert_eq!(position(text, usize::MAX), Position { line: 4, column: 1 });
        assert_eq!(&text[lines.line(1)], "\u{feff}{");
        assert_eq!(&text[lines.line(2)], "  \"é\": 1");
        assert_eq!(
            (
                lines.count(),
                lines.line(4).len(),
                lines.line(0).len(),
                lines.line(9).len()
            ),
            (4, 0, 0, 0)
        );
    }
}
