//! The transformer behind the WIT interface `pullcreds:transform/transformer`, importing nothing at all.
//!
//! Only the boundary is here: what the types of the core are called in WIT. On the host this crate is empty.
#![cfg(target_arch = "wasm32")]

use std::ops::Range;

use pullcreds_core::finding::{Applicability, Severity};
use pullcreds_core::shown::safe;
use pullcreds_plugin::{Asked, Failure, Problem, Told, ToldFix, answer};

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

/// The allocator that std has on this target, newer: it begins with the memory that the linker reserved, so that an ordinary
/// call never asks for more. Asking changes the protection of pages, in every fresh instance anew.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

struct Plugin;

impl wit::Guest for Plugin {
    fn describe() -> wit::Description {
        wit::Description {
            name: "pullcreds".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            policy_schema: Some(pullcreds_plugin::POLICY_SCHEMA.to_owned()),
        }
    }

    fn transform(definition: String, policy: String, options: wit::Options) -> Result<wit::Outcome, wit::Failure> {
        let outcome = answer(&definition, &policy, &asked(options))?;
        Ok(wit::Outcome {
            kind: outcome.kind.map(str::to_owned),
            passed_over: outcome.passed_over.map(str::to_owned),
            findings: outcome.findings.into_iter().map(finding).collect(),
            remaining: outcome.remaining.into_iter().map(finding).collect(),
            patch: outcome.patch,
            text: outcome.text,
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

fn finding(told: Told) -> wit::Finding {
    let related = told.related.into_iter().map(|(place, message)| wit::Related {
        span: span(&place),
        message,
    });
    wit::Finding {
        code: told.code,
        name: told.name,
        severity: match told.severity {
            Severity::Info => wit::Severity::Info,
            Severity::Warning => wit::Severity::Warning,
            Severity::Error => wit::Severity::Error,
        },
        message: told.message,
        span: span(&told.span),
        pointer: told.pointer,
        id: told.id,
        label: told.label,
        related: related.collect(),
        help: told.help,
        fix: told.fix.map(fix),
    }
}

fn fix(fix: ToldFix) -> wit::Fix {
    wit::Fix {
        title: fix.title,
        applicability: match fix.applicability {
            Applicability::Safe => wit::Applicability::Safe,
            Applicability::OptIn => wit::Applicability::OptIn,
            Applicability::Unsafe => wit::Applicability::Unsafe,
        },
        patch: fix.patch,
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
