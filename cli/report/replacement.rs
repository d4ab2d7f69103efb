//! A finding's fix as pieces of text that take the place of others, for reports that carry fixes.
//!
//! Laying a fix reads the whole text, so this is done only as long as it stays cheap.

use std::ops::Range;

use pullcreds_core::finding::Fix;
use pullcreds_core::json::{self, Document};

use super::hidden::Hidden;
use crate::diff::{self, Lines};

/// How many bytes of text are read for one file's fixes.
const BUDGET: usize = 16 * 1024 * 1024;

/// Bytes of the old text, and what comes in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub(crate) gone: Range<usize>,
    pub(crate) come: String,
}

/// Lays the fixes of one file.
pub(crate) struct Replacements<'t> {
    document: Option<(Document<'t>, Lines<'t>)>,
    text: &'t [u8],
    budget: usize,
}

impl<'t> Replacements<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Replacements<'t> {
        Replacements {
            document: None,
            text,
            budget: BUDGET,
        }
    }

    /// What the fix changes, in the order of the text. `None` where it changes nothing, cannot be laid, would cost too
    /// much, or would carry a credential along.
    pub(crate) fn of(&mut self, fix: &Fix) -> Option<Vec<Replacement>> {
        if fix.patch.is_empty() {
            return None;
        }
        self.budget = self.budget.checked_sub(self.text.len())?;
        if self.document.is_none() {
            let document = Document::parse(self.text).ok();
            self.document = document.map(|document| (document, Lines::new(self.text)));
        }
        let (document, old) = self.document.as_ref()?;
        let edited = json::apply(document, &fix.patch).ok()?;
        let text = edited.text();
        let new = Lines::new(text.as_bytes());
        let changes = diff::changes(old, &new, |offset| edited.map().to_original(offset));
        let pieces: Vec<(Replacement, Range<usize>)> =
            changes.iter().filter_map(|change| piece(old, &new, change)).collect();
        let hidden = Hidden::new(text.as_bytes());
        let is_secret = |(_, place): &(Replacement, Range<usize>)| !hidden.within(place).is_empty();
        (!pieces.is_empty() && !pieces.iter().any(is_secret))
            .then(|| pieces.into_iter().map(|(piece, _)| piece).collect())
    }
}

/// The change without what is equal at its ends, and where its new text stands.
fn piece(old: &Lines<'_>, new: &Lines<'_>, change: &diff::Change) -> Option<(Replacement, Range<usize>)> {
    let gone = std::str::from_utf8(old.text(change.old.clone())).ok()?;
    let come = std::str::from_utf8(new.text(change.new.clone())).ok()?;
    let characters = gone.chars().zip(come.chars());
    let start: usize = characters
        .take_while(|(one, other)| one == other)
        .map(|(character, _)| character.len_utf8())
        .sum();
    let characters = gone[start..].chars().rev().zip(come[start..].chars().rev());
    let end: usize = characters
        .take_while(|(one, other)| one == other)
        .map(|(character, _)| character.len_utf8())
        .sum();
    let from = old.start(change.old.start);
    let to = new.start(change.new.start);
    let place = to + start..to + come.len() - end;
    let replacement = Replacement {
        gone: from + start..from + gone.len() - end,
        come: come[start..come.len() - end].to_owned(),
    };
    Some((replacement, place))
}
