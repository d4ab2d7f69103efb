//! `pullcreds credentials check`: files with credentials against the rules CC001 to CC006.

use std::path::Path;

use pullcreds_core::finding::Finding;
use pullcreds_core::json::{self, Document};
use pullcreds_core::transform::Selection;
use pullcreds_credentials::Secret;
use pullcreds_credentials::matching::Reader;

use super::WRITER;
use super::file::{CredentialFile, Failed};
use crate::args::Voice;
use crate::args::credentials::{CredentialsCheckArguments, ReaderName};
use crate::commands::tell;
use crate::outcome::{Exit, Problem, Tally};
use crate::pipeline::{Results, Said};
use crate::report::{self, Ending, Report, Seen};

pub(super) fn run(arguments: &CredentialsCheckArguments, voice: Voice) -> anyhow::Result<Exit> {
    let selection = Selection::default();
    let report = report::of_format(arguments.format, arguments.fail_on, voice, &selection)?;
    let mut results = Results::default();
    for path in &arguments.files {
        let said = one(path, arguments, report.as_ref(), &mut results.tally);
        let said = said.unwrap_or_else(|failed| {
            results.tally.failed += 1;
            let seen = Seen::failed(&failed.name, failed.text.expose(), &failed.problem);
            Said {
                report: report.file(&seen),
                ..Said::default()
            }
        });
        results.said.push((crate::commands::shown(path), said));
    }
    // What the closing words say of `fix` is true of definitions only.
    let fixable = std::mem::take(&mut results.tally.fixable);
    tell(&results, report.as_ref(), Ending::Checked, voice)?;
    if fixable > 0 && !voice.quiet {
        crate::printer::messages(b"A wrong key for Docker Hub is renamed with `--fix`.\n")?;
    }
    Ok(results.tally.exit(arguments.fail_on.into()))
}

fn one(
    path: &Path,
    arguments: &CredentialsCheckArguments,
    report: &dyn Report,
    tally: &mut Tally,
) -> Result<Said, Failed> {
    let file = CredentialFile::load(path)?;
    let readers = readers(&arguments.readers, &file);
    let mut findings = file.findings(&readers)?;
    let mut fixed = Vec::new();
    if arguments.fix && !file.is_archive && path.as_os_str() != "-" {
        (fixed, findings) = findings.into_iter().partition(|finding| finding.fix.is_some());
        fix(path, &file, &fixed)?;
    }
    let mut remaining = file.layout.clone();
    remaining.append(&mut findings);
    tally.checked += 1;
    tally.findings(&remaining, &Selection::default());
    tally.fixed += fixed.len();
    tally.files_changed += usize::from(!fixed.is_empty());
    let fixed: Vec<&Finding> = fixed.iter().collect();
    let seen = Seen {
        name: &file.name,
        text: file.text.as_ref().map_or(b"", Secret::expose),
        kind: None,
        findings: &remaining,
        fixed: &fixed,
        problem: None,
    };
    Ok(Said {
        report: report.file(&seen),
        ..Said::default()
    })
}

pub(super) fn readers(names: &[ReaderName], file: &CredentialFile) -> Vec<Reader> {
    if names.is_empty() {
        return file.readers().to_vec();
    }
    names.iter().copied().map(reader).collect()
}

pub(super) fn reader(name: ReaderName) -> Reader {
    match name {
        ReaderName::Docker => Reader::Docker,
        ReaderName::Ucr => Reader::Ucr,
    }
}

/// There is one such finding a file, so its patch is the whole.
fn fix(path: &Path, file: &CredentialFile, fixed: &[Finding]) -> Result<(), Failed> {
    let Some((fix, text)) = fixed
        .first()
        .and_then(|finding| finding.fix.as_ref())
        .zip(file.text.as_ref())
    else {
        return Ok(());
    };
    let failed = |problem: Problem| Failed {
        name: file.name.clone(),
        text: text.clone(),
        problem: Box::new(problem),
    };
    let document = Document::parse(text.expose()).map_err(|error| failed(Problem::new(error.to_string())))?;
    let edited = json::apply(&document, &fix.patch).map_err(|error| failed(Problem::from(&error)))?;
    let new = Secret::new(edited.text().into_bytes());
    WRITER.replace(path, text.expose(), new.expose()).map_err(failed)
}
