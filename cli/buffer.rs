//! Where texts are read to: one piece of memory for all files that a thread reads. Knows nothing of what they are for.

mod long;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use pullcreds_core::json::LONGEST_TEXT;

use self::long::Long;

/// What is asked for at once, and kept between files.
const SIZE: usize = 64 * 1024;

/// The text that was read last.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// How many of them are the text; what follows was read before.
    filled: usize,
    /// The text instead, where it is long.
    long: Option<Long>,
}

impl Buffer {
    pub(crate) fn text(&self) -> &[u8] {
        match &self.long {
            Some(long) => long.text(),
            None => &self.bytes[..self.filled],
        }
    }

    /// Reads standard input to its end.
    pub(crate) fn stdin(&mut self) -> io::Result<()> {
        #[cfg(unix)]
        return self.file(&File::from(
            std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?,
        ));
        #[cfg(not(unix))]
        self.read_on(0, io::stdin().lock(), || 0)
    }

    /// Reads a file to its end, or as much as it takes to see that it is too long: a device may never end.
    pub(crate) fn file(&mut self, file: &File) -> io::Result<()> {
        self.read_on(0, file, || length(file))
    }

    /// The same of a regular file, mostly with one call of the system.
    ///
    /// By POSIX such a file gives less than it is asked for at its end alone, or where a signal is handled meanwhile,
    /// and no signal is here. Not every file system keeps to that, so what does not end as a definition does is read on.
    pub(crate) fn regular(&mut self, mut file: &File) -> io::Result<()> {
        (self.filled, self.long) = (0, None);
        if self.bytes.len() < SIZE {
            self.bytes.resize(SIZE, 0);
        }
        self.filled = loop {
            match file.read(&mut self.bytes[..SIZE]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if self.filled < SIZE && matches!(self.text().trim_ascii_end().last(), Some(b'}' | b']')) {
            return Ok(());
        }
        self.read_on(self.filled, file, || length(file))
    }

    /// Reads what follows the bytes that are here already.
    fn read_on(&mut self, already: usize, from: impl Read, length: impl Fn() -> usize) -> io::Result<()> {
        self.long = None;
        self.bytes.truncate(already);
        let long = append(&mut self.bytes, from, length);
        self.filled = self.bytes.len();
        self.long = long?;
        Ok(())
    }

    /// Gives back what a long text took.
    pub(crate) fn shrink(&mut self) {
        if self.long.is_some() || self.bytes.capacity() > 16 * SIZE {
            *self = Buffer::default();
        }
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut buffer = Buffer::default();
    buffer.file(&File::open(path)?)?;
    Ok(match buffer.long {
        Some(long) => long.text().to_owned(),
        None => buffer.bytes,
    })
}

/// Reads on to the end, or as much as it takes to see that it is too long. A long text is given, not appended.
fn append(bytes: &mut Vec<u8>, mut from: impl Read, length: impl Fn() -> usize) -> io::Result<Option<Long>> {
    bytes.reserve(SIZE);
    // `Take` hides the file's length, so that it is not asked for: small files cost no call but the reads.
    if from.by_ref().take(SIZE as u64).read_to_end(bytes)? < SIZE {
        return Ok(None);
    }
    let length = length().min(LONGEST_TEXT + 1);
    let mut rest = from.take((LONGEST_TEXT + 1).saturating_sub(bytes.len()) as u64);
    if let Some(mut long) = Long::new(length) {
        if long.fill(bytes.chain(&mut rest))? {
            return Ok(Some(long));
        }
        // It grew meanwhile.
        bytes.clear();
        bytes.extend_from_slice(long.text());
    }
    bytes.reserve_exact((length + 1).saturating_sub(bytes.len()));
    rest.read_to_end(bytes)?;
    Ok(None)
}

/// How long a file says that it is.
fn length(file: &File) -> usize {
    file.metadata()
        .map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_reads_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut buffer = Buffer::default();
        // Longer and shorter by turns: nothing of the text before may stay.
        for length in [0, 3 * SIZE, 1, SIZE, 2, SIZE - 1, 5 << 20, SIZE + 1, 17 * SIZE, 10] {
            for last in ["]", "}\r\n\t ", "x", ""] {
                let text = "[".repeat(length) + last;
                std::fs::write(&path, &text).unwrap();
                let open = || File::open(&path).unwrap();
                buffer.regular(&open()).unwrap();
                assert!(buffer.text() == text.as_bytes(), "regular, {length} {last}");
                buffer.file(&open()).unwrap();
                assert!(buffer.text() == text.as_bytes(), "file, {length} {last}");
                assert!(read(&path).unwrap() == text.as_bytes(), "at once, {length} {last}");
            }
            buffer.shrink();
        }
    }

    #[test]
    fn a_file_that_grows_is_read_to_its_end() {
        let text = "[".repeat(6 << 20);
        for said in [0, SIZE, 5 << 20, text.len(), 7 << 20] {
            let mut buffer = Buffer::default();
            buffer.read_on(0, text.as_bytes(), || said).unwrap();
            assert!(buffer.text() == text.as_bytes(), "{said}");
        }
    }
}
