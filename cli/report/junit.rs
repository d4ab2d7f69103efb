//! For Jenkins and whatever else reads JUnit's XML: a test suite a file, a test case a finding.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use pullcreds_core::finding::{Finding, Severity};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::places::Places;
use super::root::Root;
use super::{Ending, Report, Seen, safe};
use crate::outcome::{Problem, Tally};

pub(crate) struct Junit {
    root: Root,
    /// Milder findings are told, but are no failures: what the reader shows as failed agrees with the exit code.
    fail_on: Severity,
    /// Told together, as quick-junit writes whole documents.
    suites: Mutex<Vec<TestSuite>>,
}

impl Junit {
    pub(crate) fn new(root: Root, fail_on: Severity) -> Junit {
        Junit {
            root,
            fail_on,
            suites: Mutex::default(),
        }
    }

    fn finding(&self, finding: &Finding, path: &str, places: &Places<'_>) -> TestCase {
        let message = safe::line(&finding.message);
        let text = description(path, Some(places.position(finding.span.start)), &message, &finding.help);
        let mut status = TestCaseStatus::success();
        if finding.severity >= self.fail_on {
            status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message).set_type(finding.severity.as_str());
            status.set_description(text.clone());
        }
        let place = finding.id.as_deref().unwrap_or_default();
        let name = format!("{} {} {} {}", finding.code, finding.name, place, finding.pointer);
        let mut case = TestCase::new(safe::line(&name), status);
        case.set_classname(path);
        if finding.severity < self.fail_on {
            case.set_system_out(format!("{}: {text}", finding.severity));
        }
        case
    }
}

impl Report for Junit {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        if !seen.findings.is_empty() || seen.problem.is_some() {
            let path = safe::line(&self.root.name(seen.name));
            let places = Places::new(seen.text);
            let mut suite = TestSuite::new(path.as_str());
            suite.add_test_cases(seen.problem.map(|problem| failed(problem, &path, &places)));
            suite.add_test_cases(
                seen.findings
                    .iter()
                    .map(|finding| self.finding(finding, &path, &places)),
            );
            let mut suites = self.suites.lock().unwrap_or_else(PoisonError::into_inner);
            suites.push(suite);
        }
        Vec::new()
    }

    fn tell(&self, _: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, _: Ending) -> io::Result<()> {
        let mut report = quick_junit::Report::new("pullcreds");
        // Always there, as a report without any test is an error to Jenkins.
        let mut run = TestCase::new("definitions read", TestCaseStatus::success());
        run.set_classname("pullcreds");
        run.set_system_out(format!(
            "checked: {}, findings: {}",
            tally.checked,
            tally.errors + tally.warnings + tally.infos
        ));
        let mut suite = TestSuite::new("pullcreds");
        suite.add_test_case(run);
        report.add_test_suite(suite);
        let mut suites = std::mem::take(&mut *self.suites.lock().unwrap_or_else(PoisonError::into_inner));
        suites.sort_by(|one, other| one.name.cmp(&other.name));
        report.add_test_suites(suites);
        let text = report.to_string().map_err(io::Error::other)?;
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }
}

/// What could not be done at all.
fn failed(problem: &Problem, path: &str, places: &Places<'_>) -> TestCase {
    let message = safe::line(&problem.message);
    let place = problem.span.as_ref().map(|span| places.position(span.start));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_description(description(path, place, &message, &problem.help));
    status.set_message(message).set_type("unreadable");
    let mut case = TestCase::new("unreadable", status);
    case.set_classname(path);
    case
}

fn description(path: &str, place: Option<(usize, usize)>, message: &str, helps: &[String]) -> String {
    let mut text = path.to_owned();
    if let Some((line, column)) = place {
        text.push_str(&format!(":{line}:{column}"));
    }
    text.push_str(&format!(": {message}"));
    for help in helps {
        text.push_str("\nhelp: ");
        text.push_str(&safe::line(help));
    }
    text
}
