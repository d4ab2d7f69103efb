//! `pullcreds plugin bench`: how long a plugin takes, beside the rules of pullcreds itself.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use pullcreds_core::json::Document;
use pullcreds_core::policy::{Plugin, Policy};
use pullcreds_core::transform::{self, Checked, Options, Part, Selection};
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
    let policy = serde_json::from_str::<Policy>(plugin.settings()).unwrap_or_default();
    let selection = Selection::default();
    let options = Options {
        fix_patches: false,
        ..Options::new(&policy, &selection)
    };
    let (own, part) = first_part(&name, &text, &options)?;
    let measured = match measure(arguments, &plugin, &own, &part, &options) {
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
    let call = || host.transform(own, plugin.settings(), &asked).map(drop);
    let native = || {
        let options = Options {
            kind: Some(part.kind),
            group: part.group.as_deref(),
            ..*options
        };
        black_box(transform::fix(black_box(own.as_bytes()), &options))
            .map(drop)
            .map_err(Problem::from)
    };
    let instance = median(arguments.calls, || host.instantiate())?;
    let (call, native) = pairs(arguments.calls, call, native)?;

    Ok(Measured {
        bytes: own.len(),
        compile: in_microseconds(compile),
        start: in_microseconds(start),
        instance: in_microseconds(instance),
        call: in_microseconds(call),
        native: in_microseconds(native),
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
    native: f64,
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
                format!("  (pullcreds itself; the call takes {ratio:.2} times as long)"),
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

/// Two tasks in turns, so that whatever else the machine does slows both.
fn pairs(
    count: usize,
    mut one: impl FnMut() -> Result<(), Problem>,
    mut other: impl FnMut() -> Result<(), Problem>,
) -> Result<(Duration, Duration), Problem> {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    // The first are slower, for caches are cold.
    let first = count / 10;
    for round in 0..count.max(1) + first {
        let (time, beside) = (timed(&mut one)?, timed(&mut other)?);
        if round >= first {
            ones.push(time);
            others.push(beside);
        }
    }
    Ok((middle(ones), middle(others)))
}
