//! For a program: one JSON document, described in docs/json-format.md. What is said there is a promise.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use pullcreds_core::finding::{Finding, Fix};
use pullcreds_core::transform::{Kind, Selection};
use serde::Serialize;
use serde_json::value::RawValue;

use super::places::Places;
use super::unobeyed::unobeyed;
use super::{Ending, Report, Seen, mask, safe};
use crate::outcome::{Problem, Tally, is_fixable};

/// Changes only when a reader of the present shape could be led wrong.
const VERSION: u32 = 1;

pub(crate) struct Json {
    selection: Selection,
}

impl Json {
    pub(crate) fn new(selection: Selection) -> Json {
        Json { selection }
    }

    fn finding<'f>(&self, finding: &'f Finding, places: &Places<'_>) -> FindingShape<'f> {
        FindingShape {
            code: &finding.code,
            name: &finding.name,
            severity: finding.severity.as_str(),
            message: safe::line(&finding.message),
            range: range(places, &finding.span),
            pointer: safe::data(finding.pointer.as_str()).into_owned(),
            id: finding.id.as_deref().map(safe::data),
            label: safe::line(&finding.label),
            related: finding
                .related
                .iter()
                .map(|related| RelatedShape {
                    range: range(places, &related.span),
                    message: safe::line(&related.message),
                })
                .collect(),
            help: finding.help.iter().map(|help| safe::line(help)).collect(),
            fix: finding.fix.as_ref().map(|fix| FixShape {
                title: safe::line(&fix.title),
                applicability: fix.applicability.as_str(),
                applied_by_fix: is_fixable(finding, &self.selection),
                patch: patch(fix),
            }),
        }
    }
}

impl Report for Json {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        if seen.findings.is_empty() && seen.fixed.is_empty() && seen.problem.is_none() {
            return Vec::new();
        }
        let places = Places::new(seen.text);
        let shape = FileShape {
            path: seen.name,
            kind: seen.kind.map(kind),
            findings: seen
                .findings
                .iter()
                .map(|finding| self.finding(finding, &places))
                .collect(),
            fixed: seen
                .fixed
                .iter()
                .map(|finding| self.finding(finding, &places))
                .collect(),
            error: seen.problem.map(|problem| error(problem, &places)),
        };
        // Strings and numbers only: there is nothing that could fail.
        unobeyed(serde_json::to_vec(&shape).unwrap_or_default())
    }

    fn is_read_beside_the_file(&self) -> bool {
        false
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, _: Ending) -> io::Result<()> {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        write!(stdout, "{{\"version\":{VERSION},\"files\":[")?;
        for (index, file) in files.enumerate() {
            stdout.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            stdout.write_all(file)?;
        }
        stdout.write_all(b"\n],\"summary\":")?;
        serde_json::to_writer(&mut stdout, &summary(tally))?;
        stdout.write_all(b"}\n")?;
        stdout.flush()
    }
}

#[derive(Serialize)]
struct FileShape<'a> {
    path: &'a str,
    kind: Option<&'static str>,
    findings: Vec<FindingShape<'a>>,
    fixed: Vec<FindingShape<'a>>,
    error: Option<ErrorShape>,
}

#[derive(Serialize)]
struct FindingShape<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'static str,
    message: String,
    range: RangeShape,
    pointer: String,
    id: Option<Cow<'a, str>>,
    label: String,
    related: Vec<RelatedShape>,
    help: Vec<String>,
    fix: Option<FixShape>,
}

#[derive(Serialize)]
struct RelatedShape {
    range: RangeShape,
    message: String,
}

#[derive(Serialize)]
struct FixShape {
    title: String,
    applicability: &'static str,
    applied_by_fix: bool,
    patch: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct ErrorShape {
    message: String,
    range: Option<RangeShape>,
    related: Vec<RelatedShape>,
    help: Vec<String>,
}

#[derive(Serialize)]
struct RangeShape {
    start: PlaceShape,
    end: PlaceShape,
}

#[derive(Serialize)]
struct PlaceShape {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct SummaryShape {
    checked: usize,
    failed: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    fixable: usize,
    files_with_findings: usize,
    fixed: usize,
    files_changed: usize,
    restarts: RestartsShape,
    passed_over: PassedShape,
    baseline: BaselineShape,
}

#[derive(Serialize)]
struct BaselineShape {
    silenced: usize,
    stale: usize,
}

#[derive(Serialize)]
struct RestartsShape {
    apps: usize,
    pods: usize,
}

#[derive(Serialize)]
struct PassedShape {
    not_marathon: usize,
    templates: usize,
    metronome_jobs: usize,
    package_options: usize,
}

fn summary(tally: &Tally) -> SummaryShape {
    SummaryShape {
        checked: tally.checked,
        failed: tally.failed,
        errors: tally.errors,
        warnings: tally.warnings,
        infos: tally.infos,
        fixable: tally.fixable,
        files_with_findings: tally.files_with_findings,
        fixed: tally.fixed,
        files_changed: tally.files_changed,
        restarts: RestartsShape {
            apps: tally.restarts.apps,
            pods: tally.restarts.pods,
        },
        passed_over: PassedShape {
            not_marathon: tally.not_marathon,
            templates: tally.templates.count,
            metronome_jobs: tally.metronome.count,
            package_options: tally.package_options.count,
        },
        baseline: BaselineShape {
            silenced: tally.silenced,
            stale: tally.stale,
        },
    }
}

/// None that would carry a credential along: a report is kept and sent around.
fn patch(fix: &Fix) -> Option<Box<RawValue>> {
    if fix.patch.is_empty() {
        return None;
    }
    let patch = fix.patch.to_json().replace("\n  ", "").replace('\n', "");
    if mask::secrets(patch.as_bytes()).is_empty() {
        RawValue::from_string(patch).ok()
    } else {
        None
    }
}

fn error(problem: &Problem, places: &Places<'_>) -> ErrorShape {
    let related = problem.related.iter();
    ErrorShape {
        message: safe::line(&problem.message),
        range: problem.span.as_ref().map(|span| range(places, span)),
        related: related
            .map(|(span, message)| RelatedShape {
                range: range(places, span),
                message: safe::line(message),
            })
            .collect(),
        help: problem.help.iter().map(|help| safe::line(help)).collect(),
    }
}

fn range(places: &Places<'_>, span: &Range<usize>) -> RangeShape {
    let place = |offset: usize| {
        let (line, column) = places.position(offset);
        PlaceShape { line, column, offset }
    };
    RangeShape {
        start: place(span.start),
        end: place(span.end),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::App => "app",
        Kind::Apps => "apps",
        Kind::AppReply => "app-reply",
        Kind::AppsReply => "apps-reply",
        Kind::AppUpdate => "app-update",
        Kind::AppUpdates => "app-updates",
        Kind::Group => "group",
        Kind::Pod => "pod",
        Kind::Pods => "pods",
    }
}
