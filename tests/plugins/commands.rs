//! `pullcreds plugin …`.
#![allow(clippy::print_stderr, reason = "says what is left out")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::guest::Guest;
use super::{Home, digest};
use crate::util::{APP, House, Ran};

#[test]
fn a_digest_is_what_the_standard_says() {
    // FIPS 180-4, the example of one block.
    assert_eq!(
        digest(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn a_file_is_looked_into() {
    let house = House::new(&[]);
    let plugin = Guest::content().build();
    fs::write(house.path("a.wasm"), &plugin).unwrap();
    let shown = house.run(&["plugin", "inspect", "a.wasm"]).exits_with(0).stdout;
    for line in [
        "imports    nothing\n",
        "exports    pullcreds:transform/transformer@0.1.0\n",
        &format!("size       {} bytes\n", plugin.len()),
        &format!("sha256     {}\n", digest(&plugin)),
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
    let importing = wat::parse_str("(component (import \"wasi:cli/environment@0.2.0\" (instance)))").unwrap();
    fs::write(house.path("b.wasm"), importing).unwrap();
    let report = house
        .run(&["plugin", "inspect", "b.wasm", "--format", "json"])
        .exits_with(1)
        .report();
    assert_eq!(report["imports"][0], "wasi:cli/environment@0.2.0");
    assert_eq!(report["usable"], false);
    house.run(&["plugin", "inspect", "c.wasm"]).exits_with(2);
    // What does not come to an end when it is asked for its name is stopped, too.
    fs::write(
        house.path("d.wasm"),
        Guest::content().describing("(loop $l (br $l)) unreachable").build(),
    )
    .unwrap();
    let shown = house.run(&["plugin", "inspect", "d.wasm"]).exits_with(1).stdout;
    assert!(shown.contains("it ran longer than"), "{shown}");
}

#[test]
fn a_policy_is_pinned_and_keeps_its_other_bytes() {
    let home = Home::of(&Guest::content(), "");
    home.policy("# a comment\nallow = [ \"/labels\" ]   # as it is");
    let before = home.house.read("pullcreds.toml");
    let ran = home.run(&["plugin", "pin"]).exits_with(0);
    let pin = format!("sha256 = \"{}\"", digest(&Guest::content().build()));
    let after = home.house.read("pullcreds.toml");
    assert_eq!(
        after,
        before.replace("path = \"guest.wasm\"", &format!("path = \"guest.wasm\"\n{pin}"))
    );
    assert!(ran.stderr.contains("guest: pinned to "), "{}", ran.stderr);
    home.run(&["fix", "--plugins", "app.json"]).exits_with(0);
    let ran = home.run(&["plugin", "pin"]).exits_with(0);
    assert!(ran.stderr.contains("already"), "{}", ran.stderr);
    // Another file: refused until it is pinned anew.
    fs::write(
        home.house.path("guest.wasm"),
        Guest::finding("A1", (0, 0), "/id").build(),
    )
    .unwrap();
    home.run(&["check", "--plugins", "app.json"]).exits_with(2);
    home.run(&["plugin", "pin", "pullcreds.toml"]).exits_with(0);
    home.run(&["check", "--plugins", "app.json"]).exits_with(1);
    // What is no plugin is not pinned.
    fs::write(home.house.path("guest.wasm"), "no").unwrap();
    let ran = home.run(&["plugin", "pin"]).exits_with(2);
    assert!(
        ran.stderr.contains("plugin guest: this is no WebAssembly component"),
        "{}",
        ran.stderr
    );
    home.house.write("pullcreds.toml", "");
    home.run(&["plugin", "pin"]).exits_with(2);
}

#[test]
fn a_plugin_is_tried_by_itself() {
    let patch = r#"[{"op": "add", "path": "/labels", "value": {"a": "b"}}]"#;
    let home = Home::of(&Guest::patching(patch).resting_on(br#""a":"#), "");
    let run = |more: &[&str]| home.run(&[&["plugin", "run", "guest.wasm", "app.json"], more].concat());
    let shut = run(&[]).exits_with(2).stderr;
    assert!(shut.contains("its `allow` opens nothing"), "{shut}");
    let printed = run(&["--allow", "/labels"]).exits_with(0).stdout;
    // No rule has its say, so no credentials are added.
    assert!(
        printed.contains("\"labels\": {") && !printed.contains("fetch"),
        "{printed}"
    );
    let diff = run(&["--allow", "/labels", "--diff"]).exits_with(0).stdout;
    assert!(diff.starts_with("--- a/app.json\n+++ b/app.json\n"), "{diff}");
    assert_eq!(home.house.read("app.json"), APP);
    let wrong = run(&["--allow", "labels"]).exits_with(2).stderr;
    assert!(wrong.contains("begins with `/`"), "{wrong}");
}

#[test]
fn a_plugin_is_measured() {
    let home = Home::of(&Guest::content(), "");
    let ran = home
        .run(&["plugin", "bench", "guest.wasm", "app.json", "--calls", "5"])
        .exits_with(0);
    for line in [
        "compile ",
        "start from cache ",
        "a fresh instance ",
        "one call ",
        "native ",
        "its rules alone ",
    ] {
        assert!(
            ran.stdout.lines().any(|told| told.starts_with(line)),
            "{line}: {}",
            ran.stdout
        );
    }
}

/// From nothing to a plugin that a policy runs: begun, tested, built, pinned, used.
#[test]
fn a_plugin_is_begun_built_and_used() {
    if !is_target_there() {
        return;
    }
    let home = Home::of(&Guest::content(), "");
    home.run(&["plugin", "new", "owner-label"]).exits_with(0);
    home.run(&["plugin", "new", "owner-label"]).exits_with(2);
    home.run(&["plugin", "new", "../x"]).exits_with(2);
    // Of all versions that its Cargo.toml allows, those that are there anyway.
    let checkout = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::copy(checkout.join("Cargo.lock"), home.house.path("owner-label/Cargo.lock")).unwrap();
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plugin-template");
    let own_test = Command::new(env!("CARGO"))
        .args(["test", "--quiet"])
        .current_dir(home.house.path("owner-label"))
        .env("CARGO_TARGET_DIR", &target)
        .output();
    let own_test = Ran::from(own_test.unwrap()).exits_with(0);
    assert!(own_test.stdout.contains("2 passed"), "{}", own_test.stdout);
    let build = home
        .command(&["plugin", "build", "owner-label"])
        .env("CARGO_TARGET_DIR", &target)
        .output();
    Ran::from(build.unwrap()).exits_with(0);

    home.house.write(
        "pullcreds.toml",
        &format!(
            "{}[[plugin]]\npath = \"owner-label/owner-label.wasm\"\nallow = [\"/labels\"]\n[plugin.settings]\nowner = \"team-x\"\n",
            crate::util::POLICY
        ),
    );
    home.run(&["plugin", "pin"]).exits_with(0);
    let told = home.run(&["check", "--plugins", "app.json"]).exits_with(1).stderr;
    assert!(told.contains("warning[owner-label/OL001 missing-owner]"), "{told}");
    assert!(told.contains("2 fixable"), "{told}");
    home.run(&["fix", "--plugins", "app.json"]).exits_with(0);
    let fixed = home.house.read("app.json");
    assert!(
        fixed.contains("\"labels\": {\n    \"owner\": \"team-x\"\n  }"),
        "{fixed}"
    );
    home.run(&["check", "--plugins", "app.json"]).exits_with(0);
    // A rule that is not wanted makes no change.
    home.house.write("app.json", APP);
    home.run(&["fix", "--plugins", "--ignore", "owner-label/OL001", "app.json"])
        .exits_with(0);
    assert!(!home.house.read("app.json").contains("labels"));
    // Settings that it cannot use are told as such.
    let policy = home.house.read("pullcreds.toml").replace("\"team-x\"", "7");
    home.house.write("pullcreds.toml", &policy);
    let told = home.run(&["check", "--plugins", "app.json"]).exits_with(2).stderr;
    assert!(
        told.contains("it cannot use its settings: `owner` is to be a string"),
        "{told}"
    );
}

/// Whether plugins can be built here; asks rustup for the target where it is missing.
fn is_target_there() -> bool {
    let has = || {
        let output = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"])
            .output();
        output.is_ok_and(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
    };
    if has() {
        return true;
    }
    let _ = Command::new("rustup")
        .args(["target", "add", "wasm32-unknown-unknown"])
        .status();
    if has() {
        return true;
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "wanted here: the target wasm32-unknown-unknown"
    );
    eprintln!("left out: building a plugin, as the compiler has no std for wasm32-unknown-unknown");
    false
}
