//! What a shell hands to a command to read: a word (`<<< pw`), lines (`<<END`), or a file that was written in the same text.

use std::ops::Range;

use super::Reader;

/// So many bytes are searched for the ends of documents, and some for each byte of the text: hostile texts open one
/// after another and end none.
pub(super) const BUDGET: usize = 64 * 1024;
/// More files are not remembered.
const MOST_FILES: usize = 16;

impl Reader {
    /// What a shell gives to a command by `<<< word`, or by `<<END` and the lines up to that word.
    pub(super) fn give(&mut self, start: usize) {
        let is_blank = |byte: u8| matches!(byte, b' ' | b'\t');
        self.at = start + 2;
        let value = if self.byte(self.at) == Some(b'<') {
            let value = self.shell_value(self.skip(start + 3, is_blank));
            self.at = self.at.max(value.end);
            Some(value)
        } else if self.budget > 0 {
            let is_before = |byte: u8| is_blank(byte) || matches!(byte, b'-' | b'\'' | b'"' | b'\\');
            let (value, end) = self.document(self.skip(start + 2, is_before));
            self.budget = self.budget.saturating_sub(end - start);
            value
        } else {
            None
        };
        if let Some(value) = value {
            self.hand_over(value);
        }
    }

    /// Whether a file is written here, or one read that was: `echo pw > file; docker login --password-stdin < file`.
    pub(super) fn is_file_named(&mut self, start: usize) -> bool {
        let is_written = self.byte(start) == Some(b'>');
        // Of most texts there is nothing to remember.
        if self.files.is_empty() && !(is_written && self.given.is_some()) {
            return false;
        }
        let name = self.skip(start, |byte| matches!(byte, b'<' | b'>' | b' ' | b'\t'));
        let place = self.shell_value(name);
        let file = self.text.bytes[place.clone()].to_vec();
        if file.is_empty() {
            return false;
        }
        let known = self.files.iter().rfind(|(known, _)| *known == file);
        match (known.map(|(_, value)| value.clone()), self.given.clone()) {
            (_, Some(value)) if is_written && self.files.len() < MOST_FILES => self.files.push((file, value)),
            (Some(value), _) if !is_written => self.hand_over(value),
            _ => return false,
        }
        self.at = self.at.max(place.end);
        true
    }

    fn hand_over(&mut self, value: Range<usize>) {
        if self.reads_password {
            self.take(value);
        } else {
            self.given = Some(value);
        }
    }

    /// The lines after the one of a word, up to the line that is nothing but it; and how far they were looked for.
    fn document(&self, word: usize) -> (Option<Range<usize>>, usize) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let word = &self.text.bytes[word..self.skip(word, is_name)];
        let mut end = self.end_of_line(self.at);
        if self.byte(end) != Some(b'\n') {
            return (None, end);
        }
        let start = end + 1;
        loop {
            let line = end + 1;
            end = self.end_of_line(line);
            if self.text.bytes[line..end].trim_ascii() == word {
                return (Some(start..(line - 1).max(start)), end);
            }
            if self.byte(end) != Some(b'\n') {
                return (Some(start..end), end);
            }
        }
    }

    /// Where a line of a string ends, or the string.
    fn end_of_line(&self, start: usize) -> usize {
        let length = self.text.bytes.len();
        let is_end = |at: &usize| self.byte(*at) == Some(b'\n') || self.is_end_of_string(*at);
        (start..length).find(is_end).unwrap_or(length)
    }
}
