//! docs/ci.md: every command in it is run, in a git repository made from fixtures/demo, and every snippet is one that its
//! reader takes.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::formats::demo;
use crate::installed::{self, leave_out};
use crate::util::House;

const PAGE: &str = include_str!("../docs/ci.md");
const INSTALL: &str = r#"cargo install --locked --features full --git "$PULLCREDS_GIT" pullcreds"#;

/// The fenced blocks of a page: what is written behind the fence, which begins with the language, and the text.
pub(crate) fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_owned(), text.join("\n") + "\n"));
        }
    }
    blocks
}

/// The commands of a block, as its reader would hand them to a shell.
fn commands(language: &str, text: &str) -> Vec<String> {
    let mut in_script = false;
    let command = |line: &str| -> Option<String> {
        let line_end = line.trim();
        match language {
            "sh" => Some(line_end),
            "groovy" => line_end.strip_prefix("sh '").and_then(|rest| rest.strip_suffix('\'')),
            "yaml" => {
                if let Some(command) = line_end.strip_prefix("- run: ") {
                    return Some(command.to_owned());
                }
                in_script = line_end == "script:" || in_script && line_end.starts_with("- ");
                line_end.strip_prefix("- ").filter(|_| in_script)
            }
            other => panic!("a block in {other}: say how its commands are found"),
        }
        .map(str::to_owned)
    };
    text.lines().filter_map(command).collect()
}

/// What each command ends with in the demo tree, in the order of the page.
fn expected(command: &str) -> i32 {
    match command {
        "pullcreds check --write-baseline pullcreds-baseline.json"
        | "git add pullcreds-baseline.json"
        | "pullcreds check --baseline pullcreds-baseline.json" => 0,
        "pullcreds check --format github"
        | "pullcreds check --format sarif > pullcreds.sarif"
        | "pullcreds check --format gitlab > gl-code-quality-report.json"
        | "pullcreds check --format junit > pullcreds.xml" => 1,
        other => panic!("`{other}` is new on the page: say how it must end"),
    }
}

#[test]
fn every_command_of_the_page_does_what_it_says() {
    let house = repository();
    let mut ran = HashSet::new();
    for (language, text) in blocks(PAGE) {
        for command in commands(&language, &text) {
            if command == INSTALL || command.contains("junit") && !cfg!(feature = "junit") {
                continue;
            }
            let output = shell(&house, &command).output().unwrap();
            assert_eq!(output.status.code(), Some(expected(&command)), "{command}: {output:?}");
            if let Some((_, report)) = command.split_once(" > ") {
                assert!(parses(&house.path(report)), "{command}");
                let upload = text.lines().filter(|line| line.contains(report)).count();
                assert!(upload >= 2, "{report} is written, but not handed on");
            }
            ran.insert(command);
        }
    }
    assert!(ran.len() >= 6, "{ran:?}");
}

#[test]
fn the_baseline_of_the_page_is_for_what_is_there() {
    let house = repository();
    for command in commands("sh", &blocks(PAGE)[0].1) {
        assert!(shell(&house, &command).status().unwrap().success(), "{command}");
    }
    house.write("services/new.json", &house.read("services/web.json"));
    let check = "pullcreds check --baseline pullcreds-baseline.json";
    assert_eq!(shell(&house, check).status().unwrap().code(), Some(1));
}

#[test]
fn the_install_command_of_the_page_installs() {
    let all: Vec<String> = blocks(PAGE)
        .iter()
        .flat_map(|(language, text)| commands(language, text))
        .collect();
    assert_eq!(all.iter().filter(|command| *command == INSTALL).count(), 5, "{all:#?}");
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !source.join(".git").exists() {
        return leave_out("the install command of docs/ci.md", "this is no git repository");
    }
    let house = repository();
    let root = house.path("installed");
    // As it stands on the page, but quick: what is tested is that it builds and runs, not how fast.
    let output = shell(&house, INSTALL)
        .env("PULLCREDS_GIT", format!("file://{}", source.display()))
        .env("CARGO_INSTALL_ROOT", &root)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("install"),
        )
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("failed to download") || said.contains("spurious network error") {
        return leave_out("the install command of docs/ci.md", &said);
    }
    assert!(output.status.success(), "{said}");
    let version = Command::new(root.join("bin/pullcreds"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(version.stdout.starts_with(b"pullcreds "), "{version:?}");
}

#[test]
fn the_snippets_are_what_their_readers_take() {
    let Some(python) = installed::python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let validate = |schema: &str, file: &Path| {
        let mut command = Command::new(python.join("check-jsonschema"));
        command.args(["--builtin-schema", schema]).arg(file).output().unwrap()
    };
    let mut seen = 0;
    for (index, (language, text)) in blocks(PAGE)
        .into_iter()
        .enumerate()
        .filter(|(_, (language, _))| language == "yaml")
    {
        let schema = if text.starts_with("# .gitlab-ci.yml") {
            "vendor.gitlab-ci"
        } else {
            "vendor.github-workflows"
        };
        let file = folder.path().join(format!("{index}.{language}"));
        fs::write(&file, &text).unwrap();
        let output = validate(schema, &file);
        assert!(
            output.status.success(),
            "{}\n{text}",
            String::from_utf8_lossy(&output.stdout)
        );
        let wrong = text.replace("runs-on:", "runs:").replace("script:", "scripts:");
        fs::write(&file, wrong).unwrap();
        assert!(
            !validate(schema, &file).status.success(),
            "a wrong snippet must be told from a right one"
        );
        seen += 1;
    }
    assert_eq!(seen, 3);
}

fn repository() -> House {
    let house = demo();
    for arguments in [
        &["init", "-q"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "commit",
            "-q",
            "-m",
            "demo",
        ],
    ] {
        house.git(arguments).exits_with(0);
    }
    house
}

/// As CI runs a line: with `-e`, and with the program on the PATH.
pub(crate) fn shell(house: &House, command: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_pullcreds")).parent().unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(&others));
    let mut shell = Command::new("bash");
    shell
        .args(["-e", "-c", command])
        .env("PATH", std::env::join_paths(paths).unwrap())
        .current_dir(house.path(""));
    shell
}

fn parses(report: &PathBuf) -> bool {
    let text = fs::read_to_string(report).unwrap();
    if report.extension().is_some_and(|extension| extension == "xml") {
        let Some(python) = installed::python() else { return true };
        let program = "import sys, junitparser; sys.exit(junitparser.JUnitXml.fromfile(sys.argv[1]).failures != 3)";
        let status = Command::new(python.join("python"))
            .args(["-c", program])
            .arg(report)
            .status();
        return status.unwrap().success();
    }
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let results = report.as_array().or_else(|| report["runs"][0]["results"].as_array());
    results.is_some_and(|results| results.len() == 3)
}
