//! How a run is told: one file a format, behind one trait.

mod excerpt;
mod github;
mod gitlab;
mod hidden;
mod human;
pub(crate) mod identity;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod places;
mod preview;
mod replacement;
pub(crate) mod root;
mod sarif;
pub(crate) mod unobeyed;
mod wide;

use std::io::{self, Write};

use pullcreds_core::finding::Finding;
use pullcreds_core::transform::{Kind, Selection};

pub(crate) use pullcreds_core::shown::{mask, safe};

use self::root::Root;
use crate::args::{Format, RunArguments, SeverityName, Voice};
use crate::outcome::{Problem, Tally};
use crate::printer;

pub(crate) use self::human::counted;

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

    /// Whether the fixes of this file's findings must carry their patches.
    fn wants_patches(&self, _name: &str) -> bool {
        true
    }

    /// Whether places are wanted in the text that `fix` wrote, because the report is read beside it, rather than in the
    /// text that was there before.
    fn is_read_beside_the_file(&self) -> bool {
        true
    }

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

/// The report that was asked for; `is_diff` where a run shows fixes and writes nothing.
///
/// # Errors
/// When this program was built without it.
pub(crate) fn choose(
    run: &RunArguments,
    voice: Voice,
    selection: &Selection,
    is_diff: bool,
) -> anyhow::Result<Box<dyn Report>> {
    if is_diff && run.format == Format::Human {
        return Ok(Box::new(for_people(voice).of_a_diff()));
    }
    of_format(run.format, run.fail_on, voice, selection)
}

/// The report of a format, for a run that does not take all of these arguments.
///
/// # Errors
/// As [`choose`].
#[cfg_attr(
    not(feature = "junit"),
    expect(unused_variables, reason = "only JUnit tells failures from passes")
)]
pub(crate) fn of_format(
    format: Format,
    fail_on: SeverityName,
    voice: Voice,
    selection: &Selection,
) -> anyhow::Result<Box<dyn Report>> {
    Ok(match format {
        Format::Human => Box::new(human::Human::new(printer::is_coloured(voice), voice.quiet)),
        Format::Json => Box::new(json::Json::new(selection.clone())),
        Format::Sarif => Box::new(sarif::Sarif::new(Root::of_repository())),
        Format::Github => Box::new(github::Github::new(Root::of_repository())),
        Format::Gitlab => Box::new(gitlab::Gitlab::new(Root::of_repository())),
        #[cfg(feature = "junit")]
        Format::Junit => Box::new(junit::Junit::new(Root::of_repository(), fail_on.into())),
        #[cfg(not(feature = "junit"))]
        Format::Junit => anyhow::bail!(
            "--format junit: this pullcreds was built without it; build it with `--features junit`, or take a released one"
        ),
    })
}

/// The report for a person, outside of any run over files.
pub(crate) fn for_people(voice: Voice) -> human::Human {
    human::Human::new(printer::is_coloured(voice), voice.quiet)
}

/// Shows one problem to a person, outside of any run over files.
///
/// # Errors
/// When standard error is closed.
pub(crate) fn show_problem(voice: Voice, name: &str, text: &[u8], problem: &Problem) -> io::Result<()> {
    let human = for_people(voice);
    io::stderr()
        .lock()
        .write_all(&human.whole(&Seen::failed(name, text, problem)))
}

#[cfg(test)]
mod tests;
