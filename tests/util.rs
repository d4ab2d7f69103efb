//! A folder of files and the program run in it, so that tests read like sentences.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Marathon app whose image is private.
pub(crate) const APP: &str = r#"{
  "id": "/team/web",
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "private.example.com/web:1.2"
    }
  },
  "instances": 1
}
"#;

/// A policy that says where the credentials for it are.
pub(crate) const POLICY: &str = r#"
[[registry]]
match = "private.example.com"
archive = "file:///etc/docker.tar.gz"
"#;

/// A folder that is gone after the test.
pub(crate) struct House {
    folder: tempfile::TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl House {
    pub(crate) fn new(files: &[(&str, &str)]) -> House {
        let house = House {
            folder: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            house.write(path, text);
        }
        house
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The program, to be run in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pullcreds"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with_stdin(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // Who does not read it all is not at fault.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    }

    /// The files that a run looks at: each is broken, and told to be an app, so each is complained of.
    pub(crate) fn looked_at(&self, arguments: &[&str]) -> Vec<String> {
        let ran = self.run(&[&["check", "--kind", "app", "--format", "json"], arguments].concat());
        ran.report()["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("GIT_CEILING_DIRECTORIES", self.above());
        Ran::from(command.output().unwrap())
    }

    fn above(&self) -> &Path {
        self.folder.path().parent().unwrap()
    }
}

impl Ran {
    /// Standard output as the JSON report.
    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It ran to an end of its own, whatever it found.
    #[track_caller]
    pub(crate) fn exits_with_any(self) -> Ran {
        assert!(matches!(self.code, Some(0..=2)), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn exits_with(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self:?}");
        self
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
