//! Replacing a file's text so that whoever looks, whenever, sees the old text whole or the new text whole.
//!
//! Knows nothing of what the text is.

mod attributes;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::directory::{Directory, Opened};
use crate::outcome::{Problem, in_words};
use crate::paths::parent;

/// How files are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    /// Write a file that has other names too; these keep the old text.
    pub(crate) hard_links: bool,
    /// Wait until it is on the disk.
    pub(crate) fsync: bool,
}

impl Writer {
    /// Puts `new` where `old` was read. Mode, ownership and attributes stay; a symbolic link stays one, and what it points
    /// to is written. Where somebody was faster and put the same there, it is done already.
    ///
    /// # Errors
    /// Nothing was changed, and the problem says why.
    pub(crate) fn replace(self, path: &Path, old: &[u8], new: &[u8]) -> Result<(), Problem> {
        let directory = Directory::new(parent(path));
        let name = name(path);
        let file = match directory.open_for_change(name) {
            Ok(file) => file,
            Err(error) => {
                let target = follow(path).map_err(|error| cannot(&error))?;
                if target != path {
                    return self.replace(&target, old, new);
                }
                self.may_write(&fs::metadata(path).map_err(|error| cannot(&error))?)?;
                return Err(cannot(&error));
            }
        };
        let metadata = file.metadata().map_err(|error| cannot(&error))?;
        self.may_write(&metadata)?;
        let is_still =
            || Ok(holds(&file, old)? && (directory.length(name, &metadata).is_some() || is_still(path, old)?));
        self.put(&directory, path, &file, &metadata, new, is_still)?;
        self.settle(&directory)
    }

    /// The same for a file that is open still since `old` was read from it, in a folder that is open, too: a shorter
    /// way for what is nothing but a file. All else goes the long way, which also says what is wrong.
    ///
    /// # Errors
    /// As [`Writer::replace`].
    pub(crate) fn replace_open(self, opened: Opened<'_>, path: &Path, old: &[u8], new: &[u8]) -> Result<(), Problem> {
        let Opened { directory, file } = opened;
        let name = name(path);
        let put = || {
            let metadata = file.metadata().ok()?;
            self.may_write(&metadata).ok()?;
            // The length is asked for with the name, so that reading past the end need not show it.
            let is_still = || {
                let is_same = begins_with(file, old)?;
                Ok(is_same && directory.length(name, &metadata) == Some(old.len() as u64))
            };
            let put = directory
                .may_change(name)
                .then(|| self.put(directory, path, file, &metadata, new, is_still));
            put?.ok()
        };
        match put() {
            Some(()) => self.settle(directory),
            None => self.replace(path, old, new),
        }
    }

    /// Lays a new file over the one at this path that had, as last seen, these rights and owners.
    fn put(
        self,
        directory: &Directory,
        path: &Path,
        file: &File,
        wanted: &Metadata,
        new: &[u8],
        is_still: impl Fn() -> io::Result<bool>,
    ) -> Result<(), Problem> {
        let name = name(path);
        let mut temporary = create(directory, name, first_rights(wanted)).map_err(|error| {
            cannot(&error).with_help("a temporary file is made beside it, so its folder must be writable too")
        })?;
        let has = temporary.as_file().metadata().map_err(|error| cannot(&error))?;
        let is_given = keep_ownership(temporary.as_file(), &has, wanted)?;
        let is_adapted = attributes::keep(file, temporary.as_file())?;
        temporary.write_all(new).map_err(|error| cannot(&error))?;
        // Giving a file away can take rights from it, and so can another access control list.
        if is_given || is_adapted || has.permissions() != wanted.permissions() {
            let set = temporary.as_file().set_permissions(wanted.permissions());
            set.map_err(|error| cannot(&error))?;
        }
        if self.fsync {
            temporary.as_file().sync_all().map_err(|error| cannot(&error))?;
        }
        // As late as can be: what somebody else wrote since must not be lost.
        if !is_still().map_err(|error| cannot(&error))? {
            return done_already(path, new);
        }
        let made = temporary.path().file_name().unwrap_or_default();
        directory.rename(made, name).map_err(|error| cannot(&error))?;
        // The name that it had is gone.
        let kept = temporary.into_temp_path().keep();
        kept.map(drop).map_err(|error| cannot(&error.error))
    }

    /// Waits until a folder's new names are on the disk, where that is wanted.
    fn settle(self, directory: &Directory) -> Result<(), Problem> {
        if !self.fsync {
            return Ok(());
        }
        sync_folder(directory.path()).map_err(|error| {
            Problem::new(format!(
                "was written, but may not be on the disk yet: {}",
                in_words(&error)
            ))
        })
    }

    /// Puts `new` into a file that is for its owner alone (0600): a new one, or one that held `old`.
    ///
    /// # Errors
    /// Nothing was changed, and the problem says why.
    pub(crate) fn put_private(self, path: &Path, old: Option<&[u8]>, new: &[u8]) -> Result<(), Problem> {
        let target = if old.is_some() {
            follow(path).map_err(|error| cannot(&error))?
        } else {
            path.to_owned()
        };
        let directory = Directory::new(parent(&target));
        // Made with 0600, and nobody ever sees it with another mode.
        let mut temporary = create(&directory, name(&target), 0o600).map_err(|error| cannot(&error))?;
        temporary.write_all(new).map_err(|error| cannot(&error))?;
        if let Some(old) = old {
            let metadata = fs::metadata(&target).map_err(|error| cannot(&error))?;
            self.may_write(&metadata)?;
            directory
                .open_for_change(name(&target))
                .map_err(|error| cannot(&error))?;
            let has = temporary.as_file().metadata().map_err(|error| cannot(&error))?;
            keep_ownership(temporary.as_file(), &has, &metadata)?;
            if !is_still(&target, old).map_err(|error| cannot(&error))? {
                return done_already(&target, new);
            }
        }
        if self.fsync {
            temporary.as_file().sync_all().map_err(|error| cannot(&error))?;
        }
        if old.is_some() {
            temporary.persist(&target).map_err(|error| cannot(&error.error))?;
        } else {
            temporary
                .persist_noclobber(&target)
                .map_err(|error| cannot(&error.error))?;
        }
        Ok(())
    }

