//! Both artifacts in other people's runtimes: every fixture case must come out as it does natively, to the byte.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::native;
use crate::requests::{self, Request};
use crate::util::{artifacts, checkout, left_out};

/// A Python with wasmtime in it; made once and kept beside the build.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasmtime");
    let python = folder.join("bin/python3");
    let works = || succeeds(Command::new(&python).args(["-c", "import wasmtime"]));
    if !works() {
        let _ = fs::remove_dir_all(&folder);
        succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet", "wasmtime==50.0.1"]));
    }
    works().then_some(python)
});

pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Python with wasmtime, or why it is missing.
pub(crate) fn python_program() -> Option<&'static Path> {
    if PYTHON.is_none() {
        left_out("python3 that can make an environment with wasmtime");
    }
    PYTHON.as_deref()
}

fn python() -> Option<Command> {
    let mut command = Command::new(python_program()?);
    command.arg(checkout().join("plugin-wasm/tests/hosts.py"));
    Some(command)
}

/// Node with node:wasi, or why it is missing.
fn node() -> Option<Command> {
    if !succeeds(Command::new("node").args(["--no-warnings", "-e", "require('node:wasi')"])) {
        left_out("node 20 or newer, with node:wasi");
        return None;
    }
    let mut command = Command::new("node");
    command.arg("--no-warnings");
    command.arg(checkout().join("plugin-wasm/tests/hosts.mjs"));
    Some(command)
}

/// What a host answers to the requests.
fn ask(host: &mut Command, requests: &Value) -> Vec<Value> {
    let mut child = host
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let requests = requests.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(requests.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{host:?}: {said}");
    writer.join().unwrap().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn compare(requests: &[Request], answers: &[Value], wanted: impl Fn(&Request) -> Value) {
    assert_eq!(requests.len(), answers.len());
    for (request, answer) in requests.iter().zip(answers) {
        let wanted = wanted(request);
        assert_eq!(*answer, wanted, "{}:\n{answer:#}\n{wanted:#}", request.name);
    }
}

fn filters_all(mut host: Command) {
    let requests = requests::all();
    let answers = ask(host.arg(&artifacts().filter), &json!(requests));
    compare(&requests, &answers, |request| {
        native::filter(&request.arguments, &request.definition)
    });
    let mut count = 0;
    for (request, answer) in requests.iter().zip(&answers) {
        if let Some(output) = &request.output {
            assert_eq!(answer["stdout"].as_str(), Some(output.as_str()), "{}", request.name);
            count += 1;
        }
    }
    assert!(count > 200, "only {count} cases");
}

#[test]
fn the_filter_in_node_gives_the_native_bytes() {
    if let Some(node) = node() {
        filters_all(node);
    }
}

#[test]
fn the_filter_in_wasmtime_gives_the_native_bytes() {
    if let Some(mut python) = python() {
        python.arg("filter");
        filters_all(python);
    }
}

#[test]
fn the_component_in_wasmtime_answers_as_the_native_transformer() {
    let Some(mut python) = python() else { return };
    let requests = requests::all();
    let answers = ask(python.arg("component").arg(&artifacts().component), &json!(requests));
    compare(&requests, &answers, native::component);
    for (request, answer) in requests.iter().zip(&answers) {
        if let Some(output) = &request.output {
            let text = answer["text"].as_str().unwrap_or(&request.definition);
            assert_eq!(text, output, "{}", request.name);
        }
    }
    let failed = answers.iter().filter(|answer| answer.get("tag").is_some()).count();
    assert_eq!(failed, 8, "each kind of failure is among the requests");
}

#[test]
fn the_component_says_what_it_is_and_what_a_policy_looks_like() {
    let Some(mut python) = python() else { return };
    let answers = ask(
        python.arg("component").arg(&artifacts().component),
        &json!(["describe"]),
    );
    assert_eq!(answers[0]["name"], "pullcreds");
    assert_eq!(answers[0]["version"], env!("CARGO_PKG_VERSION"));
    let schema = fs::read_to_string(checkout().join("docs/pullcreds.schema.json")).unwrap();
    assert_eq!(answers[0]["policy-schema"].as_str(), Some(schema.as_str()));
}

/// One instance for a whole stream, and the policy from the environment.
#[test]
fn a_stream_through_one_instance_is_the_definitions_one_by_one() {
    let Some(mut node) = node() else { return };
    let policy = r#"{"registry": [{"match": "registry.example.com", "archive": "file:///etc/docker.tar.gz"}]}"#;
    let app = |number: usize| {
        format!(r#"{{"id": "/web-{number}", "container": {{"docker": {{"image": "registry.example.com/web"}}}}}}"#)
    };
    let stream: String = (0..5_000).map(|number| app(number) + "\n").collect();
    let answers = ask(
        node.arg(&artifacts().filter),
        &json!([{ "definition": stream, "arguments": ["--ndjson"], "environment": { "PULLCREDS_POLICY": policy } }]),
    );
    let out = answers[0]["stdout"].as_str().unwrap();
    assert_eq!(answers[0]["code"], 0);
    assert_eq!(out.lines().count(), 5_000);
    for (number, line) in out.lines().enumerate() {
        let alone = native::filter(&[policy.to_owned()], &app(number));
        assert_eq!(alone["stdout"], line);
        assert!(line.contains("\"fetch\""));
    }
}
