//! `pullcreds apply`: lay any RFC 6902 patch into any JSON text.

use anyhow::bail;
use pullcreds_core::json::{self, Document, Patch, PatchError};

use super::{fail, read, shown};
use crate::args::{ApplyArguments, Voice};
use crate::outcome::{Exit, Problem};
use crate::printer;
use crate::write::Writer;

pub(crate) fn run(arguments: &ApplyArguments, voice: Voice) -> anyhow::Result<Exit> {
    let is_stdin = arguments.file.as_os_str() == "-";
    if is_stdin && arguments.patch.as_os_str() == "-" {
        bail!("standard input can be the patch or the text, not both");
    }
    if is_stdin && arguments.write {
        bail!("--write needs a file: standard input cannot be written");
    }
    let patch = read(&arguments.patch)?;
    let patch = match Patch::parse(&patch) {
        Ok(patch) => patch,
        Err(error) => {
            let offset = match &error {
                PatchError::Syntax(error) => error.offset,
                PatchError::Operation { offset, .. } => *offset,
                _ => 0,
            };
            let problem = Problem::new(error.to_string()).at(offset..offset.saturating_add(1));
            return fail(voice, &shown(&arguments.patch), &patch, &problem);
        }
    };
    let name = shown(&arguments.file);
    let bytes = read(&arguments.file)?;
    let document = match Document::parse(&bytes) {
        Ok(document) => document,
        Err(error) => {
            let problem = Problem::new(error.to_string()).at(error.offset..error.offset.saturating_add(1));
            return fail(voice, &name, &bytes, &problem);
        }
    };
    let edited = match json::apply(&document, &patch) {
        Ok(edited) => edited,
        Err(error) => return fail(voice, &name, &bytes, &Problem::from(&error)),
    };
    if !arguments.write {
        printer::outputs(edited.parts().map(str::as_bytes))?;
        return Ok(Exit::Clean);
    }
    let new = edited.text();
    if new.as_bytes() != bytes {
        let writer = Writer {
            hard_links: arguments.how.write_hard_links,
            fsync: !arguments.how.no_fsync,
        };
        if let Err(problem) = writer.replace(&arguments.file, &bytes, new.as_bytes()) {
            return fail(voice, &name, b"", &problem);
        }
    }
    Ok(Exit::Clean)
}
