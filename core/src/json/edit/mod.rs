//! RFC 6902 patches laid into a text so that no byte changes that does not have to.
//!
//! The operations run in their order on an overlay (`operations`, `overlay`); what it came to is written in one pass
//! over the old text (`splice`), new values in the manner of the place (`layout`, `style`); the result is read again and
//! compared with what the overlay comes to (`expected`, `verify`). A pure function of text and patch: whoever applies a
//! patch gets the same bytes.

mod expected;
mod habits;
mod layout;
mod meaning;
mod members;
mod offsets;
mod operations;
mod overlay;
mod sequence;
mod site;
mod splice;
mod style;
mod verify;

use std::ops::Range;

use thiserror::Error;

use expected::Expected;
pub use offsets::OffsetMap;
use offsets::Piece;

use super::tape::Tape;
use super::{Document, LONGEST_TEXT, Patch, Pointer};

/// A text after a patch.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// From its places to those of the old text.
    pub map: OffsetMap,
}

/// Why a patch was not applied. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// An operation cannot be done on what stands there.
    #[error("operation {operation}: `{path}`: {refusal}")]
    Refused {
        /// Which, from 0.
        operation: usize,
        /// The place at which it failed: its `path` or `from`, up to the step that could not be gone.
        path: Pointer,
        /// Why.
        refusal: Refusal,
    },
    /// The result would be longer than what can be read, or the patch copies more than that on its way.
    #[error("the patch makes the text longer than 512 MiB, the most that can be read")]
    TooLong,
    /// The result is not what the patch means. A mistake of this program; the text is to be left as it was.
    #[error("internal error, nothing was changed: {0}")]
    Internal(String),
}

/// Why an operation cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such member.
    #[error("there is no such member")]
    NotFound,
    /// There is no such element.
    #[error("the array has {length} elements")]
    IndexOutOfRange {
        /// How many there are.
        length: usize,
    },
    /// Something that is no array index: a word, a leading zero, or `-` where an element must be there already.
    #[error("not an array index")]
    BadIndex,
    /// A step into a string, a number, `true`, `false` or `null`.
    #[error("its parent is neither an object nor an array")]
    NotAContainer,
    /// `test` found something else.
    #[error("the value is not the one that is tested for")]
    TestFailed,
    /// Two members have the key: which one is meant?
    #[error("the key stands there twice")]
    DuplicateKey {
        /// The first key, in the original text.
        first: Range<usize>,
        /// The last one.
        second: Range<usize>,
    },
    /// The same, in a value that the patch itself brought.
    #[error("the key stands twice in a value that an earlier operation brought")]
    DuplicateKeyInValue,
    /// `move` into what is being moved.
    #[error("a value cannot be moved into itself")]
    MoveIntoItself,
    /// `remove` of the whole text.
    #[error("the whole text cannot be removed")]
    RootRemoved,
}

/// Applies a patch to a text: in the order of its operations, and whole or not at all.
///
/// Members that an operation does not touch keep every byte. A new member goes before the last one of its object, so
/// that no line changes for a comma (after it, if it is the only one); a member that `move` gives another key in its
/// own object stays where it is. New values are laid out as their neighbours are.
///
/// # Errors
/// [`EditError::Refused`] where RFC 6902 has an error, and where a key on the way stands twice.
pub fn apply(document: &Document<'_>, patch: &Patch) -> Result<Edited, EditError> {
    let old = document.text();
    match draft(document, old, patch)? {
        Some(draft) => draft.verified(Tape::default()),
        None => Ok(unchanged(old)),
    }
}

impl Document<'_> {
    /// Applies a patch as [`apply`] does, where the document itself is not needed any more: its tape makes room for that
    /// of the result.
    ///
    /// # Errors
    /// As [`apply`].
    pub fn edited(self, patch: &Patch) -> Result<Edited, EditError> {
        let old = self.text();
        match draft(&self, old, patch)? {
            Some(draft) => draft.verified(self.into_tape()),
            None => Ok(unchanged(old)),
        }
    }
}

fn unchanged(text: &str) -> Edited {
    Edited {
        text: text.to_owned(),
        map: OffsetMap::default(),
    }
}

/// A text after a patch that nobody has read yet.
struct Draft<'p> {
    text: String,
    pieces: Vec<Piece>,
    expected: Expected<'p>,
}

/// Writes the new text; `None` if the patch changes nothing.
fn draft<'p>(document: &Document<'_>, old: &'p str, patch: &'p Patch) -> Result<Option<Draft<'p>>, EditError> {
    let mut overlay = operations::run(document, patch)?;
    let (source, node) = (overlay::ORIGINAL, 0);
    if overlay.settled(overlay.root) == (overlay::Kind::Tape { source, node }) {
        return Ok(None);
    }
    let (text, pieces) = splice::render(&overlay)?;
    let given_up = std::mem::take(&mut overlay.given_up);
    if !verify::only_given_up(given_up, old, &text, &pieces) {
        let lost = "something was lost that the patch does not touch";
        return Err(EditError::Internal(lost.to_owned()));
    }
    let expected = Expected::of(overlay, old, &pieces);
    Ok(Some(Draft { text, pieces, expected }))
}

impl Draft<'_> {
    fn verified(self, room: Tape) -> Result<Edited, EditError> {
        verify::check(&self.text, &self.expected, room)?;
        Ok(Edited {
            text: self.text,
            map: OffsetMap::new(self.pieces),
        })
    }
}

/// Refuses to let a text grow beyond what can be read.
fn within_limit(length: usize) -> Result<(), EditError> {
    if length > LONGEST_TEXT {
        Err(EditError::TooLong)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
