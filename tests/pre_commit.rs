//! The hooks as their users run them: pre-commit itself, from PyPI, builds this very tree and runs what came out on a
//! repository of its user.
//!
//! What is built is the working tree, committed to a repository of its own; so are changes that nobody has committed
//! yet. The same tree gives the same commit, so that pre-commit builds it only once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::installed;
use crate::util::{APP, House, POLICY, Ran};

/// Kept between runs, below the target folder.
const KEPT: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/pre-commit");

const PUBLIC: &str = r#"{"id": "/team/proxy", "container": {"docker": {"image": "nginx:1.25"}}}"#;

/// Broken where it would matter, if anybody took it for Marathon's.
const PACKAGE: &str = "{\n  \"name\": \"web\",\n  \"version\": \"1.0.0\"\n}\n";

#[test]
fn a_commit_with_a_missing_credential_is_stopped_and_the_next_one_passes() {
    let Some(user) = User::new("pullcreds-fix", "") else {
        return;
    };
    user.house.write("services/web.json", APP);
    let ran = user.commit();
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stderr.contains("files were modified by this hook"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("services/web.json: fixed 1 finding: MC001"),
        "{}",
        ran.stderr
    );
    let fixed = user.house.read("services/web.json");
    assert!(fixed.contains("\"uri\": \"file:///etc/docker.tar.gz\""), "{fixed}");
    user.commit().exits_with(0);
    assert_eq!(user.house.git(&["show", "HEAD:services/web.json"]).stdout, fixed);
}

#[test]
fn the_hook_that_checks_stops_a_commit_and_changes_nothing() {
    let Some(user) = User::new("pullcreds-check", "") else {
        return;
    };
    user.house.write("services/web.json", APP);
    let ran = user.commit();
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("error[MC001 missing-archive]"), "{}", ran.stderr);
    assert!(ran.stderr.contains(" --> services/web.json:6:"), "{}", ran.stderr);
    assert_eq!(user.house.read("services/web.json"), APP);
}

#[test]
fn files_that_are_not_for_it_pass_both_hooks() {
    for hook in ["pullcreds-check", "pullcreds-fix"] {
        let Some(user) = User::new(hook, "") else { return };
        let others = [
            ("package.json", PACKAGE),
            ("proxy.json", PUBLIC),
            ("broken.json", "{ not json"),
            ("README.md", APP),
        ];
        for (path, text) in others {
            user.house.write(path, text);
        }
        let ran = user.commit().exits_with(0);
        assert!(ran.stderr.contains("Passed"), "the hook was to run: {}", ran.stderr);
        for (path, text) in others {
            assert_eq!(user.house.read(path), text);
        }
    }
}

#[test]
fn what_is_excluded_is_left_alone() {
    let Some(user) = User::new("pullcreds-fix", "        exclude: ^generated/\n") else {
        return;
    };
    user.house
        .write("pullcreds.toml", &format!("exclude = [\"/vendor\"]\n{POLICY}"));
    for path in ["generated/a.json", "vendor/b.json", "services/c.json"] {
        user.house.write(path, APP);
    }
    let ran = user.commit();
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        user.house.read("generated/a.json"),
        APP,
        "by pre-commit's configuration"
    );
    assert_eq!(user.house.read("vendor/b.json"), APP, "by the policy");
    assert_ne!(user.house.read("services/c.json"), APP);
    user.commit().exits_with(0);
}

#[test]
fn files_by_other_names_can_be_asked_for() {
    let more = "        files: \\.marathon$\n        types: [file]\n";
    let Some(user) = User::new("pullcreds-fix", more) else {
        return;
    };
    user.house.write("web.marathon", APP);
    assert_ne!(user.commit().code, Some(0));
    user.commit().exits_with(0);
    assert_ne!(user.house.read("web.marathon"), APP);
}

/// Somebody's repository with one of the hooks installed.
struct User {
    house: House,
    hooks: &'static Hooks,
}

impl User {
    /// `more` is added to the hook's entry. `None` where pre-commit cannot be had.
    fn new(hook: &str, more: &str) -> Option<User> {
        let hooks = Hooks::get()?;
        let configuration = format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: {hook}\n{more}",
            hooks.repository.display(),
            hooks.commit
        );
        let user = User {
            house: House::new(&[(".pre-commit-config.yaml", &configuration), ("pullcreds.toml", POLICY)]),
            hooks,
        };
        user.git(&["init", "--quiet"]).exits_with(0);
        let ran = user
            .hooks
            .run(user.hooks.pre_commit(&user.house.path(".")).arg("install"));
        assert!(ran.status.success(), "{ran:?}");
        Some(user)
    }

    fn commit(&self) -> Ran {
        self.git(&["add", "--all"]).exits_with(0);
        self.git(&[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.com",
            "commit",
            "-m",
            "Change",
        ])
    }

    /// With the surroundings that pre-commit needs, which git hands on to it.
    fn git(&self, arguments: &[&str]) -> Ran {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.house.path("."));
        Ran::from(self.hooks.run(&mut git))
    }
}

