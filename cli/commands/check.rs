//! `pullcreds check`: look, change nothing.

use pullcreds_core::transform::Checked;

use super::credentials::beside::Beside;
use super::{Caller, Files, LooksAt, fail, failure, passed_note};
use crate::args::{CheckArguments, Format, Voice};
use crate::baseline::Recorder;
use crate::outcome::{Exit, Tally};
use crate::pipeline::{Said, Text};
use crate::printer;
use crate::report::{self, Ending, Seen};

pub(crate) fn run(arguments: &CheckArguments, voice: Voice) -> anyhow::Result<Exit> {
    let looks_at = match arguments.config_json {
        Some(_) => LooksAt::Credentials,
        None => LooksAt::Definitions,
    };
    let caller = Caller::new(&arguments.run.rules, &arguments.run.text, looks_at)?;
    let report = report::choose(&arguments.run, voice, &caller.selection, false)?;
    let report = report.as_ref();
    let beside = match arguments.config_json.as_deref().map(Beside::load).transpose() {
        Ok(beside) => beside,
        Err((name, problem)) => return fail(voice, &name, b"", &problem),
    };
    let files = Files::new(&arguments.paths, &arguments.run, &caller, voice)?;
    let recorder = arguments.write_baseline.as_deref().map(Recorder::new);
    let task = |text: &Text<'_>, tally: &mut Tally| -> Said {
        if text.excluded {
            return Said::default();
        }
        let path = text.policy_path();
        let with_patches = report.wants_patches(&text.shown());
        let options = caller.options(text, path.as_deref(), with_patches);
        match text.folder.plugins().check(text.bytes, &options) {
            Ok(Checked::Definition(mut analysis)) => {
                caller.count(analysis.kind, text, tally);
                let mut note = Vec::new();
                if let Some(beside) = &beside {
                    note = beside.look(text, &options, &mut analysis.findings);
                }
                if voice.quiet || arguments.run.format != Format::Human {
                    note.clear();
                }
                if let Some(recorder) = &recorder {
                    recorder.record(&text.name(), text.bytes, &analysis.findings);
                    return Said::default();
                }
                if let Some(baseline) = &files.baseline {
                    analysis.findings = baseline.sift(&text.name(), text.bytes, analysis.findings);
                }
                if analysis.findings.is_empty() {
                    return Said {
                        note,
                        ..Said::default()
                    };
                }
                tally.findings(&analysis.findings, &caller.selection);
                let seen = Seen {
                    name: &text.name(),
                    text: text.bytes,
                    kind: Some(analysis.kind),
                    findings: &analysis.findings,
                    fixed: &[],
                    problem: None,
                };
                Said {
                    report: report.file(&seen),
                    note,
                    ..Said::default()
                }
            }
            Ok(Checked::Passed(passed)) => match caller.pass_over(passed, text, tally) {
                Some(problem) => failure(report, text, tally, &problem),
                None => Said {
                    note: passed_note(passed, text, voice),
                    ..Said::default()
                },
            },
            Err(problem) => failure(report, text, tally, &problem),
        }
    };
    let ending = if recorder.is_some() {
        Ending::Silent
    } else {
        Ending::Checked
    };
    let tally = files.over(report, &task, |_| ending)?;
    if let Some(recorder) = recorder {
        if tally.failed > 0 {
            anyhow::bail!("--write-baseline: nothing was written, as not everything could be checked");
        }
        let said = recorder.write()?;
        if !voice.quiet {
            printer::messages(said.as_bytes())?;
        }
    }
    Ok(tally.exit(arguments.run.fail_on.into()))
}
