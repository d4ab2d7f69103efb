//! RFC 6902 patches laid into a text so that no byte changes that does not have to.
//!
//! The operations run in their order on an overlay (`operations`, `overlay`); what it came to is written in one pass
//! over the old text (`splice`), new values in the manner of the place (`layout`, `style`), as parts of the old text and
//! what stands between them (`edited`); all of the result is compared with what the overlay comes to (`expected`,
//! `verify`). A pure function of text and patch: whoever applies a
//! patch gets the same bytes.

mod edited;
mod expected;
mod habits;
mod layout;
mod meaning;
mod members;
mod offsets;
mod operations;
mod overlay;
mod reading;
mod sequence;
mod site;
mod splice;
mod style;
mod verify;

use std::ops::Range;

use thiserror::Error;

pub use edited::Edited;
pub use offsets::OffsetMap;

use super::{Document, LONGEST_TEXT, Patch, Pointer};

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
pub fn apply<'t>(document: &Document<'t>, patch: &Patch) -> Result<Edited<'t>, EditError> {
    let mut overlay = operations::run(document, patch)?;
    if !overlay.is_changed() {
        return Ok(Edited::unchanged(document.text()));
    }
    let given_up = std::mem::take(&mut overlay.given_up);
    let edited = splice::render(&overlay, document.text())?;
    if !verify::only_given_up(given_up, &edited) {
        let lost = "something was lost that the patch does not touch";
        return Err(EditError::Internal(lost.to_owned()));
    }
    let expected = expected::expected(&overlay, edited.pieces());
    let verdict = verify::check(&edited, &expected, &overlay);
    debug_assert_eq!(
        verdict.is_ok(),
        reading::is_expected(&edited.text(), &expected, &overlay),
        "whoever reads it all has to find the same"
    );
    verdict.map(|()| edited)
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
