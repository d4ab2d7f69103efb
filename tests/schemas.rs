//! The two JSON Schemas of docs/ against what the program really reads and writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use pullcreds_core::policy::Policy;
use pullcreds_core::rules::RULES;
use pullcreds_credentials::rules::RULES as OF_CREDENTIALS;
use serde_json::{Value, json};

use crate::util::{APP, House, POLICY};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("docs").join(name)).unwrap()).unwrap()
}

fn complaints(schema: &Validator, value: &Value) -> Vec<String> {
    let complaint = |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    schema.iter_errors(value).map(complaint).collect()
}

/// All files below a folder whose name ends so.
fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

/// The policies of fixtures/, and those that the pages of docs/ show.
fn policies() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root().join("fixtures"), "policy.toml", &mut paths);
    files(&root().join("fixtures"), "pullcreds.toml", &mut paths);
    let read = |path: PathBuf| (path.display().to_string(), fs::read_to_string(&path).unwrap());
    let mut policies: Vec<_> = paths.into_iter().map(read).collect();
    for page in [
        "README.md",
        "docs/policy.md",
        "docs/ignoring.md",
        "docs/updates.md",
        "docs/templates.md",
    ] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let blocks = text.split("\n```toml\n").skip(1);
        policies.extend(blocks.map(|block| {
            let (policy, _) = block.split_once("\n```\n").unwrap();
            (page.to_owned(), policy.to_owned())
        }));
    }
    policies
}

