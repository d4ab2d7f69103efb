//! Other people's programs agree: jsonpatch for Python applies what `patch` prints to what `fix` writes, and the core in a
//! build of its own writes the same bytes as in a build of everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Applies each patch to its definition and compares the result with the definition that `fix` wrote, all as values.
const APPLY_ALL: &str = r#"
import json, pathlib, sys
import jsonpatch

def read(path):
    return json.loads(path.read_text(encoding="utf-8-sig"))

folders = [path for path in pathlib.Path(sys.argv[1]).iterdir()]
for folder in folders:
    patch = jsonpatch.JsonPatch(read(folder / "patch.json"))
    if patch.apply(read(folder / "before.json")) != read(folder / "after.json"):
        sys.exit(f"{folder.name}: the patch gives something else than fix")
print(len(folders))
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cases that need nothing but a policy, as folders.
fn cases() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for area in fs::read_dir(root().join("fixtures/cases")).unwrap() {
        for case in fs::read_dir(area.unwrap().path()).unwrap() {
            let case = case.unwrap().path();
            let about = fs::read_to_string(case.join("case.toml")).unwrap();
            let flags = ["kind", "group", "current", "path", "select", "ignore", "unsafe-fixes"];
            if !about
                .lines()
                .any(|line| flags.iter().any(|flag| line.starts_with(&format!("{flag} ="))))
            {
                folders.push(case);
            }
        }
    }
    folders.sort();
    folders
}

fn policy(case: &Path) -> PathBuf {
    let own = case.join("policy.toml");
    if own.is_file() {
        own
    } else {
        root().join("fixtures/policy.toml")
    }
}

/// What a subcommand prints for a case.
fn printed(program: &Path, subcommand: &str, case: &Path) -> Vec<u8> {
    let mut command = Command::new(program);
    command.arg(subcommand).arg("--config").arg(policy(case)).arg("-");
    let input = fs::File::open(case.join("input.json")).unwrap();
    command.stdin(input).output().unwrap().stdout
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_pullcreds"))
}

/// A Python with jsonpatch in it; made once and kept beside the build.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jsonpatch");
    let python = folder.join("bin/python3");
    let works = |python: &Path| {
        Command::new(python)
            .args(["-c", "import jsonpatch"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !works(&python) {
        let _ = fs::remove_dir_all(&folder);
        let _ = Command::new("python3").args(["-m", "venv"]).arg(&folder).output();
        let _ = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "jsonpatch==1.33"])
            .output();
    }
    works(&python).then_some(python)
}

#[test]
fn another_implementation_applies_the_patches_to_the_same_result() {
    let Some(python) = python() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "python3 with venv and pip is wanted here"
        );
        eprintln!("left out: python3 cannot make an environment with jsonpatch");
        return;
    };
    let all = tempfile::tempdir().unwrap();
    let mut count = 0;
    for (index, case) in cases().iter().enumerate() {
        let patch = printed(program(), "patch", case);
        if patch.trim_ascii() == b"[]" || patch.is_empty() {
            continue;
        }
        let folder = all.path().join(index.to_string());
        fs::create_dir(&folder).unwrap();
        fs::copy(case.join("input.json"), folder.join("before.json")).unwrap();
        fs::write(folder.join("patch.json"), patch).unwrap();
        fs::write(folder.join("after.json"), printed(program(), "fix", case)).unwrap();
        count += 1;
    }
    assert!(count > 50, "only {count} cases have a patch");
    let output = Command::new(python)
        .args(["-c", APPLY_ALL])
        .arg(all.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said, count.to_string());
}

/// Features of a dependency that some other package of a build switches on must not change a byte.
#[test]
fn a_build_of_one_package_gives_the_same_bytes() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alone");
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "pullcreds",
            "--no-default-features",
            "--locked",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(root())
        .status()
        .unwrap();
    assert!(status.success());
    let alone = target.join("debug/pullcreds");
    let mut changed = 0;
    for case in cases() {
        for subcommand in ["fix", "patch"] {
            let (here, there) = (
                printed(program(), subcommand, &case),
                printed(&alone, subcommand, &case),
            );
            assert_eq!(here, there, "{subcommand} {}", case.display());
        }
        changed += usize::from(case.join("output.json").is_file());
    }
    assert!(changed > 50);
}
