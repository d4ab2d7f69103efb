//! What is told on standard error, one line each: `<stdin>:LINE:COLUMN: error[MC001 missing-archive]: message`.

use std::fmt::Write as _;

use pullcreds_core::finding::Finding;
use pullcreds_core::json;
use pullcreds_core::shown::safe;

use super::Texts;
use crate::failure::{Failure, Problem};

/// Lines about one definition.
pub(super) struct Lines<'t> {
    places: json::Lines<'t>,
    first_line: usize,
    pub(super) told: String,
}

impl<'t> Lines<'t> {
    /// `first_line` is the line of standard input that the text begins on.
    pub(super) fn new(text: &'t [u8], first_line: usize) -> Lines<'t> {
        Lines {
            places: json::Lines::new(readable(text)),
            first_line,
            told: String::new(),
        }
    }

    /// Tells one finding; `what` is its severity, or that it was fixed.
    pub(super) fn finding(&mut self, what: &str, finding: &Finding) {
        let place = self.places.position(finding.span.start);
        let _ = writeln!(
            self.told,
            "<stdin>:{}:{}: {what}[{} {}]: {}",
            place.line + self.first_line - 1,
            place.column,
            finding.code,
            finding.name,
            safe::line(&finding.message)
        );
    }
}

/// One line that says why the work could not be done, and what to do.
pub(super) fn failure(failure: &Failure, texts: &Texts<'_>, definition: &[u8], first_line: usize) -> String {
    let (name, text, first_line, problem) = match failure {
        Failure::Definition(problem) | Failure::Internal(problem) => {
            ("<stdin>", readable(definition), first_line, problem)
        }
        Failure::Policy(problem) => ("<policy>", texts.policy, 1, problem),
        Failure::Current(problem) => ("<current>", texts.current, 1, problem),
        Failure::Options(problem) => ("", "", 1, problem),
    };
    let Problem { message, span, help } = problem;
    let mut told = String::new();
    if !name.is_empty() {
        let place = json::position(text, span.as_ref().map_or(0, |span| span.start));
        let _ = write!(told, "{name}:{}:{}: ", place.line + first_line - 1, place.column);
    }
    let _ = write!(told, "error: {}", safe::line(message));
    for help in help {
        let _ = write!(told, "; {}", safe::line(help));
    }
    told.push('\n');
    told
}

/// A text as far as it is one; what is wrong beyond stands at its end.
fn readable(text: &[u8]) -> &str {
    match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
    }
}
