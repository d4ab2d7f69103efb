//! How a run is told: one file a format, behind one trait.

mod excerpt;
mod human;
mod json;
mod places;
mod preview;

use std::io::{self, Write};

use pullcreds_core::finding::Finding;
use pullcreds_core::transform::{Kind, Selection};

pub(crate) use pullcreds_core::shown::{mask, safe};

use crate::args::{Format, Voice};
use crate::outcome::{Problem, Tally};
use crate::printer;

/// What is to be told of one file.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) name: &'a str,
    /// As it was read; empty where it could not be.
    pub(crate) text: &'a [u8],
    pub(crate) kind: Option<Kind>,
    /// What remains.
    pub(crate) findings: &'a [Finding],
    /// What was removed, or with `--diff` would be.
    pub(crate) fixed: &'a [&'a Finding],
    /// Why it could not be done.
    pub(crate) problem: Option<&'a Problem>,
}

impl<'a> Seen<'a> {
    /// A file that could not be done.
    pub(crate) fn failed(name: &'a str, text: &'a [u8], problem: &'a Problem) -> Seen<'a> {
        Seen {
            name,
            text,
            kind: None,
            findings: &[],
            fixed: &[],
            problem: Some(problem),
        }
    }
}

/// A format.
pub(crate) trait Report: Sync {
    /// What there is to say of one file; nothing, when nothing. Called by many threads at once.
    fn file(&self, seen: &Seen<'_>) -> Vec<u8>;

    /// Brings the files' parts together.
    ///
    /// # Errors
    /// When they cannot be written.
    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, ending: Ending) -> io::Result<()>;
}

/// What was done, for the closing words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Checked,
    Fixed,
    /// `--diff`: shown, not done.
    Diffed,
    /// No closing words.
    Silent,
}

/// The report that was asked for.
pub(crate) fn choose(format: Format, voice: Voice, selection: &Selection) -> Box<dyn Report> {
    match format {
        Format::Human => Box::new(human::Human::new(printer::is_coloured(voice), voice.quiet)),
        Format::Json => Box::new(json::Json::new(selection.clone())),
    }
}

/// Shows one problem to a person, outside of any run over files.
///
/// # Errors
/// When standard error is closed.
pub(crate) fn show_problem(voice: Voice, name: &str, text: &[u8], problem: &Problem) -> io::Result<()> {
    let human = human::Human::new(printer::is_coloured(voice), voice.quiet);
    io::stderr()
        .lock()
        .write_all(&human.file(&Seen::failed(name, text, problem)))
}
