//! The programs of `examples/hosts`: what docs/plugin.md shows of each is true, and every fixture case comes out of each
//! as it does natively, to the byte.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answers::{Spelling, in_words_of_wit, respelled};
use crate::host::{Host, Ran};
use crate::native;
use crate::page;
use crate::requests::{self, Request};
use crate::util::{checkout, leave_out};

/// How the page gives a program a definition.
const ONE: &str = "\"$policy\" < app.json";

#[test]
fn node() {
    if let Some(host) = Host::ready("Node", &["node --version", "npm --version"]) {
        shows_what_the_page_says(&host);
        filters_every_case(&host);
        streams_through_one_instance(&host);
        answers_every_case(&host, Spelling::Camel);
    }
}

#[test]
fn python() {
    if let Some(host) = Host::ready("Python", &["python3 --version"]) {
        shows_what_the_page_says(&host);
        filters_every_case(&host);
        answers_every_case(&host, Spelling::Kebab);
    }
}

#[test]
fn go() {
    if let Some(host) = Host::ready("Go", &["go version"]) {
        shows_what_the_page_says(&host);
        filters_every_case(&host);
    }
}

#[test]
fn java() {
    if let Some(host) = Host::ready("Java", &["java -version 2>&1", "mvn --version"]) {
        shows_what_the_page_says(&host);
        filters_every_case(&host);
    }
}

#[test]
fn rust() {
    let tests = std::env::current_exe().unwrap();
    if !tests.ancestors().nth(2).unwrap().join("examples/component").exists() {
        return leave_out("the host in Rust", "`cargo test` builds it, but not with `--test`");
    }
    if let Some(host) = Host::ready("Rust", &[]) {
        shows_what_the_page_says(&host);
        answers_every_case(&host, Spelling::Snake);
    }
}

#[test]
fn shell() {
    if let Some(host) = Host::ready(
        "Shell",
        &["bash --version", "jq --version", "go version", "python3 --version"],
    ) {
        shows_what_the_page_says(&host);
        pipes_every_case(&host);

        let toml = "[[registry]]\nmatch = \"registry.example.com\"\narchive = \"file:///etc/docker.tar.gz\"\n";
        let commands = page::commands("## The filter");
        let commands =
            format!("cat > pullcreds.toml\nbefore=$policy\n{commands}test \"$policy\" = \"$before\"\ncat fixed.json");
        let ran = host.run(&commands, toml);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stdout.contains("\"fetch\""), "{ran:?}");
    }
}

fn shows_what_the_page_says(host: &Host) {
    for transcript in &host.section.transcripts {
        let Ran { code, stdout, .. } = host.run(&format!("exec 2>&1\n{}", transcript.command), "");
        assert_eq!(stdout, transcript.seen, "{}", transcript.command);
        assert_eq!(code, Some(0), "{}", transcript.command);
    }
}

/// The exit codes are those of the command line, and with 2 there is no definition to go on with.
fn tells_by_its_code(host: &Host, artifact: &str) {
    let command = command(host, artifact).replace(ONE, "\"$policy\"");
    let app = r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web"}}}"#;
    let ran = host.run(&format!("policy={{}}\n{command}"), app);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), app), "{}", ran.stderr);
    assert!(ran.stderr.contains("possibly private"), "{}", ran.stderr);
    let ran = host.run(&command, "{\"id\": \"/web\", \"container\": {,");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("a comma with no value before it"), "{}", ran.stderr);
}

/// One instance for a whole stream, and the policy from the environment.
fn streams_through_one_instance(host: &Host) {
    let policy = r#"{"registry": [{"match": "registry.example.com", "archive": "file:///etc/docker.tar.gz"}]}"#;
    let app = |number: usize| {
        format!(r#"{{"id": "/web-{number}", "container": {{"docker": {{"image": "registry.example.com/web"}}}}}}"#)
    };
    let stream: String = (0..5_000).map(|number| app(number) + "\n").collect();
    let command = command(host, "filter").replace(ONE, "--ndjson");
    let ran = host.run(&format!("PULLCREDS_POLICY='{policy}' {command}"), &stream);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 5_000);
    for (number, line) in ran.stdout.lines().enumerate() {
        let alone = native::filter(&[policy.to_owned()], &app(number));
        assert_eq!(alone["stdout"], line);
        assert!(line.contains("\"fetch\""));
    }
}

