//! A folder that is held open while its files are done, each named by the last part of its path.
//!
//! The system then walks the path once a folder instead of at every call, and what is read, made and renamed is in one
//! folder, whatever becomes of the names above it meanwhile. Knows nothing of what is in the files.

use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is open, and its folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) file: &'a File,
}

/// An open folder; one that cannot be opened is reached by its path.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    absolute: OnceCell<PathBuf>,
    #[cfg(unix)]
    handle: Option<std::os::fd::OwnedFd>,
}

impl Directory {
    /// Opens a folder. That it is not there is told by what is done with its files.
    pub(crate) fn new(folder: &Path) -> Directory {
        Directory {
            path: folder.to_owned(),
            absolute: OnceCell::new(),
            #[cfg(unix)]
            handle: unix::folder(folder).ok(),
        }
    }

    /// The folder's path, absolute where that can be known.
    pub(crate) fn path(&self) -> &Path {
        self.absolute
            .get_or_init(|| std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone()))
    }
}

#[cfg(unix)]
mod unix {
    use std::borrow::Cow;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, open, openat, renameat, statat};
    use rustix::io::retry_on_intr;

    use super::*;

    /// Enough to name files from; reading the list of files needs more, and not everybody may.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const FOLDER: OFlags = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const FOLDER: OFlags = OFlags::RDONLY;

    pub(super) fn folder(path: &Path) -> io::Result<OwnedFd> {
        let flags = FOLDER | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| open(path, flags, Mode::empty()))?)
    }

    impl Directory {
        /// Opens a file for reading.
        pub(crate) fn open(&self, name: &OsStr) -> io::Result<File> {
            self.file(name, OFlags::RDONLY, Mode::empty())
        }

        /// Opens a file for reading and writing; a symbolic link is not followed, but an error.
        pub(crate) fn open_for_change(&self, name: &OsStr) -> io::Result<File> {
            self.file(name, OFlags::RDWR | OFlags::NOFOLLOW, Mode::empty())
        }

        /// Whether whoever runs this program may write to a file, as far as can be told without opening it.
        pub(crate) fn may_change(&self, name: &OsStr) -> bool {
            let (folder, name) = self.at(name);
            accessat(folder, &*name, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
        }

        /// Makes a new file with these rights, less those that the process gives to nobody.
        pub(crate) fn create(&self, name: &OsStr, rights: u32) -> io::Result<File> {
            let mode = Mode::from_bits_truncate(rights as _);
            self.file(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, mode)
        }

        /// Gives a file another name, which may be taken.
        pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            let ((folder, from), (_, to)) = (self.at(from), self.at(to));
            Ok(renameat(folder, &*from, folder, &*to)?)
        }

        /// How long a file is by now; `None` unless the name leads to this very file, and not by a symbolic link.
        #[allow(clippy::unnecessary_cast, reason = "the types differ between systems")]
        pub(crate) fn length(&self, name: &OsStr, file: &Metadata) -> Option<u64> {
            let (folder, name) = self.at(name);
            let found = statat(folder, &*name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            let is_same = found.st_ino as u64 == file.ino() && found.st_dev as u64 == file.dev();
            is_same.then_some(found.st_size as u64)
        }

        fn file(&self, name: &OsStr, flags: OFlags, mode: Mode) -> io::Result<File> {
            let (folder, name) = self.at(name);
            let file = retry_on_intr(|| openat(folder, &*name, flags | OFlags::CLOEXEC, mode))?;
            Ok(File::from(file))
        }

        fn at<'n>(&'n self, name: &'n OsStr) -> (BorrowedFd<'n>, Cow<'n, Path>) {
            match &self.handle {
                Some(handle) => (handle.as_fd(), Cow::Borrowed(Path::new(name))),
                None => (CWD, Cow::Owned(self.path.join(name))),
            }
        }
    }
}

#[cfg(not(unix))]
impl Directory {
    /// Opens a file for reading.
    pub(crate) fn open(&self, name: &OsStr) -> io::Result<File> {
        File::open(self.path.join(name))
    }

    /// Opens a file for reading and writing; a symbolic link is not followed, but an error.
    pub(crate) fn open_for_change(&self, name: &OsStr) -> io::Result<File> {
        let path = self.path.join(name);
        if path.is_symlink() {
            return Err(io::Error::other("it is a symbolic link"));
        }
        File::options().read(true).write(true).open(path)
    }

    /// Whether it can be told without opening it that a file may be written: not here.
    pub(crate) fn may_change(&self, _name: &OsStr) -> bool {
        false
    }

    /// Makes a new file.
    pub(crate) fn create(&self, name: &OsStr, _rights: u32) -> io::Result<File> {
        File::options().write(true).create_new(true).open(self.path.join(name))
    }

    /// Gives a file another name, which may be taken.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    /// How long a file is, where it can be known that the name leads to this very file: not here.
    pub(crate) fn length(&self, _name: &OsStr, _file: &Metadata) -> Option<u64> {
        None
    }
}
