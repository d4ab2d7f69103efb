//! Looks at an edited text with fresh eyes: is it what the patch means, and did nothing else change?
//! Knows nothing of how it was written.
//!
//! Only what is new is read, with the seams around it; what was kept has been read with the old text. Why this finds
//! whatever reading it all would find (`reading`, which debug builds and tests do as well):
//!
//! 1. The overlay comes to a list of tokens that is grammatical by the way it is made (`expected`): an opening bracket,
//!    the children, each member's key before its value, the closing bracket. What has to stand between two tokens
//!    follows from what they are: nothing after an opening bracket and before a closing one, a colon after a key, a
//!    comma otherwise. No operation makes a key of a value, or the other way round; so tokens that stand side by side in
//!    a source as well have there between them what they have to have here.
//! 2. Where a token begins, its own bytes say what it is. A string and a bracket say themselves where they end; a number
//!    and a word end before white space, a comma, a colon, a bracket or the end of the text.
//! 3. So let there be, from the beginning of the text or its byte order mark, white space, the first token's bytes, white
//!    space, what the grammar wants there, white space, the second token's bytes, and so on, and white space alone after
//!    the last one. Between two tokens with neither comma nor colon one is a bracket, so by 2 each token ends where its
//!    bytes do; whoever reads the text finds these tokens, no more and no others, and the grammar of 1. A text that
//!    differs from this in any byte but white space is refused.
//! 4. Kept bytes from the beginning of a token to the end of one are a part of the old text, which [`only_given_up`] has
//!    seen to, that was read like that and, by 1, has between its tokens what it has to have here. They need not be gone
//!    through again: it is enough that they begin where, by 3, their first token has to, and that what 3 wants follows
//!    their last byte. What is kept of a token that is not kept as a whole is compared as if it were new.

use std::ops::Range;

use super::EditError;
use super::edited::Edited;
use super::expected::{Stretch, Tokens};
use super::overlay::Overlay;
use crate::json::scan::past_whitespace;
use crate::json::{Document, LONGEST_TEXT};

/// Compares a text, token by token, with what it has to be. Its pieces have been looked at already: see
/// [`only_given_up`].
pub(super) fn check(edited: &Edited<'_>, expected: &[Stretch], overlay: &Overlay<'_, '_>) -> Result<(), EditError> {
    let mut cursor = Cursor::new(edited);
    if edited.length() > LONGEST_TEXT || !expected.iter().all(|stretch| cursor.passes(stretch, overlay)) {
        return Err(EditError::Internal("the result is not what the patch means".to_owned()));
    }
    match cursor.past_whitespace() {
        None => Ok(()),
        Some(_) => Err(EditError::Internal(
            "the result holds more than the patch means".to_owned(),
        )),
    }
}

/// How far a text is what it has to be.
struct Cursor<'t> {
    edited: &'t Edited<'t>,
    /// Where the last token ended.
    at: usize,
    /// The bytes of the piece in which that is, or of one before it, and where they begin in the text.
    here: &'t [u8],
    start: usize,
    /// How many pieces have been gone to, and how much was put in with them.
    pieces: usize,
    inserted: usize,
}

