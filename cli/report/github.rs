//! For GitHub Actions: a workflow command a finding, which the runner makes an annotation.
//!
//! The runner's own list of escapes is followed (actions/toolkit, packages/core/src/command.ts); a name or message that
//! is not escaped could give the runner commands of its own.

use std::io::{self, Write};
use std::ops::Range;

use pullcreds_core::finding::{Finding, Severity};

use super::places::Places;
use super::root::Root;
use super::{Ending, Report, Seen, preview, safe};
use crate::outcome::{Problem, Tally};

pub(crate) struct Github {
    root: Root,
}

impl Github {
    pub(crate) fn new(root: Root) -> Github {
        Github { root }
    }

    fn finding(&self, finding: &Finding, name: &str, places: &Places<'_>) -> String {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut message = safe::line(&finding.message);
        for help in &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(&safe::line(help));
        }
        if let Some(fix) = &finding.fix {
            message.push_str("\nfix: ");
            message.push_str(&preview::title(fix));
        }
        let title = format!("{} {}", finding.code, finding.name);
        self.command(command, name, Some((&finding.span, places)), &title, &message)
    }

    fn problem(&self, problem: &Problem, name: &str, text: &[u8]) -> String {
        let places = Places::new(text);
        let place = problem.span.as_ref().map(|span| (span, &places));
        let mut message = safe::line(&problem.message);
        for help in &problem.help {
            message.push_str("\nhelp: ");
            message.push_str(&safe::line(help));
        }
        self.command("error", name, place, "pullcreds", &message)
    }

    fn command(
        &self,
        command: &str,
        name: &str,
        place: Option<(&Range<usize>, &Places<'_>)>,
        title: &str,
        message: &str,
    ) -> String {
        let mut properties = Vec::new();
        // The log does not show the properties, so the message says the place, too.
        let mut shown = String::new();
        if !name.is_empty() {
            let name = self.root.name(name);
            properties.push(format!("file={}", property(&name)));
            shown = safe::line(&name);
        }
        if let Some((span, places)) = place {
            let (line, column) = places.position(span.start);
            let (end_line, end_column) = places.position(span.end);
            properties.push(format!("line={line},endLine={end_line}"));
            // GitHub takes columns only of a place on one line.
            if line == end_line {
                properties.push(format!("col={column},endColumn={end_column}"));
            }
            shown.push_str(&format!(":{line}:{column}"));
        }
        properties.push(format!("title={}", property(title)));
        let message = if shown.is_empty() {
            message.to_owned()
        } else {
            format!("{shown}: {message}")
        };
        format!("::{command} {}::{}\n", properties.join(","), data(&message))
    }
}

impl Report for Github {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        let mut out = String::new();
        if let Some(problem) = seen.problem {
            out.push_str(&self.problem(problem, seen.name, seen.text));
        }
        if !seen.findings.is_empty() {
            let places = Places::new(seen.text);
            for finding in seen.findings {
                out.push_str(&self.finding(finding, seen.name, &places));
            }
        }
        out.into_bytes()
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, _: &Tally, _: Ending) -> io::Result<()> {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        for file in files {
            stdout.write_all(file)?;
        }
        stdout.flush()
    }
}

/// What stands after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands after a `=`. Line ends are escaped and meant; other characters that a terminal obeys are shown instead.
fn property(text: &str) -> String {
    let shown: Vec<String> = text
        .split_inclusive(['\r', '\n'])
        .map(|part| {
            let end = part.find(['\r', '\n']).unwrap_or(part.len());
            format!("{}{}", safe::line(&part[..end]), &part[end..])
        })
        .collect();
    data(&shown.concat()).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_begins_one() {
        assert_eq!(data("a%b\r\n::error::c"), "a%25b%0D%0A::error::c");
        assert_eq!(property("a,b:c%\n\u{1b}d"), "a%2Cb%3Ac%25%0A␛d");
    }
}
