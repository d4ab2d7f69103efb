//! `pullcreds dcos`: the real `dcos`, with definitions fixed on their way.
//!
//! All six commands that take a definition read it from standard input when it is named nowhere else
//! (dcos-core-cli, `dcoscli/marathon/main.py`, `ResourceReader`), so the fixed text is handed over there, and nothing is
//! ever written beside the user's files. Talks to no cluster itself: what is stored, the real client fetches.

mod arguments;
mod client;
mod download;
mod losses;
mod pairs;
mod source;
mod stored;

use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::json::Edited;
use pullcreds_core::policy::Level;
use pullcreds_core::transform::{Fixed, Options};

use self::arguments::{Asked, Deed, Request};
use self::client::Client;
use self::source::{Missing, Source};
use self::stored::Stored;
use super::{Caller, LooksAt, fail, selection, tell_idle_plugins};
use crate::args::{DcosArguments, Voice};
use crate::config::{BadPolicy, Finder};
use crate::outcome::{Exit, Problem};
use crate::pipeline::Text;
use crate::printer;
use crate::report::{self, Seen, safe};

pub(crate) fn run(arguments: &DcosArguments, voice: Voice) -> anyhow::Result<Exit> {
    let errand = Errand { arguments, voice };
    match Asked::of(&arguments.arguments) {
        Asked::Through => errand.hand_on(),
        Asked::Unclear(why) => {
            let problem = Problem::new(format!("{why}, so the definition cannot be told from the rest")).with_help(
                "options of pullcreds itself stand before `marathon`; to send the definition as it is, run dcos",
            );
            fail(voice, "", b"", &problem)
        }
        Asked::Definition(request) => errand.deliver(&request),
    }
}

/// What one run is for.
struct Errand<'a> {
    arguments: &'a DcosArguments,
    voice: Voice,
}

/// How far a definition got.
enum Outcome {
    /// To be sent.
    Text(Vec<u8>),
    /// The way ends here; it was told why.
    End(Exit),
}

