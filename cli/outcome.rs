//! What became of the files: exit codes, counts, problems. Knows nothing of how they are shown.

use std::io;
use std::ops::Range;
use std::process::ExitCode;

use pullcreds_core::finding::{Applicability, Finding, Severity};
use pullcreds_core::json::{EditError, Refusal};
use pullcreds_core::transform::{Passed, Restarts, Selection, TransformError};

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: nothing to complain of.
    Clean,
    /// 1: something was found.
    Found,
    /// 2: some of the work could not be done.
    Failed,
    /// What another program ended with that was run.
    Client(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Clean => 0,
            Exit::Found => 1,
            Exit::Failed => 2,
            Exit::Client(code) => code,
        })
    }
}

/// Why a file could not be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problem {
    /// One sentence without a final full stop.
    pub(crate) message: String,
    /// Where in the file's bytes, if it is about a place.
    pub(crate) span: Option<Range<usize>>,
    /// Other places, each with what is there.
    pub(crate) related: Vec<(Range<usize>, String)>,
    /// What to do about it.
    pub(crate) help: Vec<String>,
}

impl Problem {
    /// A problem of the file as a whole.
    pub(crate) fn new(message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
            ..Problem::default()
        }
    }

    /// The same, with a way on.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Problem {
        self.help.push(help.into());
        self
    }

    /// The same, about a place.
    pub(crate) fn at(mut self, span: Range<usize>) -> Problem {
        self.span = Some(span);
        self
    }
}

impl From<&EditError> for Problem {
    fn from(error: &EditError) -> Problem {
        let problem = Problem::new(error.to_string());
        match error {
            EditError::Refused {
                refusal: Refusal::DuplicateKey { first, second },
                ..
            } => Problem {
                span: Some(second.clone()),
                related: vec![(first.clone(), "the same key stands here".to_owned())],
                help: vec!["remove one of them: which one a reader takes differs from reader to reader".to_owned()],
                ..problem
            },
            EditError::Internal(_) => internal(problem),
            _ => problem,
        }
    }
}

impl From<TransformError> for Problem {
    fn from(error: TransformError) -> Problem {
        Problem::from(&error)
    }
}

impl From<&TransformError> for Problem {
    fn from(error: &TransformError) -> Problem {
        match error {
            TransformError::Syntax(syntax) => {
                Problem::new(syntax.to_string()).at(syntax.offset..syntax.offset.saturating_add(1))
            }
            TransformError::Shape { message, offset } => {
                Problem::new(message.as_str()).at(*offset..offset.saturating_add(1))
            }
            // The place is in another file than the one that is shown.
            TransformError::Current { .. } => {
                Problem::new(error.to_string()).with_help("--current names the file of the stored definition")
            }
            TransformError::Edit(edit) => Problem::from(edit),
            TransformError::Internal(_) => internal(Problem::new(error.to_string())),
        }
    }
}

/// Counts of a run, or of one thread's part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Files that hold definitions.
    pub(crate) checked: usize,
    /// Files that were passed over, and the first of them by name.
    pub(crate) not_marathon: usize,
    pub(crate) templates: Group,
    pub(crate) metronome: Group,
    pub(crate) package_options: Group,
    /// Arrays that nobody said the kind of: taken for whole apps, though Marathon's PUT takes them for updates.
    pub(crate) arrays: Group,
    /// Definitions that the plugins of their policy did not look at, because nobody said that they may.
    pub(crate) idle_plugins: Group,
    /// Files that were named and are excluded.
    pub(crate) excluded: usize,
    /// Files that could not be done.
    pub(crate) failed: usize,
    /// Findings that remain, and the files they are in.
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
    pub(crate) files_with_findings: usize,
    /// Of these, how many `fix` would remove.
    pub(crate) fixable: usize,
    /// Findings removed, and the files that were (or, with `--diff`, would be) rewritten.
    pub(crate) fixed: usize,
    pub(crate) files_changed: usize,
    pub(crate) restarts: Restarts,
    /// Findings that a baseline knows, and its entries that nothing was found for.
    pub(crate) silenced: usize,
    pub(crate) stale: usize,
}

/// Files passed over for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) count: usize,
    /// The first by name, to give an example.
    pub(crate) first: Option<String>,
}

impl Tally {
    /// Counts what remains in one file.
    pub(crate) fn findings(&mut self, findings: &[Finding], selection: &Selection) {
        self.files_with_findings += usize::from(!findings.is_empty());
        for finding in findings {
            *match finding.severity {
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
                Severity::Info => &mut self.infos,
            } += 1;
            self.fixable += usize::from(is_fixable(finding, selection));
        }
    }

    /// Counts one file that was passed over.
    pub(crate) fn passed(&mut self, passed: Passed, name: impl FnOnce() -> String) {
        match passed {
            Passed::NotMarathon => self.not_marathon += 1,
            Passed::Template => self.templates.add(name()),
            Passed::MetronomeJob => self.metronome.add(name()),
            Passed::PackageOptions => self.package_options.add(name()),
        }
    }

    /// Adds another thread's part.
    pub(crate) fn join(&mut self, other: Tally) {
        self.checked += other.checked;
        self.not_marathon += other.not_marathon;
        self.templates.join(other.templates);
        self.metronome.join(other.metronome);
        self.package_options.join(other.package_options);
        self.arrays.join(other.arrays);
        self.idle_plugins.join(other.idle_plugins);
        self.excluded += other.excluded;
        self.failed += other.failed;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.infos += other.infos;
        self.files_with_findings += other.files_with_findings;
        self.fixable += other.fixable;
        self.fixed += other.fixed;
        self.files_changed += other.files_changed;
        self.restarts.apps += other.restarts.apps;
        self.restarts.pods += other.restarts.pods;
        self.silenced += other.silenced;
        self.stale += other.stale;
    }

    /// Whether something at least this bad remains.
    pub(crate) fn reaches(&self, severity: Severity) -> bool {
        self.errors > 0
            || (severity <= Severity::Warning && self.warnings > 0)
            || (severity == Severity::Info && self.infos > 0)
    }

    /// The exit code of a run that fails on this severity.
    pub(crate) fn exit(&self, fail_on: Severity) -> Exit {
        if self.failed > 0 {
            Exit::Failed
        } else if self.reaches(fail_on) {
            Exit::Found
        } else {
            Exit::Clean
        }
    }
}

impl Group {
    pub(crate) fn add(&mut self, name: String) {
        self.join(Group {
            count: 1,
            first: Some(name),
        });
    }

    fn join(&mut self, other: Group) {
        self.count += other.count;
        self.first = match (self.first.take(), other.first) {
            (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }
}

/// Whether `fix`, given the same rules, would apply the finding's fix.
pub(crate) fn is_fixable(finding: &Finding, selection: &Selection) -> bool {
    finding.fix.as_ref().is_some_and(|fix| match fix.applicability {
        Applicability::Safe => true,
        Applicability::OptIn => selection.select.iter().any(|code| *code == finding.code),
        Applicability::Unsafe => selection.unsafe_fixes,
    })
}

fn internal(problem: Problem) -> Problem {
    problem.with_help(
        "this is a defect of pullcreds, nothing was changed; please report it with the file if you may share it",
    )
}

/// The system's words without the number that Rust adds.
pub(crate) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}
