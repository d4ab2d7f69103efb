//! A long text in memory that the system hands out in large pages: of small ones it would have to hand out many thousands,
//! one by one, which takes longer than to read them full. Knows nothing of what the text is for.

use std::io::{self, Read};

/// Texts of so many bytes are long.
const LEAST: usize = 4 << 20;

#[cfg(target_os = "linux")]
type Memory = memmap2::MmapMut;
#[cfg(not(target_os = "linux"))]
type Memory = Vec<u8>;

#[cfg(target_os = "linux")]
fn memory(length: usize) -> Option<Memory> {
    let memory = Memory::map_anon(length).ok()?;
    memory.advise(memmap2::Advice::HugePage).ok()?;
    Some(memory)
}

/// Others have no such pages, or hand them out unasked.
#[cfg(not(target_os = "linux"))]
fn memory(_: usize) -> Option<Memory> {
    None
}

#[derive(Debug)]
pub(super) struct Long {
    memory: Memory,
    filled: usize,
}

impl Long {
    /// Room for a text of some length, and for a byte more, so that its end is seen. `None` for a text that is not long,
    /// and where there is no such memory.
    pub(super) fn new(length: usize) -> Option<Long> {
        if length < LEAST {
            return None;
        }
        let memory = memory(length + 1)?;
        Some(Long { memory, filled: 0 })
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// Reads to the end, or as far as there is room; says whether it was the end.
    pub(super) fn fill(&mut self, mut from: impl Read) -> io::Result<bool> {
        while self.filled < self.memory.len() {
            match from.read(&mut self.memory[self.filled..]) {
                Ok(0) => return Ok(true),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
