//! Programs of Debian's packages, installed where that is fitting.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::installed::{leave_out, run};

/// Whether these programs of Debian's packages are here. Where they are not, they are installed, but only by root, and
/// only where no service would be started by that: in CI, and in a container.
pub(crate) fn are_here(what: &str, programs: &[(&str, &str)]) -> bool {
    static LOCK: Mutex<()> = Mutex::new(());
    let _guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = || -> Vec<&str> {
        let missing = programs.iter().filter(|(program, _)| find(program).is_none());
        missing.map(|(_, package)| *package).collect()
    };
    let packages = missing();
    if packages.is_empty() {
        return true;
    }
    let is_ci = std::env::var("CI").as_deref() == Ok("true");
    if is_ci || !Path::new("/run/systemd/system").exists() {
        let apt = |arguments: &[&str]| {
            run(Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"))
        };
        let install = [&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat();
        if let Err(why) = apt(&["update"]).and_then(|()| apt(&install)) {
            leave_out(what, &why);
            return false;
        }
    }
    let packages = missing();
    if !packages.is_empty() {
        leave_out(what, &format!("apt-get install {}", packages.join(" ")));
    }
    packages.is_empty()
}

/// A program on the PATH, or where Debian keeps those of the administrator.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&paths).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}
