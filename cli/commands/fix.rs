//! `pullcreds fix`: lay the fixes into the files, or show them as a diff.

use std::borrow::Cow;
use std::path::Path;

use pullcreds_core::finding::Finding;
use pullcreds_core::transform::{Checked, Fixed, Rewrite};

use super::{Caller, Files, LooksAt, failure, passed_note};
use crate::args::{FixArguments, Format, Voice};
use crate::baseline::Baseline;
use crate::diff;
use crate::outcome::{Exit, Problem, Tally};
use crate::pipeline::{Said, Text};
use crate::report::{self, Ending, Report, Seen};
use crate::write::Writer;

pub(crate) fn run(arguments: &FixArguments, voice: Voice) -> anyhow::Result<Exit> {
    let caller = Caller::new(&arguments.run.rules, &arguments.run.text, LooksAt::Definitions)?;
    let is_for_people = arguments.run.format == Format::Human;
    if !is_for_people && !arguments.diff && arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        anyhow::bail!(
            "`fix -` writes the text to standard output, where the report would go, too; take `--format human`, or `check`"
        );
    }
    let report = report::choose(&arguments.run, voice, &caller.selection)?;
    let files = Files::new(&arguments.paths, &arguments.run, &caller, voice)?;
    let writer = Writer {
        hard_links: arguments.write.write_hard_links,
        fsync: !arguments.write.no_fsync,
    };
    let fixer = Fixer {
        caller: &caller,
        report: report.as_ref(),
        baseline: files.baseline.as_ref(),
        writer,
        diff: arguments.diff,
        shows_diff: arguments.diff && is_for_people,
        voice,
    };
    let task = |text: &Text<'_>, tally: &mut Tally| fixer.fix(text, tally);
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
    baseline: Option<&'a Baseline>,
    writer: Writer,
    diff: bool,
    /// Standard output is for the diff, unless it is for a report.
    shows_diff: bool,
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
        let with_patches = self.report.wants_patches(&text.shown());
        let options = self.caller.options(text, path.as_deref(), with_patches);
        match text.folder.plugins().fix(text.bytes, &options) {
            Ok(Fixed::Definition(rewrite)) => self.rewrite(text, rewrite, tally),
            Ok(Fixed::Passed(passed)) => match self.caller.pass_over(passed, text, tally) {
                Some(problem) => failure(self.report, text, tally, &problem),
                None => Said {
                    data: self.handed_on(text),
                    note: passed_note(passed, text, self.voice),
                    ..Said::default()
                },
            },
            Err(problem) => failure(self.report, text, tally, &problem),
        }
    }

    fn rewrite(&self, text: &Text<'_>, mut rewrite: Rewrite, tally: &mut Tally) -> Said {
        let edited = rewrite.edited.take();
        let is_edited = edited.is_some();
        if let (Some((new, _)), Some(path), false) = (&edited, text.path, self.diff)
            && let Err(problem) = self.write(text, path, new)
        {
            return self.unwritten(text, &rewrite, &problem, tally);
        }
        let (beside, remaining) = self.remaining(text, &rewrite, edited.as_ref().map(|(new, _)| new.as_str()));
        let data = match edited {
            None => self.handed_on(text),
            Some((new, map)) if self.shows_diff => {
                let name = name_for_diff(text.path);
                diff::unified(&name, text.bytes, new.as_bytes(), |offset| map.to_original(offset))
            }
            Some((new, _)) if text.path.is_none() && !self.diff => new.into_bytes(),
            Some(_) => Vec::new(),
        };
        self.caller.count(rewrite.before.kind, text, tally);
        tally.findings(&remaining, &self.caller.selection);
        let mut fixed = Vec::new();
        if is_edited {
            tally.files_changed += 1;
            tally.restarts.apps += rewrite.restarts.apps;
            tally.restarts.pods += rewrite.restarts.pods;
            fixed = rewrite.removed();
            tally.fixed += fixed.len();
        }
        if fixed.is_empty() && remaining.is_empty() {
            return Said {
                data,
                ..Said::default()
            };
        }
        let seen = Seen {
            name: &text.name(),
            text: &beside,
            kind: Some(rewrite.before.kind),
            findings: &remaining,
            fixed: &fixed,
            problem: None,
        };
        Said {
            report: self.report.file(&seen),
            data,
            ..Said::default()
        }
    }

    fn write(&self, text: &Text<'_>, path: &Path, new: &str) -> Result<(), Problem> {
        match text.opened {
            Some(opened) => self.writer.replace_open(opened, path, text.bytes, new.as_bytes()),
            None => self.writer.replace(path, text.bytes, new.as_bytes()),
        }
    }

    /// What remains and is not known to the baseline, and the text that its places are in.
    fn remaining<'t>(&self, text: &Text<'t>, rewrite: &Rewrite, new: Option<&str>) -> (Cow<'t, [u8]>, Vec<Finding>) {
        let mut beside = Cow::Borrowed(text.bytes);
        let mut remaining = rewrite.remaining.clone();
        if let Some(new) = new
            && !remaining.is_empty()
            && !self.diff
            && self.report.is_read_beside_the_file()
        {
            let path = text.policy_path();
            let options = self.caller.options(text, path.as_deref(), true);
            if let Ok(Checked::Definition(analysis)) = text.folder.plugins().check(new.as_bytes(), &options) {
                beside = Cow::Owned(new.as_bytes().to_owned());
                remaining = analysis.findings;
            }
        }
        if let Some(baseline) = self.baseline {
            // Pointers of what remains are of the new text.
            let pointed = new.map_or(text.bytes, str::as_bytes);
            remaining = baseline.sift(&text.name(), pointed, remaining);
        }
        (beside, remaining)
    }

    /// What was found is still there, and says so.
    fn unwritten(&self, text: &Text<'_>, rewrite: &Rewrite, problem: &Problem, tally: &mut Tally) -> Said {
        tally.failed += 1;
        tally.checked += 1;
        let mut findings = rewrite.before.findings.clone();
        if let Some(baseline) = self.baseline {
            findings = baseline.sift(&text.name(), text.bytes, findings);
        }
        tally.findings(&findings, &self.caller.selection);
        let seen = Seen {
            name: &text.name(),
            text: text.bytes,
            kind: Some(rewrite.before.kind),
            findings: &findings,
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
