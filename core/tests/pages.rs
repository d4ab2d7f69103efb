//! The pages of docs/rules tell the truth: each rule has one, its bad example has the finding, its good example is good.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::policy::Policy;
use pullcreds_core::rules::{RULES, Rule};
use pullcreds_core::transform::{self, Checked, Kind, Options, Selection};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fenced block of a page: what follows its language, and its text.
fn fence<'p>(page: &'p str, language: &str) -> Option<(&'p str, &'p str)> {
    let (_, rest) = page.split_once(&format!("```{language}"))?;
    let (attributes, rest) = rest.split_once('\n')?;
    let (text, _) = rest.split_once("\n```")?;
    Some((attributes.trim(), text))
}

fn findings(example: (&str, &str), policy: &Policy) -> Vec<Finding> {
    let (attributes, text) = example;
    let kind = attributes
        .strip_prefix("kind=")
        .map(|name| Kind::from_name(name).expect("a kind"));
    let selection = Selection::default();
    let options = Options {
        policy,
        kind,
        group: None,
        current: None,
        path: None,
        selection: &selection,
        fix_patches: false,
    };
    match transform::check(text.as_bytes(), &options).expect("readable") {
        Checked::Definition(analysis) => analysis.findings,
        Checked::Passed(passed) => panic!("passed over: {passed:?}"),
    }
}

fn hold(rule: &Rule) -> Result<(), String> {
    let path = root().join("docs/rules").join(format!("{}.md", rule.code));
    let page = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if !page.starts_with(&format!("# {} {}\n", rule.code, rule.name)) {
        return Err("its title is not its code and name".to_owned());
    }
    let stated = page
        .lines()
        .find(|line| line.starts_with("Severity: "))
        .ok_or("it does not say how bad it is")?;
    if !stated.contains(rule.severity.as_str()) {
        return Err(format!("it says {stated:?}, and the rule {}", rule.severity));
    }
    let (head, rest) = page.split_once("## Bad").ok_or("no bad example")?;
    let (bad, good) = rest.split_once("## Good").ok_or("no good example")?;
    let policy = match fence(head, "toml") {
        Some((_, policy)) => policy.to_owned(),
        None => fs::read_to_string(root().join("fixtures/policy.toml")).unwrap(),
    };
    let policy: Policy = toml::from_str(&policy).map_err(|error| error.to_string())?;
    let bad = findings(fence(bad, "json").ok_or("no JSON under Bad")?, &policy);
    if !bad.iter().any(|finding| finding.code == rule.code) {
        return Err(format!("its bad example has only {:?}", spell(&bad)));
    }
    let good = findings(fence(good, "json").ok_or("no JSON under Good")?, &policy);
    let wrong = |finding: &&Finding| finding.code == rule.code || finding.severity > Severity::Info;
    let wrong: Vec<_> = good.iter().filter(wrong).cloned().collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("its good example has {:?}", spell(&wrong)))
    }
}

fn spell(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{} at {}", finding.code, finding.pointer))
        .collect()
}

#[test]
fn every_rule_has_a_true_page() {
    let wrong: Vec<_> = RULES
        .iter()
        .filter_map(|rule| hold(rule).err().map(|why| format!("{}: {why}", rule.code)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    for pair in RULES.windows(2) {
        assert!(pair[0].code < pair[1].code, "{} and {}", pair[0].code, pair[1].code);
    }
    for rule in RULES {
        assert_eq!(
            RULES.iter().filter(|other| other.name == rule.name).count(),
            1,
            "{}",
            rule.name
        );
    }
}
