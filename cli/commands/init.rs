//! `pullcreds init`: a first policy from what a folder's definitions pull.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{self, Options, PullSite, Selection, Surveyed};

use crate::args::{InitArguments, PolicyArguments, Voice};
use crate::config::{FILE_NAME, Finder};
use crate::outcome::{Exit, Problem, Tally, in_words};
use crate::paths::plain;
use crate::pipeline::{Run, Said, Text};
use crate::printer;
use crate::report::{self, Report, Seen, counted, safe};
use crate::sources::Sources;
use crate::starter::{self, Starter};
use crate::write::Writer;

pub(crate) fn run(arguments: &InitArguments, voice: Voice) -> anyhow::Result<Exit> {
    let is_printed = arguments.stdout || arguments.folder.as_os_str() == "-";
    let folder = if arguments.folder.as_os_str() == "-" {
        Path::new(".")
    } else {
        &arguments.folder
    };
    if !folder.is_dir() {
        bail!("{}: not a folder; name the one to search", folder.display());
    }
    let target = plain(&folder.join(FILE_NAME)).to_owned();
    if !is_printed && !arguments.force && target.symlink_metadata().is_ok() {
        return exists(&target);
    }
    let (found, failed) = search(arguments, folder, voice)?;
    let (page, questions) = starter::page(&found);
    // A first policy that is refused would be a poor welcome.
    if let Err(error) = toml::from_str::<Policy>(&page) {
        bail!(
            "internal error: the policy would not be valid: {error}; this is a defect of pullcreds, please report it"
        );
    }
    if is_printed {
        printer::output(page.as_bytes())?;
    } else if let Some(exit) = write(&target, &page, arguments.force, voice)? {
        return Ok(exit);
    }
    if !voice.quiet {
        let written = (!is_printed).then_some(target.as_path());
        printer::messages(closing(&found, &failed, questions, written).as_bytes())?;
    }
    Ok(Exit::Clean)
}

/// What the folder's definitions pull, and the files that could not be read.
fn search(arguments: &InitArguments, folder: &Path, voice: Voice) -> anyhow::Result<(Starter, Vec<String>)> {
    // What an earlier policy said is not asked, only what is there.
    let policy = PolicyArguments {
        config: None,
        isolated: true,
        plugins: false,
        archive: None,
        secret: None,
    };
    let finder = match Finder::new(&policy, Some(&arguments.walk))? {
        Ok(finder) => finder,
        Err(bad) => bail!("{}", bad.problem.message),
    };
    let selection = Selection::default();
    let report = report::for_people(voice);
    let found: Mutex<Vec<(String, Vec<PullSite>)>> = Mutex::default();
    let task = |text: &Text<'_>, tally: &mut Tally| -> Said {
        match transform::survey(text.bytes, &Options::new(text.folder.policy(), &selection)) {
            Ok(Surveyed::Definition(_, sites)) => {
                found
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push((text.name(), sites));
                Said::default()
            }
            Ok(Surveyed::Passed(_)) => Said::default(),
            Err(error) => {
                tally.failed += 1;
                let problem = Problem::from(&error);
                Said {
                    report: report.file(&Seen::failed(&text.name(), text.bytes, &problem)),
                    ..Said::default()
                }
            }
        }
    };
    let run = Run {
        finder: &finder,
        report: &report,
        task: &task,
        stdin_name: None,
        is_verbose: false,
    };
    let sources = Sources::new(&[folder.to_owned()]);
    let results = run
        .over(&sources, &arguments.walk, voice.quiet)
        .context("standard input cannot be read")?;
    let failed = results.said.into_iter().map(|(name, _)| name).collect();
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut starter = Starter::default();
    for (name, sites) in &found {
        starter.add(name, sites);
    }
    Ok((starter, failed))
}

fn exists(target: &Path) -> anyhow::Result<Exit> {
    bail!(
        "{}: there is a policy already; `--stdout` shows what would be written, `--force` overwrites it",
        target.display()
    )
}

/// `Some` where it could not be written, and was told.
fn write(target: &Path, page: &str, force: bool, voice: Voice) -> anyhow::Result<Option<Exit>> {
    let old = if force { fs::read(target).ok() } else { None };
    let Some(old) = old else {
        // Refused by the system itself if somebody else was faster.
        return match fs::File::create_new(target).and_then(|mut file| file.write_all(page.as_bytes())) {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => exists(target).map(Some),
            Err(error) => bail!("{}: cannot be written: {}", target.display(), in_words(&error)),
        };
    };
    let writer = Writer {
        hard_links: false,
        fsync: true,
    };
    match writer.replace(target, &old, page.as_bytes()) {
        Ok(()) => Ok(None),
        Err(problem) => super::fail(voice, &super::shown(target), b"", &problem).map(Some),
    }
}

/// What was done, and what to do next.
fn closing(found: &Starter, failed: &[String], questions: usize, written: Option<&Path>) -> String {
    let mut out = String::new();
    if let Some(first) = failed.first() {
        let first = safe::line(first);
        out.push_str(&match failed.len() {
            1 => format!("note: left out {first}, which cannot be read: `pullcreds check {first}` says why\n"),
            count => {
                format!("note: left out {count} files that cannot be read, as {first}: `pullcreds check` says why\n")
            }
        });
    }
    let images = counted(found.images, "image");
    let files = counted(found.files, "file");
    let Some(written) = written else { return out };
    let written: PathBuf = written.to_owned();
    let name = safe::line(&written.to_string_lossy());
    if found.files == 0 {
        out.push_str(&format!(
            "Wrote {name}, an example only: no Marathon definitions were found below it.\n"
        ));
    } else if found.is_empty() {
        out.push_str(&format!(
            "Wrote {name}: {images} in {files}, none of them on a host that may be private.\n"
        ));
    } else {
        let asked = match questions {
            0 => "Read it, then run `pullcreds check`.".to_owned(),
            1 => "One question in it is yours to answer; then run `pullcreds check`.".to_owned(),
            count => format!("{count} questions in it are yours to answer; then run `pullcreds check`."),
        };
        out.push_str(&format!("Wrote {name} from {images} in {files}. {asked}\n"));
    }
    out
}