/// The repository that offers the hooks, and the program that runs them.
struct Hooks {
    repository: PathBuf,
    commit: String,
    program: PathBuf,
}

impl Hooks {
    /// `None`, with a word about it, where the tools cannot be had; a failure where they must be.
    fn get() -> Option<&'static Hooks> {
        static HOOKS: OnceLock<Option<Hooks>> = OnceLock::new();
        let make = || {
            let program = installed::pre_commit()?;
            let hooks = Hooks::make(program);
            hooks.map_err(|why| installed::leave_out("pre-commit", &why)).ok()
        };
        HOOKS.get_or_init(make).as_ref()
    }

    fn make(program: PathBuf) -> Result<Hooks, String> {
        fs::create_dir_all(KEPT).map_err(|error| error.to_string())?;
        // Another run of the tests may be at the same.
        let lock = fs::File::create(Path::new(KEPT).join("lock")).map_err(|error| error.to_string())?;
        lock.lock().map_err(|error| error.to_string())?;
        let (repository, commit) = working_tree()?;
        let hooks = Hooks {
            repository,
            commit,
            program,
        };
        hooks.forget_others()?;
        hooks.build()?;
        Ok(hooks)
    }

    /// What pre-commit keeps, for this tree alone.
    fn home(&self) -> PathBuf {
        Path::new(KEPT).join("homes").join(&self.commit)
    }

    /// Removes what it kept of trees as they were.
    fn forget_others(&self) -> Result<(), String> {
        fs::create_dir_all(self.home()).map_err(|error| error.to_string())?;
        for entry in fs::read_dir(Path::new(KEPT).join("homes")).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path != self.home() {
                fs::remove_dir_all(path).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Has pre-commit build the hooks, which it does with `cargo install`, without `--locked`.
    fn build(&self) -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let configuration = format!(
            "repos: [{{repo: '{}', rev: {}, hooks: [{{id: pullcreds-fix}}]}}]\n",
            self.repository.display(),
            self.commit
        );
        fs::write(folder.path().join(".pre-commit-config.yaml"), configuration).map_err(|error| error.to_string())?;
        done(Command::new("git").args(["init", "--quiet"]).current_dir(&folder))?;
        let mut install = self.pre_commit(folder.path());
        install.arg("install-hooks");
        let ran = self.run(&mut install);
        // The tools are there; that the tree does not build is no reason to leave anything out.
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
        Ok(())
    }

    fn pre_commit(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder);
        command
    }

    fn run(&self, command: &mut Command) -> Output {
        command
            .env("PRE_COMMIT_HOME", self.home())
            // What is built of the dependencies is of use to the next commit, too.
            .env("CARGO_TARGET_DIR", Path::new(KEPT).join("target"));
        output(command).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A repository with one commit, the working tree as it stands; and the commit.
fn working_tree() -> Result<(PathBuf, String), String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = done(list.current_dir(from))?;
    let repository = Path::new(KEPT).join("repository");
    if repository.exists() {
        fs::remove_dir_all(&repository).map_err(|error| error.to_string())?;
    }
    for name in list.split('\0').filter(|name| !name.is_empty()) {
        let (source, target) = (from.join(name), repository.join(name));
        // A file that was deleted and is still in the index.
        if source.is_file() {
            fs::create_dir_all(target.parent().unwrap_or(&repository)).map_err(|error| error.to_string())?;
            fs::copy(&source, &target).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args([
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.com",
            "-c",
            "commit.gpgsign=false",
        ]);
        git.args(arguments).current_dir(&repository);
        // The commit is a function of the tree alone.
        git.env("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z");
        git.env("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z");
        done(&mut git)
    };
    git(&["init", "--quiet"])?;
    git(&["add", "--all", "--force"])?;
    git(&["commit", "--quiet", "--message", "The working tree"])?;
    let commit = git(&["rev-parse", "HEAD"])?;
    Ok((repository, commit.trim().to_owned()))
}

fn done(command: &mut Command) -> Result<String, String> {
    let output = output(command)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A test is run by cargo, perhaps from within a hook: what those have to say is not meant for what is run here, nor is
/// what the person at this machine has told git.
fn output(command: &mut Command) -> Result<Output, String> {
    let is_inner = |name: &str| {
        (name.starts_with("CARGO_") && name != "CARGO_HOME")
            || name.starts_with("GIT_")
            || name.starts_with("PRE_COMMIT")
    };
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let given: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
    for name in names.filter(|name| (is_inner(name) || name == "SKIP") && !given.iter().any(|given| *given == **name)) {
        command.env_remove(name);
    }
    command
        .env("GIT_CONFIG_GLOBAL", Path::new(KEPT).join("no-such-file"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .map_err(|error| format!("{command:?}: {error}"))
}
