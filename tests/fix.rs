//! Rewriting: files, standard input, diffs and patches come to the same bytes.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::util::{APP, House, POLICY, Ran};

fn house(paths: &[&str], text: &str) -> House {
    let files: Vec<_> = paths.iter().map(|path| (*path, text)).collect();
    let house = House::new(&files);
    house.write("pullcreds.toml", POLICY);
    house
}

/// What `fix` makes of a text.
fn fixed(text: &str) -> String {
    let house = house(&["a.json"], text);
    house.run(&["fix", "a.json"]).exits_with(0);
    house.read("a.json")
}

#[test]
fn a_file_is_rewritten_and_a_second_run_changes_nothing() {
    let house = house(&["a.json"], APP);
    house.run(&["check"]).exits_with(1);
    let ran = house.run(&["fix"]).exits_with(0);
    assert!(ran.stderr.contains("a.json: fixed 1 finding: MC001"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("Fixed 1 finding in 1 file; 1 app will restart on its next deployment."),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    let once = house.read("a.json");
    assert!(once.contains("file:///etc/docker.tar.gz"), "{once}");
    house.run(&["fix"]).exits_with(0);
    assert_eq!(house.read("a.json"), once);
    house.run(&["check"]).exits_with(0);
}

#[test]
fn a_key_that_stands_twice_keeps_back_the_fix_of_its_app_alone() {
    let app = |more: &str| {
        format!(
            r#"{{"id": "a", {more}"container": {{"type": "DOCKER", "docker": {{"image": "private.example.com/a"}}}}}}"#
        )
    };
    let group = format!(
        "{{\"id\": \"/t\", \"apps\": [\n{},\n{}\n]}}\n",
        app(""),
        app(r#""fetch": [], "fetch": [], "#)
    );
    let house = house(&["group.json"], &group);
    for command in ["check", "fix"] {
        let ran = house.run(&[command, "--color", "never"]).exits_with(1);
        let said = ran.stdout + &ran.stderr;
        assert_eq!(said.contains("1 fixable with"), command == "check", "{said}");
        for words in [
            "not fixed, since `fetch` stands twice",
            "`fetch` stands here",
            "and here once more",
        ] {
            assert!(said.contains(words), "{command}: {said}");
        }
    }
    let fixed = house.read("group.json");
    assert!(
        fixed.ends_with(&format!("{}\n]}}\n", app(r#""fetch": [], "fetch": [], "#))),
        "{fixed}"
    );
    assert_eq!(fixed.matches("docker.tar.gz").count(), 1, "{fixed}");
}

#[test]
fn the_exit_code_can_tell_that_something_was_fixed() {
    let house = house(&["a.json"], APP);
    house.run(&["fix", "--exit-non-zero-on-fix"]).exits_with(1);
    house.run(&["fix", "--exit-non-zero-on-fix"]).exits_with(0);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let house = house(&[], APP);
    let ran = house.run_with_stdin(&["fix", "-"], APP).exits_with(0);
    assert_eq!(ran.stdout, fixed(APP));
    let ran = house.run_with_stdin(&["fix", "-"], &ran.stdout).exits_with(0);
    assert_eq!(ran.stdout, fixed(APP));
}

#[test]
fn standard_input_that_is_not_for_us_is_handed_on() {
    let house = house(&[], APP);
    for text in ["{\"kind\": \"Pod\"}", "", "no json\r\n", "[1,  2]"] {
        assert_eq!(house.run_with_stdin(&["fix", "-"], text).exits_with(0).stdout, text);
    }
}

#[test]
fn standard_output_stays_empty_when_it_fails() {
    let house = house(&[], APP);
    assert_eq!(
        house
            .run_with_stdin(&["fix", "--kind", "app", "-"], "{ \"id\": ")
            .exits_with(2)
            .stdout,
        ""
    );
    house.write("pullcreds.toml", "broken");
    assert_eq!(house.run_with_stdin(&["fix", "-"], APP).exits_with(2).stdout, "");
}

#[test]
fn git_applies_the_diff_to_the_same_bytes() {
    let texts = [
        ("plain.json", APP.to_owned()),
        ("no final newline.json", APP.trim_end().to_owned()),
        ("crlf.json", APP.replace('\n', "\r\n")),
        ("sub/minified.json", APP.replace(['\n', ' '], "")),
        ("sub/ä \"quoted\".json", APP.to_owned()),
        ("tabs.json", APP.replace("  ", "\t")),
    ];
    let house = house(&[], APP);
    for (path, text) in &texts {
        house.write(path, text);
    }
    let diff = house.run(&["fix", "--diff"]).exits_with(1);
    for (path, text) in &texts {
        assert_eq!(&house.read(path), text, "--diff writes nothing");
    }
    house.write("all.diff", &diff.stdout);
    house.git(&["apply", "all.diff"]).exits_with(0);
    for (path, text) in &texts {
        assert_eq!(house.read(path), fixed(text), "{path}");
    }
    let diff = house.run(&["fix", "--diff"]).exits_with(0);
    assert_eq!(diff.stdout, "");
}

#[test]
fn a_patch_that_is_applied_gives_what_fix_gives() {
    let house = house(&["a.json"], APP);
    let patch = house.run(&["patch", "a.json"]).exits_with(0).stdout;
    assert!(
        serde_json::from_str::<serde_json::Value>(&patch).unwrap().is_array(),
        "{patch}"
    );
    assert_eq!(house.run_with_stdin(&["patch", "-"], APP).exits_with(0).stdout, patch);
    assert_eq!(
        house
            .run_with_stdin(&["apply", "-", "a.json"], &patch)
            .exits_with(0)
            .stdout,
        fixed(APP)
    );
    house.write("a.patch", &patch);
    house.run(&["apply", "--write", "a.patch", "a.json"]).exits_with(0);
    assert_eq!(house.read("a.json"), fixed(APP));
    assert_eq!(house.run(&["patch", "a.json"]).exits_with(0).stdout, "[]\n");
}

#[test]
fn what_cannot_be_written_is_told_and_the_rest_is_done() {
    let house = house(&["a.json", "b.json"], APP);
    fs::hard_link(house.path("a.json"), house.path("other")).unwrap();
    let ran = house.run(&["fix"]).exits_with(2);
    assert!(
        ran.stderr.contains("a.json: not written: the file has 2 names"),
        "{}",
        ran.stderr
    );
    assert_eq!((house.read("a.json").as_str(), house.read("b.json")), (APP, fixed(APP)));
    house.run(&["fix", "--write-hard-links"]).exits_with(0);
    assert_eq!((house.read("a.json"), house.read("other").as_str()), (fixed(APP), APP));
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_every_file_whole() {
    let paths: Vec<String> = (0..300).map(|index| format!("{}/{index}.json", index % 10)).collect();
    let new = fixed(APP);
    let (mut old_seen, mut new_seen) = (0, 0);
    // Longer and longer, until a busy machine has written something, too.
    for round in 0..40_u64 {
        if round >= 8 && old_seen > 0 && new_seen > 0 {
            break;
        }
        let house = house(&paths.iter().map(String::as_str).collect::<Vec<_>>(), APP);
        let mut child = house
            .command(&["fix", "--quiet"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 * round + round.saturating_sub(8).pow(2)));
        child.kill().unwrap();
        child.wait().unwrap();
        for path in &paths {
            let text = house.read(path);
            assert!(
                text == APP || text == new,
                "round {round}: {path} is neither old nor new: {text:?}"
            );
            old_seen += usize::from(text == APP);
            new_seen += usize::from(text == new);
        }
        for folder in 0..10 {
            for entry in fs::read_dir(house.path(&folder.to_string())).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let is_ours = name.starts_with('.') && name.contains("pullcreds-") && name.ends_with(".tmp");
                assert!(
                    name.ends_with(".json") || is_ours,
                    "{name} cannot be told to be a leftover"
                );
            }
        }
    }
    assert!(old_seen > 0, "no run was killed before it was done");
    assert!(new_seen > 0, "no run got as far as writing");
}

#[test]
fn standard_output_has_one_use() {
    let house = House::new(&[("pullcreds.toml", POLICY), ("a.json", APP)]);
    let ran = house
        .run_with_stdin(&["fix", "--format", "json", "-"], APP)
        .exits_with(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("standard output"), "{}", ran.stderr);
}

#[test]
fn two_runs_at_once_do_not_disturb_each_other() {
    let house = House::new(&[("pullcreds.toml", POLICY)]);
    for number in 0..400 {
        house.write(&format!("{number}.json"), APP);
    }
    let runs = [(); 3].map(|()| house.command(&["fix", "--no-fsync", "-q"]).spawn().unwrap());
    for run in runs {
        Ran::from(run.wait_with_output().unwrap()).exits_with(0);
    }
    for number in 0..400 {
        let text = house.read(&format!("{number}.json"));
        assert_eq!(text.matches("docker.tar.gz").count(), 1, "{text}");
    }
    let left = fs::read_dir(house.path(".")).unwrap().count();
    assert_eq!(left, 401, "no temporary file is left behind");
}

#[test]
fn what_is_stored_is_merged_into_an_update_only() {
    let update = r#"{"container": {"type": "DOCKER", "docker": {"image": "private.example.com/a:1"}}}"#;
    let stored = r#"[{"id": "/team/a", "fetch": [{"uri": "https://example.com/x"}]}]"#;
    let house = House::new(&[
        ("pullcreds.toml", POLICY),
        ("update.json", update),
        ("stored.json", stored),
        ("reply.json", &format!(r#"{{"apps": {stored}}}"#)),
        ("star.json", &format!(r#"{{"*": {stored}}}"#)),
        (
            "app.json",
            r#"{"app": {"id": "/team/a", "fetch": [{"uri": "https://example.com/x"}]}}"#,
        ),
        (
            "others.json",
            r#"{"apps": [{"id": "/a"}], "groups": [{"id": "team", "apps": [
            {"id": "b", "fetch": [{"uri": "https://example.com/y"}]}, {"id": "/b"}]}]}"#,
        ),
        ("word.json", "\"x\""),
        ("broken.json", "{\n\"id\" 1}"),
    ]);
    let fix = |current: &str, more: &[&str]| {
        house.run(&[&["fix", "--diff", "--current", current, "update.json"], more].concat())
    };
    let ran = fix("stored.json", &[]).exits_with(2);
    assert!(ran.stderr.contains("--kind app-update"), "{}", ran.stderr);
    let ran = fix("stored.json", &["--kind", "app-update"]).exits_with(1);
    assert!(ran.stdout.contains("https://example.com/x"), "{}", ran.stdout);
    for stored in ["reply.json", "star.json", "app.json"] {
        let ran = fix(stored, &["--kind", "app-update"]).exits_with(1);
        assert!(ran.stdout.contains("https://example.com/x"), "{stored}: {}", ran.stdout);
    }
    let ran = fix("others.json", &["--kind", "app-update"]).exits_with(2);
    assert!(ran.stderr.contains("no id that tells which"), "{}", ran.stderr);
    let named = r#"{"id": "/team/b", "container": {"type": "DOCKER", "docker": {"image": "private.example.com/b:1"}}}"#;
    house.write("update.json", named);
    let ran = fix("others.json", &["--kind", "app-update"]).exits_with(1);
    assert!(ran.stdout.contains("https://example.com/y"), "{}", ran.stdout);
    let ran = fix("stored.json", &["--kind", "app-update"]).exits_with(1);
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("no app of this id"),
        "{}",
        ran.stderr
    );
    let ran = fix("app.json", &["--kind", "app-update"]).exits_with(2);
    assert!(
        ran.stderr.contains("it is /team/a, and the update is for /team/b"),
        "{}",
        ran.stderr
    );
    let ran = fix("word.json", &["--kind", "app-update"]).exits_with(2);
    assert!(ran.stderr.contains("expected an app"), "{}", ran.stderr);
    let ran = fix("broken.json", &["--kind", "app-update"]).exits_with(2);
    assert!(ran.stderr.contains("broken.json:2:6"), "{}", ran.stderr);
}

#[test]
fn an_update_is_told_of_an_archive_only_where_one_is_wanted() {
    let check = |image: &str| {
        let update = format!(r#"{{"container": {{"type": "DOCKER", "docker": {{"image": "{image}"}}}}}}"#);
        let house = House::new(&[("pullcreds.toml", POLICY), ("update.json", &update)]);
        let ran = house
            .run(&["check", "--kind", "app-update", "update.json"])
            .exits_with(1);
        ran.stderr.contains("no archive is added")
    };
    assert!(check("private.example.com/a:1"));
    assert!(!check("nginx:1.25.3"));
}

#[test]
fn a_group_that_cannot_be_is_refused() {
    let house = House::new(&[("a.json", APP)]);
    for group in ["Te am", "", "{{group}}"] {
        let ran = house.run(&["check", "--group", group, "a.json"]).exits_with(2);
        assert!(ran.stderr.contains("--group: "), "{}", ran.stderr);
    }
}

#[test]
fn a_kind_that_finds_no_pulls_where_another_does_is_refused() {
    let house = House::new(&[("pullcreds.toml", POLICY), ("a.json", APP)]);
    for kind in ["pod", "group", "apps", "pods", "app-reply", "apps-reply", "app-updates"] {
        let ran = house.run(&["check", "--kind", kind, "a.json"]).exits_with(2);
        assert!(ran.stderr.contains("--> a.json:1:1"), "{kind}: {}", ran.stderr);
    }
    let house = House::new(&[("group.json", &format!(r#"{{"apps": [{APP}]}}"#))]);
    house.run(&["check", "--kind", "group", "group.json"]).exits_with(1);
    house.run(&["check", "--kind", "app", "group.json"]).exits_with(2);
}
