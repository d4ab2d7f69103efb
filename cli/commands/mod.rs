//! What the subcommands do, one file each, and what they share.

mod apply;
mod check;
mod credentials;
mod dcos;
mod explain;
mod fix;
mod init;
mod patch;
#[cfg(feature = "plugins")]
mod plugin;
mod shell;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use pullcreds_core::definition::id;
use pullcreds_core::json::{Document, Position, position};
use pullcreds_core::policy::names_rule_of_plugin;
use pullcreds_core::rules::Rule;
use pullcreds_core::transform::{Kind, Options, Passed, Selection, UnknownRule};
use pullcreds_credentials::rules::RULES as OF_CREDENTIALS;

use crate::args::{Arguments, Command, RuleArguments, RunArguments, TextArguments, Voice};
use crate::baseline::Baseline;
use crate::buffer;
use crate::config::{BadPolicy, Finder};
use crate::outcome::{Exit, Problem, Tally, in_words};
use crate::pipeline::{Results, Run, Said, Task, Text};
#[cfg(not(feature = "plugins"))]
use crate::plugins;
use crate::printer;
use crate::report::{self, Ending, Report, Seen, safe};
use crate::sources::Sources;

/// Does what was asked for.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let voice = arguments.voice;
    match arguments.command {
        Command::Check(arguments) => check::run(&arguments, voice),
        Command::Fix(arguments) => fix::run(&arguments, voice),
        Command::Patch(arguments) => patch::run(&arguments, voice),
        Command::Apply(arguments) => apply::run(&arguments, voice),
        Command::Explain(arguments) => explain::run(&arguments, voice),
        Command::Credentials(arguments) => credentials::run(&arguments, voice),
        Command::Init(arguments) => init::run(&arguments, voice),
        #[cfg(feature = "plugins")]
        Command::Plugin(arguments) => plugin::run(&arguments, voice),
        #[cfg(not(feature = "plugins"))]
        Command::Plugin(_) => Err(anyhow!("{}; {}", plugins::MISSING, plugins::HOW_TO_GET)),
        Command::Completions(arguments) => shell::completions(&arguments),
        Command::Man(arguments) => shell::man(&arguments),
        Command::Dcos(arguments) => dcos::run(&arguments, voice),
    }
}

/// What the caller says of every text, checked and read.
struct Caller {
    selection: Selection,
    kind: Option<Kind>,
    group: Option<String>,
    current: Option<String>,
    strict_templates: bool,
}

impl Caller {
    fn new(rules: &RuleArguments, text: &TextArguments, looks_at: LooksAt) -> anyhow::Result<Caller> {
        let kind = text.kind;
        if text.current.is_some() && !kind.is_some_and(Kind::is_update) {
            // A full app says all there is to say: merging what is stored into it would be wrong.
            bail!("--current belongs to an update: say `--kind app-update` or `--kind app-updates`");
        }
        if let Some(group) = &text.group {
            id::resolve(group, None).map_err(|error| anyhow!("--group: {error}"))?;
        }
        let current = text.current.as_deref().map(stored);
        Ok(Caller {
            selection: selection(rules, looks_at)?,
            kind,
            group: text.group.clone(),
            current: current.transpose()?,
            strict_templates: text.strict_templates,
        })
    }

    fn options<'a>(&'a self, text: &Text<'a>, path: Option<&'a str>, fix_patches: bool) -> Options<'a> {
        Options {
            policy: text.folder.policy(),
            kind: self.kind,
            group: self.group.as_deref(),
            current: self.current.as_deref(),
            path,
            selection: &self.selection,
            fix_patches,
        }
    }

    /// Counts a definition.
    fn count(&self, kind: Kind, text: &Text<'_>, tally: &mut Tally) {
        tally.checked += 1;
        if kind == Kind::Apps && self.kind.is_none() {
            tally.arrays.add(text.name());
        }
        if !text.folder.plugins().idle().is_empty() {
            tally.idle_plugins.add(text.name());
        }
    }

    /// Counts a text that is not for this tool; `Some` where that is a failure.
    fn pass_over(&self, passed: Passed, text: &Text<'_>, tally: &mut Tally) -> Option<Problem> {
        if passed == Passed::Template && self.strict_templates {
            let problem = Problem::new("template marks stand outside its strings, so it is not JSON yet");
            return Some(problem.with_help("render it first, and give the result to `pullcreds check -`"));
        }
        tally.passed(passed, || text.name());
        None
    }
}

