//! Standard output and standard error: colour or not, and a closed pipe is a quiet end.

use std::io::{self, Write};

use annotate_snippets::{Level, Renderer};
use anstream::{AutoStream, ColorChoice};
use pullcreds_core::shown::safe;

use crate::args::{ColorWhen, Voice};

/// Whether colour goes to standard error.
pub(crate) fn is_coloured(voice: Voice) -> bool {
    match voice.color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
    }
}

/// Says why the run ended early, with the causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let message = error
        .chain()
        .map(|cause| safe::line(&cause.to_string()))
        .collect::<Vec<_>>()
        .join(": ");
    let renderer = match AutoStream::choice(&io::stderr()) {
        ColorChoice::Never => Renderer::plain(),
        _ => Renderer::styled(),
    };
    let text = renderer.render(&[annotate_snippets::Group::with_title(
        Level::ERROR.primary_title(message),
    )]);
    // There is nowhere left to complain to.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether the reader of our output went away.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// Writes all of it to standard output.
pub(crate) fn output(bytes: &[u8]) -> io::Result<()> {
    outputs(std::iter::once(bytes))
}

/// The same of several pieces. Of many small ones the buffer, which is cut at lines, would make a call each.
pub(crate) fn outputs<'p>(pieces: impl Iterator<Item = &'p [u8]>) -> io::Result<()> {
    let mut pieces = pieces.filter(|piece| !piece.is_empty()).peekable();
    if pieces.peek().is_none() {
        return Ok(());
    }
    let mut stdout = io::BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    for piece in pieces {
        stdout.write_all(piece)?;
    }
    stdout.flush()
}

/// Writes all of it to standard error.
pub(crate) fn messages(bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        Ok(())
    } else {
        io::stderr().lock().write_all(bytes)
    }
}