impl Errand<'_> {
    /// Gives way to the real client.
    fn hand_on(&self) -> anyhow::Result<Exit> {
        if self.arguments.print {
            printer::messages(b"note: nothing to print: dcos would get this command as it is\n")?;
            return Ok(Exit::Clean);
        }
        Client::find()?.hand_over(&self.arguments.arguments, None)
    }

    fn deliver(&self, request: &Request) -> anyhow::Result<Exit> {
        let source = match &request.deed {
            Deed::Add { resource: Some(named) } => Source::named(named, self.arguments.stdin_filename.as_deref()),
            Deed::Update { pairs, .. } if !pairs.is_empty() => match pairs::update(request.subject, pairs) {
                Ok(Some(text)) => Ok(Source::made("<arguments>", text)),
                Ok(None) => return self.hand_on(),
                Err(problem) => Err(Missing {
                    name: "<arguments>".to_owned(),
                    problem,
                }),
            },
            _ => Source::stdin(self.arguments.stdin_filename.as_deref()),
        };
        let source = match source {
            Ok(source) => source,
            Err(missing) => return fail(self.voice, &missing.name, b"", &missing.problem),
        };
        let text = match self.fixed(request, &source)? {
            Outcome::Text(text) => text,
            Outcome::End(exit) => return Ok(exit),
        };
        if self.arguments.print {
            printer::output(&text)?;
            return Ok(Exit::Clean);
        }
        Client::find()?.hand_over(&request.reading_stdin(), Some(&text))
    }

    /// The text to be sent.
    fn fixed(&self, request: &Request, source: &Source) -> anyhow::Result<Outcome> {
        let finder = match Finder::new(&self.arguments.policy, None)? {
            Ok(finder) => finder,
            Err(bad) => return self.bad_policy(&bad),
        };
        let folder = match finder.folder(&source.folder) {
            Ok(folder) => folder,
            Err(bad) => return self.bad_policy(&bad),
        };
        let text = Text::new(source.path.as_deref(), &source.name, &source.bytes, &folder);
        let named = source.path.as_deref().or(self.arguments.stdin_filename.as_deref());
        let is_excluded = named.is_some_and(|path| finder.excludes(&folder, path, false));
        if is_excluded {
            if self.voice.verbose {
                let note = format!("{}: excluded by the policy, sent as it is\n", safe::line(&text.name()));
                printer::messages(note.as_bytes())?;
            }
            return Ok(Outcome::Text(source.bytes.clone()));
        }
        tell_idle_plugins(&text, self.voice)?;
        let mut caller = Caller {
            selection: selection(&self.arguments.rules, LooksAt::Definitions)?,
            kind: Some(request.kind()),
            group: Some(request.group().to_owned()),
            current: None,
            strict_templates: false,
        };
        if let Deed::Update { id, .. } = &request.deed {
            let client = Client::find()?;
            caller.current = Some(match stored::fetch(&client, request, id)? {
                Stored::Text(text) => text,
                Stored::Refused(exit) => return Ok(Outcome::End(exit)),
                Stored::Bad(problem) => return self.end(&text, &problem),
            });
            return self.updated(request, id, &client, &text, &mut caller);
        }
        let path = text.policy_path();
        match folder
            .plugins()
            .fix(text.bytes, &caller.options(&text, path.as_deref(), true))
        {
            Ok(fixed) => self.judged(&text, fixed, Vec::new()),
            Err(problem) => self.end(&text, &problem),
        }
    }

    fn updated(
        &self,
        request: &Request,
        id: &str,
        client: &Client,
        text: &Text<'_>,
        caller: &mut Caller,
    ) -> anyhow::Result<Outcome> {
        let path = text.policy_path();
        let plugins = text.folder.plugins();
        let fix = |caller: &Caller| plugins.fix(text.bytes, &caller.options(text, path.as_deref(), true));
        let mut fixed = fix(caller);
        if let (Ok(Fixed::Definition(rewrite)), Some(stored)) = (&fixed, &caller.current)
            && stored::copies_fetch(request, rewrite, stored)
        {
            let Some(whole) = stored::from_group(client, request, id)? else {
                let problem = Problem::new("the stored fetch entries are not surely known, so they cannot be kept")
                    .with_help(
                        "some versions of `dcos marathon app show` leave out `destPath`, and `group show`, which does \
                         not, did not show this app: write the whole `fetch` into the update",
                    );
                return self.end(text, &problem);
            };
            caller.current = Some(whole);
            fixed = fix(caller);
        }
        match fixed {
            Ok(fixed) => {
                let lost = self.lost(request, text, &fixed, caller);
                self.judged(text, fixed, lost)
            }
            Err(problem) => self.end(text, &problem),
        }
    }

    /// What a pod or group loses of what is stored, unless nobody wants to know.
    fn lost(&self, request: &Request, text: &Text<'_>, fixed: &Fixed<'_>, caller: &Caller) -> Vec<Finding> {
        let (Fixed::Definition(rewrite), Some(stored)) = (fixed, &caller.current) else {
            return Vec::new();
        };
        let options: Options<'_> = caller.options(text, None, false);
        if !is_asked_for(losses::CODE, &options) {
            return Vec::new();
        }
        let Ok(original) = std::str::from_utf8(text.bytes) else {
            return Vec::new();
        };
        let sent = rewrite.edited.as_ref().map(Edited::text);
        let mut found = losses::losses(
            sent.as_deref().unwrap_or(original),
            stored,
            request.kind(),
            request.group(),
        );
        if let Some(edited) = &rewrite.edited {
            for finding in &mut found {
                finding.span = edited.map().span_to_original(finding.span.clone());
            }
        }
        found
    }

    /// Tells what remains and what was fixed; ends the way where too much remains.
    fn judged(&self, text: &Text<'_>, fixed: Fixed<'_>, lost: Vec<Finding>) -> anyhow::Result<Outcome> {
        let mut rewrite = match fixed {
            Fixed::Definition(rewrite) => rewrite,
            Fixed::Passed(_) => return Ok(Outcome::Text(text.bytes.to_owned())),
        };
        rewrite.remaining.extend(lost);
        let least = if self.voice.verbose {
            Severity::Info
        } else {
            Severity::Warning
        };
        let limit = Severity::from(self.arguments.fail_on);
        let told: Vec<Finding> = rewrite
            .remaining
            .iter()
            .filter(|finding| finding.severity >= least.min(limit))
            .cloned()
            .collect();
        let name = text.name();
        let report = report::for_people(self.voice);
        let seen = Seen {
            name: &name,
            text: text.bytes,
            kind: Some(rewrite.before.kind),
            findings: &told,
            fixed: &[],
            problem: None,
        };
        printer::messages(&report.whole(&seen))?;
        let barring: Vec<&Finding> = told.iter().filter(|finding| finding.severity >= limit).collect();
        if !barring.is_empty() {
            printer::messages(not_sent(&name, &barring).as_bytes())?;
            return Ok(Outcome::End(Exit::Found));
        }
        let Some(edited) = &rewrite.edited else {
            return Ok(Outcome::Text(text.bytes.to_owned()));
        };
        if !self.voice.quiet {
            let removed = rewrite.removed();
            let codes = codes(removed.iter().copied());
            let note = format!("{}: fixed on its way: {codes}\n", safe::line(&name));
            printer::messages(note.as_bytes())?;
        }
        Ok(Outcome::Text(edited.text().into_bytes()))
    }

    fn end(&self, text: &Text<'_>, problem: &Problem) -> anyhow::Result<Outcome> {
        fail(self.voice, &text.name(), text.bytes, problem).map(Outcome::End)
    }

    fn bad_policy(&self, bad: &BadPolicy) -> anyhow::Result<Outcome> {
        fail(self.voice, &bad.name, bad.text.as_bytes(), &bad.problem).map(Outcome::End)
    }
}

fn not_sent(name: &str, barring: &[&Finding]) -> String {
    let codes = codes(barring.iter().copied());
    let (count, verb) = match barring.len() {
        1 => ("1 finding".to_owned(), "stands"),
        count => (format!("{count} findings"), "stand"),
    };
    let ignored = codes.replace(", ", ",");
    format!(
        "not sent: {count} {verb} in the way of {}: {codes}\nhelp: to send it nevertheless, `pullcreds dcos --ignore \
         {ignored} …`, or run dcos itself\n",
        safe::line(name)
    )
}

/// Each code once, in order.
fn codes<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let codes: std::collections::BTreeSet<&str> = findings.map(|finding| finding.code.as_ref()).collect();
    codes.into_iter().collect::<Vec<_>>().join(", ")
}

/// Whether a rule that this command follows itself is on.
fn is_asked_for(code: &str, options: &Options<'_>) -> bool {
    let selection = options.selection;
    let names = |given: &String| code.starts_with(given.as_str());
    let is_off = || {
        let name = pullcreds_core::rules::find(code).map_or("", |rule| rule.name);
        options.policy.level(code, name) == Some(Level::Off)
    };
    !selection.ignore.iter().any(names)
        && (selection.select.is_empty() || selection.select.iter().any(names))
        && !is_off()
}
