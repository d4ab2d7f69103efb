//! `pullcreds plugin bench`: how long a plugin takes, beside the same call of pullcreds itself.
//!
//! What is compared is the whole call: texts in, settings read, answer written out. That the command line reads its own
//! policy once for a whole run is told beside it, and is no part of the comparison.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use pullcreds_core::json::Document;
use pullcreds_core::policy::{Plugin, Policy};
use pullcreds_core::transform::{self, Checked, Options, Part, Selection};
use pullcreds_plugin::Asked;
use serde::Serialize;

use crate::args::Voice;
use crate::args::plugin::{BenchArguments, ShownAs};
use crate::commands::{fail, read, shown};
use crate::outcome::{Exit, Problem};
use crate::plugins::host::{Compiled, Host, wit};
use crate::plugins::inspect;
use crate::plugins::stage::Stage;
use crate::printer;

/// How often a component is compiled: once is by chance, and each takes long.
const COMPILED: usize = 3;
/// How often it is started from the cache.
const STARTED: usize = 20;

pub(super) fn run(arguments: &BenchArguments, voice: Voice) -> anyhow::Result<Exit> {
    let plugin = super::plugin(&arguments.plugin, None, &[], &arguments.settings)?;
    let name = shown(&arguments.file);
    let text = read(&arguments.file)?;
    // Another plugin's settings are no policy; the native call is then made with one that says nothing.
    let (settings, policy) = match pullcreds_plugin::policy(plugin.settings()) {
        Ok(policy) => (plugin.settings(), policy),
        Err(_) => ("{}", Policy::default()),
    };
    let selection = Selection::default();
    let options = Options {
        fix_patches: false,
        ..Options::new(&policy, &selection)
    };
    let (own, part) = first_part(&name, &text, &options)?;
    let measured = match measure(arguments, &plugin, &own, &part, &options, settings) {
        Ok(measured) => measured,
        Err(problem) => return fail(voice, &arguments.plugin.to_string_lossy(), b"", &problem),
    };
    let shown = match arguments.format {
        ShownAs::Text => measured.text(),
        ShownAs::Json => serde_json::to_string(&measured)? + "\n",
    };
    printer::output(shown.as_bytes())?;
    Ok(Exit::Clean)
}

fn first_part(name: &str, text: &[u8], options: &Options<'_>) -> anyhow::Result<(String, Part)> {
    let Checked::Definition(analysis) = transform::check(text, options).map_err(|error| anyhow!("{name}: {error}"))?
    else {
        bail!("{name}: not a Marathon definition");
    };
    let document = Document::parse(text)?;
    let parts = transform::parts(&document, analysis.kind, options)?;
    let Some(part) = parts.into_iter().next() else {
        bail!("{name}: has no app and no pod");
    };
    let own = document.text().get(part.span.clone()).unwrap_or_default().to_owned();
    Ok((own, part))
}

fn measure(
    arguments: &BenchArguments,
    plugin: &Plugin,
    own: &str,
    part: &Part,
    options: &Options<'_>,
    settings: &str,
) -> Result<Measured, Problem> {
    let path: &Path = &arguments.plugin;
    let bytes = inspect::read(path)?;
    inspect::inspect(&bytes)?.is_plugin()?;
    let (sha256, limits) = (inspect::sha256(&bytes), plugin.limits());
    let compile = median(COMPILED, || Host::new(&bytes, &sha256, limits, Compiled::Now).map(drop))?;
    let start = || Stage::trusted(plugin, path)?.host().map(drop);
    start()?;
    let start = median(STARTED, start)?;
    let host = Host::new(&bytes, &sha256, limits, Compiled::Cached)?;
    let asked = wit::Options {
        kind: Some(part.kind.as_str().to_owned()),
        group: part.group.clone(),
        current: None,
        path: None,
        select: Vec::new(),
        ignore: Vec::new(),
        unsafe_fixes: false,
        strict_templates: false,
        fix_patches: false,
    };
    let native = Asked {
        kind: Some(part.kind.as_str().to_owned()),
        group: part.group.clone(),
        ..Asked::default()
    };
    let options = Options {
        kind: Some(part.kind),
        group: part.group.as_deref(),
        ..*options
    };
    let instance = median(arguments.calls, || host.instantiate())?;
    let [call, native, rules] = in_turns(
        arguments.calls,
        [
            &mut || {
                host.transform(own, plugin.settings(), &asked)
                    .map(|answer| drop(black_box(answer)))
            },
            &mut || {
                let answer = pullcreds_plugin::answer(black_box(own), black_box(settings), &native.clone());
                black_box(answer)
                    .map(drop)
                    .map_err(|failure| Problem::new(format!("{failure:?}")))
            },
            &mut || {
                black_box(transform::fix(black_box(own.as_bytes()), &options))
                    .map(drop)
                    .map_err(Problem::from)
            },
        ],
    )?;

    Ok(Measured {
        bytes: own.len(),
        compile: in_microseconds(compile),
        start: in_microseconds(start),
        instance: in_microseconds(instance),
        call: in_microseconds(call),
        native: in_microseconds(native),
        rules: in_microseconds(rules),
    })
}

/// Medians, in microseconds.
#[derive(Serialize)]
struct Measured {
    /// How long the app or pod is that was used.
    bytes: usize,
    compile: f64,
    start: f64,
    instance: f64,
    call: f64,
    /// The same call of pullcreds itself.
    native: f64,
    /// Of that the rules and their fixes alone, with the settings read before and the answer not written out.
    rules: f64,
}

impl Measured {
    fn text(&self) -> String {
        let ratio = self.call / self.native.max(f64::EPSILON);
        let lines = [
            ("compile", self.compile, String::new()),
            (
                "start from cache",
                self.start,
                "  (read, hash, look into, load)".to_owned(),
            ),
            ("a fresh instance", self.instance, String::new()),
            (
                "one call",
                self.call,
                format!("  (in a fresh instance, {} bytes)", self.bytes),
            ),
            (
                "native",
                self.native,
                format!("  (the same call of pullcreds itself; the plugin takes {ratio:.2} times as long)"),
            ),
            (
                "its rules alone",
                self.rules,
                "  (settings read before, no answer written)".to_owned(),
            ),
        ];
        let line = |(what, time, more): (&str, f64, String)| format!("{what:<18}{time:>12.1} µs{more}\n");
        lines.into_iter().map(line).collect()
    }
}

fn in_microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn timed(task: &mut impl FnMut() -> Result<(), Problem>) -> Result<Duration, Problem> {
    let start = Instant::now();
    task()?;
    Ok(start.elapsed())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn median(count: usize, mut task: impl FnMut() -> Result<(), Problem>) -> Result<Duration, Problem> {
    let times = (0..count.max(1)).map(|_| timed(&mut task));
    times.collect::<Result<_, _>>().map(middle)
}

/// Tasks in turns, so that whatever else the machine does slows all of them.
fn in_turns<const TASKS: usize>(
    count: usize,
    mut tasks: [&mut dyn FnMut() -> Result<(), Problem>; TASKS],
) -> Result<[Duration; TASKS], Problem> {
    let mut times = [const { Vec::new() }; TASKS];
    // The first are slower, for caches are cold.
    let first = count / 10;
    for round in 0..count.max(1) + first {
        for (task, times) in tasks.iter_mut().zip(&mut times) {
            let time = timed(task)?;
            if round >= first {
                times.push(time);
            }
        }
    }
    Ok(times.map(middle))
}
