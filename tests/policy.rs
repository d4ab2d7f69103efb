//! Where the policy comes from, and how its errors are told.

use crate::util::{APP, House, POLICY};

#[test]
fn an_error_shows_its_line() {
    let house = House::new(&[
        ("pullcreds.toml", "secrets = true\nexclud = [\"a\"]\n"),
        ("a.json", APP),
    ]);
    let ran = house.run(&["check", "--color", "never"]).exits_with(2);
    assert!(
        ran.stderr.starts_with("error: unknown field `exclud`"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("--> pullcreds.toml:2:1\n  |\n2 | exclud = [\"a\"]\n  | ^^^^^^\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_wrong_table_is_shown_where_it_stands() {
    let policy = "[[registry]]\nmatch = \"a.example.com\"\nsecret = \"x\"\n\n[[registry]]\nmatch = \"b.example.com\"\n";
    let house = House::new(&[("pullcreds.toml", policy), ("a.json", APP)]);
    let ran = house.run(&["check"]).exits_with(2);
    assert!(ran.stderr.contains("--> pullcreds.toml:5:1"), "{}", ran.stderr);
    let inside = format!("{policy}secret = \"{{nothing}}\"\n");
    let house = House::new(&[("pullcreds.toml", &inside), ("a.json", APP)]);
    let ran = house.run(&["check"]).exits_with(2);
    assert!(ran.stderr.contains("--> pullcreds.toml:7:10"), "{}", ran.stderr);
}

#[test]
fn a_relocation_that_cannot_be_is_shown_where_it_stands() {
    let first = "[[relocate]]\nfrom = \"a/**\"\nto = \"registry.example.com/a/**\"\n\n";
    for (second, said, place) in [
        (
            "from = \"b/**\"\nto = \"registry.example.com/*\"",
            "`from` leaves `**` open and `to` takes `*`",
            "5:1",
        ),
        ("from = \"b\"\nto = \"**/b\"", "must name one place", "5:1"),
        ("from = \"**/b/**\"\nto = \"registry.example.com\"", "twice", "5:1"),
        (
            "from = \"b/**\"\nto = \"https://registry.example.com\"",
            "no scheme",
            "7:6",
        ),
        ("from = \"b/**\"", "missing field `to`", "5:1"),
    ] {
        let policy = format!("{first}[[relocate]]\n{second}\n");
        let house = House::new(&[("pullcreds.toml", &policy), ("a.json", APP)]);
        let ran = house.run(&["check"]).exits_with(2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        assert!(
            ran.stderr.contains(&format!("--> pullcreds.toml:{place}\n")),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_policy_that_is_not_utf_8_is_shown_at_its_first_wrong_byte() {
    let house = House::new(&[
        ("a.json", APP),
        ("near/pullcreds.toml", "extend = \"../pullcreds.toml\""),
    ]);
    let latin = b"secrets = true\n# f\xfcr alle\n";
    std::fs::write(house.path("pullcreds.toml"), latin).unwrap();
    std::fs::write(house.path("near/a.json"), APP).unwrap();
    for (arguments, place) in [
        (&["check", "a.json"][..], "--> pullcreds.toml:2:4"),
        (&["check", "near"], "--> near/../pullcreds.toml:2:4"),
        (&["check", "--config", "pullcreds.toml"], "--> pullcreds.toml:2:4"),
    ] {
        let ran = house.run(arguments).exits_with(2);
        assert!(ran.stderr.contains("not UTF-8"), "{}", ran.stderr);
        assert!(ran.stderr.contains(place), "{}", ran.stderr);
    }
}

#[test]
fn a_broken_policy_is_told_once_and_stops_only_what_it_governs() {
    let house = House::new(&[
        ("a/pullcreds.toml", "x"),
        ("a/1.json", APP),
        ("a/b/2.json", APP),
        ("c.json", APP),
    ]);
    let ran = house.run(&["check", "--format", "json"]).exits_with(2);
    let report = ran.report();
    let broken = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["path"] == "a/pullcreds.toml")
        .count();
    assert_eq!(broken, 1);
    assert_eq!(
        (&report["summary"]["failed"], &report["summary"]["checked"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_policy_can_be_named_or_left_out() {
    let house = House::new(&[
        ("other.toml", "broken"),
        ("pullcreds.toml", "broken too"),
        ("a.json", "[]"),
    ]);
    let ran = house.run(&["check", "--config", "other.toml"]).exits_with(2);
    assert!(ran.stderr.contains("other.toml:1:"), "{}", ran.stderr);
    house.run(&["check", "--isolated"]).exits_with(0);
    house
        .run(&["check", "--isolated", "--config", "other.toml"])
        .exits_with(2);
    let ran = house.run(&["check", "--config", "nowhere.toml"]).exits_with(2);
    assert!(ran.stderr.contains("nowhere.toml: no such policy"), "{}", ran.stderr);
}

#[test]
fn a_flag_is_held_to_the_same_rules_as_the_policy() {
    let house = House::new(&[("a.json", APP)]);
    let ran = house.run(&["check", "--secret", "{nonsense}/x"]).exits_with(2);
    assert!(ran.stderr.contains("--secret"), "{}", ran.stderr);
    let ran = house.run(&["check", "--select", "MC001,MC9"]).exits_with(2);
    assert!(
        ran.stderr.contains("--select MC9: there is no such rule"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_image_is_explained_by_the_policy() {
    let house = House::new(&[("pullcreds.toml", POLICY)]);
    let ran = house.run(&["explain", "private.example.com/team/app:1"]).exits_with(0);
    assert!(ran.stdout.contains("matches `private.example.com`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("file:///etc/docker.tar.gz"), "{}", ran.stdout);
    let ran = house
        .run(&["explain", "private.example.com.evil.org/app"])
        .exits_with(0);
    assert!(
        ran.stdout.contains("does not match `private.example.com`"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("file:///etc/docker.tar.gz"), "{}", ran.stdout);
    house.run(&["explain", "not an image"]).exits_with(2);
}

/// A run must not go without what its policy wants and say nothing.
#[cfg(not(feature = "plugins"))]
#[test]
fn a_build_without_plugins_says_how_to_get_them() {
    let policy = "[[plugin]]\npath = \"owner-label.wasm\"\n";
    let house = House::new(&[("pullcreds.toml", policy), ("a.json", APP)]);
    for arguments in [&["check", "--plugins"][..], &["check", "--config", "pullcreds.toml"]] {
        let said = house.run(arguments).exits_with(2).stderr;
        assert!(
            said.contains("plugin owner-label: this pullcreds was built without plugins"),
            "{said}"
        );
        assert!(
            said.contains("--> pullcreds.toml:2:8") && said.contains("`cargo install --path . --features plugins`"),
            "{said}"
        );
    }
    // One that was found starts none anyway.
    let said = house.run(&["check"]).exits_with(1).stderr;
    assert!(
        said.contains("note: 1 file without the plugins that the policy names"),
        "{said}"
    );
    let said = house.run(&["plugin", "pin"]).exits_with(2).stderr;
    assert!(said.contains("built without plugins"), "{said}");
}
