//! What is to be asked: the images that the command line names and those that definitions pull, each with the
//! credentials that it would be pulled with. Asks nobody.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use pullcreds_core::definition::Containerizer;
use pullcreds_core::image::{Reference, is_templated};
use pullcreds_core::json::{Position, position};
use pullcreds_core::policy;
use pullcreds_core::transform::{Named, Options, PullSite, Selection, Surveyed, survey};
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::{Lookup, Reader, look_up, reads};
use pullcreds_credentials::registry::Presented;

use crate::args::verify::VerifyArguments;
use crate::args::{PolicyArguments, Voice};
use crate::commands::credentials::file::{CredentialFile, Failed};
use crate::commands::credentials::{EVERYBODY, check};
use crate::commands::{broken, failure, passed_note, tell};
use crate::config::Finder;
use crate::outcome::{Problem, Tally};
use crate::pipeline::{Run, Said, Text};
use crate::report::{self, Ending};
use crate::sources::Sources;

/// The credentials that are to be proved.
pub(super) struct Credentials {
    archive: Option<CredentialFile>,
    config: Option<CredentialFile>,
}

impl Credentials {
    pub(super) fn load(arguments: &VerifyArguments) -> Result<Credentials, Failed> {
        let load = |path: &Option<PathBuf>| path.as_deref().map(load).transpose();
        Ok(Credentials {
            archive: load(&arguments.archive)?,
            config: load(&arguments.config_json)?,
        })
    }

    fn of(&self, reader: Reader) -> Option<&CredentialFile> {
        match reader {
            Reader::Docker => self.archive.as_ref().or(self.config.as_ref()),
            // Not what is in an archive, whichever option names it.
            Reader::Ucr => self.config.as_ref().filter(|file| !file.is_archive),
        }
    }
}

fn load(path: &Path) -> Result<CredentialFile, Failed> {
    let file = CredentialFile::load(path)?;
    match file.with_config(|_| ())? {
        Some(()) => Ok(file),
        None => Err(Failed {
            name: file.name,
            text: pullcreds_credentials::Secret::default(),
            problem: Box::new(Problem::new("there is no `.docker/config.json` in it")),
        }),
    }
}

/// Where a definition pulls an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) id: String,
}

/// An image that is to be pulled.
#[derive(Debug)]
struct Wanted {
    image: String,
    readers: Vec<Reader>,
    /// Whether it is pulled with the credentials at all.
    is_supplied: bool,
    /// `None` where the command line names it.
    site: Option<Site>,
}

/// All of them, and the counts of the files.
#[derive(Default)]
pub(super) struct Collected {
    wanted: Vec<Wanted>,
    /// How many images are not known before their template is rendered, and how many are no references.
    pub(super) templated: usize,
    pub(super) invalid: usize,
    pub(super) tally: Tally,
}

/// Reads what the command line names.
pub(super) fn collect(arguments: &VerifyArguments, voice: Voice) -> anyhow::Result<Collected> {
    let mut collected = Collected::default();
    let mut paths = Vec::new();
    let readers = match arguments.readers.as_slice() {
        [] => EVERYBODY.to_vec(),
        names => names.iter().map(|name| check::reader(*name)).collect(),
    };
    for what in &arguments.what {
        let path = Path::new(what);
        if what == "-" || path.exists() {
            paths.push(path.to_owned());
            continue;
        }
        if crate::commands::explain::looks_like_a_path(path) {
            bail!("{what}: there is no such file");
        }
        Reference::parse(what).with_context(|| format!("{what}: no file, and no image"))?;
        collected.wanted.push(Wanted {
            image: what.clone(),
            readers: readers.clone(),
            is_supplied: true,
            site: None,
        });
    }
    if !paths.is_empty() {
        definitions(&paths, arguments, &readers, &mut collected, voice)?;
    }
    Ok(collected)
}

/// Reads definitions. What is wrong with one is told, and the others are read.
fn definitions(
    paths: &[PathBuf],
    arguments: &VerifyArguments,
    readers: &[Reader],
    collected: &mut Collected,
    voice: Voice,
) -> anyhow::Result<()> {
    let report = report::for_people(voice);
    let policy = PolicyArguments {
        plugins: false,
        config: arguments.config.clone(),
        isolated: arguments.isolated,
        archive: None,
        secret: None,
    };
    let selection = Selection::default();
    let found = Mutex::new(Collected::default());
    let task = |text: &Text<'_>, tally: &mut Tally| -> Said {
        if text.excluded {
            return Said::default();
        }
        let options = Options {
            fix_patches: false,
            ..Options::new(text.folder.policy(), &selection)
        };
        match survey(text.bytes, &options) {
            Ok(Surveyed::Definition(_, sites)) => {
                tally.checked += 1;
                let whole = String::from_utf8_lossy(text.bytes);
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                for site in sites {
                    found.add(&site, &text.name(), &whole, readers, options.policy);
                }
                Said::default()
            }
            Ok(Surveyed::Passed(passed)) => {
                tally.passed(passed, || text.name());
                Said {
                    note: passed_note(passed, text, voice),
                    ..Said::default()
                }
            }
            Err(error) => failure(&report, text, tally, &Problem::from(error)),
        }
    };
    let sources = Sources::new(paths);
    let results = match Finder::new(&policy, Some(&arguments.walk))? {
        Ok(finder) => Run {
            finder: &finder,
            report: &report,
            task: &task,
            stdin_name: None,
            is_verbose: false,
        }
        .over(&sources, &arguments.walk, voice.quiet)
        .context("standard input cannot be read")?,
        Err(bad) => broken(&bad, &report),
    };
    tell(&results, &report, Ending::Silent, voice)?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.wanted.sort_by(|one, other| one.site.cmp(&other.site));
    collected.wanted.append(&mut found.wanted);
    collected.templated += found.templated;
    collected.invalid += found.invalid;
    collected.tally.join(results.tally);
    Ok(())
}

