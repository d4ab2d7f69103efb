//! Runs every case of fixtures/cases: given this definition and this policy, these findings and this text come out.
//!
//! With `BLESS=1` in the environment a text that comes out otherwise is written to the case; read the diff before you
//! commit it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use pullcreds_core::finding::Finding;
use pullcreds_core::json::Edited;
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{self, Checked, Fixed, Kind, Options, Rewrite, Selection};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    #[expect(dead_code, reason = "for the reader of the case")]
    about: String,
    kind: Option<String>,
    group: Option<String>,
    current: Option<String>,
    path: Option<String>,
    #[serde(default)]
    select: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    unsafe_fixes: bool,
    #[serde(default)]
    findings: Vec<String>,
    #[serde(default)]
    remaining: Vec<String>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn folders(of: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(of).unwrap() {
        let path = entry.unwrap().path();
        if path.join("case.toml").is_file() {
            found.push(path);
        } else if path.is_dir() {
            folders(&path, found);
        }
    }
    found.sort();
}

fn spell(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| format!("{} {} {}", finding.code, finding.severity, finding.pointer);
    findings.iter().map(line).collect()
}

fn codes(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| finding.code.to_string()).collect()
}

fn fix<'t>(text: &'t [u8], options: &Options<'_>) -> Result<Box<Rewrite<'t>>, String> {
    match transform::fix(text, options).map_err(|error| error.to_string())? {
        Fixed::Passed(passed) => Err(format!("passed over by fix: {passed:?}")),
        Fixed::Definition(rewrite) => Ok(Box::new(rewrite)),
    }
}

fn run(folder: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read(folder.join(name));
    let case = fs::read_to_string(folder.join("case.toml")).unwrap();
    let case: Case = toml::from_str(&case).map_err(|error| error.to_string())?;
    let policy = fs::read_to_string(folder.join("policy.toml"))
        .unwrap_or_else(|_| fs::read_to_string(fixtures().join("policy.toml")).unwrap());
    let policy: Policy = toml::from_str(&policy).map_err(|error| format!("policy: {error}"))?;
    let input = read("input.json").map_err(|error| error.to_string())?;
    let output = read("output.json").unwrap_or_else(|_| input.clone());
    let current = case
        .current
        .as_ref()
        .map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let kind = match &case.kind {
        None => None,
        Some(name) => Some(Kind::from_name(name).ok_or("unknown kind")?),
    };
    let selection = Selection {
        select: case.select.clone(),
        ignore: case.ignore.clone(),
        unsafe_fixes: case.unsafe_fixes,
    };
    let options = Options {
        policy: &policy,
        kind,
        group: case.group.as_deref(),
        current: current.as_deref(),
        path: case.path.as_deref(),
        selection: &selection,
        fix_patches: true,
    };
    let findings = match transform::check(&input, &options).map_err(|error| error.to_string())? {
        Checked::Passed(passed) => return Err(format!("passed over: {passed:?}")),
        Checked::Definition(analysis) => analysis.findings,
    };
    let rewrite = fix(&input, &options)?;
    let text = rewrite.edited.as_ref().map(Edited::text);
    let text = text.as_ref().map_or(input.as_slice(), String::as_bytes);
    // Once is enough: a second run finds what the first left, and changes nothing.
    let again = fix(text, &options)?;

    let mut wrong = Vec::new();
    let mut compare = |what: &str, is: Vec<String>, wanted: &[String]| {
        if is != wanted {
            wrong.push(format!("{what}\n  are    {is:#?}\n  wanted {wanted:#?}"));
        }
    };
    compare("findings", spell(&findings), &case.findings);
    compare("findings of fix", spell(&rewrite.before.findings), &case.findings);
    compare("remaining", spell(&rewrite.remaining), &case.remaining);
    compare("found again", codes(&again.before.findings), &codes(&rewrite.remaining));
    if text != output && std::env::var_os("BLESS").is_some() {
        fs::write(folder.join("output.json"), text).unwrap();
    } else if text != output {
        wrong.push(format!(
            "output is\n{}\nwanted\n{}\nby\n{}",
            String::from_utf8_lossy(text),
            String::from_utf8_lossy(&output),
            rewrite.patch.to_json()
        ));
    }
    if again.edited.is_some() {
        wrong.push(format!("a second fix changes more: {}", again.patch.to_json()));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n"))
    }
}

#[test]
fn all_cases_come_out_as_written() {
    let mut all = Vec::new();
    folders(&fixtures().join("cases"), &mut all);
    assert!(all.len() > 50, "the cases are there");
    let failures: Vec<_> = all
        .iter()
        .filter_map(|folder| run(folder).err().map(|why| format!("== {}\n{why}", folder.display())))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        all.len(),
        failures.join("\n\n")
    );
}

#[test]
fn every_rule_has_a_case() {
    let mut all = Vec::new();
    folders(&fixtures().join("cases"), &mut all);
    let texts: String = all
        .iter()
        .map(|folder| fs::read_to_string(folder.join("case.toml")).unwrap())
        .collect();
    for rule in pullcreds_core::rules::RULES {
        assert!(
            texts.contains(&format!("\"{} ", rule.code)),
            "no case has {}",
            rule.code
        );
    }
}

#[test]
fn a_stored_definition_of_another_app_is_refused() {
    let policy: Policy = toml::from_str(&fs::read_to_string(fixtures().join("policy.toml")).unwrap()).unwrap();
    let selection = Selection::default();
    let update = br#"{"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "registry.example.com/a"}}}"#;
    let with = |current: &'static str| {
        let options = Options::new(&policy, &selection);
        transform::fix(
            update,
            &Options {
                kind: Some(Kind::AppUpdate),
                current: Some(current),
                ..options
            },
        )
    };
    let error = with(r#"{"id": "/b", "fetch": [{"uri": "file:///b"}]}"#)
        .unwrap_err()
        .to_string();
    assert!(error.contains("/b") && error.contains("/a"), "{error}");
    let Fixed::Definition(rewrite) = with(r#"{"app": {"id": "a", "fetch": [{"uri": "file:///b"}]}}"#).unwrap() else {
        panic!("passed over")
    };
    assert!(rewrite.edited.unwrap().text().contains("file:///b"));
}
