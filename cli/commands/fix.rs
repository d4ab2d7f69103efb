//! `pullcreds fix`: lay the fixes into the files, or show them as a diff.

use std::path::Path;

use pullcreds_core::transform::{self, Fixed, Rewrite};

use super::{Caller, Files, failure, passed_note, transform_failure};
use crate::args::{FixArguments, Voice};
use crate::diff;
use crate::outcome::{Exit, Problem, Tally};
use crate::pipeline::{Said, Text};
use crate::report::{self, Ending, Report, Seen};
use crate::write::Writer;

pub(crate) fn run(arguments: &FixArguments, voice: Voice) -> anyhow::Result<Exit> {
    let caller = Caller::new(&arguments.run.rules, &arguments.run.text)?;
    let report = report::choose(arguments.run.format, voice, &caller.selection);
    let writer = Writer {
        hard_links: arguments.write.write_hard_links,
        fsync: !arguments.write.no_fsync,
    };
    let fixer = Fixer {
        caller: &caller,
        report: report.as_ref(),
        writer,
        diff: arguments.diff,
        voice,
    };
    let task = |text: &Text<'_>, tally: &mut Tally| fixer.fix(text, tally);
    let files = Files {
        paths: &arguments.paths,
        run: &arguments.run,
        voice,
    };
    let ending = if arguments.diff { Ending::Diffed } else { Ending::Fixed };
    let tally = files.over(report.as_ref(), &task, |_| ending)?;
    let exit = tally.exit(arguments.run.fail_on.into());
    let is_told = tally.files_changed > 0 && (arguments.diff || arguments.exit_non_zero_on_fix);
    Ok(if exit == Exit::Clean && is_told {
        Exit::Found
    } else {
        exit
    })
}

struct Fixer<'a> {
    caller: &'a Caller,
    report: &'a dyn Report,
    writer: Writer,
    diff: bool,
    voice: Voice,
}

impl Fixer<'_> {
    fn fix(&self, text: &Text<'_>, tally: &mut Tally) -> Said {
        if text.excluded {
            return Said {
                data: self.handed_on(text),
                ..Said::default()
            };
        }
        let path = text.policy_path();
        match transform::fix(text.bytes, &self.caller.options(text, path.as_deref(), true)) {
            Ok(Fixed::Definition(rewrite)) => self.rewrite(text, rewrite, tally),
            Ok(Fixed::Passed(passed)) => match self.caller.pass_over(passed, text, tally) {
                Some(problem) => failure(self.report, text, tally, &problem),
                None => Said {
                    data: self.handed_on(text),
                    note: passed_note(passed, text, self.voice),
                    ..Said::default()
                },
            },
            Err(error) => transform_failure(self.report, text, tally, &error),
        }
    }

    fn rewrite(&self, text: &Text<'_>, mut rewrite: Rewrite, tally: &mut Tally) -> Said {
        let mut data = Vec::new();
        let edited = rewrite.edited.take();
        let is_edited = edited.is_some();
        match edited {
            None => data = self.handed_on(text),
            Some((new, map)) if self.diff => {
                let name = name_for_diff(text.path);
                data = diff::unified(&name, text.bytes, new.as_bytes(), |offset| map.to_original(offset));
            }
            Some((new, _)) => match text.path {
                None => data = new.into_bytes(),
                Some(path) => {
                    if let Err(problem) = self.writer.replace(path, text.bytes, new.as_bytes()) {
                        return self.unwritten(text, &rewrite, &problem, tally);
                    }
                }
            },
        }
        self.caller.count(rewrite.before.kind, text, tally);
        tally.findings(&rewrite.remaining, &self.caller.selection);
        let mut fixed = Vec::new();
        if is_edited {
            tally.files_changed += 1;
            tally.restarts.apps += rewrite.restarts.apps;
            tally.restarts.pods += rewrite.restarts.pods;
            fixed = rewrite.removed();
            tally.fixed += fixed.len();
        }
        if fixed.is_empty() && rewrite.remaining.is_empty() {
            return Said {
                data,
                ..Said::default()
            };
        }
        let seen = Seen {
            name: &text.name(),
            text: text.bytes,
            kind: Some(rewrite.before.kind),
            findings: &rewrite.remaining,
            fixed: &fixed,
            problem: None,
        };
        Said {
            report: self.report.file(&seen),
            data,
            ..Said::default()
        }
    }

    /// What was found is still there, and says so.
    fn unwritten(&self, text: &Text<'_>, rewrite: &Rewrite, problem: &Problem, tally: &mut Tally) -> Said {
        tally.failed += 1;
        tally.checked += 1;
        tally.findings(&rewrite.before.findings, &self.caller.selection);
        let seen = Seen {
            name: &text.name(),
            text: text.bytes,
            kind: Some(rewrite.before.kind),
            findings: &rewrite.before.findings,
            fixed: &[],
            problem: Some(problem),
        };
        Said {
            report: self.report.file(&seen),
            ..Said::default()
        }
    }

    /// What standard output gets for a text that stays as it is.
    fn handed_on(&self, text: &Text<'_>) -> Vec<u8> {
        if text.path.is_none() && !self.diff {
            text.bytes.to_owned()
        } else {
            Vec::new()
        }
    }
}

/// As `git apply` wants it: relative to the current folder where the file is below it.
fn name_for_diff(path: Option<&Path>) -> Vec<u8> {
    let Some(path) = path else { return b"stdin".to_vec() };
    let relative = std::env::current_dir()
        .ok()
        .and_then(|current| path.strip_prefix(current).ok());
    relative.unwrap_or(path).as_os_str().as_encoded_bytes().to_vec()
}
