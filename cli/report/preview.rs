//! The fix that a diagnostic proposes: its title, and the lines that it would change.
//!
//! Laying a fix reads the whole text, so this is done only as long as it stays cheap.

use std::ops::Range;

use annotate_snippets::{Group, Level, Patch, Snippet};
use pullcreds_core::finding::{Applicability, Fix};
use pullcreds_core::json::{self, Document};

use super::hidden::Hidden;
use super::safe;
use crate::diff::{self, Lines};

/// How many bytes of text are read for one file's previews.
const BUDGET: usize = 4 * 1024 * 1024;
/// A change of more lines, or of longer ones, is not shown.
const MOST_LINES: usize = 24;
const LONGEST_LINE: usize = 200;

/// What the fix does, and how to have it where `fix` alone does not.
pub(crate) fn title(fix: &Fix) -> String {
    let way = match fix.applicability {
        Applicability::Safe => "",
        Applicability::OptIn => " (when the rule is selected by its code)",
        Applicability::Unsafe => " (with `--unsafe-fixes`)",
    };
    safe::line(&format!("{}{way}", fix.title))
}

/// Shows the fixes of one file.
pub(crate) struct Previews<'t, 'h> {
    document: Option<(Document<'t>, Lines<'t>)>,
    text: &'t [u8],
    hidden: &'h Hidden<'t>,
    budget: usize,
}

impl<'t, 'h> Previews<'t, 'h> {
    pub(crate) fn new(text: &'t [u8], hidden: &'h Hidden<'t>) -> Previews<'t, 'h> {
        Previews {
            document: None,
            text,
            hidden,
            budget: BUDGET,
        }
    }

    /// What of the text is not shown.
    pub(crate) fn hidden(&self) -> &'h Hidden<'t> {
        self.hidden
    }

    /// A group that belongs after the finding's.
    pub(crate) fn show(&mut self, fix: &Fix) -> Group<'static> {
        let title = Level::HELP.secondary_title(title(fix));
        match self.changed_lines(fix) {
            Some(changes) => title.elements(changes),
            None => Group::with_title(title),
        }
    }

    fn changed_lines(&mut self, fix: &Fix) -> Option<Vec<Snippet<'static, Patch<'static>>>> {
        if fix.patch.is_empty() {
            return None;
        }
        self.budget = self.budget.checked_sub(self.text.len())?;
        if self.document.is_none() {
            self.document = Document::parse(self.text)
                .ok()
                .map(|document| (document, Lines::new(self.text)));
        }
        let (document, old) = self.document.as_ref()?;
        // A fix that cannot be laid is told by `fix`; here it is merely not shown.
        let edited = json::apply(document, &fix.patch).ok()?;
        let text = edited.text();
        let new = Lines::new(text.as_bytes());
        let changes = diff::changes(old, &new, |offset| edited.map().to_original(offset));
        let lines: usize = changes.iter().map(|change| change.old.len() + change.new.len()).sum();
        if lines > MOST_LINES {
            return None;
        }
        let old = Side {
            lines: old,
            hidden: self.hidden,
        };
        let new = Side {
            lines: &new,
            hidden: &Hidden::new(text.as_bytes()),
        };
        changes.iter().map(|change| snippet(&old, &new, change)).collect()
    }
}

/// One of the two texts, and what of it is not shown.
struct Side<'s, 't> {
    lines: &'s Lines<'t>,
    hidden: &'s Hidden<'t>,
}

fn snippet(old: &Side<'_, '_>, new: &Side<'_, '_>, change: &diff::Change) -> Option<Snippet<'static, Patch<'static>>> {
    // Something must stand there to insert before.
    let shown = if change.old.is_empty() && change.old.end < old.lines.len() {
        change.old.start..change.old.end + 1
    } else {
        change.old.clone()
    };
    let source = text(old, shown.clone())?;
    let mut replacement = text(new, change.new.clone())?;
    if change.old.is_empty() {
        let patch = Patch::new(0..0, replacement);
        return Some(
            Snippet::source(source)
                .line_start(shown.start + 1)
                .fold(false)
                .patch(patch),
        );
    }
    // What is equal at the ends is not part of the change.
    let is_edge = |at: usize| source.is_char_boundary(at);
    let same = source
        .bytes()
        .zip(replacement.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let start = (0..=same).rev().find(|at| is_edge(*at))?;
    let room = source.len().min(replacement.len()) - start;
    let same = source
        .bytes()
        .rev()
        .zip(replacement.bytes().rev())
        .take(room)
        .take_while(|(a, b)| a == b)
        .count();
    let end = source.len() - (0..=same).rev().find(|count| is_edge(source.len() - count))?;
    replacement.truncate(replacement.len() - (source.len() - end));
    let patch = Patch::new(start..end, replacement.split_off(start));
    Some(
        Snippet::source(source)
            .line_start(shown.start + 1)
            .fold(false)
            .patch(patch),
    )
}

/// Whole lines, safe to show; `None` where one is too long.
fn text(side: &Side<'_, '_>, shown: Range<usize>) -> Option<String> {
    let start = side.lines.start(shown.start);
    let lines = side.lines.text(shown);
    if lines.split(|byte| *byte == b'\n').any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let text = std::str::from_utf8(lines).ok()?;
    let secrets = side.hidden.within(&(start..start + text.len()));
    let shown = safe::masked(text, start, &secrets).zip(text.chars());
    let characters = shown.filter_map(|((at, shown), real)| match real {
        '\n' => Some('\n'),
        '\r' if text[at + 1..].starts_with('\n') => None,
        _ => Some(shown),
    });
    Some(characters.collect())
}