/// The file of `--current`, which is to be JSON, whatever it says.
fn stored(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("--current {name}: cannot be read"))?;
    if let Err(error) = Document::parse(text.as_bytes()) {
        let Position { line, column } = position(&text, error.offset);
        bail!("--current {name}:{line}:{column}: {error}");
    }
    Ok(text)
}

/// What a command looks at, and so which rules it can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LooksAt {
    Definitions,
    /// And at credentials beside them.
    Credentials,
}

/// Rules are asked for by code, by the start of a code, or by name; the core takes codes.
fn selection(rules: &RuleArguments, looks_at: LooksAt) -> anyhow::Result<Selection> {
    let codes = |given: &[String], flag: &str, others: &[Rule]| -> anyhow::Result<Vec<String>> {
        // Which rules a plugin has, only it can tell, and whether there is such a plugin, the policy of each file.
        let (of_plugins, given): (Vec<String>, Vec<String>) =
            given.iter().cloned().partition(|rule| names_rule_of_plugin(rule));
        let mut codes = Selection::codes_among(&given, others).map_err(|UnknownRule { rule }| {
            if rule.is_empty() {
                return anyhow!(
                    "{flag}: a rule is empty; give codes or names, parted by commas, as in `{flag} MC001,MC002`"
                );
            }
            if Selection::codes_among(std::slice::from_ref(&rule), &OF_CREDENTIALS).is_ok() {
                return anyhow!("{flag} {rule}: only `pullcreds check --config-json FILE` looks for it");
            }
            anyhow!("{flag} {rule}: there is no such rule; `pullcreds explain` lists them")
        })?;
        codes.extend(of_plugins);
        Ok(codes)
    };
    let selectable = match looks_at {
        LooksAt::Definitions => &[],
        LooksAt::Credentials => OF_CREDENTIALS.as_slice(),
    };
    Ok(Selection {
        select: codes(&rules.select, "--select", selectable)?,
        // What is not looked for may well be ignored.
        ignore: codes(&rules.ignore, "--ignore", &OF_CREDENTIALS)?,
        unsafe_fixes: rules.unsafe_fixes,
    })
}

/// A run of `check` or `fix` over all the files.
struct Files<'a> {
    paths: &'a [PathBuf],
    run: &'a RunArguments,
    selection: &'a Selection,
    /// What is known already, and not to be told again.
    baseline: Option<Baseline>,
    voice: Voice,
}

