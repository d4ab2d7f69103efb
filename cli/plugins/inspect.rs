//! What a file is, read without running or compiling it: whether it can be a plugin at all.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};
use wasmparser::{Encoding, Parser, Payload};

use crate::outcome::{Problem, in_words};

/// The interface that a plugin must export, without its version.
const INTERFACE: &str = "pullcreds:transform/transformer";
/// The versions of it that this host speaks: all `0.1.x`.
const SPOKEN: &str = "0.1.";
/// The largest file that is read. Compiling takes time and memory in proportion, and no limit of a call bounds it.
pub(crate) const LARGEST: u64 = 16 << 20;

/// What is in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspected {
    /// By name.
    pub(crate) imports: Vec<String>,
    /// By name, with the version of an interface.
    pub(crate) exports: Vec<String>,
}

/// Reads a file that is to be a plugin.
///
/// # Errors
/// Where it cannot be read, or is too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let unread = |error: io::Error| Problem::new(format!("{} cannot be read: {}", path.display(), in_words(&error)));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unread)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::new(format!(
            "{} is larger than {} MiB, the most that a plugin may have",
            path.display(),
            LARGEST >> 20
        )));
    }
    Ok(bytes)
}

/// The SHA-256 of some bytes, in 64 small hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Looks into a component.
///
/// # Errors
/// Where it is none: says what it is.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Inspected, Problem> {
    if bytes.starts_with(b"\x7fELF") {
        return Err(Problem::new(
            "this is a program or precompiled code, and no WebAssembly component; only components are taken, as \
             machine code could do anything",
        ));
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(Problem::new("this is no WebAssembly component"));
    }
    let mut inspected = Inspected::default();
    // How many modules and components the reader is inside of; their imports are supplied by the component itself.
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| broken(&error))? {
            Payload::Version {
                encoding: Encoding::Module,
                ..
            } if depth == 0 => {
                return Err(
                    Problem::new("this is a WebAssembly module, and a plugin is a component")
                        .with_help("`pullcreds plugin build` makes a component of a Rust project's module"),
                );
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    inspected
                        .imports
                        .push(import.map_err(|error| broken(&error))?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    inspected
                        .exports
                        .push(export.map_err(|error| broken(&error))?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(inspected)
}

impl Inspected {
    /// Whether it can be run as a plugin.
    ///
    /// # Errors
    /// Says what is in the way.
    pub(crate) fn is_plugin(&self) -> Result<(), Problem> {
        if !self.imports.is_empty() {
            return Err(Problem::new(format!(
                "it imports {}, and a plugin is given nothing at all",
                self.imports.join(", ")
            )));
        }
        let version = |export: &String| Some(export.strip_prefix(INTERFACE)?.strip_prefix('@')?.to_owned());
        let versions: Vec<String> = self.exports.iter().filter_map(version).collect();
        if versions.iter().any(|version| version.starts_with(SPOKEN)) {
            return Ok(());
        }
        let has = match self.exports.as_slice() {
            [] => "nothing".to_owned(),
            exports => exports.join(", "),
        };
        Err(Problem::new(format!(
            "it exports {has}; this pullcreds speaks {INTERFACE}@{SPOKEN}x"
        )))
    }
}

fn broken(error: &wasmparser::BinaryReaderError) -> Problem {
    Problem::new(format!(
        "this is a broken component: {} at byte {}",
        error.message(),
        error.offset()
    ))
}
