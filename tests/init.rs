//! A first policy for a tree.

use crate::util::{APP, House};

const SUPPLIED: &str = r#"{
  "id": "/team/db",
  "container": { "docker": { "image": "private.example.com/db:1" } },
  "fetch": [{ "uri": "file:///etc/docker.tar.gz" }]
}
"#;

#[test]
fn a_tree_gets_a_policy_by_which_the_rest_can_be_fixed() {
    let house = House::new(&[("services/web.json", APP), ("services/db.json", SUPPLIED)]);
    let ran = house.run(&["check"]).exits_with(1);
    assert!(ran.stderr.contains("`pullcreds init`"), "{}", ran.stderr);
    let ran = house.run(&["init"]).exits_with(0);
    assert_eq!(
        ran.stderr,
        "Wrote pullcreds.toml from 2 images in 2 files. Read it, then run `pullcreds check`.\n"
    );
    let ran = house.run(&["check"]).exits_with(1);
    assert!(ran.stderr.contains("error[MC001 missing-archive]"), "{}", ran.stderr);
    house.run(&["fix"]).exits_with(0);
    house.run(&["check"]).exits_with(0);
}

#[test]
fn a_policy_that_is_there_is_not_overwritten_unasked() {
    let house = House::new(&[("pullcreds.toml", "# mine\n"), ("services/web.json", APP)]);
    let ran = house.run(&["init"]).exits_with(2);
    assert!(
        ran.stderr.contains("pullcreds.toml: there is a policy already") && ran.stderr.contains("--force"),
        "{}",
        ran.stderr
    );
    assert_eq!(house.read("pullcreds.toml"), "# mine\n");
    let printed = house.run(&["init", "--stdout"]).exits_with(0).stdout;
    assert_eq!(house.run(&["init", "-"]).exits_with(0).stdout, printed);
    assert_eq!(house.read("pullcreds.toml"), "# mine\n");
    let ran = house.run(&["init", "--force"]).exits_with(0);
    assert!(ran.stderr.contains("One question in it is yours"), "{}", ran.stderr);
    assert_eq!(house.read("pullcreds.toml"), printed);
}

#[test]
fn another_folder_can_be_named_and_a_broken_file_is_left_out() {
    let broken = &APP[..APP.len() - 10];
    let house = House::new(&[
        ("a/web.json", APP),
        ("a/broken.json", broken),
        ("b/other.json", SUPPLIED),
    ]);
    let ran = house.run(&["init", "a"]).exits_with(0);
    assert!(ran.stderr.contains("left out a/broken.json"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Wrote a/pullcreds.toml from 1 image in 1 file."),
        "{}",
        ran.stderr
    );
    house.run(&["init", "nowhere"]).exits_with(2);
    house.run(&["init", "a/web.json"]).exits_with(2);
}

#[test]
fn a_tree_without_definitions_gets_an_example() {
    let house = House::new(&[("package.json", "{}")]);
    let ran = house.run(&["init"]).exits_with(0);
    assert!(ran.stderr.contains("an example only"), "{}", ran.stderr);
    house.run(&["check"]).exits_with(0);
}