impl<'a> Files<'a> {
    /// The files that were named, with the baseline that the run is given.
    fn new(paths: &'a [PathBuf], run: &'a RunArguments, caller: &'a Caller, voice: Voice) -> anyhow::Result<Files<'a>> {
        Ok(Files {
            paths,
            run,
            selection: &caller.selection,
            baseline: run.baseline.as_deref().map(Baseline::read).transpose()?,
            voice,
        })
    }

    /// Brings the task to every file, and what it says to the report.
    fn over(
        &self,
        report: &dyn Report,
        task: &Task<'_>,
        ending: impl FnOnce(&Tally) -> Ending,
    ) -> anyhow::Result<Tally> {
        let sources = Sources::new(self.paths);
        let given = sources.files.len() + sources.folders.len() + usize::from(sources.stdin);
        if self.run.text.current.is_some() && (given != 1 || !sources.folders.is_empty()) {
            bail!("--current belongs to one definition: name one file, or `-`");
        }
        let walk = &self.run.walk;
        let mut results = match Finder::new(&self.run.policy, Some(walk))? {
            Ok(finder) => {
                let stdin_name = self.run.text.stdin_filename.as_deref();
                let run = Run {
                    finder: &finder,
                    report,
                    task,
                    stdin_name,
                    is_verbose: self.voice.verbose,
                };
                run.over(&sources, walk, self.voice.quiet)
                    .context("standard input cannot be read")?
            }
            Err(bad) => broken(&bad, report),
        };
        if let Some(error) = results.unwritten.take() {
            return Err(error.into());
        }
        let standing = self
            .baseline
            .as_ref()
            .map(|baseline| (baseline, baseline.standing(self.selection)));
        if let Some((_, standing)) = &standing {
            results.tally.silenced = standing.silenced;
            results.tally.stale = standing.stale.len();
        }
        tell(&results, report, ending(&results.tally), self.voice)?;
        if let (Some((baseline, standing)), false) = (&standing, self.voice.quiet) {
            printer::messages(baseline.notes(standing).as_bytes())?;
        }
        Ok(results.tally)
    }
}

/// The results of a run that never began.
fn broken(bad: &BadPolicy, report: &dyn Report) -> Results {
    let said = report.file(&Seen::failed(&bad.name, bad.text.as_bytes(), &bad.problem));
    let said = Said {
        report: said,
        ..Said::default()
    };
    Results {
        said: vec![(bad.name.clone(), said)],
        tally: Tally {
            failed: 1,
            ..Tally::default()
        },
        unwritten: None,
    }
}

fn tell(results: &Results, report: &dyn Report, ending: Ending, voice: Voice) -> io::Result<()> {
    printer::outputs(results.said.iter().map(|(_, said)| said.data.as_slice()))?;
    let mut files = results
        .said
        .iter()
        .map(|(_, said)| said.report.as_slice())
        .filter(|file| !file.is_empty());
    report.tell(&mut files, &results.tally, ending)?;
    for (_, said) in &results.said {
        printer::messages(&said.note)?;
    }
    if !voice.quiet && ending != Ending::Silent {
        printer::messages(notes(&results.tally).as_bytes())?;
    }
    Ok(())
}

/// Of definitions whose policy was found.
const IDLE_PLUGINS: &str =
    "without the plugins that the policy names, as it was found and not given; `--plugins` runs them";

/// One line for each reason why files were passed over that their owner may not expect.
fn notes(tally: &Tally) -> String {
    let mut notes = String::new();
    let groups = [
        (
            &tally.templates,
            "with template marks passed over; render first, then `pullcreds check -`",
        ),
        (
            &tally.metronome,
            "with Metronome jobs that pull private images passed over; Metronome is not covered",
        ),
        (
            &tally.package_options,
            "with options of DC/OS packages passed over; their images are not covered",
        ),
        (
            &tally.arrays,
            "with an array, taken for whole apps; `--kind app-updates` says that they are updates",
        ),
        (&tally.idle_plugins, IDLE_PLUGINS),
    ];
    for (group, what) in groups {
        let example = group.first.as_deref().map(safe::line).unwrap_or_default();
        match group.count {
            0 => {}
            1 => notes.push_str(&format!("note: 1 file {what}: {example}\n")),
            count => notes.push_str(&format!("note: {count} files {what}: {example}, …\n")),
        }
    }
    notes
}

/// What a command that takes one definition says where plugins were left out.
fn tell_idle_plugins(text: &Text<'_>, voice: Voice) -> io::Result<()> {
    let idle = text.folder.plugins().idle();
    if idle.is_empty() || voice.quiet {
        return Ok(());
    }
    let note = format!(
        "note: {}: {IDLE_PLUGINS}: {}\n",
        safe::line(&text.name()),
        idle.join(", ")
    );
    printer::messages(note.as_bytes())
}

/// What `--verbose` says of a file that was passed over.
fn passed_note(passed: Passed, text: &Text<'_>, voice: Voice) -> Vec<u8> {
    if !voice.verbose {
        return Vec::new();
    }
    let why = match passed {
        Passed::NotMarathon => "not a Marathon definition",
        Passed::Template => "template marks outside its strings",
        Passed::MetronomeJob => "a Metronome job",
        Passed::PackageOptions => "the options of a DC/OS package",
    };
    format!("passed over {}: {why}\n", safe::line(&text.name())).into_bytes()
}

/// One file's failure, told.
fn failure(report: &dyn Report, text: &Text<'_>, tally: &mut Tally, problem: &Problem) -> Said {
    tally.failed += 1;
    Said {
        report: report.file(&Seen::failed(&text.name(), text.bytes, problem)),
        ..Said::default()
    }
}

/// A whole file, or standard input for `-`.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.context("standard input cannot be read")?;
        return Ok(bytes);
    }
    buffer::read(path).map_err(|error| anyhow!("{}: cannot be read: {}", path.display(), in_words(&error)))
}

/// How a file is called in messages.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        "<stdin>".to_owned()
    } else {
        path.to_string_lossy().into_owned()
    }
}

/// Tells why the one file of a command could not be done.
fn fail(voice: Voice, name: &str, text: &[u8], problem: &Problem) -> anyhow::Result<Exit> {
    report::show_problem(voice, name, text, problem)?;
    Ok(Exit::Failed)
}
