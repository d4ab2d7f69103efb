//! What is said, where, and how it ends.

use std::process::Stdio;

use crate::util::{APP, House, POLICY};

fn house() -> House {
    House::new(&[("pullcreds.toml", POLICY), ("a.json", APP)])
}

#[test]
fn diagnostics_for_a_person_go_to_standard_error() {
    let ran = house().run(&["check", "--color", "never"]).exits_with(1);
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.starts_with("error[MC001 missing-archive]: "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(" --> a.json:6:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\nFound 1 error"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    assert!(house().run(&["check", "--color", "always"]).stderr.contains('\u{1b}'));
}

#[test]
fn the_report_for_programs_goes_to_standard_output() {
    let ran = house().run(&["check", "--format", "json"]).exits_with(1);
    assert_eq!(ran.stderr, "");
    let report = ran.report();
    assert_eq!(report["version"], 1);
    let finding = &report["files"][0]["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&"MC001".into(), &"error".into())
    );
    assert_eq!(finding["range"]["start"]["line"], 6);
    assert_eq!(finding["fix"]["patch"][0]["op"], "add");
    assert_eq!(
        (&report["summary"]["errors"], &report["summary"]["fixable"]),
        (&1.into(), &1.into())
    );

    let report = house().run(&["fix", "--format", "json"]).exits_with(0).report();
    assert_eq!(
        (
            report["files"][0]["fixed"].as_array().unwrap().len(),
            &report["summary"]["fixed"]
        ),
        (1, &1.into())
    );
}

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    for format in ["human", "json", "sarif", "github", "gitlab", "junit"] {
        if format == "junit" && !cfg!(feature = "junit") {
            continue;
        }
        house().run(&["check", "--format", format]).exits_with(1);
        house()
            .run(&["check", "--format", format, "--ignore", "MC"])
            .exits_with(0);
        house()
            .run(&["check", "--format", format, "nowhere.json"])
            .exits_with(2);
    }
}

#[test]
fn standard_output_is_for_one_thing() {
    for format in ["json", "sarif", "github", "gitlab"] {
        let house = house();
        let ran = house.run(&["fix", "--diff", "--format", format]).exits_with(1);
        assert!(!ran.stdout.contains("+++"), "{}", ran.stdout);
        assert_eq!(house.read("a.json"), APP);
        let ran = house
            .run_with_stdin(&["fix", "--format", format, "-"], APP)
            .exits_with(2);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn quiet_says_nothing_of_a_clean_run() {
    let house = House::new(&[("a.json", "{}")]);
    let ran = house.run(&["check", "-q"]).exits_with(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let ran = house.run(&["check", "-v"]).exits_with(0);
    assert!(
        ran.stderr.contains("passed over a.json: not a Marathon definition"),
        "{}",
        ran.stderr
    );
}

#[test]
fn escapes_in_names_and_texts_do_not_reach_the_terminal() {
    let house = House::new(&[("\u{1b}[31m.json", "{ \"id\": \"\u{1b}]0;x\u{7}\" ")]);
    let ran = house.run(&["check", "--kind", "app", "--color", "never"]).exits_with(2);
    assert!(!ran.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", ran.stderr);
    assert!(ran.stderr.contains("␛[31m.json"), "{}", ran.stderr);
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    for arguments in [&["check", "--format", "json"][..], &["explain"], &["patch", "a.json"]] {
        let house = house();
        let mut child = house.command(arguments).stdout(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = child.wait_with_output().unwrap();
        // Who was faster does not matter: either it is quiet, or nothing was left to write to.
        assert!(matches!(ran.status.code(), Some(0 | 1)), "{ran:?}");
        assert!(ran.stderr.is_empty(), "{ran:?}");
    }
}

#[test]
fn help_is_short_or_long() {
    let short = house().run(&["check", "-h"]).exits_with(0).stdout;
    let long = house().run(&["check", "--help"]).exits_with(0).stdout;
    assert!(short.len() < long.len());
    house().run(&["chekc"]).exits_with(2);
}

#[test]
fn every_rule_has_its_page() {
    let table = house().run(&["explain"]).exits_with(0).stdout;
    assert!(table.lines().count() >= 2, "{table}");
    for code in table.lines().filter_map(|line| line.split_whitespace().next()) {
        let page = house().run(&["explain", code]).exits_with(0).stdout;
        assert!(page.starts_with("# ") && page.contains(code), "{page}");
    }
    house().run(&["explain", "MC999"]).exits_with(2);
}

#[test]
fn of_very_many_files_the_first_are_explained_and_the_others_have_a_line() {
    let house = house();
    for number in 0..150 {
        house.write(&format!("many/{number:03}.json"), APP);
    }
    let ran = house.run(&["check", "many"]).exits_with(1);
    assert_eq!(ran.stderr.matches("error[MC001 missing-archive]: no").count(), 150);
    assert_eq!(ran.stderr.matches("help: add the archive").count(), 100);
    let line = "many/100.json:6:16: error[MC001 missing-archive]: no credentials";
    assert!(
        ran.stderr.contains(line) && !ran.stderr.contains("many/099.json:6:16: error"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("Only the first 100 files"), "{}", ran.stderr);
}

#[test]
fn a_rule_that_is_empty_is_told_as_such() {
    for given in [["--select", ""], ["--ignore", "MC001,"]] {
        let ran = house().run(&[&["check"][..], &given].concat()).exits_with(2);
        let expected = format!("{}: a rule is empty; give codes or names", given[0]);
        assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    }
}

#[test]
fn of_many_words_that_name_no_rule_the_first_are_told() {
    let words = (0..30)
        .map(|index| format!("word-{index}"))
        .collect::<Vec<_>>()
        .join(",");
    let app = APP.replacen('{', &format!(r#"{{"labels": {{"pullcreds-ignore": "{words}"}},"#), 1);
    let ran = House::new(&[("a.json", &app)])
        .run(&["check", "--select", "MC036"])
        .exits_with(1);
    let expected = "`word-8`, `word-9` and 20 more words name no rules, so they silence nothing";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}
