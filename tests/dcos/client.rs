//! The real client: `dcoscli` from PyPI in a virtual environment of its own, made once and kept in the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The last release. Changing anything here makes a new environment.
const CLIENT: [&str; 2] = ["dcoscli==0.6.1", "dcos==0.6.1"];
/// What it needs to be built and to run on a Python of today; its own pins are of 2017.
const BUILD: [&str; 2] = ["setuptools<66", "wheel"];
const NEEDS: [&str; 17] = [
    "cryptography",
    "docopt",
    "pkginfo",
    "toml",
    "requests",
    "jsonschema<3",
    "pager",
    "portalocker",
    "prettytable==0.7.2",
    "pygments",
    "sseclient",
    "PyJWT<2",
    "six",
    "retrying",
    "rollbar",
    "virtualenv",
    "typing_extensions",
];
/// Python 3.10 took the abstract types out of `collections`.
const SITE: &str = "import collections
import collections.abc
for name in dir(collections.abc):
    if name[0].isupper() and not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
";

/// The folder with `dcos` and `python`; `None` where they cannot be had, which CI does not forgive.
#[expect(clippy::print_stderr, reason = "what a test left out must be seen")]
pub(super) fn folder() -> Option<&'static Path> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match MADE.get_or_init(make) {
        Ok(folder) => Some(folder),
        Err(why) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("no dcos client: {why}"),
        Err(why) => {
            eprintln!("left out: the dcos client could not be installed: {why}");
            None
        }
    }
}

fn make() -> Result<PathBuf, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dcoscli-0.6.1");
    fs::create_dir_all(&home).map_err(|error| error.to_string())?;
    // Another run of the tests may be at it.
    let lock = File::create(home.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    // A virtual environment knows where it lies, so that a copied target folder needs one of its own.
    let place = home.to_string_lossy();
    let recipe = [&CLIENT[..], &BUILD, &NEEDS, &[SITE, &place]].concat().join("\n");
    let (environment, made) = (home.join("venv"), home.join("made"));
    let folder = environment.join("bin");
    if fs::read_to_string(&made).is_ok_and(|known| known == recipe) && folder.join("dcos").is_file() {
        return Ok(folder);
    }
    let environment = environment.to_string_lossy();
    run("python3", &["-m", "venv", "--clear", &environment])?;
    let python = folder.join("python");
    let python = python.to_string_lossy();
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(&python, &[&pip[..], &BUILD].concat())?;
    run(
        &python,
        &[&pip[..], &["--no-deps", "--no-build-isolation"], &CLIENT].concat(),
    )?;
    run(&python, &[&pip[..], &NEEDS].concat())?;
    let site = run(
        &python,
        &["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
    )?;
    let site = Path::new(site.trim()).join("sitecustomize.py");
    fs::write(site, SITE).map_err(|error| error.to_string())?;
    run(&folder.join("dcos").to_string_lossy(), &["marathon", "--help"])?;
    fs::write(made, recipe).map_err(|error| error.to_string())?;
    Ok(folder)
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} {}: {stderr}", arguments.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
