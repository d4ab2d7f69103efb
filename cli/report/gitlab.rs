//! For GitLab: a Code Quality report, the part of Code Climate's format that GitLab reads.

use std::io::{self, Write};

use pullcreds_core::finding::{Finding, Severity};
use serde::Serialize;

use super::identity::{digest, fingerprint, identities};
use super::places::Places;
use super::root::Root;
use super::unobeyed::unobeyed;
use super::{Ending, Report, Seen, safe};
use crate::outcome::{Problem, Tally};

pub(crate) struct Gitlab {
    root: Root,
}

impl Gitlab {
    pub(crate) fn new(root: Root) -> Gitlab {
        Gitlab { root }
    }
}

impl Report for Gitlab {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        if seen.findings.is_empty() && seen.problem.is_none() {
            return Vec::new();
        }
        let path = self.root.name(seen.name);
        let places = Places::new(seen.text);
        let mut issues: Vec<Issue> = seen
            .problem
            .map(|problem| failed(problem, &path, &places))
            .into_iter()
            .collect();
        let identities = identities(seen.text, seen.findings);
        for (finding, (identity, before)) in seen.findings.iter().zip(&identities) {
            issues.push(issue(finding, &path, &places, fingerprint(&path, identity, *before)));
        }
        // Strings and numbers only: there is nothing that could fail.
        let issues = issues.iter().map(|issue| serde_json::to_vec(issue).unwrap_or_default());
        unobeyed(issues.collect::<Vec<_>>().join(&b",\n"[..]))
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, _: &Tally, _: Ending) -> io::Result<()> {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        stdout.write_all(b"[")?;
        for (index, file) in files.enumerate() {
            stdout.write_all(if index == 0 { b"\n" } else { b",\n" })?;
            stdout.write_all(file)?;
        }
        stdout.write_all(b"\n]\n")?;
        stdout.flush()
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

fn issue<'a>(finding: &Finding, path: &'a str, places: &Places<'_>, fingerprint: String) -> Issue<'a> {
    Issue {
        description: safe::line(&finding.message),
        check_name: format!("{} {}", finding.code, finding.name),
        fingerprint,
        severity: match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        location: Location {
            path,
            lines: Lines {
                begin: places.position(finding.span.start).0,
                end: places.position(finding.span.end).0,
            },
        },
    }
}

/// What could not be done at all.
fn failed<'a>(problem: &Problem, path: &'a str, places: &Places<'_>) -> Issue<'a> {
    let line = |offset| places.position(offset).0;
    let lines = problem
        .span
        .as_ref()
        .map_or((1, 1), |span| (line(span.start), line(span.end)));
    Issue {
        description: safe::line(&problem.message),
        check_name: "unreadable".to_owned(),
        fingerprint: digest(&[path, "unreadable"]),
        severity: "blocker",
        location: Location {
            path,
            lines: Lines {
                begin: lines.0,
                end: lines.1,
            },
        },
    }
}
