//! Where texts are read to: one piece of memory for all files that a thread reads. Knows nothing of what they are for.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use pullcreds_core::json::LONGEST_TEXT;

/// What is asked for at once, and kept between files.
const SIZE: usize = 64 * 1024;

/// The text that was read last.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// How many of them are the text; what follows was read before.
    filled: usize,
}

impl Buffer {
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Reads whatever it is, to its end.
    pub(crate) fn read(&mut self, from: &mut impl Read) -> io::Result<()> {
        self.bytes.clear();
        let read = from.read_to_end(&mut self.bytes);
        self.filled = self.bytes.len();
        read.map(drop)
    }

    /// Reads a file from its beginning, or as much as it takes to see that it is too long: a device may never end.
    pub(crate) fn file(&mut self, file: &File) -> io::Result<()> {
        self.bytes.clear();
        let read = all(file, &mut self.bytes);
        self.filled = self.bytes.len();
        read
    }

    /// The same of a regular file, mostly with one call of the system.
    ///
    /// By POSIX such a file gives less than it is asked for at its end alone, or where a signal is handled meanwhile,
    /// and no signal is here. Not every file system keeps to that, so what does not end as a definition does is read on.
    pub(crate) fn regular(&mut self, mut file: &File) -> io::Result<()> {
        if self.bytes.len() < SIZE {
            self.bytes.resize(SIZE, 0);
        }
        self.filled = 0;
        self.filled = loop {
            match file.read(&mut self.bytes[..SIZE]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        let is_whole = self.filled < SIZE && matches!(self.text().trim_ascii_end().last(), Some(b'}' | b']'));
        if is_whole {
            return Ok(());
        }
        self.bytes.truncate(self.filled);
        let read = all(file, &mut self.bytes);
        self.filled = self.bytes.len();
        read
    }

    /// Gives back what a long text took.
    pub(crate) fn shrink(&mut self) {
        if self.bytes.capacity() > 16 * SIZE {
            *self = Buffer::default();
        }
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    all(&File::open(path)?, &mut bytes)?;
    Ok(bytes)
}

/// Appends what a file holds from where it is read next. Small files cost no call but the reads.
fn all(file: &File, bytes: &mut Vec<u8>) -> io::Result<()> {
    let before = bytes.len();
    bytes.reserve(SIZE);
    // `Take` hides the file's length, so that it is not asked for.
    let filled = before + file.take(SIZE as u64).read_to_end(bytes)?;
    if filled == before + SIZE {
        let length = file
            .metadata()
            .map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(0));
        bytes.reserve_exact(length.min(LONGEST_TEXT + 1).saturating_sub(filled) + 1);
        // No more than it takes to see that it is too long.
        let rest = (LONGEST_TEXT + 1).saturating_sub(filled);
        file.take(rest as u64).read_to_end(bytes)?;
    }
    Ok(())
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
        for length in [0, 3 * SIZE, 1, SIZE, 2, SIZE - 1, SIZE + 1, 17 * SIZE, 10] {
            for last in ["]", "}\r\n\t ", "x", ""] {
                let text = "[".repeat(length) + last;
                std::fs::write(&path, &text).unwrap();
                let open = || File::open(&path).unwrap();
                buffer.regular(&open()).unwrap();
                assert!(buffer.text() == text.as_bytes(), "regular, {length} {last}");
                buffer.file(&open()).unwrap();
                assert!(buffer.text() == text.as_bytes(), "file, {length} {last}");
                buffer.read(&mut open()).unwrap();
                assert!(buffer.text() == text.as_bytes(), "read, {length} {last}");
                assert!(read(&path).unwrap() == text.as_bytes(), "at once, {length} {last}");
            }
            buffer.shrink();
        }
    }
}
