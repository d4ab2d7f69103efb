//! `pullcreds fix`: lay the fixes into the files, or show them as a diff.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::path::Path;

use pullcreds_core::finding::Finding;
use pullcreds_core::json::Edited;
use pullcreds_core::transform::{Checked, Fixed, Rewrite};

use super::{Caller, Files, LooksAt, failure, passed_note};
use crate::args::{FixArguments, Format, Voice};
use crate::baseline::Baseline;
use crate::diff;
use crate::outcome::{Exit, Problem, Tally};
use crate::pipeline::{Said, Text};
use crate::printer;
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
    let report = report::choose(&arguments.run, voice, &caller.selection, arguments.diff)?;
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
            return self.handed_on(text);
        }
        let path = text.policy_path();
        let with_patches = self.report.wants_patches(&text.shown());
        let options = self.caller.options(text, path.as_deref(), with_patches);
        match text.folder.plugins().fix(text.bytes, &options) {
            Ok(Fixed::Definition(rewrite)) => self.rewrite(text, rewrite, tally),
            Ok(Fixed::Passed(passed)) => match self.caller.pass_over(passed, text, tally) {
                Some(problem) => failure(self.report, text, tally, &problem),
                None => Said {
                    note: passed_note(passed, text, self.voice),
                    ..self.handed_on(text)
                },
            },
            Err(problem) => failure(self.report, text, tally, &problem),
        }
    }

    fn rewrite(&self, text: &Text<'_>, mut rewrite: Rewrite<'_>, tally: &mut Tally) -> Said {
        let edited = rewrite.edited.take();
        // Put together for whoever wants it whole: standard output does not.
        let new = LazyCell::new(|| edited.as_ref().map(Edited::text));
        if let (Some(path), false) = (text.path, self.diff)
            && let Some(new) = new.as_deref()
            && let Err(problem) = self.write(text, path, new)
        {
            return self.unwritten(text, &rewrite, &problem, tally);
        }
        let (beside, remaining) = self.remaining(text, &rewrite, || new.as_deref());
        let mut said = match &edited {
            None => self.handed_on(text),
            Some(edited) if self.shows_diff => {
                let (name, new) = (name_for_diff(text.path), new.as_deref().unwrap_or_default());
                Said {
                    data: diff::unified(&name, text.bytes, new.as_bytes(), |offset| {
                        edited.map().to_original(offset)
                    }),
                    ..Said::default()
                }
            }
            Some(edited) if text.path.is_none() && !self.diff => written(edited.parts().map(str::as_bytes)),
            Some(_) => Said::default(),
        };
        self.caller.count(rewrite.before.kind, text, tally);
        tally.findings(&remaining, &self.caller.selection);
        let mut fixed = Vec::new();
        if edited.is_some() {
            tally.files_changed += 1;
            tally.restarts.apps += rewrite.restarts.apps;
            tally.restarts.pods += rewrite.restarts.pods;
            fixed = rewrite.removed();
            tally.fixed += fixed.len();
        }
        if fixed.is_empty() && remaining.is_empty() {
            return said;
        }
        let seen = Seen {
            name: &text.name(),
            text: &beside,
            kind: Some(rewrite.before.kind),
            findings: &remaining,
            fixed: &fixed,
            problem: None,
        };
        said.report = self.report.file(&seen);
        said
    }

    fn write(&self, text: &Text<'_>, path: &Path, new: &str) -> Result<(), Problem> {
        match text.opened {
            Some(opened) => self.writer.replace_open(opened, path, text.bytes, new.as_bytes()),
            None => self.writer.replace(path, text.bytes, new.as_bytes()),
        }
    }

    /// What remains and is not known to the baseline, and the text that its places are in.
    fn remaining<'t, 'n>(
        &self,
        text: &Text<'t>,
        rewrite: &Rewrite<'_>,
        new: impl Fn() -> Option<&'n str>,
    ) -> (Cow<'t, [u8]>, Vec<Finding>) {
        let mut beside = Cow::Borrowed(text.bytes);
        let mut remaining = rewrite.remaining.clone();
        if !remaining.is_empty()
            && !self.diff
            && self.report.is_read_beside_the_file()
            && let Some(new) = new()
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
            let pointed = new().map_or(text.bytes, str::as_bytes);
            remaining = baseline.sift(&text.name(), pointed, remaining);
            if self.diff {
                baseline.keep(&text.name(), text.bytes, &rewrite.before.findings);
            }
        }
        (beside, remaining)
    }

    /// What was found is still there, and says so.
    fn unwritten(&self, text: &Text<'_>, rewrite: &Rewrite<'_>, problem: &Problem, tally: &mut Tally) -> Said {
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

    /// A text that stays as it is goes to standard output if it came from standard input.
    fn handed_on(&self, text: &Text<'_>) -> Said {
        if text.path.is_none() && !self.diff {
            written(std::iter::once(text.bytes))
        } else {
            Said::default()
        }
    }
}

/// Writes a text to standard output at once: nobody has to keep a copy of it.
fn written<'p>(parts: impl Iterator<Item = &'p [u8]>) -> Said {
    Said {
        unwritten: printer::outputs(parts).err(),
        ..Said::default()
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
