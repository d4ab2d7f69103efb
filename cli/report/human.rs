//! For a person: diagnostics in the manner of rustc, and a closing count.

use std::io::{self, Write};

use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use pullcreds_core::finding::{Finding, Severity};

use super::excerpt::{Excerpt, Mark, excerpts};
use super::places::Places;
use super::preview::Previews;
use super::{Ending, Report, Seen, safe};
use crate::outcome::{Problem, Tally};

/// Wider than any line that an excerpt shows: lines are cut there, around their marks.
const WIDTH: usize = 400;

pub(crate) struct Human {
    renderer: Renderer,
    is_quiet: bool,
}

impl Human {
    pub(crate) fn new(is_coloured: bool, is_quiet: bool) -> Human {
        let renderer = if is_coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        Human {
            renderer: renderer.term_width(WIDTH),
            is_quiet,
        }
    }

    fn finding(&self, finding: &Finding, name: &str, places: &Places<'_>, previews: &mut Previews<'_>) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let id = format!("{} {}", finding.code, finding.name);
        let title = level.primary_title(safe::line(&finding.message)).id(safe::line(&id));
        let main = Mark {
            span: finding.span.clone(),
            label: safe::line(&finding.label),
            is_primary: true,
        };
        let related = finding.related.iter().map(|related| Mark {
            span: related.span.clone(),
            label: safe::line(&related.message),
            is_primary: false,
        });
        let marks = std::iter::once(main).chain(related).collect();
        let group = title
            .elements(snippets(name, places, finding.span.start, marks))
            .elements(helps(&finding.help));
        let mut groups = vec![group];
        if let Some(fix) = &finding.fix {
            groups.push(previews.show(fix));
        }
        self.renderer.render(&groups)
    }

    fn problem(&self, problem: &Problem, name: &str, text: &[u8]) -> String {
        let message = safe::line(&problem.message);
        let Some(span) = problem.span.clone().filter(|_| !text.is_empty()) else {
            let message = if name.is_empty() {
                message
            } else {
                format!("{}: {message}", safe::line(name))
            };
            return self
                .renderer
                .render(&[Level::ERROR.primary_title(message).elements(helps(&problem.help))]);
        };
        let places = Places::new(text);
        let main = Mark {
            span: span.clone(),
            label: String::new(),
            is_primary: true,
        };
        let related = problem.related.iter().map(|(span, label)| Mark {
            span: span.clone(),
            label: safe::line(label),
            is_primary: false,
        });
        let marks = std::iter::once(main).chain(related).collect();
        let elements = snippets(name, &places, span.start, marks);
        self.renderer.render(&[Level::ERROR
            .primary_title(message)
            .elements(elements)
            .elements(helps(&problem.help))])
    }
}

impl Report for Human {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        let mut out = String::new();
        if !seen.fixed.is_empty() {
            out.push_str(&fixed(seen));
        }
        if let Some(problem) = seen.problem {
            out.push_str(&self.problem(problem, seen.name, seen.text));
            out.push_str("\n\n");
        }
        if !seen.findings.is_empty() {
            let places = Places::new(seen.text);
            let mut previews = Previews::new(seen.text);
            for finding in seen.findings {
                out.push_str(&self.finding(finding, seen.name, &places, &mut previews));
                out.push_str("\n\n");
            }
        }
        out.into_bytes()
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, ending: Ending) -> io::Result<()> {
        let mut stderr = io::BufWriter::new(io::stderr().lock());
        for file in files {
            stderr.write_all(file)?;
        }
        if !self.is_quiet && ending != Ending::Silent {
            stderr.write_all(closing(tally, ending).as_bytes())?;
        }
        stderr.flush()
    }
}

fn helps(helps: &[String]) -> Vec<Element<'static>> {
    helps
        .iter()
        .map(|help| Level::HELP.message(safe::line(help)).into())
        .collect()
}

/// Where it is, and the lines. The position is that of the file, however the line is cut.
fn snippets(name: &str, places: &Places<'_>, start: usize, marks: Vec<Mark>) -> Vec<Element<'static>> {
    let origin = |offset| {
        let (line, column) = places.position(offset);
        Origin::path(safe::line(name)).line(line).char_column(column)
    };
    let mut elements: Vec<Element<'static>> = vec![origin(start).into()];
    for excerpt in excerpts(places, marks) {
        elements.push(snippet(excerpt).into());
    }
    elements
}

fn snippet(excerpt: Excerpt) -> Snippet<'static, Annotation<'static>> {
    let annotations: Vec<_> = excerpt
        .marks
        .into_iter()
        .map(|mark| {
            let kind = if mark.is_primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(mark.span);
            if mark.label.is_empty() {
                annotation
            } else {
                annotation.label(mark.label)
            }
        })
        .collect();
    Snippet::source(excerpt.source)
        .line_start(excerpt.first_line)
        .fold(false)
        .annotations(annotations)
}

/// `a.json: fixed 3 findings: MC001 missing-archive (2), MC018 duplicate-fetch`
fn fixed(seen: &Seen<'_>) -> String {
    let mut rules: Vec<(String, usize)> = Vec::new();
    for finding in seen.fixed {
        let rule = safe::line(&format!("{} {}", finding.code, finding.name));
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((rule, 1)),
        }
    }
    let rules: Vec<String> = rules
        .into_iter()
        .map(|(rule, count)| if count == 1 { rule } else { format!("{rule} ({count})") })
        .collect();
    let count = counted(seen.fixed.len(), "finding");
    format!("{}: fixed {count}: {}\n", safe::line(seen.name), rules.join(", "))
}

fn closing(tally: &Tally, ending: Ending) -> String {
    let mut out = String::new();
    if tally.fixed > 0 {
        let done = if ending == Ending::Diffed { "Would fix" } else { "Fixed" };
        let files = counted(tally.files_changed, "file");
        out.push_str(&format!(
            "{done} {} in {files}; {}.\n",
            counted(tally.fixed, "finding"),
            restarts(tally)
        ));
    }
    let remain = if tally.fixed > 0 { "Remaining: " } else { "Found " };
    let counts: Vec<String> = [
        (tally.errors, "error"),
        (tally.warnings, "warning"),
        (tally.infos, "info"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| counted(count, name))
    .collect();
    if !counts.is_empty() {
        let files = counted(tally.files_with_findings, "file");
        out.push_str(&format!(
            "{remain}{} in {files} ({} checked).",
            counts.join(", "),
            tally.checked
        ));
        if tally.fixable > 0 && ending == Ending::Checked {
            out.push_str(&format!(" {} fixable with `pullcreds fix`.", tally.fixable));
        }
        out.push('\n');
    } else if tally.fixed == 0 {
        out.push_str(&format!(
            "Nothing found ({} checked).\n",
            counted(tally.checked, "file")
        ));
    }
    if tally.failed > 0 {
        out.push_str(&format!("{} could not be done.\n", counted(tally.failed, "file")));
    }
    out
}

fn restarts(tally: &Tally) -> String {
    let apps = counted(tally.restarts.apps, "app");
    let pods = counted(tally.restarts.pods, "pod");
    let (who, count) = match (tally.restarts.apps, tally.restarts.pods) {
        (0, 0) => return "nothing restarts for it".to_owned(),
        (count, 0) => (apps, count),
        (0, count) => (pods, count),
        (one, other) => (format!("{apps} and {pods}"), one + other),
    };
    let their = if count == 1 { "its" } else { "their" };
    format!("{who} will restart on {their} next deployment")
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests;
