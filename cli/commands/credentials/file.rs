//! A file with credentials, whichever of the three kinds it is, brought down to its text.

use std::io::Read;
use std::path::Path;

use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::json::Document;
use pullcreds_credentials::archive::{self, CONFIG_PATH, Contents, LEGACY_PATH};
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::Reader;
use pullcreds_credentials::rules::{About, archive_layout, of_text};
use pullcreds_credentials::{Secret, archive::looks_like_archive};

use super::EVERYBODY;
use crate::commands::shown;
use crate::outcome::{Problem, in_words};

/// The most that is read of anything that is to be credentials.
const LARGEST_FILE: u64 = archive::LARGEST_CONTENTS;

/// A file as it was read.
pub(crate) struct CredentialFile {
    /// How messages call the text; within an archive, its path with that of the member.
    pub(crate) name: String,
    /// The text of a config.json or .dockercfg; `None` where an archive has none.
    pub(crate) text: Option<Secret>,
    /// What is wrong with the archive around it.
    pub(crate) layout: Vec<Finding>,
    pub(crate) is_archive: bool,
    pub(crate) is_dockercfg: bool,
}

/// Why a file could not be used, under the name that messages call it by, with its text where a place is shown.
pub(crate) struct Failed {
    pub(crate) name: String,
    pub(crate) text: Secret,
    pub(crate) problem: Box<Problem>,
}

impl CredentialFile {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn load(path: &Path) -> Result<CredentialFile, Failed> {
        let name = shown(path);
        let failed = |problem: Problem| Failed {
            name: name.clone(),
            text: Secret::default(),
            problem: Box::new(problem),
        };
        let bytes = bytes(path).map_err(&failed)?;
        if !looks_like_archive(bytes.expose()) {
            return Ok(CredentialFile {
                is_dockercfg: path.file_name().is_some_and(|name| name == LEGACY_PATH),
                name,
                text: Some(bytes),
                layout: Vec::new(),
                is_archive: false,
            });
        }
        let contents = archive::read(bytes.expose()).map_err(|error| {
            failed(Problem::new(error.to_string()).with_help("`pullcreds credentials archive` makes one that is right"))
        })?;
        let layout = layout(&contents);
        let is_dockercfg = contents.config.is_none();
        let member = if is_dockercfg { LEGACY_PATH } else { CONFIG_PATH };
        let text = contents.config.or(contents.legacy);
        Ok(CredentialFile {
            name: if text.is_some() {
                format!("{name}/{member}")
            } else {
                name
            },
            text,
            layout,
            is_archive: true,
            is_dockercfg,
        })
    }

    /// Who will read it, where the caller does not say: UCR reads no archive.
    pub(crate) fn readers(&self) -> &'static [Reader] {
        if self.is_archive { &[Reader::Docker] } else { &EVERYBODY }
    }

    /// What is wrong with its text.
    pub(crate) fn findings(&self, readers: &[Reader]) -> Result<Vec<Finding>, Failed> {
        let about = About {
            readers,
            is_dockercfg: self.is_dockercfg,
        };
        self.with_config(|config| of_text(config, &about))
            .map(Option::unwrap_or_default)
    }

    /// Reads the text and hands it on; `None` where there is none.
    pub(crate) fn with_config<T>(&self, use_it: impl FnOnce(&Config<'_>) -> T) -> Result<Option<T>, Failed> {
        let Some(text) = &self.text else { return Ok(None) };
        let failed = |problem: Problem| Failed {
            name: self.name.clone(),
            text: text.clone(),
            problem: Box::new(problem),
        };
        let document = Document::parse(text.expose()).map_err(|error| {
            failed(Problem::new(error.to_string()).at(error.offset..error.offset.saturating_add(1)))
        })?;
        let config = Config::read(&document).map_err(|error| failed(Problem::new(error.message).at(error.span)))?;
        Ok(Some(use_it(&config)))
    }
}

/// Reads all of a file, into one buffer that is wiped.
pub(crate) fn bytes(path: &Path) -> Result<Secret, Problem> {
    let cannot = |error: &std::io::Error| Problem::new(format!("cannot be read: {}", in_words(error)));
    let mut bytes = Vec::with_capacity(64 * 1024);
    let mut source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = std::fs::File::open(path).map_err(|error| cannot(&error))?;
        let length = file.metadata().map_or(0, |metadata| metadata.len().min(LARGEST_FILE));
        bytes.reserve_exact(usize::try_from(length).unwrap_or_default() + 1);
        Box::new(file)
    };
    let read = source.by_ref().take(LARGEST_FILE + 1).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map_err(|error| cannot(&error))?;
    if bytes.expose().len() as u64 > LARGEST_FILE {
        return Err(Problem::new(format!(
            "is larger than {} MiB; credentials never are",
            LARGEST_FILE >> 20
        )));
    }
    Ok(bytes)
}

/// CC006
fn layout(contents: &Contents) -> Vec<Finding> {
    if contents.config.is_some() {
        return Vec::new();
    }
    let repack = "pack it again: `pullcreds credentials archive --from-config FILE`, or `tar -C ~ -czf docker.tar.gz \
                  .docker`"
        .to_owned();
    if contents.legacy.is_some() {
        let message =
            format!("the archive has `{LEGACY_PATH}` and no `{CONFIG_PATH}`: Docker 23.0 and newer ignore it");
        return vec![archive_layout(message, Severity::Warning, vec![repack])];
    }
    let elsewhere = contents.members.iter().find(|member| {
        !member.is_folder && (member.path.ends_with("config.json") || member.path.ends_with(LEGACY_PATH))
    });
    let message = match elsewhere {
        Some(member) => format!(
            "the archive has no `{CONFIG_PATH}` at its root, where Docker looks for it; it has `{}`",
            member.path
        ),
        None => format!("the archive has no `{CONFIG_PATH}`"),
    };
    vec![archive_layout(message, Severity::Error, vec![repack])]
}
