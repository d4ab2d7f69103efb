//! Places counted in UTF-16 code units, as most readers of SARIF count them.

use super::places::{BYTE_ORDER_MARK, Places};

/// How many bytes are counted anew at each look-up.
const BLOCK: usize = 4096;

/// An index of one text beside its [`Places`].
pub(crate) struct Wide<'p, 't> {
    places: &'p Places<'t>,
    /// How many characters of two code units stand before each block.
    blocks: Vec<usize>,
}

/// One place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Counted from 1.
    pub(crate) line: usize,
    /// Counted from 1; a byte order mark counts for nothing.
    pub(crate) column: usize,
    /// Code units from the beginning of the text, a byte order mark not counted.
    pub(crate) units: usize,
}

impl<'p, 't> Wide<'p, 't> {
    pub(crate) fn new(places: &'p Places<'t>) -> Wide<'p, 't> {
        let mut before = 0;
        let blocks = places.text().chunks(BLOCK).map(|block| {
            let here = before;
            before += pairs(block);
            here
        });
        Wide {
            blocks: blocks.collect(),
            places,
        }
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        let text = self.places.text();
        let offset = offset.min(text.len());
        let line = self.places.line(offset);
        let mark = usize::from(offset > 0 && text.starts_with(BYTE_ORDER_MARK));
        let units = self.units(offset) - mark;
        let start = match line {
            0 => 0,
            line => self.units(self.places.bounds(line).start) - mark,
        };
        Place {
            line: line + 1,
            column: units - start + 1,
            units,
        }
    }

    fn units(&self, offset: usize) -> usize {
        let block = (offset / BLOCK).min(self.blocks.len().saturating_sub(1));
        let before = self.blocks.get(block).copied().unwrap_or(0);
        self.places.characters(offset) + before + pairs(&self.places.text()[block * BLOCK..offset])
    }
}

/// Bytes that begin a character of two code units.
fn pairs(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte >= 0xf0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_what_counting_from_the_start_gives() {
        let long = "xä€𝄞".repeat(1100);
        for text in [
            "",
            "a",
            "ä\nö€\n𝄞x𝄞",
            &long,
            &format!("{long}\n{long}"),
            &"a".repeat(BLOCK),
        ] {
            for mark in ["", "\u{feff}"] {
                let marked = format!("{mark}{text}");
                let places = Places::new(marked.as_bytes());
                let wide = Wide::new(&places);
                for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                    let before = &text[..offset];
                    let expected = Place {
                        line: before.matches('\n').count() + 1,
                        column: before.rsplit('\n').next().unwrap().encode_utf16().count() + 1,
                        units: before.encode_utf16().count(),
                    };
                    assert_eq!(
                        wide.place(mark.len() + offset),
                        expected,
                        "offset {offset} of {mark:?}…"
                    );
                }
            }
        }
    }
}
