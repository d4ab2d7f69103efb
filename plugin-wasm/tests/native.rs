//! What must come out: the same calls, made natively.

use std::ops::Range;

use pullcreds_core::finding::Finding;
use pullcreds_core::shown::safe;
use pullcreds_core::transform::Fixed;
use pullcreds_plugin::filter::{Unwritten, World, run};
use pullcreds_plugin::{Failure, Problem, passed_over, policy, transform};
use serde_json::{Value, json};

use crate::requests::Request;

/// What the filter must do.
pub(crate) fn filter(arguments: &[String], input: &str) -> Value {
    let mut world = Memory {
        stdin: Some(input.as_bytes().to_vec()),
        ..Memory::default()
    };
    let code = run(arguments, None, &mut world);
    json!({
        "code": code,
        "stdout": String::from_utf8(world.stdout).unwrap(),
        "stderr": world.stderr,
    })
}

/// What the component must answer, in the words of the WIT interface.
pub(crate) fn component(request: &Request) -> Value {
    let answer = policy(&request.policy)
        .and_then(|policy| transform(request.definition.as_bytes(), &policy, &request.options.asked()));
    match answer {
        Ok(Fixed::Definition(rewrite)) => json!({
            "kind": rewrite.before.kind.as_str(),
            "passed-over": null,
            "findings": rewrite.before.findings.iter().map(finding).collect::<Vec<_>>(),
            "remaining": rewrite.remaining.iter().map(finding).collect::<Vec<_>>(),
            "patch": rewrite.patch.to_json(),
            "text": rewrite.edited.map(|edited| edited.text()),
        }),
        Ok(Fixed::Passed(passed)) => json!({
            "kind": null,
            "passed-over": passed_over(passed),
            "findings": [],
            "remaining": [],
            "patch": "[]",
            "text": null,
        }),
        Err(failure) => {
            let (tag, problem) = match &failure {
                Failure::Definition(problem) => ("invalid-definition", problem),
                Failure::Policy(problem) => ("invalid-policy", problem),
                Failure::Options(problem) => ("invalid-options", problem),
                Failure::Current(problem) => ("invalid-current", problem),
                Failure::Internal(problem) => ("internal", problem),
            };
            let Problem { message, span, help } = problem;
            let span = span.as_ref().map(place);
            json!({ "tag": tag, "payload": { "message": safe::line(message), "span": span, "help": help } })
        }
    }
}

fn finding(finding: &Finding) -> Value {
    let related = finding
        .related
        .iter()
        .map(|related| json!({ "span": place(&related.span), "message": safe::line(&related.message) }));
    let fix = finding.fix.as_ref().map(|fix| {
        json!({
            "title": safe::line(&fix.title),
            "applicability": fix.applicability.as_str(),
            "patch": (!fix.patch.is_empty()).then(|| fix.patch.to_json()),
        })
    });
    json!({
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.as_str(),
        "message": safe::line(&finding.message),
        "span": place(&finding.span),
        "pointer": finding.pointer.as_str(),
        "id": finding.id,
        "label": safe::line(&finding.label),
        "related": related.collect::<Vec<_>>(),
        "help": finding.help.iter().map(|help| safe::line(help)).collect::<Vec<_>>(),
        "fix": fix,
    })
}

fn place(span: &Range<usize>) -> Value {
    json!({ "start": span.start, "end": span.end })
}

#[derive(Default)]
struct Memory {
    stdin: Option<Vec<u8>>,
    stdout: Vec<u8>,
    stderr: String,
}

impl World for Memory {
    fn read(&mut self, buffer: &mut Vec<u8>, _: usize) -> Result<usize, String> {
        let all = self.stdin.take().unwrap_or_default();
        buffer.extend_from_slice(&all);
        Ok(all.len())
    }

    fn output(&mut self, bytes: &[u8]) -> Result<(), Unwritten> {
        self.stdout.extend_from_slice(bytes);
        Ok(())
    }

    fn messages(&mut self, text: &str) {
        self.stderr.push_str(text);
    }
}
