//! Reads an archive that anybody may have made: nothing is unpacked to a disk, and every size has a limit.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType};
use thiserror::Error;
use zeroize::Zeroize;

use super::{CONFIG_PATH, LEGACY_PATH};
use crate::Secret;

/// The most that an archive may unpack to. Agents unpack it into every sandbox.
pub const LARGEST_CONTENTS: u64 = 64 << 20;
/// The most that a `config.json` may have: what a secret store takes, and far more than any login.
pub const LARGEST_CONFIG: u64 = 1 << 20;
/// The most members.
const MOST_MEMBERS: usize = 10_000;

/// A member's name and mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Without a leading `./` and a final slash.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// What is in an archive.
#[derive(Debug, Default)]
pub struct Contents {
    /// Of `.docker/config.json`.
    pub config: Option<Secret>,
    /// Of `.dockercfg`.
    pub legacy: Option<Secret>,
    /// In the order of the archive.
    pub members: Vec<Member>,
}

/// Why an archive is not read, or not trusted.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// Another kind of file.
    #[error("no gzip and no tar: {0}")]
    NotAnArchive(&'static str),
    /// Cut off or broken.
    #[error("the archive is broken or cut off: {0}")]
    Broken(String),
    /// A bomb, or a whole home folder.
    #[error(
        "it unpacks to more than {} MiB, into the sandbox of every task; pack nothing but `{CONFIG_PATH}`",
        LARGEST_CONTENTS >> 20
    )]
    TooLarge,
    /// Likewise.
    #[error("it has more than {MOST_MEMBERS} members; pack nothing but `{CONFIG_PATH}`")]
    TooMany,
    /// Not a `config.json`, whatever its name.
    #[error("`{path}` in it is larger than {} MiB", LARGEST_CONFIG >> 20)]
    ConfigTooLarge {
        /// Which.
        path: String,
    },
    /// A link, a device, a pipe.
    #[error("`{path}` in it is {what}, which has no place among credentials")]
    NotAFile {
        /// Which.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// It would land outside of the sandbox.
    #[error(
        "`{path}` in it leads out of the folder that it is unpacked into; pack with `tar -C ~ -czf docker.tar.gz .docker`"
    )]
    Outside {
        /// Which.
        path: String,
    },
    /// The last one would count.
    #[error("`{path}` is in it twice")]
    Twice {
        /// Which.
        path: String,
    },
}

/// Whether bytes begin as an archive does, rather than as a text.
#[must_use]
pub fn looks_like_archive(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_tar(bytes) || other_kind(bytes).is_some()
}

/// Reads an archive, compressed or not.
///
/// # Errors
/// When it is broken, or holds what no archive of credentials should.
pub fn read(bytes: &[u8]) -> Result<Contents, ArchiveError> {
    if is_gzip(bytes) {
        members(MultiGzDecoder::new(bytes))
    } else if is_tar(bytes) {
        members(bytes)
    } else {
        Err(ArchiveError::NotAnArchive(
            other_kind(bytes).unwrap_or("make it with `pullcreds credentials archive`"),
        ))
    }
}

fn members(source: impl Read) -> Result<Contents, ArchiveError> {
    let mut contents = Contents::default();
    // One byte more than allowed tells a large one from one that is too large.
    let mut source = source.take(LARGEST_CONTENTS + 1);
    let result = walk(&mut source, &mut contents);
    // Whatever broke when the limit was reached broke because of it.
    if source.limit() == 0 {
        return Err(ArchiveError::TooLarge);
    }
    result?;
    // A gzip's checksum stands behind what tar reads; zeros may follow, too.
    let mut rest = [0; 8192];
    loop {
        match source.read(&mut rest) {
            Ok(0) => return Ok(contents),
            Ok(_) if source.limit() == 0 => return Err(ArchiveError::TooLarge),
            Ok(_) => {}
            Err(error) => return Err(broken(&error)),
        }
    }
}

fn walk(source: &mut impl Read, contents: &mut Contents) -> Result<(), ArchiveError> {
    let mut archive = Archive::new(source);
    for entry in archive.entries().map_err(|error| broken(&error))? {
        let mut entry = entry.map_err(|error| broken(&error))?;
        if contents.members.len() == MOST_MEMBERS {
            return Err(ArchiveError::TooMany);
        }
        let raw = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = inside(&raw)?;
        let what = match entry.header().entry_type() {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => None,
            EntryType::Directory => None,
            EntryType::XGlobalHeader => continue,
            EntryType::Symlink => Some("a symbolic link"),
            EntryType::Link => Some("a hard link"),
            EntryType::Char | EntryType::Block => Some("a device"),
            EntryType::Fifo => Some("a pipe"),
            _ => Some("of an unknown kind"),
        };
        if let Some(what) = what {
            return Err(ArchiveError::NotAFile { path, what });
        }
        let is_folder = entry.header().entry_type() == EntryType::Directory;
        let slot = match path.as_str() {
            CONFIG_PATH if !is_folder => Some(&mut contents.config),
            LEGACY_PATH if !is_folder => Some(&mut contents.legacy),
            _ => None,
        };
        if let Some(slot) = slot {
            if slot.is_some() {
                return Err(ArchiveError::Twice { path });
            }
            if entry.size() > LARGEST_CONFIG {
                return Err(ArchiveError::ConfigTooLarge { path });
            }
            *slot = Some(whole(&mut entry)?);
        }
        contents.members.push(Member {
            path,
            mode: entry.header().mode().unwrap_or_default() & 0o7777,
            is_folder,
        });
    }
    Ok(())
}

/// A small file, in one buffer that never moves.
fn whole(entry: &mut impl Read) -> Result<Secret, ArchiveError> {
    let mut bytes = Vec::with_capacity(usize::try_from(LARGEST_CONFIG).unwrap_or(usize::MAX) + 1);
    let read = entry.take(LARGEST_CONFIG).read_to_end(&mut bytes);
    let exact = bytes.as_slice().to_vec();
    bytes.zeroize();
    let exact = Secret::new(exact);
    read.map(|_| exact).map_err(|error| broken(&error))
}

/// A path as `tar` would unpack it, which must stay inside.
fn inside(raw: &str) -> Result<String, ArchiveError> {
    let outside = || ArchiveError::Outside { path: raw.to_owned() };
    if raw.starts_with('/') || raw.contains('\0') {
        return Err(outside());
    }
    let mut parts = Vec::new();
    for part in raw.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(outside()),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn broken(error: &io::Error) -> ArchiveError {
    ArchiveError::Broken(error.to_string())
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Other packings, by their first bytes, and what to do about them.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 4] = [
        (
            b"PK\x03\x04",
            "it is a zip; pack it as .tar.gz, which every agent unpacks",
        ),
        (
            b"BZh",
            "it is compressed with bzip2; pack it as .tar.gz, which every agent unpacks",
        ),
        (
            b"\xfd7zXZ",
            "it is compressed with xz; pack it as .tar.gz, which every agent unpacks",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "it is compressed with zstd; pack it as .tar.gz, which every agent unpacks",
        ),
    ];
    KINDS
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, what)| *what)
}
