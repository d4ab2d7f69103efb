//! The difference of two texts, line by line: for `fix --diff`, and for the fixes that a report shows.
//!
//! Where lines came from is known from the edit, so nothing is searched for: the time grows with the texts, not with
//! their differences. That lines are equal is checked all the same, so a wrong guess makes a longer diff, never a
//! false one.

use std::io::Write;
use std::ops::Range;

/// How many unchanged lines surround a change.
const CONTEXT: usize = 3;

/// A text cut into its lines, each with its end.
pub(crate) struct Lines<'t> {
    text: &'t [u8],
    /// Where each begins, and where the last one ends.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Cuts after every `\n`.
    pub(crate) fn new(text: &'t [u8]) -> Lines<'t> {
        let mut starts = Vec::with_capacity(text.len() / 32 + 2);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text).map(|at| at + 1));
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        Lines { text, starts }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where a line begins; for one past the last, where the text ends.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts[line]
    }

    /// Several lines' text.
    pub(crate) fn text(&self, lines: Range<usize>) -> &'t [u8] {
        &self.text[self.starts[lines.start]..self.starts[lines.end]]
    }

    fn line(&self, line: usize) -> &'t [u8] {
        self.text(line..line + 1)
    }
}

/// Lines that differ: these old ones became these new ones. One of the two may be empty, but not both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) old: Range<usize>,
    pub(crate) new: Range<usize>,
}

/// Finds what differs. `origin` gives, for an offset in the new text, the offset in the old one that it came from.
pub(crate) fn changes(old: &Lines<'_>, new: &Lines<'_>, origin: impl Fn(usize) -> usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut old_done, mut new_done) = (0, 0);
    let mut line = 0;
    while line < new.len() {
        // The only line that can be this one, as everything before it is spoken for.
        let from = origin(new.starts[line]);
        let kept = old_done + before(&old.starts[old_done..], from);
        match old.starts.get(kept) {
            Some(start) if *start == from && kept < old.len() && old.line(kept) == new.line(line) => {
                push(
                    &mut changes,
                    old,
                    new,
                    Change {
                        old: old_done..kept,
                        new: new_done..line,
                    },
                );
                let count = kept_together(old, new, kept, line, &origin);
                (old_done, new_done) = (kept + count, line + count);
                line = new_done;
            }
            _ => line += 1,
        }
    }
    push(
        &mut changes,
        old,
        new,
        Change {
            old: old_done..old.len(),
            new: new_done..new.len(),
        },
    );
    changes
}

/// How many lines from a kept one on are equal and came from one another. At least that one; of long stretches that
/// nobody touched, which most of a text is, the lines are not looked at one by one.
fn kept_together(
    old: &Lines<'_>,
    new: &Lines<'_>,
    kept: usize,
    line: usize,
    origin: &impl Fn(usize) -> usize,
) -> usize {
    let (from, to) = (old.starts[kept], new.starts[line]);
    let equal = to + common(&old.text[from..], &new.text[to..]);
    let ends = before(&new.starts[line + 1..], equal + 1);
    // Equal up to the end of one text, the last line of the other may go on.
    let count = ends.min(old.len() - kept).max(1);
    let count = if old.starts[kept + count] - from == new.starts[line + count] - to {
        count
    } else {
        count - 1
    };
    let comes_from = |at: &usize| origin(*at) == from + (at - to);
    if new.starts[line..line + count].last().is_none_or(comes_from) {
        return count.max(1);
    }
    new.starts[line..line + count].partition_point(comes_from).max(1)
}

/// How many of some starts lie before an offset, which is near the first of them more often than not.
fn before(starts: &[usize], offset: usize) -> usize {
    let mut reach = 1;
    while starts.get(reach).is_some_and(|start| *start < offset) {
        reach *= 2;
    }
    starts[..starts.len().min(reach)].partition_point(|start| *start < offset)
}

/// How many bytes two texts have in common from their beginning.
fn common(one: &[u8], other: &[u8]) -> usize {
    let (blocks, _) = one.as_chunks::<64>();
    let (others, _) = other.as_chunks::<64>();
    let start = 64
        * blocks
            .iter()
            .zip(others)
            .take_while(|(one, other)| one == other)
            .count();
    let rest = one[start..].iter().zip(&other[start..]);
    start + rest.take_while(|(one, other)| one == other).count()
}

/// Takes from a change the lines that are equal at its ends.
fn push(changes: &mut Vec<Change>, old: &Lines<'_>, new: &Lines<'_>, change: Change) {
    let Change {
        old: mut gone,
        new: mut come,
    } = change;
    while !gone.is_empty() && !come.is_empty() && old.line(gone.start) == new.line(come.start) {
        gone.start += 1;
        come.start += 1;
    }
    while !gone.is_empty() && !come.is_empty() && old.line(gone.end - 1) == new.line(come.end - 1) {
        gone.end -= 1;
        come.end -= 1;
    }
    if !gone.is_empty() || !come.is_empty() {
        changes.push(Change { old: gone, new: come });
    }
}

/// Writes a unified diff that `git apply` takes. Empty when nothing differs.
pub(crate) fn unified(name: &[u8], old: &[u8], new: &[u8], origin: impl Fn(usize) -> usize) -> Vec<u8> {
    let (old, new) = (Lines::new(old), Lines::new(new));
    let changes = changes(&old, &new, origin);
    let mut out = Vec::new();
    if changes.is_empty() {
        return out;
    }
    for (mark, side) in [("---", b'a'), ("+++", b'b')] {
        out.extend_from_slice(mark.as_bytes());
        out.push(b' ');
        quote(&mut out, &[&[side, b'/'], name].concat());
        out.push(b'\n');
    }
    for hunk in changes.chunk_by(|one, next| next.old.start - one.old.end <= 2 * CONTEXT) {
        write_hunk(&mut out, &old, &new, hunk);
    }
    out
}

fn write_hunk(out: &mut Vec<u8>, old: &Lines<'_>, new: &Lines<'_>, hunk: &[Change]) {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return;
    };
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let gone = first.old.start - before..last.old.end + after;
    let come = first.new.start - before..last.new.end + after;
    // Writing to memory cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", extent(&gone), extent(&come));
    let mut at = gone.start;
    for change in hunk {
        write_lines(out, b' ', old, at..change.old.start);
        write_lines(out, b'-', old, change.old.clone());
        write_lines(out, b'+', new, change.new.clone());
        at = change.old.end;
    }
    write_lines(out, b' ', old, at..gone.end);
}

/// An empty extent is placed after the line before it, as diff has always done.
fn extent(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn write_lines(out: &mut Vec<u8>, mark: u8, text: &Lines<'_>, lines: Range<usize>) {
    for line in lines {
        let line = text.line(line);
        out.push(mark);
        out.extend_from_slice(line);
        if line.last() != Some(&b'\n') {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

/// As git writes names: in quotes and with C's escapes where there is anything odd in one.
fn quote(out: &mut Vec<u8>, name: &[u8]) {
    let is_odd = |byte: &u8| !(b' '..=b'~').contains(byte) || matches!(byte, b'"' | b'\\');
    if !name.iter().any(is_odd) {
        out.extend_from_slice(name);
        if name.contains(&b' ') {
            // Ends the name, which readers would otherwise end at the space.
            out.push(b'\t');
        }
        return;
    }
    out.push(b'"');
    for byte in name {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            byte if is_odd(byte) => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