#[test]
fn the_schema_takes_every_policy_that_is_shown_or_tested() {
    let schema = jsonschema::validator_for(&schema("pullcreds.schema.json")).unwrap();
    let policies = policies();
    assert!(policies.len() > 30, "{}", policies.len());
    for (name, text) in policies {
        toml::from_str::<Policy>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let complaints = complaints(&schema, &toml::from_str(&text).unwrap());
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema = jsonschema::validator_for(&schema("pullcreds.schema.json")).unwrap();
    let registry = |keys: &str| format!("[[registry]]\nmatch = \"registry.example.com\"\n{keys}");
    for text in [
        "exclud = []".to_owned(),
        "marathon-version = 1.10".to_owned(),
        "marathon-version = \"1\"".to_owned(),
        "docker-version = \"new\"".to_owned(),
        "secrets = \"no\"".to_owned(),
        "default-user = \" \"".to_owned(),
        "exclude = \"vendor\"".to_owned(),
        "include = [\"\"]".to_owned(),
        "service-prefix = \"\"".to_owned(),
        "[[registry]]\narchive = \"file:///etc/docker.tar.gz\"".to_owned(),
        "[[registry]]\nmatch = []\ncredentials = \"none\"".to_owned(),
        "[[registry]]\nmatch = \"registry.example.com/app@sha256:0\"\ncredentials = \"none\"".to_owned(),
        registry(""),
        registry("accept = [\"file:///a\"]"),
        registry("archives = \"file:///etc/docker.tar.gz\""),
        registry("archive = \"/etc/docker.tar.gz\""),
        registry("archive = \"file:///etc/docker.json\""),
        registry("archive = \"https://example.com/docker.tar.gz?token=1\""),
        registry("secret = \"a secret\""),
        registry("secret = \"user:password\""),
        registry("credentials = \"agent\""),
        registry("credentials = \"none\"\nsecret = \"pullConfig\""),
        registry("credentials = \"cluster\"\nsecret-name = \"x\""),
        "[[relocate]]\nfrom = \"a/**\"".to_owned(),
        "[[relocate]]\nto = \"registry.example.com\"".to_owned(),
        "[[relocate]]\nfrom = [\"a/**\"]\nto = \"registry.example.com\"".to_owned(),
        "[[relocate]]\nfrom = \"a/**\"\nto = \"**\"".to_owned(),
        "[[relocate]]\nfrom = \"a/**\"\nto = \"${MIRROR}/**\"".to_owned(),
        "[[relocate]]\nfrom = \"a/**\"\nto = \"registry.example.com\"\ntag = \"1\"".to_owned(),
        "[[plugin]]\nsha256 = \"\"".to_owned(),
        "[[plugin]]\npath = \"\"".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nname = \"A\"".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nsha256 = \"12\"".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nallow = [\"\"]".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nallow = [\"labels\"]".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nallow = [\"/a~2\"]".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nallow = [\"/labels/pullcreds-ignore\"]".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nmemory-mib = 0".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nstack-kib = 4096".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nsettings = 1".to_owned(),
        "[[plugin]]\npath = \"a.wasm\"\nurl = \"a\"".to_owned(),
        "[rules]\n\"a/A1\" = \"loud\"".to_owned(),
        "[rules]\nMC001 = \"loud\"".to_owned(),
        "[rules]\nMC001 = false".to_owned(),
        "[[ignore]]".to_owned(),
        "[[ignore]]\nrules = []".to_owned(),
        "[[ignore]]\nid = \"/Team/**\"".to_owned(),
        "[[ignore]]\npath = \"/services/**\"".to_owned(),
        "[[ignore]]\nids = \"/team\"".to_owned(),
    ] {
        assert!(toml::from_str::<Policy>(&text).is_err(), "the program takes {text}");
        assert!(
            !schema.is_valid(&toml::from_str(&text).unwrap()),
            "the schema takes {text}"
        );
    }
    // Which rules there are is not the policy reader's to know, so the program itself is asked.
    for text in ["[rules]\nMC999 = \"off\"", "[[ignore]]\nrules = [\"MC999\"]"] {
        House::new(&[("pullcreds.toml", text), ("a.json", APP)])
            .run(&["check"])
            .exits_with(2);
        assert!(
            !schema.is_valid(&toml::from_str(text).unwrap()),
            "the schema takes {text}"
        );
    }
}

/// The keys of a table, in the words of the reader's own complaint about one that it does not know.
fn known_keys(text: &str) -> BTreeSet<String> {
    let error = toml::from_str::<Policy>(text).unwrap_err();
    let (_, keys) = error.message().split_once("expected ").unwrap();
    keys.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_key_and_every_rule_is_in_the_schema_and_described() {
    let schema = schema("pullcreds.schema.json");
    let (top, definitions) = (&schema["properties"], &schema["definitions"]);
    let tables = [
        ("no-such-key = 1", top),
        ("[[registry]]\nno-such-key = 1", &definitions["registry"]["properties"]),
        ("[[relocate]]\nno-such-key = 1", &definitions["relocate"]["properties"]),
        ("[[ignore]]\nno-such-key = 1", &definitions["ignore"]["properties"]),
        ("[[plugin]]\nno-such-key = 1", &definitions["plugin"]["properties"]),
    ];
    for (text, properties) in tables {
        assert_eq!(keys(properties), known_keys(text), "{text}");
        for (key, property) in properties.as_object().unwrap() {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.'), "`{key}` has no description");
        }
    }
    let mut rules = BTreeSet::new();
    for rule in RULES.iter().chain(&OF_CREDENTIALS) {
        rules.extend([rule.code.to_owned(), rule.name.to_owned()]);
        let severity = rule.severity.as_str();
        for (key, other) in [(rule.code, rule.name), (rule.name, rule.code)] {
            assert_eq!(
                top["rules"]["properties"][key]["description"],
                format!("{other} ({severity}): {}", rule.summary)
            );
        }
    }
    assert_eq!(keys(&top["rules"]["properties"]), rules);
    let listed = definitions["ignore"]["properties"]["rules"]["items"]["anyOf"][0]["enum"]
        .as_array()
        .unwrap();
    let listed: BTreeSet<_> = listed.iter().map(|rule| rule.as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, rules);
}

/// The report's schema as it is for one version of the program: nothing that it does not name may stand in a report,
/// though readers are told to pass over what they do not know.
fn closed(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        if let Value::Object(members) = value {
            if members.contains_key("required") && members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
    }
    close(&mut schema);
    schema
}

#[test]
fn every_report_fits_its_schema() {
    let open = schema("report.schema.json");
    let schema = jsonschema::validator_for(&closed(open.clone())).unwrap();
    let mut inputs = Vec::new();
    files(&root().join("fixtures/cases"), "input.json", &mut inputs);
    assert!(inputs.len() > 100, "{}", inputs.len());
    let house = House::new(&[
        (
            "pullcreds.toml",
            &fs::read_to_string(root().join("fixtures/policy.toml")).unwrap(),
        ),
        ("other/pullcreds.toml", "broken"),
        ("other/a.json", APP),
        (
            "twice.json",
            &APP.replace("private.", "registry.")
                .replace("\"id\"", "\"fetch\": [],\n  \"fetch\": [],\n  \"id\""),
        ),
        ("broken.json", "{ \"id\": \"/a\", \"container\": { \"docker\": "),
        (
            "template.json",
            "{ \"id\": \"/a\", \"instances\": {{ n }}, \"container\": {} }",
        ),
    ]);
    house.write("linked.json", &APP.replace("private.", "registry."));
    fs::hard_link(house.path("linked.json"), house.path("link.json")).unwrap();
    for (index, input) in inputs.iter().enumerate() {
        house.write(&format!("cases/{index}.json"), &fs::read_to_string(input).unwrap());
    }
    let mut seen = BTreeSet::new();
    let runs: [&[&str]; 4] = [
        &["check"],
        &["fix", "--diff", "--unsafe-fixes", "--select", "MC"],
        &["fix"],
        &["check", "nowhere.json"],
    ];
    for arguments in runs {
        let ran = house.run(&[arguments, &["--format", "json"]].concat()).exits_with_any();
        // With --diff, the report follows the diff.
        let report = ran
            .stdout
            .rsplit_once("\n{\"version\"")
            .map(|(_, rest)| format!("{{\"version\"{rest}"));
        let report: Value = serde_json::from_str(report.as_deref().unwrap_or(&ran.stdout)).unwrap();
        let complaints = complaints(&schema, &report);
        assert!(complaints.is_empty(), "{arguments:?}: {complaints:#?}");
        assert_eq!(report["version"], open["properties"]["version"]["const"]);
        note("", &report, &mut seen);
    }
    // What never occurred has not been tested.
    for what in [
        "/files/findings/related/range/start/line",
        "/files/findings/related/message",
        "/files/findings/fix/patch/op",
        "/files/findings/id",
        "/files/fixed/code",
        "/files/error/range/start/offset",
        "/files/error/help",
        "/summary/passed_over/templates",
    ] {
        assert!(seen.contains(what), "{what} never occurred: {seen:#?}");
    }
    for wrong in [
        json!({}),
        json!({"version": 2, "files": [], "summary": {}}),
        json!({"version": 1, "files": [{"path": "a"}], "summary": {}}),
    ] {
        assert!(!jsonschema::is_valid(&open, &wrong), "{wrong}");
    }
}

/// The members that occur with something in them.
fn note(at: &str, value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, value)| note(&format!("{at}/{key}"), value, seen)),
        Value::Array(elements) => elements.iter().for_each(|value| note(at, value, seen)),
        Value::Null => {}
        _ => {
            seen.insert(at.to_owned());
        }
    }
}

#[test]
fn the_example_in_the_page_about_the_report_has_all_its_members() {
    let page = fs::read_to_string(root().join("docs/json-format.md")).unwrap();
    let (_, example) = page.split_once("```json\n").unwrap();
    let example: Value = serde_json::from_str(example.split_once("\n```").unwrap().0).unwrap();
    let report = House::new(&[("pullcreds.toml", POLICY), ("a.json", APP)])
        .run(&["check", "--format", "json"])
        .report();
    for place in [
        "",
        "/files/0",
        "/files/0/findings/0",
        "/files/0/findings/0/fix",
        "/summary",
    ] {
        assert_eq!(
            keys(example.pointer(place).unwrap()),
            keys(report.pointer(place).unwrap()),
            "{place}"
        );
    }
}
