//! For a person: diagnostics in the manner of rustc, and a closing count.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};
use pullcreds_core::finding::{Finding, Severity};

use super::excerpt::{Excerpt, Mark, excerpts};
use super::hidden::Hidden;
use super::places::Places;
use super::preview::Previews;
use super::{Ending, Report, Seen, safe};
use crate::outcome::{Problem, Tally};

/// Wider than any line that an excerpt shows: lines are cut there, around their marks.
const WIDTH: usize = 400;

/// Findings of this many files, the first by name, are explained; nobody reads more. The others have a line each.
const EXPLAINED_FILES: usize = 100;
/// The same for the findings of one file.
const EXPLAINED_FINDINGS: usize = 100;

pub(crate) struct Human {
    renderer: Renderer,
    is_quiet: bool,
    /// Whether fixes are shown only, and nothing is written.
    is_diff: bool,
    /// What is told of the first files, by name. Which they are is known only in the end.
    explained: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Whether anything has no more than its line.
    is_brief: AtomicBool,
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
            is_diff: false,
            explained: Mutex::default(),
            is_brief: AtomicBool::new(false),
        }
    }

    /// For a run that writes nothing.
    pub(crate) fn of_a_diff(mut self) -> Human {
        self.is_diff = true;
        self
    }

    /// All that there is to say of one file, explained.
    pub(crate) fn whole(&self, seen: &Seen<'_>) -> Vec<u8> {
        let mut out = self.head(seen);
        if !seen.findings.is_empty() {
            let places = Places::new(seen.text);
            let hidden = Hidden::new(seen.text);
            let mut previews = Previews::new(seen.text, &hidden);
            for finding in seen.findings.iter().take(EXPLAINED_FINDINGS) {
                out.push_str(&self.finding(finding, seen.name, &places, &mut previews));
                out.push_str("\n\n");
            }
            brief(
                seen.findings.iter().skip(EXPLAINED_FINDINGS),
                seen.name,
                &places,
                &mut out,
            );
        }
        out.into_bytes()
    }

    /// What was fixed, and what could not be done.
    fn head(&self, seen: &Seen<'_>) -> String {
        let mut out = String::new();
        if !seen.fixed.is_empty() {
            out.push_str(&fixed(seen, if self.is_diff { "would fix" } else { "fixed" }));
        }
        if let Some(problem) = seen.problem {
            out.push_str(&self.problem(problem, seen.name, seen.text));
            out.push_str("\n\n");
        }
        out
    }

    fn explained(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.explained.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a file is certain not to be among the first: what is last of them can only come to be an earlier one.
    fn is_late(&self, name: &str) -> bool {
        let explained = self.explained();
        explained.len() >= EXPLAINED_FILES && explained.last_key_value().is_some_and(|(last, _)| last.as_str() < name)
    }

    /// Explains a file that is among the first, as far as is known by now.
    fn explain(&self, seen: &Seen<'_>) {
        if seen.findings.len() > EXPLAINED_FINDINGS {
            self.is_brief.store(true, Ordering::Relaxed);
        }
        if self.is_late(seen.name) {
            self.is_brief.store(true, Ordering::Relaxed);
            return;
        }
        let whole = self.whole(seen);
        let mut explained = self.explained();
        explained.insert(seen.name.to_owned(), whole);
        if explained.len() > EXPLAINED_FILES {
            explained.pop_last();
            self.is_brief.store(true, Ordering::Relaxed);
        }
    }

    fn finding(&self, finding: &Finding, name: &str, places: &Places<'_>, previews: &mut Previews<'_, '_>) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let title = level.primary_title(safe::line(&finding.message)).id(rule(finding));
        let related = finding
            .related
            .iter()
            .map(|related| (&related.span, related.message.as_str()));
        let excerpts = excerpts(places, previews.hidden(), marks(&finding.span, &finding.label, related));
        let group = title.elements(snippets(name, &excerpts)).elements(helps(&finding.help));
        let fix = finding.fix.as_ref().map(|fix| previews.show(fix));
        let groups: Vec<_> = std::iter::once(group).chain(fix).collect();
        self.render(&groups, name, &excerpts)
    }

    fn problem(&self, problem: &Problem, name: &str, text: &[u8]) -> String {
        let message = safe::line(&problem.message);
        let Some(span) = problem.span.as_ref().filter(|_| !text.is_empty()) else {
            let name = safe::line(name);
            let message = if name.is_empty() {
                message
            } else {
                format!("{name}: {message}")
            };
            let title = Level::ERROR.primary_title(message);
            return self.render(&[title.elements(helps(&problem.help))], "", &[]);
        };
        let related = problem.related.iter().map(|(span, label)| (span, label.as_str()));
        let excerpts = excerpts(&Places::new(text), &Hidden::new(text), marks(span, "", related));
        let title = Level::ERROR.primary_title(message);
        let group = title.elements(snippets(name, &excerpts)).elements(helps(&problem.help));
        self.render(&[group], name, &excerpts)
    }

    /// Of a line that is cut, the renderer knows only the part that is shown, so its columns are put right.
    fn render(&self, groups: &[Group<'_>], name: &str, excerpts: &[Excerpt]) -> String {
        let mut text = self.renderer.render(groups);
        for Excerpt { line, column, .. } in excerpts.iter().filter(|excerpt| excerpt.column.0 != excerpt.column.1) {
            let name = safe::line(name);
            text = text.replacen(
                &format!("{name}:{line}:{}", column.1),
                &format!("{name}:{line}:{}", column.0),
                1,
            );
        }
        text
    }
}

impl Report for Human {
    /// The name, a NUL, and what is told of the file unless it is among the first.
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        let mut out = format!("{}\0{}", seen.name, self.head(seen));
        if !seen.findings.is_empty() {
            self.explain(seen);
            brief(seen.findings.iter(), seen.name, &Places::new(seen.text), &mut out);
        }
        out.into_bytes()
    }

    fn wants_patches(&self, name: &str) -> bool {
        !self.is_late(name)
    }

    fn is_read_beside_the_file(&self) -> bool {
        false
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, ending: Ending) -> io::Result<()> {
        let mut stderr = io::BufWriter::new(io::stderr().lock());
        let explained = self.explained();
        let last = explained.last_key_value().map(|(name, _)| name.as_bytes());
        for file in files {
            let (name, told) = file.split_at(memchr::memchr(0, file).map_or(0, |end| end + 1));
            let name = name.strip_suffix(b"\0").unwrap_or(name);
            let whole = (Some(name) <= last)
                .then(|| std::str::from_utf8(name).ok())
                .flatten()
                .and_then(|name| explained.get(name));
            stderr.write_all(whole.map_or(told, Vec::as_slice))?;
        }
        if self.is_brief.load(Ordering::Relaxed) && !self.is_quiet {
            writeln!(
                stderr,
                "\nOnly the first {EXPLAINED_FILES} files, and {EXPLAINED_FINDINGS} findings of each, are explained; the others have a line each."
            )?;
        }
        if !self.is_quiet && ending != Ending::Silent {
            stderr.write_all(closing(tally, ending).as_bytes())?;
        }
        stderr.flush()
    }
}

