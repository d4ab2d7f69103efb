//! The programs of `examples/hosts`, as a reader of them would run them. Each starts its runtime anew for a definition,
//! so they are given every sixth case; `hosts` does all.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::hosts::{python_program, succeeds};
use crate::native;
use crate::requests::{self, Request};
use crate::util::{artifacts, checkout, left_out};

fn example(name: &str) -> std::path::PathBuf {
    checkout().join("examples/hosts").join(name)
}

fn run(command: &mut Command, request: &Request) -> (Option<i32>, String, String) {
    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&input, &request.definition).unwrap();
    let stdin = std::fs::File::open(&input).unwrap();
    let output = command
        .env_remove("PULLCREDS_POLICY")
        .stdin(Stdio::from(stdin))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn some() -> impl Iterator<Item = Request> {
    requests::all()
        .into_iter()
        .enumerate()
        .filter(|(index, _)| index % 6 == 0)
        .map(|(_, request)| request)
}

/// An example of a filter must do exactly what the native one does.
fn filters(host: impl Fn() -> Command) {
    for request in some() {
        let mut host = host();
        host.arg(&artifacts().filter).args(&request.arguments);
        let (code, stdout, stderr) = run(&mut host, &request);
        let wanted = native::filter(&request.arguments, &request.definition);
        let got = serde_json::json!({ "code": code, "stdout": stdout, "stderr": stderr });
        assert_eq!(got, wanted, "{}", request.name);
    }
}

#[test]
fn the_example_in_node_filters() {
    if !succeeds(Command::new("node").args(["--no-warnings", "-e", "require('node:wasi')"])) {
        return left_out("node 20 or newer, with node:wasi");
    }
    filters(|| {
        let mut node = Command::new("node");
        node.arg("--no-warnings").arg(example("filter.mjs"));
        node
    });
}

#[test]
fn the_example_in_go_filters() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-filter");
    let mut go = Command::new("go");
    go.args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(example("go"));
    if !succeeds(&mut go) {
        return left_out("go 1.25 or newer, and wazero for it");
    }
    filters(|| Command::new(&program));
}

#[test]
fn the_examples_in_python_filter_and_call() {
    let Some(python) = python_program() else { return };
    // A runtime in Python takes a second to start.
    for request in some().step_by(6) {
        let mut filter = Command::new(python);
        filter.arg(example("filter.py")).arg(&artifacts().filter);
        let (code, stdout, _) = run(filter.args(&request.arguments), &request);
        let wanted = native::filter(&request.arguments, &request.definition);
        assert_eq!(
            (Value::from(code), Value::from(stdout)),
            (wanted["code"].clone(), wanted["stdout"].clone())
        );
        if request.arguments.len() > 1 {
            continue;
        }
        let mut component = Command::new(python);
        component.arg(example("component.py")).arg(&artifacts().component);
        let (code, stdout, _) = run(component.arg(&request.policy), &request);
        assert_eq!(
            (Value::from(code), Value::from(stdout)),
            (wanted["code"].clone(), wanted["stdout"].clone())
        );
    }
}
