//! The transformer behind the WIT interface `pullcreds:transform/transformer`, importing nothing at all.
//!
//! Only the boundary is here: what the types of the core are called in WIT. On the host this crate is empty.
#![cfg(target_arch = "wasm32")]

use std::ops::Range;

use pullcreds_core::finding::{Applicability, Finding, Fix, Severity};
use pullcreds_core::shown::safe;
use pullcreds_core::transform::{Fixed, Rewrite};
use pullcreds_plugin::{Asked, Failure, Problem, passed_over, policy, transform};

use bindings::exports::pullcreds::transform::transformer as wit;

/// What wit-bindgen makes of `wit/`; held to its own rules.
#[allow(
    unsafe_code,
    missing_docs,
    unused_qualifications,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::needless_pass_by_value,
    clippy::semicolon_if_nothing_returned,
    reason = "generated"
)]
mod bindings {
    wit_bindgen::generate!({ path: "../wit", world: "plugin" });
    export!(Plugin with_types_in self);
    use super::Plugin;
}

struct Plugin;

impl wit::Guest for Plugin {
    fn describe() -> wit::Description {
        wit::Description {
            name: "pullcreds".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            policy_schema: Some(pullcreds_plugin::POLICY_SCHEMA.to_owned()),
        }
    }

    fn transform(definition: String, policy_text: String, options: wit::Options) -> Result<wit::Outcome, wit::Failure> {
        let policy = policy(&policy_text)?;
        Ok(match transform(definition.as_bytes(), &policy, &asked(options))? {
            Fixed::Definition(rewrite) => outcome(rewrite),
            Fixed::Passed(passed) => wit::Outcome {
                kind: None,
                passed_over: Some(passed_over(passed).to_owned()),
                findings: Vec::new(),
                remaining: Vec::new(),
                patch: "[]".to_owned(),
                text: None,
            },
        })
    }
}

fn asked(options: wit::Options) -> Asked {
    Asked {
        kind: options.kind,
        group: options.group,
        current: options.current,
        path: options.path,
        select: options.select,
        ignore: options.ignore,
        unsafe_fixes: options.unsafe_fixes,
        strict_templates: options.strict_templates,
        fix_patches: options.fix_patches,
    }
}

fn outcome(rewrite: Rewrite<'_>) -> wit::Outcome {
    wit::Outcome {
        kind: Some(rewrite.before.kind.as_str().to_owned()),
        passed_over: None,
        findings: rewrite.before.findings.into_iter().map(finding).collect(),
        remaining: rewrite.remaining.into_iter().map(finding).collect(),
        patch: rewrite.patch.to_json(),
        text: rewrite.edited.map(|edited| edited.text()),
    }
}

fn finding(finding: Finding) -> wit::Finding {
    let related = finding.related.into_iter().map(|related| wit::Related {
        span: span(&related.span),
        message: safe::line(&related.message),
    });
    wit::Finding {
        code: finding.code.into_owned(),
        name: finding.name.into_owned(),
        severity: match finding.severity {
            Severity::Info => wit::Severity::Info,
            Severity::Warning => wit::Severity::Warning,
            Severity::Error => wit::Severity::Error,
        },
        message: safe::line(&finding.message),
        span: span(&finding.span),
        pointer: finding.pointer.to_string(),
        id: finding.id,
        label: safe::line(&finding.label),
        related: related.collect(),
        help: finding.help.iter().map(|help| safe::line(help)).collect(),
        fix: finding.fix.as_ref().map(fix),
    }
}

fn fix(fix: &Fix) -> wit::Fix {
    wit::Fix {
        title: safe::line(&fix.title),
        applicability: match fix.applicability {
            Applicability::Safe => wit::Applicability::Safe,
            Applicability::OptIn => wit::Applicability::OptIn,
            Applicability::Unsafe => wit::Applicability::Unsafe,
        },
        patch: (!fix.patch.is_empty()).then(|| fix.patch.to_json()),
    }
}

/// The reader takes no text whose offsets would not do.
fn span(span: &Range<usize>) -> wit::Span {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    wit::Span {
        start: offset(span.start),
        end: offset(span.end),
    }
}

fn problem(problem: Problem) -> wit::Problem {
    wit::Problem {
        message: safe::line(&problem.message),
        span: problem.span.as_ref().map(span),
        help: problem.help,
    }
}

impl From<Failure> for wit::Failure {
    fn from(failure: Failure) -> wit::Failure {
        match failure {
            Failure::Definition(what) => wit::Failure::InvalidDefinition(problem(what)),
            Failure::Policy(what) => wit::Failure::InvalidPolicy(problem(what)),
            Failure::Options(what) => wit::Failure::InvalidOptions(problem(what)),
            Failure::Current(what) => wit::Failure::InvalidCurrent(problem(what)),
            Failure::Internal(what) => wit::Failure::Internal(problem(what)),
        }
    }
}