/// A line for each finding.
fn brief<'f>(findings: impl Iterator<Item = &'f Finding>, name: &str, places: &Places<'_>, out: &mut String) {
    let name = safe::line(name);
    for finding in findings {
        let (line, column) = places.position(finding.span.start);
        let (severity, message) = (finding.severity, safe::line(&finding.message));
        // Writing to memory cannot fail.
        let _ = writeln!(out, "{name}:{line}:{column}: {severity}[{}]: {message}", rule(finding));
    }
}

fn helps(helps: &[String]) -> Vec<Element<'static>> {
    helps
        .iter()
        .map(|help| Level::HELP.message(safe::line(help)).into())
        .collect()
}

fn marks<'a>(
    span: &Range<usize>,
    label: &str,
    related: impl Iterator<Item = (&'a Range<usize>, &'a str)>,
) -> Vec<Mark> {
    let mark = |span: &Range<usize>, label: &str, is_primary| Mark {
        span: span.clone(),
        label: safe::line(label),
        is_primary,
    };
    let main = mark(span, label, true);
    std::iter::once(main)
        .chain(related.map(|(span, label)| mark(span, label, false)))
        .collect()
}

fn snippets<'a>(name: &str, excerpts: &'a [Excerpt]) -> Vec<Element<'a>> {
    let name = safe::line(name);
    excerpts
        .iter()
        .map(|excerpt| snippet(excerpt).path(name.clone()).into())
        .collect()
}

