//! A host of docs/plugin.md, made ready as that page says, in a copy of its example below the build folder. What was made
//! is kept until something that it is made of changes.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::page::{self, Section};
use crate::util::{artifacts, checkout, leave_out};

/// A host that can be run.
pub(crate) struct Host {
    pub(crate) section: Section,
    /// Laid out as a checkout is.
    folder: PathBuf,
}

/// What a command of the page did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Host {
    /// Makes a host ready, or says what is missing. `needs` are commands that tell the versions of programs.
    pub(crate) fn ready(name: &str, needs: &[&str]) -> Option<Host> {
        let host = Host {
            section: page::section(name),
            folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts").join(name),
        };
        let what = format!("the hosts in {name}");
        let prepare = &host.section.prepare;
        let mut made_of = prepare.as_bytes().to_vec();
        for need in needs {
            let version = Command::new("sh").args(["-c", need]).output().unwrap();
            if !version.status.success() {
                let said = [version.stdout, version.stderr].concat();
                leave_out(&what, &format!("`{need}` fails: {}", String::from_utf8_lossy(&said)));
                return None;
            }
            made_of.extend(version.stdout);
        }
        let mut files = Vec::new();
        collect(&Path::new("examples/hosts").join(name.to_lowercase()), &mut files);
        for (name, bytes) in &files {
            made_of.extend([name.as_os_str().as_encoded_bytes(), bytes].concat());
        }
        if prepare.contains("$component") {
            made_of.extend(fs::read(&artifacts().component).unwrap());
        }
        let record = host.folder.join("made-of");
        if fs::read(&record).is_ok_and(|before| before == made_of) {
            return Some(host);
        }

        let _ = fs::remove_dir_all(&host.folder);
        for (name, _) in &files {
            let copy = host.folder.join(name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(checkout().join(name), copy).unwrap();
        }
        fs::create_dir(host.folder.join("target")).unwrap();
        symlink(artifacts().filter.parent().unwrap(), host.folder.join("target/plugin")).unwrap();
        let tests = std::env::current_exe().unwrap();
        symlink(tests.ancestors().nth(2).unwrap(), host.folder.join("target/debug")).unwrap();
        let ran = host.run(prepare, "");
        if ran.code != Some(0) {
            leave_out(
                &what,
                &format!("they cannot be made ready: {}{}", ran.stdout, ran.stderr),
            );
            return None;
        }
        fs::write(record, made_of).unwrap();
        Some(host)
    }

    /// Runs commands of the page, with this on standard input.
    pub(crate) fn run(&self, commands: &str, stdin: &str) -> Ran {
        let input = tempfile::NamedTempFile::new().unwrap();
        fs::write(&input, stdin).unwrap();
        let programs = self.folder.join("bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([programs.clone()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        let output = Command::new("sh")
            .args(["-e", "-c", &format!("{}{commands}", page::beginning())])
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("GOBIN", programs)
            .env_remove("PULLCREDS_POLICY")
            .stdin(File::open(&input).unwrap())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// The files below a folder of the checkout, but for what somebody has built there.
fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let mut names: Vec<_> = fs::read_dir(checkout().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != "node_modules" && name != "transformer" && name != "target")
        .collect();
    names.sort();
    for name in names {
        let path = folder.join(name);
        if checkout().join(&path).is_dir() {
            collect(&path, files);
        } else {
            let bytes = fs::read(checkout().join(&path)).unwrap();
            files.push((path, bytes));
        }
    }
}
