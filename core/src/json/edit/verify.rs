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
//! 4. Kept bytes from the beginning of a token to the end of one are a part of the old text, as [`only_given_up`] has
//!    compared, that was read like that and, by 1, has between its tokens what it has to have here. They need not be gone
//!    through again: it is enough that they begin where, by 3, their first token has to, and that what 3 wants follows
//!    their last byte. What is kept of a token that is not kept as a whole is compared as if it were new.

use std::ops::Range;

use super::EditError;
use super::expected::{Stretch, Tokens};
use super::offsets::Piece;
use super::overlay::Overlay;
use crate::json::scan::past_whitespace;
use crate::json::{Document, LONGEST_TEXT};

/// Compares a text, token by token, with what it has to be. The bytes that were kept have been compared already: see
/// [`only_given_up`].
pub(super) fn check(text: &str, expected: &[Stretch], overlay: &Overlay<'_, '_>) -> Result<(), EditError> {
    let bytes = text.as_bytes();
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut cursor = Cursor { bytes, at };
    if text.len() > LONGEST_TEXT || !expected.iter().all(|stretch| cursor.passes(stretch, overlay)) {
        return Err(EditError::Internal("the result is not what the patch means".to_owned()));
    }
    if past_whitespace(bytes, cursor.at) == text.len() {
        Ok(())
    } else {
        Err(EditError::Internal(
            "the result holds more than the patch means".to_owned(),
        ))
    }
}

/// How far a text is what it has to be.
struct Cursor<'t> {
    bytes: &'t [u8],
    /// Where the last token ended.
    at: usize,
}

impl Cursor<'_> {
    fn passes(&mut self, stretch: &Stretch, overlay: &Overlay<'_, '_>) -> bool {
        match &stretch.tokens {
            Tokens::Kept { new, .. } => {
                let (start, end) = (new.start as usize, new.end as usize);
                let begins = self.passes_gap(stretch.mark) && self.at == start && end <= self.bytes.len();
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

    fn passes_token(&mut self, mark: Option<u8>, token: &[u8]) -> bool {
        let passes = self.passes_gap(mark) && self.bytes[self.at..].starts_with(token);
        self.at += token.len();
        passes
    }

    /// White space, with a comma or a colon in it if there has to be one.
    fn passes_gap(&mut self, mark: Option<u8>) -> bool {
        self.at = past_whitespace(self.bytes, self.at);
        if mark.is_none() {
            return true;
        }
        let passes = self.bytes.get(self.at).copied() == mark;
        self.at = past_whitespace(self.bytes, self.at + 1);
        passes
    }
}

/// Whether the kept bytes are the old ones, and the lost ones are what the operations gave up, white space and commas.
pub(super) fn only_given_up(mut given_up: Vec<Range<usize>>, old: &str, new: &str, pieces: &[Piece]) -> bool {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    given_up.sort_by_key(|range| (range.start, range.end));
    let mut given_up = given_up.into_iter().peekable();
    // How far the old text is kept or accounted for, and how far it was given up.
    let (mut done, mut free) = (0, 0);
    for (index, piece) in pieces.iter().enumerate() {
        let end = pieces.get(index + 1).map_or(new.len(), |next| next.new);
        if !piece.kept {
            continue;
        }
        let Some(length) = end.checked_sub(piece.new) else {
            return false;
        };
        if piece.old < done || new.get(piece.new..end) != old.get(piece.old..piece.old + length) {
            return false;
        }
        while done < piece.old {
            while let Some(range) = given_up.next_if(|range| range.start <= done) {
                free = range.end.max(free);
            }
            if done < free {
                done = free.min(piece.old);
            } else if matches!(old[done], b' ' | b'\t' | b'\r' | b'\n' | b',') {
                done += 1;
            } else {
                return false;
            }
        }
        done = piece.old + length;
    }
    done == old.len()
}

#[cfg(test)]
mod tests;
