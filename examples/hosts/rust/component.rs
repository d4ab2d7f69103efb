//! Definitions through the component, with wasmtime.
//!
//! ```sh
//! component pullcreds.component.wasm "$policy" < app.json > fixed.json
//! component pullcreds.component.wasm --requests < requests.ndjson > answers.ndjson
//! component pullcreds.component.wasm                 # says what it is, and what a policy looks like
//! ```
//!
//! A request is a line `{"definition": "…", "policy": "…", "options": {…}}`, its answer a line with the outcome.
//!
//! In a package of your own it needs the folder `plugin-wasm/wit`, and `wasmtime` (with the features `runtime`, `std`,
//! `component-model` and `cranelift`), `serde` (with `derive`) and `serde_json`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is what a filter is for")]

use std::process::ExitCode;

use serde::Deserialize;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result, Store, bail};

use bindings::PluginPre;
use bindings::exports::pullcreds::transform::transformer::{Failure, Options, Outcome, Severity};

/// What wasmtime makes of the interface.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        additional_derives: [serde::Deserialize, serde::Serialize],
    });
}

#[derive(Deserialize)]
struct Request {
    definition: String,
    policy: String,
    options: Options,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (file, policy) = match arguments.as_slice() {
        [file] => (file, None),
        [file, policy] => (file, Some(policy.as_str())),
        _ => bail!("usage: component pullcreds.component.wasm [POLICY | --requests]"),
    };
    let engine = Engine::default();
    // Nothing is offered, and nothing is wanted.
    let plugin = PluginPre::new(Linker::new(&engine).instantiate_pre(&Component::from_file(&engine, file)?)?)?;
    match policy {
        None => describe(&plugin),
        Some("--requests") => answer(&plugin),
        Some(policy) => filter(&plugin, policy),
    }
}

/// A fresh instance for each definition costs less than 0.1 ms.
fn transform(plugin: &PluginPre<()>, request: &Request) -> Result<std::result::Result<Outcome, Failure>> {
    let mut store = Store::new(plugin.engine(), ());
    let instance = plugin.instantiate(&mut store)?;
    let transformer = instance.pullcreds_transform_transformer();
    transformer.call_transform(&mut store, &request.definition, &request.policy, &request.options)
}

fn describe(plugin: &PluginPre<()>) -> Result<ExitCode> {
    let mut store = Store::new(plugin.engine(), ());
    let instance = plugin.instantiate(&mut store)?;
    let description = instance.pullcreds_transform_transformer().call_describe(&mut store)?;
    println!("{}", serde_json::to_string(&description)?);
    Ok(ExitCode::SUCCESS)
}

fn answer(plugin: &PluginPre<()>) -> Result<ExitCode> {
    for line in std::io::stdin().lines() {
        let answer = transform(plugin, &serde_json::from_str(&line?)?)?;
        println!("{}", serde_json::to_string(&answer)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn filter(plugin: &PluginPre<()>, policy: &str) -> Result<ExitCode> {
    let request = Request {
        definition: std::io::read_to_string(std::io::stdin())?,
        policy: policy.to_owned(),
        options: nothing_special(),
    };
    let outcome = match transform(plugin, &request)? {
        Ok(outcome) => outcome,
        Err(failure) => {
            let (text, problem) = match failure {
                Failure::InvalidDefinition(problem) => ("the definition", problem),
                Failure::InvalidPolicy(problem) => ("the policy", problem),
                Failure::InvalidOptions(problem) => ("an option", problem),
                Failure::InvalidCurrent(problem) => ("the stored definition", problem),
                Failure::Internal(problem) => ("a defect", problem),
            };
            eprintln!("{text}: {}", problem.message);
            return Ok(ExitCode::from(2));
        }
    };
    let mut code = 0;
    for finding in &outcome.remaining {
        eprintln!("{}[{}]: {}", finding.code, finding.name, finding.message);
        code |= u8::from(!matches!(finding.severity, Severity::Info));
    }
    print!("{}", outcome.text.unwrap_or(request.definition));
    Ok(ExitCode::from(code))
}

fn nothing_special() -> Options {
    Options {
        kind: None,
        group: None,
        current: None,
        path: None,
        select: Vec::new(),
        ignore: Vec::new(),
        unsafe_fixes: false,
        strict_templates: false,
        fix_patches: false,
    }
}