/// The command of the page that runs this artifact.
fn command<'h>(host: &'h Host, artifact: &str) -> &'h str {
    let commands = host
        .section
        .transcripts
        .iter()
        .map(|transcript| transcript.command.as_str());
    let mut commands = commands.filter(|command| command.contains(artifact) && command.ends_with(ONE));
    commands
        .next()
        .unwrap_or_else(|| panic!("docs/plugin.md runs no {artifact} here"))
}

/// What a program answers to requests, a line each.
fn ask(host: &Host, artifact: &str, requests: impl Iterator<Item = Value>) -> Vec<Value> {
    let lines: String = requests.map(|request| format!("{request}\n")).collect();
    let ran = host.run(&command(host, artifact).replace(ONE, "--requests"), &lines);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    ran.stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn filters_every_case(host: &Host) {
    tells_by_its_code(host, "filter");
    let requests = requests::all();
    let answers = ask(
        host,
        "filter",
        requests
            .iter()
            .map(|request| json!({ "definition": request.definition, "arguments": request.arguments })),
    );
    compare(&requests, &answers, |request| {
        native::filter(&request.arguments, &request.definition)
    });
    for (request, answer) in requests.iter().zip(&answers) {
        if let Some(output) = &request.output {
            assert_eq!(answer["stdout"].as_str(), Some(output.as_str()), "{}", request.name);
        }
    }
}

fn answers_every_case(host: &Host, spelling: Spelling) {
    tells_by_its_code(host, "component");
    let requests = requests::all();
    let answers = ask(
        host,
        "component",
        requests.iter().map(|request| {
            let options = respelled(json!(request.options), spelling);
            json!({ "definition": request.definition, "policy": request.policy, "options": options })
        }),
    );
    let answers: Vec<_> = answers.into_iter().map(in_words_of_wit).collect();
    compare(&requests, &answers, |request| {
        in_words_of_wit(native::component(request))
    });
    for (request, answer) in requests.iter().zip(&answers) {
        if let Some(output) = &request.output {
            let text = answer
                .get("text")
                .map_or(request.definition.as_str(), |text| text.as_str().unwrap());
            assert_eq!(text, output, "{}", request.name);
        }
    }
    let failed = answers.iter().filter(|answer| answer.get("tag").is_some()).count();
    assert_eq!(failed, 8, "each kind of failure is among the requests");

    // Without a policy a program says what the component says of itself.
    let ran = host.run(&command(host, "component").replace(ONE, ""), "");
    let description = in_words_of_wit(serde_json::from_str(&ran.stdout).unwrap());
    let schema = std::fs::read_to_string(checkout().join("docs/pullcreds.schema.json")).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        description,
        json!({ "name": "pullcreds", "version": version, "policy-schema": schema })
    );
}

/// All cases with the same arguments in one stream; what `jq` makes of their definitions is what the filter gets.
fn pipes_every_case(host: &Host) {
    let mut streams: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for Request {
        arguments,
        definition,
        output,
        ..
    } in requests::all()
    {
        if output.is_some() {
            // A byte order mark has its place at the beginning of a text only.
            let definition = definition.trim_start_matches('\u{feff}').to_owned();
            streams.entry(arguments).or_default().push(definition);
        }
    }
    let keep = "export WASI='wazero run -cachedir=cache'";
    for (arguments, definitions) in &streams {
        let apps = format!("{{\"apps\": [{}]}}", definitions.join(","));
        let lines = host.run("jq --compact-output '.apps[]'", &apps).stdout;
        assert_eq!(lines.lines().count(), definitions.len(), "{arguments:?}");
        let quoted: Vec<_> = arguments
            .iter()
            .map(|argument| format!("'{}'", argument.replace('\'', r"'\''")))
            .collect();
        let pipeline = format!("examples/hosts/shell/pipeline.sh \"$filter\" {}", quoted.join(" "));
        let ran = host.run(&format!("{keep}\n{pipeline}"), &apps);
        let wanted = native::filter(&[&["--ndjson".to_owned()], arguments.as_slice()].concat(), &lines);
        let got = json!({ "code": ran.code, "stdout": ran.stdout, "stderr": ran.stderr });
        assert_eq!(got, wanted, "{arguments:?}");
    }
}

fn compare(requests: &[Request], answers: &[Value], wanted: impl Fn(&Request) -> Value) {
    assert_eq!(requests.len(), answers.len());
    for (request, answer) in requests.iter().zip(answers) {
        let wanted = wanted(request);
        assert_eq!(*answer, wanted, "{}:\n{answer:#}\n{wanted:#}", request.name);
    }
}
