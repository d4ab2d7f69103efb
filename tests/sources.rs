//! Which files are looked at.

use crate::util::{APP, House};

const BROKEN: &str = "{ \"id\": ";

fn house(paths: &[&str]) -> House {
    let files: Vec<_> = paths.iter().map(|path| (*path, BROKEN)).collect();
    House::new(&files)
}

#[test]
fn a_folder_is_searched_for_json() {
    let house = house(&["a.json", "b/c.JSON", "b/d.yaml", "b/json"]);
    assert_eq!(house.looked_at(&[]), ["a.json", "b/c.JSON"]);
    assert_eq!(house.looked_at(&["b"]), ["b/c.JSON"]);
    assert_eq!(house.looked_at(&["./b"]), ["b/c.JSON"]);
}

#[test]
fn a_named_file_is_taken_whatever_it_is_called() {
    let house = house(&["a.yaml", ".hidden/x"]);
    house.write(".gitignore", "*");
    assert_eq!(house.looked_at(&["a.yaml", ".hidden/x"]), [".hidden/x", "a.yaml"]);
}

#[test]
fn nothing_is_done_twice() {
    let house = house(&["a/b/c.json", "a/d.json"]);
    assert_eq!(
        house.looked_at(&["a", "a/b", "./a/d.json", "a/d.json", "a/"]),
        ["a/b/c.json", "a/d.json"]
    );
}

#[test]
fn ignored_and_hidden_files_are_not_found_unless_asked_for() {
    let house = house(&["a.json", "target/b.json", ".hidden/c.json", ".git/d.json"]);
    house.write(".gitignore", "target/\n");
    assert_eq!(house.looked_at(&[]), ["a.json"]);
    assert_eq!(house.looked_at(&["--no-ignore"]), ["a.json", "target/b.json"]);
    assert_eq!(house.looked_at(&["--hidden"]), [".hidden/c.json", "a.json"]);
}

#[cfg(unix)]
#[test]
fn a_search_follows_no_symbolic_links_but_a_named_one_is_read() {
    let house = house(&["real/a.json"]);
    std::os::unix::fs::symlink("real", house.path("folder")).unwrap();
    std::os::unix::fs::symlink("real/a.json", house.path("file.json")).unwrap();
    assert_eq!(house.looked_at(&[]), ["real/a.json"]);
    assert_eq!(house.looked_at(&["file.json"]), ["file.json"]);
}

#[test]
fn globs_add_and_take_away() {
    let house = house(&["a.json", "b.marathon", "gen/c.json", "gen/d.marathon"]);
    assert_eq!(
        house.looked_at(&["--include", "*.marathon"]),
        ["a.json", "b.marathon", "gen/c.json", "gen/d.marathon"]
    );
    assert_eq!(house.looked_at(&["--exclude", "gen/"]), ["a.json"]);
    assert_eq!(
        house.looked_at(&["--include", "/*.marathon", "--exclude", "a.*"]),
        ["b.marathon", "gen/c.json"]
    );
    house.run(&["check", "--exclude", "{", "."]).exits_with(2);
}

#[test]
fn the_policys_globs_are_relative_to_it_and_count_for_named_files_too() {
    let house = house(&["a/old/x.json", "a/new/x.json", "a/new/y.marathon", "old/x.json"]);
    house.write("a/pullcreds.toml", "exclude = [\"/old\"]\ninclude = [\"*.marathon\"]\n");
    let expected = ["a/new/x.json", "a/new/y.marathon", "old/x.json"];
    assert_eq!(house.looked_at(&[]), expected);
    assert_eq!(house.looked_at(&["a/old/x.json", "a/new/x.json"]), ["a/new/x.json"]);
    assert_eq!(house.looked_at(&["a/old", "old"]), ["old/x.json"]);
    assert_eq!(
        house.looked_at(&["--isolated"]),
        ["a/new/x.json", "a/old/x.json", "old/x.json"]
    );
}

#[test]
fn a_named_file_that_is_excluded_is_told() {
    let house = House::new(&[("pullcreds.toml", "exclude = [\"old/**\"]\n"), ("old/a.json", APP)]);
    let ran = house.run(&["check", "old/a.json"]).exits_with(0);
    assert_eq!(
        ran.stderr,
        "No files to check: 1 named file is excluded, by the policy or by --exclude.\n"
    );
    let ran = house.run(&["fix", "-v", "old/a.json"]).exits_with(0);
    assert!(
        ran.stderr
            .contains("passed over old/a.json: excluded by the policy or by --exclude\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn one_bad_file_does_not_stop_the_others_and_all_threads_agree() {
    let paths: Vec<String> = (0..100)
        .map(|index| format!("{:02}/{index:02}.json", index % 7))
        .collect();
    let house = house(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let mut expected = paths.clone();
    expected.sort();
    assert_eq!(house.looked_at(&["-j1"]), expected);
    assert_eq!(house.looked_at(&["-j4"]), expected);
    assert_eq!(house.looked_at(&["-j100"]), expected, "more than are started");
    let named: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_eq!(house.looked_at(&[&["-j4"], named.as_slice()].concat()), expected);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let ran = House::new(&[]).run(&["check", "nowhere.json"]).exits_with(2);
    assert!(
        ran.stderr.contains("nowhere.json: cannot be read: No such file"),
        "{ran:?}"
    );
}

#[test]
fn standard_input_goes_by_the_name_it_is_given() {
    let house = House::new(&[("a/pullcreds.toml", "exclude = [\"old\"]")]);
    let run = |arguments: &[&str]| {
        let arguments = [&["check", "--kind", "app", "--format", "json", "-"], arguments].concat();
        house.run_with_stdin(&arguments, BROKEN)
    };
    assert_eq!(run(&[]).exits_with(2).report()["files"][0]["path"], "<stdin>");
    assert_eq!(
        run(&["--stdin-filename", "a/x.json"]).exits_with(2).report()["files"][0]["path"],
        "a/x.json"
    );
    run(&["--stdin-filename", "a/old/x.json"]).exits_with(0);
}