fn snippet(excerpt: &Excerpt) -> Snippet<'_, Annotation<'_>> {
    let annotations = excerpt.marks.iter().map(|mark| {
        let kind = if mark.is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(mark.span.clone());
        if mark.label.is_empty() {
            annotation
        } else {
            annotation.label(mark.label.as_str())
        }
    });
    let snippet = Snippet::source(excerpt.source.as_str())
        .line_start(excerpt.first_line)
        .fold(false);
    snippet.annotations(annotations)
}

/// `MC001 missing-archive`
fn rule(finding: &Finding) -> String {
    safe::line(&format!("{} {}", finding.code, finding.name))
}

/// `a.json: fixed 3 findings: MC001 missing-archive (2), MC018 duplicate-fetch`
fn fixed(seen: &Seen<'_>, done: &str) -> String {
    let mut rules: Vec<(&Finding, usize)> = Vec::new();
    for finding in seen.fixed {
        let is_of_rule = |(known, _): &&mut (&Finding, usize)| known.code == finding.code && known.name == finding.name;
        match rules.iter_mut().find(is_of_rule) {
            Some((_, count)) => *count += 1,
            None => rules.push((finding, 1)),
        }
    }
    let told = |(finding, count): (&Finding, usize)| {
        let rule = rule(finding);
        if count == 1 { rule } else { format!("{rule} ({count})") }
    };
    let rules: Vec<String> = rules.into_iter().map(told).collect();
    let count = counted(seen.fixed.len(), "finding");
    format!("{}: {done} {count}: {}\n", safe::line(seen.name), rules.join(", "))
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
    } else if tally.checked > 0 {
        let what = if tally.fixed > 0 {
            "Nothing remains"
        } else if tally.silenced > 0 {
            "Nothing new found"
        } else {
            "Nothing found"
        };
        out.push_str(&format!("{what} ({} checked).\n", counted(tally.checked, "file")));
    } else if tally.failed == 0 {
        out.push_str(&nothing_checked(tally));
    }
    if tally.failed > 0 {
        out.push_str(&format!("{} could not be done.\n", counted(tally.failed, "file")));
    }
    out
}

/// Why a run found nothing to look at, and what to try.
fn nothing_checked(tally: &Tally) -> String {
    let told = tally.templates.count + tally.metronome.count + tally.package_options.count;
    match tally.not_marathon {
        0 if told == 0 && tally.excluded > 0 => {
            let are = if tally.excluded == 1 { "is" } else { "are" };
            let files = counted(tally.excluded, "named file");
            format!("No files to check: {files} {are} excluded, by the policy or by --exclude.\n")
        }
        0 if told == 0 => {
            "No files to check. A folder is searched for *.json; --include GLOB adds other names, and what \
                           .gitignore or the policy leaves out stays out.\n"
                .to_owned()
        }
        // The notes that follow say the rest.
        0 => "No Marathon definitions found.\n".to_owned(),
        1 => "No Marathon definitions found. 1 other file was passed over; --verbose says which.\n".to_owned(),
        count => {
            format!("No Marathon definitions found. {count} other files were passed over; --verbose says which.\n")
        }
    }
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
