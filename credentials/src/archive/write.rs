//! Makes an archive.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::CONFIG_PATH;
use crate::Secret;

/// Packs a `config.json` as DC/OS' page shows it: `.docker/` for its owner alone, `.docker/config.json` likewise, both
/// root's. No times, no names of machines or people: the same text gives the same bytes.
///
/// # Errors
/// Never, as it writes to memory; the libraries' types say otherwise.
pub fn write(config: &Secret) -> io::Result<Secret> {
    let room = config.expose().len() + 8 * 1024;
    let compressed = GzBuilder::new()
        .mtime(0)
        .write(Vec::with_capacity(room), Compression::best());
    let mut tar = Builder::new(compressed);
    let folder = CONFIG_PATH.split_once('/').map_or(CONFIG_PATH, |(folder, _)| folder);
    tar.append(
        &header(&format!("{folder}/"), EntryType::Directory, 0o700, 0)?,
        io::empty(),
    )?;
    let bytes = config.expose();
    let file = header(CONFIG_PATH, EntryType::Regular, 0o600, bytes.len() as u64)?;
    tar.append(&file, bytes)?;
    let mut compressed = tar.into_inner()?;
    compressed.flush()?;
    Ok(Secret::new(compressed.finish()?))
}

fn header(path: &str, kind: EntryType, mode: u32, size: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(path)?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    header.set_cksum();
    Ok(header)
}
