//! fixtures/credentials: a file, and what Docker and UCR are told to find wrong with it. And the pages of the rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use pullcreds_core::json::Document;
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::rules::{About, RULES, of_text};

const READERS: [Reader; 2] = [Reader::Docker, Reader::Ucr];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A line a finding: who it is for, the code, the severity, the place.
fn findings(text: &str, is_dockercfg: bool) -> String {
    let document = Document::parse(text.as_bytes()).unwrap();
    let config = Config::read(&document).unwrap();
    let mut out = String::new();
    for reader in READERS {
        let about = About {
            readers: &[reader],
            is_dockercfg,
        };
        for finding in of_text(&config, &about) {
            assert!(!finding.message.contains("not-a-real-password"), "{finding:?}");
            out += &format!(
                "{}: {} {} {}\n",
                reader.as_str(),
                finding.code,
                finding.severity,
                finding.pointer
            );
        }
    }
    out
}

#[test]
fn cases() {
    let mut codes = Vec::new();
    let mut wrong = Vec::new();
    for folder in fs::read_dir(root().join("fixtures/credentials")).unwrap() {
        let folder = folder.unwrap().path();
        let legacy = folder.join(".dockercfg");
        let file = if legacy.exists() {
            legacy.clone()
        } else {
            folder.join("config.json")
        };
        let found = findings(&fs::read_to_string(&file).unwrap(), file == legacy);
        let expected = folder.join("expected.txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        codes.extend(
            wanted
                .split(' ')
                .filter(|word| word.starts_with("CC"))
                .map(str::to_owned),
        );
        if found != wanted {
            wrong.push(format!("{}: wanted\n{wanted}found\n{found}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in &RULES[..5] {
        assert!(codes.iter().any(|code| code == rule.code), "{} has no case", rule.code);
    }
}

fn fence<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("## {heading}\n"))?;
    let (section, _) = rest.split_once("\n## ")?;
    let (_, rest) = section.split_once("```json\n")?;
    rest.split_once("\n```").map(|(text, _)| text)
}

#[test]
fn every_rule_has_a_true_page() {
    for rule in &RULES {
        let page = fs::read_to_string(root().join(format!("docs/rules/{}.md", rule.code))).unwrap();
        assert!(
            page.starts_with(&format!("# {} {}\n", rule.code, rule.name)),
            "{}",
            rule.code
        );
        let severity = page.lines().find(|line| line.starts_with("Severity: ")).unwrap();
        assert!(severity.contains(rule.severity.as_str()), "{}", rule.code);
        assert_eq!(severity.contains("Fix: safe"), rule.fix.is_some(), "{}", rule.code);
        // What is wrong with archives and beside images is no JSON text; tests of the command line have those.
        if matches!(rule.code, "CC006" | "CC007") {
            continue;
        }
        let bad = findings(fence(&page, "Bad").expect(rule.code), false);
        assert!(bad.contains(rule.code), "{}: {bad}", rule.code);
        assert_eq!(
            findings(fence(&page, "Good").expect(rule.code), false),
            "",
            "{}",
            rule.code
        );
    }
}
