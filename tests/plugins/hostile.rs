//! Plugins that mean harm, or are broken: each ends in an error that names it and the file, in bounded time and memory, and
//! nothing is written.

use std::fs;

use super::guest::Guest;
use super::refusal::{refused, refused_at_once};
use super::{Home, cache};
use crate::util::{APP, House, Ran};

#[test]
fn an_endless_loop_is_stopped() {
    let home = Home::of(&Guest::doing("(loop $l (br $l)) unreachable"), "time-ms = 200");
    refused(&home, "it ran longer than the 200 ms that it may");
    let start = "(func $spin (loop $l (br $l))) (start $spin)";
    refused(
        &Home::of(&Guest::content().beside(start), "time-ms = 200"),
        "it ran longer",
    );
}

#[test]
fn a_memory_bomb_is_refused_its_memory() {
    let bomb = "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let said = refused(
        &Home::of(&Guest::doing(bomb), ""),
        "more memory than the 64 MiB that it may have",
    );
    assert!(said.contains("memory-mib"), "{said}");
    let all = "(drop (memory.grow (i32.const 60000))) unreachable";
    refused(
        &Home::of(&Guest::doing(all), "memory-mib = 8"),
        "more memory than the 8 MiB",
    );
}

#[test]
fn deep_calls_are_refused_their_stack() {
    let deep = "(call $transform (local.get $asked)) (drop) (call $transform (local.get $asked))";
    refused(&Home::of(&Guest::doing(deep), ""), "deeper than the 512 KiB of stack");
    refused(
        &Home::of(&Guest::doing(deep), "stack-kib = 64"),
        "deeper than the 64 KiB of stack",
    );
}

#[test]
fn a_huge_answer_is_not_taken() {
    // A gigabyte that it does not have, and a hundred megabytes that it has.
    refused(
        &Home::of(&Guest::patch_at(0, 1 << 30), ""),
        "what it hands back cannot be read",
    );
    let home = Home::of(&Guest::patch_at(0, 100 << 20).grown(), "memory-mib = 256");
    refused(&home, "more than the 16 MiB that it may");
    let home = Home::of(&Guest::patch_at(0, 3 << 20).grown(), "memory-mib = 256\noutput-mib = 2");
    refused(&home, "more than the 2 MiB that it may");
}

#[test]
fn two_million_findings_are_not_taken() {
    let said = refused(
        &Home::of(&Guest::findings(2_000_000), "memory-mib = 256"),
        "more than the 16 MiB that it may",
    );
    assert!(said.contains("output-mib"), "{said}");
    refused(
        &Home::of(&Guest::findings(2_000_000), ""),
        "more memory than the 64 MiB",
    );
}

#[test]
fn a_trap_ends_the_call_and_not_the_program() {
    refused(&Home::of(&Guest::doing("unreachable"), ""), "it broke off");
    let out = "(i32.load (i32.const -4))";
    refused(&Home::of(&Guest::doing(out), ""), "it broke off");
    refused(
        &Home::of(&Guest::doing("(i32.div_u (i32.const 1) (i32.const 0))"), ""),
        "it broke off",
    );
    // Where the answer should be is nothing.
    refused(&Home::of(&Guest::doing("i32.const -64"), ""), "cannot be read");
}

#[test]
fn answers_that_are_none_are_not_taken() {
    refused(
        &Home::of(&Guest::patching(b"[\xff\xfe]"), ""),
        "what it hands back cannot be read",
    );
    let none = "what it hands back as its patch is none";
    for patch in [
        "",
        "no JSON",
        "{}",
        "[1]",
        r#"[{"op": "add", "path": "labels", "value": 1}]"#,
    ] {
        refused(&Home::of(&Guest::patching(patch), "allow = [\"/labels\"]"), none);
    }
    for (guest, words) in [
        (Guest::finding("A 1", (0, 1), ""), "reports under the code `A 1`"),
        (Guest::finding("", (0, 1), ""), "reports under the code ``"),
        (
            Guest::finding("A1", (0, 100_000), ""),
            "a place that the text does not have",
        ),
        (Guest::finding("A1", (7, 3), ""), "a place that the text does not have"),
        (Guest::finding("A1", (0, 1), "id"), "its finding A1 has no place"),
    ] {
        refused(&Home::of(&guest, ""), words);
    }
}

