//! The filter: a definition in, the rewritten one out, findings beside it, and the exit codes of the command line.
//!
//! With `--ndjson` a stream of definitions, one a line. What reading and writing mean is the [`World`]'s business.

mod arguments;
mod lines;

use std::borrow::Cow;

use pullcreds_core::finding::Finding;
use pullcreds_core::policy::Policy;
use pullcreds_core::shown::safe;
use pullcreds_core::transform::{Fixed, Passed, Rewrite, worst};

use crate::failure::{Failure, Problem};
use crate::transform::{Asked, policy, transform};
use arguments::{Command, HELP, Settings};
use lines::Lines;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Where the filter reads and writes.
pub trait World {
    /// Reads up to `most` bytes of standard input behind what is in the buffer; 0 at its end.
    ///
    /// # Errors
    /// In the system's words.
    fn read(&mut self, buffer: &mut Vec<u8>, most: usize) -> Result<usize, String>;

    /// Writes all of it to standard output.
    ///
    /// # Errors
    /// Where that cannot be done.
    fn output(&mut self, bytes: &[u8]) -> Result<(), Unwritten>;

    /// Writes all of it to standard error, as far as that can be done.
    fn messages(&mut self, text: &str);
}

/// Why standard output takes nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// Nobody reads it any longer: a quiet end.
    Closed,
    /// Something is wrong, in the system's words.
    Failed(String),
}

/// How a run ends early.
enum Stop {
    Quietly,
    Because(String),
}

impl From<Unwritten> for Stop {
    fn from(error: Unwritten) -> Stop {
        match error {
            Unwritten::Closed => Stop::Quietly,
            Unwritten::Failed(why) => Stop::Because(format!("error: standard output cannot be written: {why}\n")),
        }
    }
}

/// Runs the filter. `arguments` are those after the program's name; `environment` is what `PULLCREDS_POLICY` holds.
///
/// Gives the exit code: 0 nothing to complain of, 1 something remains, 2 the work could not be done.
pub fn run(arguments: &[String], environment: Option<&str>, world: &mut dyn World) -> u8 {
    match start(arguments, environment, world) {
        Ok(code) => code,
        Err(Stop::Quietly) => 0,
        Err(Stop::Because(message)) => {
            world.messages(&message);
            2
        }
    }
}

fn start(arguments: &[String], environment: Option<&str>, world: &mut dyn World) -> Result<u8, Stop> {
    let settings = match arguments::read(arguments) {
        Ok(Command::Filter(settings)) => settings,
        Ok(Command::Help) => {
            world.output(HELP.as_bytes())?;
            return Ok(0);
        }
        Ok(Command::Version) => {
            world.output(concat!("pullcreds-filter ", env!("CARGO_PKG_VERSION"), "\n").as_bytes())?;
            return Ok(0);
        }
        Err(wrong) => return Err(Stop::Because(format!("error: {}\n", safe::line(&wrong)))),
    };
    let json = settings.policy.as_deref().or(environment).unwrap_or("{}");
    let told = |failure: &Failure| Stop::Because(lines::failure(failure, &Texts::of(json, &settings.asked), b"", 1));
    let policy = policy(json).map_err(|failure| told(&failure))?;
    let policy = policy
        .with_flags(settings.archive.as_deref(), settings.secret.as_deref())
        .map_err(|error| Stop::Because(format!("error: --archive or --secret: {error}\n")))?;
    // What is wrong with the options is wrong with every definition, so it is told once and before anything is read.
    if let Err(failure @ Failure::Options(_)) = transform(b"{}", &policy, &settings.asked) {
        return Err(told(&failure));
    }
    let mut filter = Filter {
        settings: &settings,
        texts: Texts::of(json, &settings.asked),
        policy: &policy,
        world,
        code: 0,
    };
    if settings.ndjson {
        filter.stream()?;
    } else {
        filter.whole()?;
    }
    Ok(filter.code)
}

/// The texts beside the definition, to show places in.
#[derive(Clone, Copy)]
struct Texts<'a> {
    policy: &'a str,
    current: &'a str,
}

impl<'a> Texts<'a> {
    fn of(policy: &'a str, asked: &'a Asked) -> Texts<'a> {
        let current = asked.current.as_deref().unwrap_or_default();
        Texts { policy, current }
    }
}

struct Filter<'a> {
    settings: &'a Settings,
    texts: Texts<'a>,
    policy: &'a Policy,
    world: &'a mut dyn World,
    code: u8,
}

