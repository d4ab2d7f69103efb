//! Runs one task over every file, in the threads that find them, and brings what it says into one order.
//!
//! Knows nothing of what the task does. A file that has nothing to say leaves nothing behind but its count.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::args::WalkArguments;
use crate::buffer::Buffer;
use crate::config::{Finder, Folder, Found};
use crate::directory::{Directory, Opened};
use crate::outcome::{Problem, Tally, in_words};
use crate::paths::{is_in, parent, plain};
use crate::progress::Counter;
use crate::report::{Report, Seen, safe};
use crate::sources::Sources;

/// Named files are shared out among threads from this many on.
const WORTH_THREADS: usize = 16;

/// One file's text, as a task gets it.
pub(crate) struct Text<'a> {
    /// `None` for standard input.
    pub(crate) path: Option<&'a Path>,
    name: &'a Path,
    pub(crate) bytes: &'a [u8],
    pub(crate) folder: &'a Folder,
    /// The file, open still, in a run over many.
    pub(crate) opened: Option<Opened<'a>>,
    /// Only ever true for standard input, which still wants an answer.
    pub(crate) excluded: bool,
}

impl<'a> Text<'a> {
    /// The text of a command that takes one.
    pub(crate) fn new(path: Option<&'a Path>, name: &'a Path, bytes: &'a [u8], folder: &'a Folder) -> Text<'a> {
        Text {
            path,
            name,
            bytes,
            folder,
            opened: None,
            excluded: false,
        }
    }

    /// As it is shown to a person.
    pub(crate) fn name(&self) -> String {
        self.shown().into_owned()
    }

    /// The same, not copied where that is not needed.
    pub(crate) fn shown(&self) -> Cow<'_, str> {
        self.name.to_string_lossy()
    }

    /// Relative to the policy, where the policy silences rules by path.
    pub(crate) fn policy_path(&self) -> Option<String> {
        self.folder.policy_path(self.name)
    }
}

/// What a task says of one file; all of it empty for most.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What the report makes of it.
    pub(crate) report: Vec<u8>,
    /// For standard output, whatever the report.
    pub(crate) data: Vec<u8>,
    /// For standard error, whatever the report.
    pub(crate) note: Vec<u8>,
    /// Why a text that was written straight to standard output is not there whole.
    pub(crate) unwritten: Option<io::Error>,
}

impl Said {
    fn is_nothing(&self) -> bool {
        self.report.is_empty() && self.data.is_empty() && self.note.is_empty()
    }
}

/// What is done with each text.
pub(crate) type Task<'a> = dyn Fn(&Text<'_>, &mut Tally) -> Said + Sync + 'a;

/// A run over all sources.
pub(crate) struct Run<'a> {
    pub(crate) finder: &'a Finder,
    pub(crate) report: &'a dyn Report,
    pub(crate) task: &'a Task<'a>,
    /// The name under which standard input goes.
    pub(crate) stdin_name: Option<&'a Path>,
    /// Whether files that are passed over are named.
    pub(crate) is_verbose: bool,
}

/// Everything that was said, by name, and the counts.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) said: Vec<(String, Said)>,
    pub(crate) tally: Tally,
    pub(crate) unwritten: Option<io::Error>,
}

impl Run<'_> {
    /// Does all of it.
    ///
    /// # Errors
    /// When standard input cannot be read; what is wrong with a file is in the results.
    pub(crate) fn over(&self, sources: &Sources, how: &WalkArguments, quiet: bool) -> io::Result<Results> {
        let shared = Shared::default();
        let worker = || Worker {
            run: self,
            shared: &shared,
            buffer: Buffer::default(),
            here: None,
            results: Results::default(),
        };
        if sources.stdin {
            worker().stdin()?;
        }
        self.named(&sources.files, how.threads(), &worker);
        if !sources.folders.is_empty() {
            thread::scope(|scope| {
                let _watch = (!quiet).then(|| shared.counter.show(scope));
                sources.walk(how, self.finder, || {
                    let mut worker = worker();
                    move |found: Result<&Path, ignore::Error>| match found {
                        Ok(path) => worker.found(path),
                        Err(error) => worker.lost(&error),
                    }
                });
            });
        }
        let mut results = shared.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.said.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(results)
    }

    fn named<'w>(&self, files: &[PathBuf], threads: usize, worker: &(dyn Fn() -> Worker<'w> + Sync)) {
        let threads = match threads {
            0 if files.len() < WORTH_THREADS => 1,
            0 => thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(files.len()),
        };
        if threads <= 1 {
            let mut worker = worker();
            return files.iter().for_each(|path| worker.named(path));
        }
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut worker = worker();
                    while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        worker.named(path);
                    }
                });
            }
        });
    }
}

#[derive(Default)]
struct Shared {
    results: Mutex<Results>,
    /// Broken policies that were told already.
    told: Mutex<HashSet<String>>,
    counter: Counter,
}

/// One thread's part; hands it in when dropped.
struct Worker<'a> {
    run: &'a Run<'a>,
    shared: &'a Shared,
    buffer: Buffer,
    here: Option<Here>,
    results: Results,
}

/// The folder that a thread is in.
struct Here {
    /// As the files' paths have it.
    path: PathBuf,
    directory: Directory,
    found: Found,
}