    fn may_write(self, metadata: &Metadata) -> Result<(), Problem> {
        if !metadata.is_file() {
            return Err(Problem::new("cannot be written: it is not a regular file"));
        }
        let names = hard_links(metadata);
        if names > 1 && !self.hard_links {
            return Err(
                Problem::new(format!("not written: the file has {names} names (hard links)")).with_help(
                    "with `--write-hard-links` this name gets the new text, and the others keep the old one",
                ),
            );
        }
        // Renaming over a file asks nobody whether it may be written; a person who took the right away means it.
        if metadata.permissions().readonly() {
            return Err(Problem::new("not written: the file is read-only"));
        }
        Ok(())
    }
}

/// What another run put there is no loss if it is what this one would put there.
///
/// # Errors
/// It is something else.
fn done_already(path: &Path, new: &[u8]) -> Result<(), Problem> {
    if is_still(path, new).map_err(|error| cannot(&error))? {
        return Ok(());
    }
    Err(Problem::new("changed while it was being done; it was left as it is").with_help("run it again"))
}

fn cannot(error: &io::Error) -> Problem {
    Problem::new(format!("cannot be written: {}", in_words(error)))
}

fn follow(path: &Path) -> io::Result<PathBuf> {
    if fs::symlink_metadata(path)?.is_symlink() {
        fs::canonicalize(path)
    } else {
        Ok(path.to_owned())
    }
}

fn name(path: &Path) -> &OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

/// Hidden and not called `*.json`, so that no search takes one that a killed run left behind, and under a name by which
/// it can be known and removed: `.NAME.pullcreds-XXXXXX.tmp`.
fn create(directory: &Directory, name: &OsStr, rights: u32) -> io::Result<NamedTempFile> {
    let mut prefix = OsString::from(".");
    // A name may be 255 bytes long, and ours adds some.
    if name.len() <= 200 {
        prefix.push(name);
        prefix.push(".");
    }
    prefix.push("pullcreds-");
    Builder::new()
        .prefix(&prefix)
        .suffix(".tmp")
        .make_in(directory.path(), |path| {
            directory.create(path.file_name().unwrap_or_default(), rights)
        })
}

/// Whether the path leads to this text.
fn is_still(path: &Path, text: &[u8]) -> io::Result<bool> {
    holds(&File::open(path)?, text)
}

/// Whether an open file holds this text, from where it is read next to its end.
fn holds(mut file: &File, text: &[u8]) -> io::Result<bool> {
    let mut rest = text;
    let mut buffer = [0; 8 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(count) => match rest.strip_prefix(&buffer[..count]) {
                Some(after) => rest = after,
                None => return Ok(false),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether an open file begins with this text, wherever it is read next.
#[cfg(unix)]
fn begins_with(file: &File, text: &[u8]) -> io::Result<bool> {
    use std::os::unix::fs::FileExt;

    let mut buffer = [0; 8 * 1024];
    let mut offset = 0;
    for piece in text.chunks(buffer.len()) {
        let found = &mut buffer[..piece.len()];
        match file.read_exact_at(found, offset) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
            Ok(()) if found != piece => return Ok(false),
            Ok(()) => offset += piece.len() as u64,
        }
    }
    Ok(true)
}

/// No name is ever known to lead to a file that is open, so this is not what decides.
#[cfg(not(unix))]
fn begins_with(_: &File, _: &[u8]) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn hard_links(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn hard_links(_: &Metadata) -> u64 {
    1
}

/// The rights that a new file may be made with before it has its owner and group: none that these would not have.
#[cfg(unix)]
fn first_rights(wanted: &Metadata) -> u32 {
    let mode = std::os::unix::fs::MetadataExt::mode(wanted);
    let shared = (mode >> 3) & mode & 0o7;
    (mode & 0o700) | (shared << 3) | shared
}

#[cfg(not(unix))]
fn first_rights(_: &Metadata) -> u32 {
    0o600
}

/// Gives a file to whom it is to belong, and says whether that had to be done.
#[cfg(unix)]
fn keep_ownership(file: &File, has: &Metadata, wanted: &Metadata) -> Result<bool, Problem> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let user = (has.uid() != wanted.uid()).then(|| wanted.uid());
    let group = (has.gid() != wanted.gid()).then(|| wanted.gid());
    if user.is_none() && group.is_none() {
        return Ok(false);
    }
    let given = fchown(file, user, group);
    given.map(|()| true).map_err(|error| {
        Problem::new(format!(
            "not written: its owner or group could not be kept: {}",
            in_words(&error)
        ))
        .with_help(format!(
            "it belongs to user {} and group {}; run as that user",
            wanted.uid(),
            wanted.gid()
        ))
    })
}

#[cfg(not(unix))]
fn keep_ownership(_: &File, _: &Metadata, _: &Metadata) -> Result<bool, Problem> {
    Ok(false)
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