impl<'t> Cursor<'t> {
    /// At the beginning, past a byte order mark.
    fn new(edited: &'t Edited<'t>) -> Cursor<'t> {
        let mut cursor = Cursor {
            edited,
            at: 0,
            here: &[],
            start: 0,
            pieces: 0,
            inserted: 0,
        };
        let mark = "\u{feff}".as_bytes();
        if cursor.rest().starts_with(mark) {
            cursor.at = mark.len();
        }
        cursor
    }

    fn passes(&mut self, stretch: &Stretch, overlay: &Overlay<'_, '_>) -> bool {
        match &stretch.tokens {
            Tokens::Kept { new, .. } => {
                let (start, end) = (new.start as usize, new.end as usize);
                let begins = self.passes_gap(stretch.mark) && self.at == start && end <= self.edited.length();
                self.at = end;
                begins
            }
            Tokens::New { source, nodes } => self.passes_new(stretch.mark, overlay.source(*source), nodes.clone()),
            Tokens::Key(key) => self.passes_token(stretch.mark, overlay.keys[*key as usize].as_bytes()),
        }
    }

    /// Some tokens of a source, which have between them what they have there.
    fn passes_new(&mut self, mut mark: Option<u8>, source: &Document<'_>, nodes: Range<u32>) -> bool {
        let bytes = source.text().as_bytes();
        nodes.into_iter().all(|node| {
            let token = source.start(node)..source.token_end(node);
            let next = past_whitespace(bytes, token.end);
            let after = bytes.get(next).copied().filter(|byte| matches!(byte, b',' | b':'));
            self.passes_token(std::mem::replace(&mut mark, after), &bytes[token])
        })
    }

    fn passes_token(&mut self, mark: Option<u8>, mut token: &[u8]) -> bool {
        if !self.passes_gap(mark) {
            return false;
        }
        while !token.is_empty() {
            let rest = self.rest();
            let (now, later) = token.split_at(token.len().min(rest.len()));
            if now.is_empty() || !rest.starts_with(now) {
                return false;
            }
            self.at += now.len();
            token = later;
        }
        true
    }

    /// White space, with a comma or a colon in it if there has to be one.
    fn passes_gap(&mut self, mark: Option<u8>) -> bool {
        let byte = self.past_whitespace();
        if mark.is_none() {
            return true;
        }
        self.at += 1;
        self.past_whitespace();
        byte == mark
    }

    /// Past white space, to the byte that is given.
    fn past_whitespace(&mut self) -> Option<u8> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            let gap = past_whitespace(rest, 0);
            self.at += gap;
            if let Some(byte) = rest.get(gap) {
                return Some(*byte);
            }
        }
    }

    /// What is left of the piece at hand; nothing at the end of the text alone.
    #[inline]
    fn rest(&mut self) -> &'t [u8] {
        while self.at >= self.start + self.here.len() {
            let Some(piece) = self.edited.pieces().get(self.pieces) else {
                return &[];
            };
            let length = self.edited.end(self.pieces) - piece.new;
            let (source, start) = if piece.kept {
                (self.edited.old(), piece.old)
            } else {
                self.inserted += length;
                (self.edited.inserted(), self.inserted - length)
            };
            self.here = &source.as_bytes()[start..start + length];
            self.start = piece.new;
            self.pieces += 1;
        }
        &self.here[self.at - self.start..]
    }
}

/// Whether the pieces are one after the other in the old text, in what was put in, and in the new text, and what was lost
/// is what the operations gave up, white space and commas.
pub(super) fn only_given_up(mut given_up: Vec<Range<usize>>, edited: &Edited<'_>) -> bool {
    let old = edited.old();
    given_up.sort_by_key(|range| (range.start, range.end));
    let mut given_up = given_up.into_iter().peekable();
    // How far the old text is kept or accounted for, and how far it was given up.
    let (mut done, mut free) = (0, 0);
    // How far the new text goes, and how much of it was put in.
    let (mut at, mut inserted) = (0, 0);
    for (index, piece) in edited.pieces().iter().enumerate() {
        let Some(length) = edited.end(index).checked_sub(piece.new) else {
            return false;
        };
        if piece.new != at {
            return false;
        }
        at += length;
        if !piece.kept {
            inserted += length;
            if !edited.inserted().is_char_boundary(inserted) {
                return false;
            }
            continue;
        }
        if piece.old < done || old.get(piece.old..piece.old + length).is_none() {
            return false;
        }
        while done < piece.old {
            while let Some(range) = given_up.next_if(|range| range.start <= done) {
                free = range.end.max(free);
            }
            if done < free {
                done = free.min(piece.old);
            } else if matches!(old.as_bytes()[done], b' ' | b'\t' | b'\r' | b'\n' | b',') {
                done += 1;
            } else {
                return false;
            }
        }
        done = piece.old + length;
    }
    (done, at, inserted) == (old.len(), edited.length(), edited.inserted().len())
}

#[cfg(test)]
mod tests;
