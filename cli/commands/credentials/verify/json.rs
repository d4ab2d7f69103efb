//! Results for a program: one JSON document, described in docs/verify.md. What is said there is a promise.

use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::registry::Verdict;
use serde::Serialize;

use super::human::help;
use super::outcome::{Asked, Registry, Results};
use super::targets::{Collected, Site};
use crate::report::safe;

/// Changes only when a reader of the present shape could be led wrong.
const VERSION: u32 = 1;

pub(super) fn told(results: &Results, collected: &Collected) -> serde_json::Result<String> {
    let shape = Shape {
        version: VERSION,
        images: results.asked.iter().map(image).collect(),
        registries: results.registries.iter().map(registry).collect(),
        summary: SummaryShape {
            asked: results.asked.len(),
            pullable: results.pullable(),
            not_pullable: results.not_pullable(),
            unknown: results.unknown(),
            definitions: collected.tally.checked,
            failed: collected.tally.failed,
            templated: collected.templated,
            invalid: collected.invalid,
        },
    };
    Ok(serde_json::to_string_pretty(&shape)? + "\n")
}

fn image(asked: &Asked) -> ImageShape<'_> {
    let question = &asked.question;
    ImageShape {
        image: &question.image,
        reader: match question.reader {
            Reader::Docker => "docker",
            Reader::Ucr => "ucr",
        },
        verdict: asked.verdict.as_str(),
        pullable: (!asked.verdict.is_unknown()).then_some(asked.verdict == Verdict::Pullable),
        message: safe::line(&asked.verdict.message(question.reader)),
        help: help(asked),
        credentials: question.entry.as_ref().map(|(key, file)| EntryShape { file, key }),
        note: question.note.as_deref().map(safe::line),
        sites: question.sites.iter().map(site).collect(),
    }
}

fn site(site: &Site) -> SiteShape<'_> {
    SiteShape {
        path: &site.file,
        line: site.line,
        column: site.column,
        id: &site.id,
    }
}

fn registry(registry: &Registry) -> RegistryShape<'_> {
    RegistryShape {
        host: &registry.host,
        anyone_pulls: registry.anyone_pulls,
        anyone_pushes: registry.anyone_pushes,
        clock_ahead: registry.clock,
    }
}

#[derive(Serialize)]
struct Shape<'r> {
    version: u32,
    images: Vec<ImageShape<'r>>,
    registries: Vec<RegistryShape<'r>>,
    summary: SummaryShape,
}

#[derive(Serialize)]
struct ImageShape<'r> {
    image: &'r str,
    reader: &'static str,
    verdict: &'static str,
    pullable: Option<bool>,
    message: String,
    help: Vec<String>,
    credentials: Option<EntryShape<'r>>,
    note: Option<String>,
    sites: Vec<SiteShape<'r>>,
}

#[derive(Serialize)]
struct EntryShape<'r> {
    file: &'r str,
    key: &'r str,
}

#[derive(Serialize)]
struct SiteShape<'r> {
    path: &'r str,
    line: usize,
    column: usize,
    id: &'r str,
}

#[derive(Serialize)]
struct RegistryShape<'r> {
    host: &'r str,
    anyone_pulls: Option<bool>,
    anyone_pushes: Option<bool>,
    clock_ahead: Option<i64>,
}

#[derive(Serialize)]
struct SummaryShape {
    asked: usize,
    pullable: usize,
    not_pullable: usize,
    unknown: usize,
    definitions: usize,
    failed: usize,
    templated: usize,
    invalid: usize,
}