impl Collected {
    fn add(&mut self, site: &PullSite, file: &str, text: &str, asked: &[Reader], policy: &policy::Policy) {
        let reference = match Reference::parse(&site.image) {
            Ok(reference) => reference,
            Err(_) if is_templated(&site.image) => {
                self.templated += 1;
                return;
            }
            Err(_) => {
                self.invalid += 1;
                return;
            }
        };
        let readers = match site.containerizer {
            Containerizer::Docker => vec![Reader::Docker],
            Containerizer::Ucr => vec![Reader::Ucr],
            // An update that does not say: one of them.
            Containerizer::Unknown => EVERYBODY.to_vec(),
        };
        let is_named = site.named.iter().any(|named| match named {
            Named::Fetched { .. } => true,
            Named::Secret { source, .. } => source.is_some(),
        });
        let by_policy = policy.registry_for(&site.image, Some(&reference));
        let is_the_clusters =
            by_policy.is_some_and(|(_, registry)| registry.credentials() == policy::Credentials::Cluster);
        let Position { line, column } = position(text, site.span.start);
        self.wanted.push(Wanted {
            image: site.image.clone(),
            readers: readers.into_iter().filter(|reader| asked.contains(reader)).collect(),
            is_supplied: is_named || is_the_clusters,
            site: Some(Site {
                file: file.to_owned(),
                line,
                column,
                id: site
                    .shown_id
                    .clone()
                    .unwrap_or_else(|| format!("an {} without id", site.owner)),
            }),
        });
    }
}

/// One question to a registry.
pub(super) struct Question {
    /// As it was first written.
    pub(super) image: String,
    pub(super) reader: Reader,
    pub(super) presented: Presented,
    /// The key and the file of the entry that is presented.
    pub(super) entry: Option<(String, String)>,
    /// Why no entry is presented, or not always the same.
    pub(super) note: Option<String>,
    /// Whether definitions pull it without credentials, though some are given here.
    pub(super) is_unsupplied: bool,
    pub(super) sites: Vec<Site>,
}

/// Each image once for a reader and a set of credentials.
pub(super) fn questions(collected: &Collected, credentials: &Credentials) -> Result<Vec<Question>, Failed> {
    let mut known = HashMap::new();
    let mut questions: Vec<Question> = Vec::new();
    for wanted in &collected.wanted {
        let Ok(reference) = Reference::parse(&wanted.image) else {
            continue;
        };
        for &reader in &wanted.readers {
            let is_supplied = wanted.is_supplied && credentials.of(reader).is_some();
            let key = (reader, reference.to_string(), reference.explicit_host(), is_supplied);
            let index = match known.get(&key) {
                Some(&index) => index,
                None => {
                    questions.push(question(wanted, &reference, reader, credentials)?);
                    known.insert(key, questions.len() - 1);
                    questions.len() - 1
                }
            };
            questions[index].sites.extend(wanted.site.clone());
        }
    }
    Ok(questions)
}

fn question(
    wanted: &Wanted,
    reference: &Reference<'_>,
    reader: Reader,
    credentials: &Credentials,
) -> Result<Question, Failed> {
    let file = credentials.of(reader);
    let mut question = Question {
        image: wanted.image.clone(),
        reader,
        presented: Presented::default(),
        entry: None,
        note: None,
        is_unsupplied: !wanted.is_supplied && file.is_some(),
        sites: Vec::new(),
    };
    if let Some(file) = file.filter(|_| wanted.is_supplied) {
        file.with_config(|config| present(&mut question, config, &file.name, reference))?;
    }
    Ok(question)
}

fn present(question: &mut Question, config: &Config<'_>, name: &str, image: &Reference<'_>) {
    let who = question.reader.as_str();
    if !reads(config.form, question.reader) {
        question.note = Some(format!("{who} reads no .dockercfg, so {name} is nothing to it"));
        return;
    }
    let entry = match look_up(config, image, question.reader) {
        Lookup::Found(entry) => entry,
        Lookup::Ambiguous(entries) => {
            let keys: Vec<_> = entries.iter().map(|entry| format!("`{}`", entry.key)).collect();
            question.note = Some(format!(
                "{who} takes any of {} of {name}; the first was tried",
                keys.join(", ")
            ));
            match entries.first() {
                Some(entry) => entry,
                None => return,
            }
        }
        Lookup::Unusable(entry) => {
            question.note = Some(format!("{who} uses nothing of `{}` of {name}", entry.key));
            return;
        }
        Lookup::Helper(named) => {
            question.note = Some(format!(
                "{name} sends Docker to the helper `{}`, which agents do not have",
                named.helper
            ));
            return;
        }
        Lookup::Missing(_) => {
            question.note = Some(format!("{who} finds nothing for it in {name}"));
            return;
        }
    };
    question.presented = Presented::of(entry, question.reader);
    if question.presented.is_nothing() {
        let check = format!("`pullcreds credentials check {name}` says why");
        question.note = Some(format!("{who} can read nothing of `{}` of {name}; {check}", entry.key));
        return;
    }
    question.entry = Some((entry.key.to_string(), name.to_owned()));
}
