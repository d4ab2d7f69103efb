//! Which bytes of a text are credentials, asked for by the part of it that is to be shown.
//!
//! A credential is often known only by what stands after it, or far before it, so no part is ever searched alone: its
//! surroundings are, in whole strings. What is shown is cut from what is masked already. Knows nothing of findings.

use std::cell::RefCell;
use std::ops::Range;

use memchr::{memchr_iter, memrchr_iter};

use super::mask;

/// How far around a part is searched, so that the parts near it need no search of their own.
const REACH: usize = 16 * 1024;
/// How much of that must be left around a part.
const MARGIN: usize = 8 * 1024;
/// The end of a longer string is not looked for: all that is shown of it is hidden.
const LONGEST_STRING: usize = 256 * 1024;

pub(crate) struct Hidden<'t> {
    text: &'t [u8],
    known: RefCell<Known>,
}

/// What was searched last.
#[derive(Default)]
struct Known {
    searched: Range<usize>,
    secrets: Vec<Range<usize>>,
}

impl<'t> Hidden<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Hidden<'t> {
        Hidden {
            text,
            known: RefCell::default(),
        }
    }

    /// The credentials that lie in a part, or reach into it: places in the whole text, in its order.
    pub(crate) fn within(&self, part: &Range<usize>) -> Vec<Range<usize>> {
        let mut known = self.known.borrow_mut();
        let Range { start, end } = known.searched;
        let is_known =
            (start == 0 || start + MARGIN <= part.start) && (end == self.text.len() || part.end + MARGIN <= end);
        if !is_known {
            *known = search(self.text, part);
        }
        let reaching = |secret: &&Range<usize>| secret.start < part.end && secret.end > part.start;
        known.secrets.iter().filter(reaching).cloned().collect()
    }
}

fn search(text: &[u8], part: &Range<usize>) -> Known {
    let (start, is_whole_at_start) = beginning(text, part.start.saturating_sub(REACH));
    let (end, is_whole_at_end) = ending(text, text.len().min(part.end + REACH));
    let mut secrets = mask::secrets(&text[start..end]);
    for secret in &mut secrets {
        *secret = secret.start + start..secret.end + start;
    }
    if !is_whole_at_start {
        let first = memchr_iter(b'"', &text[start..end]).find(|at| is_quote(text, start + at));
        secrets.push(start..first.map_or(end, |at| start + at));
    }
    if !is_whole_at_end {
        let last = memrchr_iter(b'"', &text[start..end]).find(|at| is_quote(text, start + at));
        secrets.push(last.map_or(start, |at| start + at + 1)..end);
    }
    secrets.sort_by_key(|secret| (secret.start, secret.end));
    Known {
        searched: start..end,
        secrets,
    }
}

/// A place at or before this one in which no string is cut, and whether there is one near.
fn beginning(text: &[u8], at: usize) -> (usize, bool) {
    let furthest = at.saturating_sub(LONGEST_STRING);
    match memrchr_iter(b'"', &text[furthest..at]).find(|quote| is_quote(text, furthest + quote)) {
        Some(quote) => (furthest + quote, true),
        None if furthest == 0 => (0, true),
        None => (at, false),
    }
}

/// The same at or after this one.
fn ending(text: &[u8], at: usize) -> (usize, bool) {
    let furthest = text.len().min(at + LONGEST_STRING);
    match memchr_iter(b'"', &text[at..furthest]).find(|quote| is_quote(text, at + quote)) {
        Some(quote) => (at + quote + 1, true),
        None if furthest == text.len() => (furthest, true),
        None => (at, false),
    }
}

/// Whether a quote begins or ends a string, rather than being a character of one.
fn is_quote(text: &[u8], at: usize) -> bool {
    let backslashes = text[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    backslashes.is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_searched_with_all_of_its_strings() {
        let pad = "x ".repeat(40_000);
        let text = format!(r#"{{"a":"{pad}","cmd":"echo 'pw {pad}' | docker login --password-stdin r","b":"{pad}"}}"#);
        let password = text.find("pw").unwrap();
        let hidden = Hidden::new(text.as_bytes());
        assert!(hidden.within(&(password - 9..password + 3))[0].contains(&password));
        assert!(hidden.within(&(0..10)).is_empty());
    }

    #[test]
    fn nothing_of_a_string_without_end_is_shown() {
        let text = format!(r#"{{"a":"{}","b":1}}"#, "x ".repeat(400_000));
        let hidden = Hidden::new(text.as_bytes());
        assert!(hidden.within(&(1..5)).is_empty());
        assert!(hidden.within(&(400_000..400_100))[0].start <= 400_000);
        assert!(hidden.within(&(400_000..400_100))[0].end >= 400_100);
        assert!(hidden.within(&(text.len() - 3..text.len())).is_empty());
    }
}