impl Worker<'_> {
    fn stdin(&mut self) -> io::Result<()> {
        self.buffer.stdin()?;
        let name = self.run.stdin_name.unwrap_or(Path::new("<stdin>"));
        if let Some(folder) = self.folder(name) {
            let excluded = self.run.stdin_name.is_some() && self.excludes(&folder, name);
            self.text(None, name, &folder, excluded);
        }
        Ok(())
    }

    /// A file that the command line names.
    fn named(&mut self, path: &Path) {
        let Some(folder) = self.folder(path) else { return };
        if !self.excludes(&folder, path) {
            return self.file(path, &folder, Buffer::file);
        }
        self.results.tally.excluded += 1;
        if self.run.is_verbose {
            let name = path.to_string_lossy().into_owned();
            let note = format!(
                "passed over {}: excluded by the policy or by --exclude\n",
                safe::line(&name)
            );
            let said = Said {
                note: note.into_bytes(),
                ..Said::default()
            };
            self.results.said.push((name, said));
        }
    }

    /// A file that a search found; exclusion was the search's business.
    fn found(&mut self, path: &Path) {
        self.shared.counter.count();
        if let Some(folder) = self.folder(path) {
            // The search finds regular files alone.
            self.file(path, &folder, Buffer::regular);
        }
    }

    /// Something that a search could not look at.
    fn lost(&mut self, error: &ignore::Error) {
        let (name, message) = match error {
            ignore::Error::WithDepth { err, .. } => return self.lost(err),
            ignore::Error::WithPath { path, err } => {
                let message = match err.io_error() {
                    Some(error) => format!("cannot be read: {}", in_words(error)),
                    None => err.to_string(),
                };
                (plain(path).to_string_lossy().into_owned(), message)
            }
            error => (String::new(), error.to_string()),
        };
        self.fail(name, b"", &Problem::new(message));
    }

    fn file(&mut self, path: &Path, folder: &Folder, read: fn(&mut Buffer, &File) -> io::Result<()>) {
        let opened = match (&self.here, path.file_name()) {
            (Some(here), Some(name)) => here.directory.open(name),
            _ => File::open(path),
        };
        let read = opened.and_then(|file| read(&mut self.buffer, &file).map(|()| file));
        match read {
            Ok(file) => self.text(Some(&file), path, folder, false),
            Err(error) => {
                let problem = Problem::new(format!("cannot be read: {}", in_words(&error)));
                self.fail(path.to_string_lossy().into_owned(), b"", &problem);
            }
        }
        self.buffer.shrink();
    }

    /// Standard input has no file.
    fn text(&mut self, file: Option<&File>, name: &Path, folder: &Folder, excluded: bool) {
        let text = Text {
            path: file.map(|_| name),
            name,
            bytes: self.buffer.text(),
            folder,
            opened: file.zip(self.here.as_ref()).map(|(file, here)| Opened {
                directory: &here.directory,
                file,
            }),
            excluded,
        };
        let tally = &mut self.results.tally;
        // A defect that one file brings to light must not keep the others from being done.
        match panic::catch_unwind(AssertUnwindSafe(|| (self.run.task)(&text, tally))) {
            Ok(Said {
                unwritten: Some(error), ..
            }) => self.results.unwritten = Some(error),
            Ok(said) if said.is_nothing() => {}
            Ok(said) => self.results.said.push((text.name(), said)),
            Err(_) => {
                let problem = Problem::new("internal error: pullcreds failed on this file; nothing was changed")
                    .with_help("this is a defect of pullcreds; please report it with the file if you may share it");
                self.fail(name.to_string_lossy().into_owned(), b"", &problem);
            }
        }
    }

    fn fail(&mut self, name: String, text: &[u8], problem: &Problem) {
        self.results.tally.failed += 1;
        let report = self.run.report.file(&Seen::failed(&name, text, problem));
        self.results.said.push((
            name,
            Said {
                report,
                ..Said::default()
            },
        ));
    }

    /// The policy's folder; a broken policy is told once, by whoever meets it first.
    fn folder(&mut self, path: &Path) -> Option<Arc<Folder>> {
        if self.here.as_ref().is_none_or(|here| !is_in(&here.path, path)) {
            let parent = parent(path);
            self.here = Some(Here {
                path: parent.to_owned(),
                directory: Directory::new(parent),
                found: self.run.finder.folder(parent),
            });
        }
        match &self.here.as_ref()?.found {
            Ok(folder) => Some(Arc::clone(folder)),
            Err(bad) => {
                let bad = Arc::clone(bad);
                let mut told = self.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
                let is_new = told.insert(bad.name.clone());
                drop(told);
                if is_new {
                    self.fail(bad.name.clone(), bad.text.as_bytes(), &bad.problem);
                }
                None
            }
        }
    }

    fn excludes(&self, folder: &Folder, path: &Path) -> bool {
        self.run.finder.excludes(folder, path, false)
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mine = std::mem::take(&mut self.results);
        let mut all = self.shared.results.lock().unwrap_or_else(PoisonError::into_inner);
        all.said.extend(mine.said);
        all.tally.join(mine.tally);
        all.unwritten = all.unwritten.take().or(mine.unwritten);
    }
}