#[test]
fn a_patch_that_does_not_fit_changes_nothing() {
    for (patch, words) in [
        (
            r#"[{"op": "add", "path": "/labels/a/b", "value": "x"}]"#,
            "there is no such member",
        ),
        (
            r#"[{"op": "remove", "path": "/labels/none"}]"#,
            "there is no such member",
        ),
        (
            r#"[{"op": "test", "path": "/id", "value": "/else"}]"#,
            "not the one that is tested for",
        ),
    ] {
        let home = Home::of(&Guest::patching(patch), "allow = [\"/labels\"]");
        let said = refused(&home, "its patch cannot be laid into the text");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn what_is_no_plugin_is_not_run() {
    let good = Guest::content().build();
    let mut large = good.clone();
    large.resize((16 << 20) + 1, 0);
    let importing = wat::parse_str(
        r#"(component (import "wasi:cli/environment@0.2.0" (instance)) (import "wasi:clocks/wall-clock@0.2.0" (instance)))"#,
    );
    let elsewhere = wat::parse_str("(component)").unwrap();
    for (bytes, words) in [
        (good[..good.len() / 2].to_vec(), "this is a broken component"),
        (
            importing.unwrap(),
            "it imports wasi:cli/environment@0.2.0, wasi:clocks/wall-clock@0.2.0",
        ),
        (
            elsewhere,
            "it exports nothing; this pullcreds speaks pullcreds:transform/transformer@0.1.x",
        ),
        (
            Guest::content().version("0.2.0").build(),
            "speaks pullcreds:transform/transformer@0.1.x",
        ),
        (
            wat::parse_str("(module)").unwrap(),
            "a WebAssembly module, and a plugin is a component",
        ),
        (b"#!/bin/sh\n".to_vec(), "no WebAssembly component"),
        (Vec::new(), "no WebAssembly component"),
        (large, "larger than 16 MiB"),
    ] {
        refused_at_once(&Home::new(&bytes, ""), words);
    }
}

#[test]
fn machine_code_is_not_taken_from_anybody() {
    let home = Home::of(&Guest::content(), "");
    home.fix().exits_with(0);
    let kept = fs::read_dir(cache().join("pullcreds/plugins")).unwrap();
    let compiled = kept.map(|entry| entry.unwrap().path()).next().unwrap();
    refused_at_once(&Home::new(&fs::read(compiled).unwrap(), ""), "precompiled code");
}

#[test]
fn only_the_pinned_digest_runs() {
    let home = Home::of(&Guest::content(), "");
    home.policy("");
    let said = refused_at_once(&home, "no digest is pinned");
    assert!(said.contains("`pullcreds plugin pin`"), "{said}");
    home.policy(&format!("sha256 = \"{}\"", "0".repeat(64)));
    refused_at_once(&home, "its file has another digest");
    fs::remove_file(home.house.path("guest.wasm")).unwrap();
    refused_at_once(&home, "cannot be read");
}

#[test]
fn a_folder_for_compiled_code_that_others_can_write_is_not_used() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::of(&Guest::content(), "");
    let caches = home.house.path("caches");
    let folder = caches.join("pullcreds/plugins");
    let run = || {
        let output = home
            .command(&["check", "--plugins", "app.json"])
            .env("XDG_CACHE_HOME", &caches)
            .output();
        // The app lacks its credentials, which is what the rules say, whatever else.
        Ran::from(output.unwrap()).exits_with(1);
        fs::read_dir(&folder).unwrap().count()
    };
    assert_eq!(run(), 1);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    assert_eq!(mode(&file), 0o600);
    // Somebody else may have put machine code there: what is kept is passed by, and made anew.
    fs::write(&file, b"\x7fELF").unwrap();
    assert_eq!(run(), 1);
    assert!(fs::metadata(&file).unwrap().len() > 1000);
    fs::remove_file(&file).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(run(), 0);
}

#[test]
fn compiled_code_that_nobody_uses_goes_in_the_end() {
    use std::time::{Duration, SystemTime};

    let caches = House::new(&[]);
    let run = |guest: &Guest| {
        let home = Home::of(guest, "");
        let mut command = home.command(&["check", "--plugins", "app.json"]);
        let output = command.env("XDG_CACHE_HOME", caches.path("caches")).output();
        Ran::from(output.unwrap()).exits_with(1);
    };
    let folder = caches.path("caches/pullcreds/plugins");
    let files = || -> Vec<_> {
        let entries = fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let age = |days: u64| {
        let time = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
        for file in files() {
            fs::File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
    };
    run(&Guest::content());
    let first = files();
    fs::write(folder.join("notes.txt"), "somebody's").unwrap();
    // It is used once more, and so it stays when the next one is kept.
    age(31);
    run(&Guest::content());
    run(&Guest::finding("A1", (0, 0), "/id"));
    assert_eq!(files().len(), 3);
    age(31);
    run(&Guest::finding("A2", (0, 0), "/id"));
    assert!(!first[0].exists() && folder.join("notes.txt").exists());
    assert_eq!(files().len(), 2);
}

/// What one file brings to light must not keep the others from being done.
#[test]
fn other_files_go_on() {
    // Breaks off when an app is longer than 300 bytes.
    let body =
        "(if (i32.gt_u (i32.load offset=4 (local.get $asked)) (i32.const 300)) (then unreachable)) i32.const 1024";
    let home = Home::of(&Guest::doing(body), "");
    let long = APP.replace("/team/web", &format!("/team/{}", "x".repeat(300)));
    home.house.write("long.json", &long);
    let ran = home.run(&["fix", "--plugins", "."]).exits_with(2);
    assert!(
        ran.stderr.contains("long.json") && ran.stderr.contains("plugin guest"),
        "{}",
        ran.stderr
    );
    assert_eq!(home.house.read("long.json"), long);
    assert!(home.house.read("app.json").contains("file:///etc/docker.tar.gz"));
}
