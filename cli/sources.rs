//! Which files: those named, those found in folders, standard input. Reads no file's contents.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ignore::{WalkBuilder, WalkState};

use crate::args::WalkArguments;
use crate::config::Finder;
use crate::paths::{is_in, parent, plain};

/// What the command line named, in three heaps.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) stdin: bool,
    /// Taken whatever they are called, unless excluded. Those that do not exist are here too: reading them says so.
    pub(crate) files: Vec<PathBuf>,
    /// To be searched.
    pub(crate) folders: Vec<PathBuf>,
}

impl Sources {
    /// Looks at each path once; a path named twice is done once.
    pub(crate) fn new(paths: &[PathBuf]) -> Sources {
        let mut sources = Sources::default();
        let mut seen = HashSet::new();
        for path in paths {
            if !seen.insert(plain(path)) {
            } else if path.as_os_str() == "-" {
                sources.stdin = true;
            } else if path.is_dir() {
                sources.folders.push(path.clone());
            } else {
                sources.files.push(plain(path).to_owned());
            }
        }
        sources
    }

    /// Searches the folders with several threads. `visitor` is called once a thread, and what it gives once a file.
    pub(crate) fn walk<'s, V>(&'s self, how: &WalkArguments, finder: &'s Finder, visitor: impl Fn() -> V)
    where
        V: FnMut(Result<&Path, ignore::Error>) + Send + 's,
    {
        let mut folders = self.folders.iter();
        let Some(first) = folders.next() else { return };
        let mut builder = WalkBuilder::new(first);
        folders.for_each(|folder| {
            builder.add(folder);
        });
        builder.hidden(!how.hidden).threads(how.threads());
        let honoured = !how.no_ignore;
        builder
            .ignore(honoured)
            .git_ignore(honoured)
            .git_global(honoured)
            .git_exclude(honoured)
            .parents(honoured);
        // A checkout without its .git, as in a container's build, ignores the same files.
        builder.require_git(false);

        let seen = Seen::new(self);
        let seen = &seen;
        builder.build_parallel().run(|| {
            let mut visit = visitor();
            let mut chooser = Chooser { finder, parent: None };
            Box::new(move |entry| {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        visit(Err(error));
                        return WalkState::Continue;
                    }
                };
                let Some(kind) = entry.file_type() else {
                    return WalkState::Continue;
                };
                if kind.is_dir() {
                    let skipped =
                        entry.depth() > 0 && (entry.file_name() == ".git" || chooser.excludes(entry.path(), true));
                    return if skipped { WalkState::Skip } else { WalkState::Continue };
                }
                let path = plain(entry.path());
                if kind.is_file() && chooser.takes(path) && seen.is_first(path) {
                    visit(Ok(path));
                }
                WalkState::Continue
            })
        });
    }
}

/// Guards against doing a file twice where what was named overlaps.
struct Seen<'s> {
    named: HashSet<&'s Path>,
    found: Option<Mutex<HashSet<PathBuf>>>,
}

impl<'s> Seen<'s> {
    fn new(sources: &'s Sources) -> Seen<'s> {
        Seen {
            named: sources.files.iter().map(PathBuf::as_path).collect(),
            found: (sources.folders.len() > 1).then(Mutex::default),
        }
    }

    fn is_first(&self, path: &Path) -> bool {
        (self.named.is_empty() || !self.named.contains(path))
            && self.found.as_ref().is_none_or(|found| {
                found
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .insert(path.to_owned())
            })
    }
}

/// Decides what a search takes, remembering the last folder it was asked about.
struct Chooser<'s> {
    finder: &'s Finder,
    parent: Option<(PathBuf, Option<std::sync::Arc<crate::config::Folder>>)>,
}

impl Chooser<'_> {
    fn takes(&mut self, path: &Path) -> bool {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        (is_json || self.includes(path)) && !self.excludes(path, false)
    }

    fn includes(&mut self, path: &Path) -> bool {
        let finder = self.finder;
        self.folder(path)
            .is_some_and(|folder| finder.has_includes(folder) && finder.includes(folder, path))
    }

    fn excludes(&mut self, path: &Path, is_folder: bool) -> bool {
        let finder = self.finder;
        self.folder(path)
            .is_some_and(|folder| finder.excludes(folder, path, is_folder))
    }

    /// A broken policy excludes nothing here: it is told when its files are done.
    fn folder(&mut self, path: &Path) -> Option<&crate::config::Folder> {
        if self.parent.as_ref().is_none_or(|(known, _)| !is_in(known, path)) {
            let parent = parent(path);
            self.parent = Some((parent.to_owned(), self.finder.folder(parent).ok()));
        }
        self.parent.as_ref().and_then(|(_, folder)| folder.as_deref())
    }
}
