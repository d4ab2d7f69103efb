//! That the SARIF is what the standard and its readers take it for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::formats::{demo, odd};
use crate::installed;
use crate::util::House;

fn sarif(house: &House) -> Value {
    serde_json::from_str(&house.run(&["check", "--format", "sarif"]).stdout).unwrap()
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

/// The file that a location names.
fn artifact(house: &House, location: &Value) -> PathBuf {
    let uri = location["uri"].as_str().unwrap();
    assert!(
        !uri.contains(['\\', ' ', ':', '#', '?']) && !uri.starts_with('/'),
        "{uri} is relative and escaped"
    );
    assert_eq!(location["uriBaseId"], "%SRCROOT%");
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    house.path(&String::from_utf8(bytes).unwrap())
}

/// The text of a region, by each of the ways to say it that it has; they must agree.
fn text_of(file: &Path, region: &Value) -> String {
    let bytes = fs::read(file).unwrap();
    let number =
        |name: &str| usize::try_from(region[name].as_u64().unwrap_or_else(|| panic!("{name}: {region}"))).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let units: Vec<u16> = text.encode_utf16().collect();
    let by_units = &units[number("charOffset")..number("charOffset") + number("charLength")];

    let starts: Vec<usize> = std::iter::once(0)
        .chain(
            units
                .iter()
                .enumerate()
                .filter(|(_, unit)| **unit == u16::from(b'\n'))
                .map(|(at, _)| at + 1),
        )
        .collect();
    let at = |line: &str, column: &str| starts[number(line) - 1] + number(column) - 1;
    assert_eq!(
        &units[at("startLine", "startColumn")..at("endLine", "endColumn")],
        by_units,
        "{region}"
    );

    let by_units = String::from_utf16(by_units).unwrap();
    if region.get("byteOffset").is_some() {
        let by_bytes = &bytes[number("byteOffset")..number("byteOffset") + number("byteLength")];
        assert_eq!(by_bytes, by_units.as_bytes(), "{region}");
    }
    by_units
}

/// All definitions of fixtures/cases, with the policy that most of them have.
fn cases() -> House {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let house = House::new(&[(
        "pullcreds.toml",
        &fs::read_to_string(fixtures.join("policy.toml")).unwrap(),
    )]);
    let mut count = 0;
    for area in fs::read_dir(fixtures.join("cases")).unwrap() {
        for case in fs::read_dir(area.unwrap().path()).unwrap() {
            let case = case.unwrap().path();
            // Bytes that are no text have no places in characters.
            if let Ok(text) = fs::read_to_string(case.join("input.json")) {
                let name = case.strip_prefix(&fixtures).unwrap().to_string_lossy().into_owned();
                house.write(&format!("{name}.json"), &text);
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
    house
}

#[test]
fn regions_say_the_same_place_in_every_way() {
    for house in [demo(), odd(), cases()] {
        let log = sarif(&house);
        assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
        assert!(results(&log).len() >= 3);
        for result in results(&log) {
            let place = &result["locations"][0]["physicalLocation"];
            let text = text_of(&artifact(&house, &place["artifactLocation"]), &place["region"]);
            match result["ruleId"].as_str().unwrap() {
                "MC001" | "MC002" | "MC034" => {
                    assert!(
                        text.starts_with('"') && text.ends_with('"') && text.contains('/'),
                        "{text}"
                    );
                }
                "MC019" => assert!(text.starts_with('{') && text.ends_with('}'), "{text}"),
                _ => {}
            }
            for fix in result["fixes"].as_array().into_iter().flatten() {
                for piece in fix["artifactChanges"][0]["replacements"].as_array().unwrap() {
                    text_of(&artifact(&house, &place["artifactLocation"]), &piece["deletedRegion"]);
                }
            }
        }
    }
}

#[test]
fn fixes_do_what_fix_does() {
    // In the demo and odd trees, what a rule finds in a file has one fix; elsewhere `fix` does more at once.
    for house in [demo(), odd()] {
        let mut applied = 0;
        for result in results(&sarif(&house)) {
            let Some(change) = result["fixes"].get(0).map(|fix| &fix["artifactChanges"][0]) else {
                continue;
            };
            let file = artifact(&house, &change["artifactLocation"]);
            let before = fs::read_to_string(&file).unwrap();
            let mark = if before.starts_with('\u{feff}') { "\u{feff}" } else { "" };
            let mut units: Vec<u16> = before[mark.len()..].encode_utf16().collect();
            for piece in change["replacements"].as_array().unwrap().iter().rev() {
                let number = |name: &str| usize::try_from(piece["deletedRegion"][name].as_u64().unwrap()).unwrap();
                let gone = number("charOffset")..number("charOffset") + number("charLength");
                units.splice(gone, piece["insertedContent"]["text"].as_str().unwrap().encode_utf16());
            }
            let by_sarif = format!("{mark}{}", String::from_utf16(&units).unwrap());
            let rule = result["ruleId"].as_str().unwrap();
            let by_fix = house
                .run_with_stdin(&["fix", "-q", "--select", rule, "-"], &before)
                .stdout;
            assert_eq!(by_sarif, by_fix, "{rule} of {}", file.display());
            assert_ne!(by_sarif, before);
            applied += 1;
        }
        assert!(applied >= 3, "{applied}");
    }
}

#[test]
fn every_rule_has_its_page_as_help() {
    let beside = serde_json::from_str(&beside()).unwrap();
    assert!(results(&beside).iter().any(|result| result["ruleId"] == "CC007"));
    for log in [sarif(&demo()), beside] {
        hold_to_pages(&log);
    }
}

fn hold_to_pages(log: &Value) {
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let page = rule["help"]["markdown"].as_str().unwrap();
        let code = rule["id"].as_str().unwrap();
        assert!(page.starts_with(&format!("# {code} ")), "{page}");
    }
    for result in results(log) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn the_validator_of_the_standard_finds_nothing() {
    let Some(microsoft) = installed::sarif_multitool() else {
        return;
    };
    let tool = microsoft.join("sarif-multitool-linux/Sarif.Multitool");
    make_runnable(&tool);
    let validate = |report: &Path| -> Option<String> {
        let output = Command::new(&tool).arg("validate").arg(report).output();
        match output {
            Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
            Err(error) => {
                installed::leave_out("validation of SARIF", &error.to_string());
                None
            }
        }
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, log) in logs() {
        let report = folder.path().join(format!("{name}.sarif"));
        fs::write(&report, &log).unwrap();
        let Some(said) = validate(&report) else { return };
        assert!(said.contains("Analysis completed successfully"), "{said}");
        let complaints: Vec<&str> = said
            .lines()
            .filter(|line| line.contains(": error ") || line.contains(": warning "))
            // There is no address to give yet.
            .filter(|line| !line.contains("SARIF2005") || !line.contains("informationUri"))
            .collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
    let wrong = folder.path().join("wrong.sarif");
    fs::write(&wrong, demo_log().replacen("\"endLine\":", "\"endLine\":-", 1)).unwrap();
    let said = validate(&wrong).unwrap();
    assert!(
        said.contains(": error "),
        "a wrong report must be told from a right one: {said}"
    );
}

#[test]
fn the_schema_of_the_standard_is_kept() {
    let (Some(microsoft), Some(python)) = (installed::sarif_multitool(), installed::python()) else {
        return;
    };
    let schema = microsoft.join("sarif-multitool-linux/sarif-2.1.0.json");
    let folder = tempfile::tempdir().unwrap();
    let validate = |reports: &[PathBuf]| {
        let mut command = Command::new(python.join("check-jsonschema"));
        command.arg("--schemafile").arg(&schema).args(reports).output().unwrap()
    };
    let reports: Vec<PathBuf> = logs()
        .into_iter()
        .map(|(name, log)| {
            let report = folder.path().join(format!("{name}.json"));
            fs::write(&report, log).unwrap();
            report
        })
        .collect();
    let output = validate(&reports);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let wrong = folder.path().join("wrong.json");
    fs::write(&wrong, demo_log().replacen("\"startLine\"", "\"firstLine\"", 1)).unwrap();
    assert!(
        !validate(&[wrong]).status.success(),
        "a wrong report must be told from a right one"
    );
}

fn demo_log() -> String {
    demo().run(&["check", "--format", "sarif"]).stdout
}

/// With what the credentials lack.
fn beside() -> String {
    let house = demo();
    house.write(
        "config.json",
        r#"{"auths": {"elsewhere.example.com": {"auth": "eDp5"}}}"#,
    );
    house
        .run(&["check", "--config-json", "config.json", "--format", "sarif"])
        .stdout
}

/// Reports of every shape.
fn logs() -> Vec<(&'static str, String)> {
    let clean = demo();
    clean.run(&["fix", "-q"]).exits_with(0);
    let policy = demo();
    policy.write("pullcreds.toml", "registri = 1\n");
    vec![
        ("demo", demo_log()),
        ("beside", beside()),
        ("odd", odd().run(&["check", "--format", "sarif"]).stdout),
        ("cases", cases().run(&["check", "--format", "sarif"]).stdout),
        ("clean", clean.run(&["check", "--format", "sarif"]).stdout),
        ("policy", policy.run(&["check", "--format", "sarif"]).stdout),
    ]
}

fn make_runnable(tool: &Path) {
    #[cfg(unix)]
    if tool.exists() {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = tool;
}
