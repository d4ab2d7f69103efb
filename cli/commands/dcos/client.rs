//! The real `dcos`: finds it, asks it, and hands over to it. Knows nothing of definitions.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, IsTerminal, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::bail;

use crate::outcome::{Exit, in_words};

/// Names the real client, where it is not the first on PATH.
const NAMED: &str = "PULLCREDS_DCOS";
/// What was run already: a `dcos` on PATH that is a script around `pullcreds dcos` leads here again, and is passed over
/// then.
const TRIED: &str = "PULLCREDS_DCOS_TRIED";

pub(super) struct Client {
    program: PathBuf,
    tried: OsString,
}

/// What the client said when it was asked.
pub(super) enum Answer {
    Said(Vec<u8>),
    /// Why it would not, it has told itself.
    Refused(Exit),
}

impl Client {
    /// # Errors
    /// When there is none.
    pub(super) fn find() -> anyhow::Result<Client> {
        let tried = std::env::var_os(TRIED).unwrap_or_default();
        let mut passed_over: Vec<PathBuf> = std::env::split_paths(&tried).collect();
        passed_over.extend(std::env::current_exe().ok().and_then(|own| own.canonicalize().ok()));
        let is_ours = |program: &Path| {
            program
                .canonicalize()
                .is_ok_and(|program| passed_over.contains(&program))
        };
        let program = match std::env::var_os(NAMED).filter(|named| !named.is_empty()) {
            Some(named) => {
                let named = PathBuf::from(named);
                if !named.is_file() {
                    bail!("{NAMED} names {}, which is no file", named.display());
                }
                if is_ours(&named) {
                    bail!("{NAMED} names {}, which runs pullcreds again", named.display());
                }
                named
            }
            None => match on_path().find(|program| !is_ours(program)) {
                Some(program) => program,
                None if tried.is_empty() => bail!("no dcos on PATH: install the DC/OS CLI, or name it with {NAMED}"),
                None => bail!(
                    "no dcos on PATH but {}, which runs pullcreds again; name the real one with {NAMED}",
                    tried.display()
                ),
            },
        };
        let canonical = program.canonicalize().unwrap_or_else(|_| program.clone());
        let known = std::env::split_paths(&tried).filter(|path| !path.as_os_str().is_empty());
        let tried = std::env::join_paths(known.chain([canonical])).unwrap_or_default();
        Ok(Client { program, tried })
    }

    /// Runs it and takes what it prints; what it complains of goes where it always goes.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(super) fn ask(&self, arguments: &[OsString], complains: bool) -> anyhow::Result<Answer> {
        let mut command = self.command(arguments);
        // It may want to ask for a password. Otherwise standard input holds the definition.
        let stdin = if io::stdin().is_terminal() {
            Stdio::inherit()
        } else {
            Stdio::null()
        };
        let stderr = if complains { Stdio::inherit() } else { Stdio::null() };
        // With it, what goes over the wire is printed among the answer.
        command.env_remove("DCOS_DEBUG").stdin(stdin).stderr(stderr);
        let output = command
            .stdout(Stdio::piped())
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .map_err(|error| self.cannot_run(&error))?;
        if output.status.success() {
            return Ok(Answer::Said(output.stdout));
        }
        if complains {
            // Some versions complain on standard output.
            io::stderr().lock().write_all(&output.stdout)?;
        }
        let code = output.status.code().and_then(|code| u8::try_from(code).ok());
        Ok(Answer::Refused(code.map_or(Exit::Failed, Exit::Client)))
    }

    /// Runs it in this program's place, with this text as its standard input, if there is one.
    ///
    /// The text goes through a file that has no name: nothing is left behind however the client ends, nobody else can
    /// open it, and no pipe has to be kept filled, so that this program can give way altogether.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(super) fn hand_over(&self, arguments: &[OsString], text: Option<&[u8]>) -> anyhow::Result<Exit> {
        let mut command = self.command(arguments);
        if let Some(text) = text {
            let file = nameless(text).map_err(|error| {
                let folder = std::env::temp_dir();
                anyhow::anyhow!(
                    "the temporary folder {}, through which the definition goes to dcos, cannot be written: {}",
                    folder.display(),
                    in_words(&error)
                )
            })?;
            command.stdin(Stdio::from(file));
        }
        io::stdout().flush()?;
        self.replace(command)
    }

    #[cfg(unix)]
    fn replace(&self, mut command: Command) -> anyhow::Result<Exit> {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(self.cannot_run(&error))
    }

    #[cfg(not(unix))]
    fn replace(&self, mut command: Command) -> anyhow::Result<Exit> {
        let status = command.status().map_err(|error| self.cannot_run(&error))?;
        std::process::exit(status.code().unwrap_or(2));
    }

    fn command(&self, arguments: &[OsString]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env(TRIED, &self.tried);
        command
    }

    fn cannot_run(&self, error: &io::Error) -> anyhow::Error {
        anyhow::anyhow!("{} cannot be run: {}", self.program.display(), in_words(error))
    }
}

/// A file of the temporary folder that only this process and its children can reach.
fn nameless(text: &[u8]) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text)?;
    file.rewind()?;
    Ok(file)
}

fn on_path() -> impl Iterator<Item = PathBuf> {
    let names: &[&str] = if cfg!(windows) {
        &["dcos.exe", "dcos.cmd", "dcos.bat"]
    } else {
        &["dcos"]
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders
        .into_iter()
        .flat_map(move |folder| names.iter().map(move |name| folder.join(OsStr::new(name))))
        .filter(|program| is_program(program))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