impl Filter<'_> {
    fn whole(&mut self) -> Result<(), Stop> {
        let mut text = Vec::new();
        while self.read(&mut text)? > 0 {}
        let Some(new) = self.one(&text, 1) else { return Ok(()) };
        if !self.settings.check {
            self.world.output(&new)?;
        }
        Ok(())
    }

    /// Line by line, so that what comes slowly also goes on at once. A line that could not be done leaves an empty line,
    /// so that line 7 of what goes out is always line 7 of what came in.
    fn stream(&mut self) -> Result<(), Stop> {
        let mut text = Vec::new();
        let mut searched = 0;
        let mut line = 0;
        let mut out = Vec::new();
        loop {
            let read = self.read(&mut text)?;
            let mut start = 0;
            for end in memchr::memchr_iter(b'\n', &text[searched..]) {
                let end = searched + end;
                line += 1;
                self.line(&text[start..end], line, &mut out);
                out.push(b'\n');
                start = end + 1;
            }
            if read == 0 && start < text.len() {
                self.line(&text[start..], line + 1, &mut out);
            }
            if !self.settings.check && !out.is_empty() {
                self.world.output(&out)?;
            }
            if read == 0 {
                return Ok(());
            }
            out.clear();
            text.drain(..start);
            searched = text.len();
        }
    }

    fn line(&mut self, text: &[u8], line: usize, out: &mut Vec<u8>) {
        if text.trim_ascii().is_empty() {
            out.extend_from_slice(text);
        } else if let Some(new) = self.one(text, line) {
            out.extend_from_slice(&new);
        }
    }

    fn read(&mut self, text: &mut Vec<u8>) -> Result<usize, Stop> {
        let read = self.world.read(text, CHUNK);
        read.map_err(|why| Stop::Because(format!("error: standard input cannot be read: {why}\n")))
    }

    /// The text to hand on; `None` where there is none, because the work could not be done.
    fn one<'t>(&mut self, text: &'t [u8], first_line: usize) -> Option<Cow<'t, [u8]>> {
        let mut rewrite = match transform(text, self.policy, &self.settings.asked) {
            Ok(Fixed::Definition(rewrite)) if self.settings.ndjson && has_new_lines(&rewrite) => {
                let problem = Problem::new("a line was to become several");
                return self.fail(&Failure::Internal(problem), text, first_line);
            }
            Ok(Fixed::Definition(rewrite)) => rewrite,
            Ok(Fixed::Passed(passed)) => {
                self.note(passed, first_line);
                return Some(Cow::Borrowed(text));
            }
            Err(failure) => return self.fail(&failure, text, first_line),
        };
        let edited = rewrite.edited.take();
        let (shown, fixed): (&[Finding], Vec<&Finding>) = if self.settings.check {
            (&rewrite.before.findings, Vec::new())
        } else {
            (&rewrite.remaining, rewrite.removed())
        };
        if !shown.is_empty() || !fixed.is_empty() {
            let mut lines = Lines::new(text, first_line);
            fixed.iter().for_each(|finding| lines.finding("fixed", finding));
            shown
                .iter()
                .for_each(|finding| lines.finding(finding.severity.as_str(), finding));
            self.world.messages(&lines.told);
        }
        if worst(shown) >= Some(self.settings.fail_on) {
            self.code = self.code.max(1);
        }
        Some(edited.map_or(Cow::Borrowed(text), |edited| Cow::Owned(edited.text().into_bytes())))
    }

    /// Says why there is no text to hand on.
    fn fail<T>(&mut self, failure: &Failure, text: &[u8], first_line: usize) -> Option<T> {
        self.world
            .messages(&lines::failure(failure, &self.texts, text, first_line));
        self.code = 2;
        None
    }

    /// What was passed over though its author may not expect it.
    fn note(&mut self, passed: Passed, first_line: usize) {
        let why = match passed {
            Passed::NotMarathon => return,
            Passed::Template => "template marks stand outside its strings; render it first",
            Passed::MetronomeJob => "a Metronome job that pulls a private image; Metronome is not covered",
            Passed::PackageOptions => "options of a DC/OS package; their images are not covered",
        };
        self.world
            .messages(&format!("<stdin>:{first_line}:1: note: passed over: {why}\n"));
    }
}

/// With `--ndjson` a definition was one line, and must stay one.
fn has_new_lines(rewrite: &Rewrite<'_>) -> bool {
    let edited = rewrite.edited.as_ref();
    edited.is_some_and(|edited| edited.parts().any(|part| part.contains('\n')))
}

#[cfg(test)]
mod tests;
