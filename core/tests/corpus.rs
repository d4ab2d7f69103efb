//! Real definitions, where they are at hand: a folder of files and an INDEX.tsv that says what each is, beside the
//! checkout as `../shared/corpus` or where `PULLCREDS_CORPUS` says. Nothing of it is part of this repository; without it
//! there is nothing to hold here, and the test says so.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use pullcreds_core::json::Operation;
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{self, Checked, Fixed, Kind, Options, Passed, Rewrite, Selection};
use serde_json::Value;

/// Every image is private, so that as much as can be is edited.
const POLICY: &str = r#"
[[registry]]
match = "**"
archive = "file:///etc/docker.tar.gz"
secret = "{group}/pullConfig"
"#;

/// And every image moves.
const RELOCATING: &str = r#"
[[relocate]]
from = "**"
to = "registry.example.com/mirror/**"
"#;

fn shared(name: &str) -> Option<PathBuf> {
    let folder = match (name, std::env::var_os("PULLCREDS_CORPUS")) {
        ("corpus", Some(folder)) => PathBuf::from(folder),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name),
    };
    folder.is_dir().then_some(folder)
}

struct Entry {
    kind: String,
    has_image: bool,
    text: Vec<u8>,
}

fn corpus() -> Option<Vec<(String, Entry)>> {
    let folder = shared("corpus")?;
    let index = fs::read_to_string(folder.join("INDEX.tsv")).ok()?;
    let mut lines = index.lines();
    let columns: HashMap<_, _> = lines
        .next()?
        .split('\t')
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect();
    let entries = lines.filter_map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        let path = cells[columns["path"]].to_owned();
        let text = fs::read(folder.join(&path)).ok()?;
        let has_image = !matches!(cells[columns["images"]], "-" | "");
        Some((
            path,
            Entry {
                kind: cells[columns["kind"]].to_owned(),
                has_image,
                text,
            },
        ))
    });
    Some(entries.collect())
}

#[test]
fn kinds_are_told_apart() {
    let Some(corpus) = corpus() else {
        eprintln!("no corpus at hand: nothing checked");
        return;
    };
    let (policy, selection) = (Policy::default(), Selection::default());
    let mut wrong = Vec::new();
    let (mut with_image, mut missed) = (0, 0);
    for (path, entry) in &corpus {
        let outcome = transform::check(&entry.text, &Options::new(&policy, &selection));
        let right = match (entry.kind.as_str(), &outcome) {
            ("not-marathon", Ok(Checked::Passed(passed))) => *passed != Passed::Template,
            ("not-marathon", _) => false,
            ("malformed", outcome) => outcome.is_err(),
            (_, Err(_)) => false,
            ("mustache" | "wrapped", Ok(_)) => true,
            (_, Ok(checked)) if entry.has_image => {
                with_image += 1;
                let found = matches!(checked, Checked::Definition(_));
                missed += usize::from(!found);
                true
            }
            (_, Ok(_)) => true,
        };
        if !right {
            wrong.push(format!("{path}: {outcome:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        missed * 200 <= with_image,
        "{missed} of {with_image} with an image were passed over"
    );
}

#[test]
fn edits_are_lawful() {
    let Some(corpus) = corpus() else {
        eprintln!("no corpus at hand: nothing checked");
        return;
    };
    let schemas = Schemas::load();
    let selections = [
        Selection::default(),
        Selection {
            select: ["MC", "MC004", "MC010", "MC013", "MC021", "MC022"]
                .map(str::to_owned)
                .to_vec(),
            ignore: Vec::new(),
            unsafe_fixes: true,
        },
    ];
    for policy in [POLICY.to_owned(), format!("{RELOCATING}{POLICY}")] {
        let policy: Policy = toml::from_str(&policy).unwrap();
        for selection in &selections {
            let options = Options::new(&policy, selection);
            let mut edited = 0;
            for (path, entry) in &corpus {
                let Ok(Fixed::Definition(rewrite)) = transform::fix(&entry.text, &options) else {
                    continue;
                };
                if rewrite.edited.is_some() {
                    edited += 1;
                    hold(path, &entry.text, &rewrite, &options, schemas.as_ref());
                }
            }
            assert!(edited > 100, "only {edited} files were edited");
        }
    }
}

/// What must be true of every edited file.
fn hold(path: &str, original: &[u8], rewrite: &Rewrite<'_>, options: &Options<'_>, schemas: Option<&Schemas>) {
    let edited = rewrite.edited.as_ref().expect("edited");
    let text = edited.text();
    let before: Value = serde_json::from_slice(original).unwrap();
    let after: Value = serde_json::from_str(&text).unwrap();

    // The patch means to another implementation what it did here.
    let oracle: json_patch::Patch = serde_json::from_str(&rewrite.patch.to_json()).unwrap();
    let mut patched = before.clone();
    json_patch::patch(&mut patched, &oracle).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(patched, after, "{path}");

    // What only adds takes nothing away: the original is what is left without the insertions.
    let only_adds = rewrite
        .patch
        .operations
        .iter()
        .all(|operation| matches!(operation, Operation::Add { .. }));
    if only_adds {
        let mut rest = text.as_bytes().iter();
        assert!(
            original.iter().all(|byte| rest.any(|other| other == byte)),
            "{path} lost something"
        );
    }
    assert_eq!(edited.map().to_original(text.len()), original.len(), "{path}");

    // Once is enough.
    let again = match transform::fix(text.as_bytes(), options) {
        Ok(Fixed::Definition(again)) => again,
        other => panic!("{path}: read again as {other:?}"),
    };
    assert!(
        again.edited.is_none(),
        "{path}: a second fix does {}",
        again.patch.to_json()
    );
    let codes = |rewrite: &[pullcreds_core::finding::Finding]| {
        let mut codes: Vec<_> = rewrite.iter().map(|finding| finding.code.to_string()).collect();
        codes.sort();
        codes
    };
    assert_eq!(codes(&again.before.findings), codes(&rewrite.remaining), "{path}");

    if let Some(schemas) = schemas {
        let (before, after) = (
            schemas.errors(rewrite.before.kind, &before),
            schemas.errors(rewrite.before.kind, &after),
        );
        assert!(after <= before, "{path}: {before} schema errors before, {after} after");
    }
}

/// Marathon's own types as JSON Schemas, where they are at hand.
struct Schemas {
    app: jsonschema::Validator,
    group: jsonschema::Validator,
    pod: jsonschema::Validator,
}

impl Schemas {
    fn load() -> Option<Schemas> {
        let folder = shared("schema")?;
        let load = |name: &str| {
            let schema: Value = serde_json::from_slice(&fs::read(folder.join(name)).ok()?).ok()?;
            jsonschema::validator_for(&schema).ok()
        };
        Some(Schemas {
            app: load("app.schema.json")?,
            group: load("group.schema.json")?,
            pod: load("pod.schema.json")?,
        })
    }

    fn errors(&self, kind: Kind, value: &Value) -> usize {
        let count = |validator: &jsonschema::Validator, value: &Value| validator.iter_errors(value).count();
        let each = |validator: &jsonschema::Validator, list: &Value| {
            list.as_array()
                .into_iter()
                .flatten()
                .map(|item| count(validator, item))
                .sum()
        };
        match kind {
            Kind::App | Kind::AppUpdate => count(&self.app, value),
            Kind::Apps | Kind::AppUpdates => each(&self.app, value),
            Kind::AppReply => count(&self.app, &value["app"]),
            Kind::AppsReply => each(&self.app, value.get("apps").unwrap_or(&value["*"])),
            Kind::Group => count(&self.group, value),
            Kind::Pod => count(&self.pod, value),
            Kind::Pods => each(&self.pod, value),
        }
    }
}
