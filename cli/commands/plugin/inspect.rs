//! `pullcreds plugin inspect`: what a file is, and whether it can be a plugin.

use pullcreds_core::policy::Limits;
use serde::Serialize;

use crate::args::Voice;
use crate::args::plugin::{InspectArguments, ShownAs};
use crate::commands::fail;
use crate::outcome::{Exit, Problem};
use crate::plugins::host::{Compiled, Host};
use crate::plugins::inspect::{self, Inspected};
use crate::printer;
use crate::report::safe;

#[derive(Serialize)]
struct Shape {
    file: String,
    size: usize,
    sha256: String,
    imports: Vec<String>,
    exports: Vec<String>,
    /// As the plugin calls itself.
    name: Option<String>,
    version: Option<String>,
    /// Whether a policy may name it.
    usable: bool,
    /// Why not.
    problem: Option<String>,
}

pub(super) fn run(arguments: &InspectArguments, voice: Voice) -> anyhow::Result<Exit> {
    let name = arguments.file.to_string_lossy();
    let bytes = match inspect::read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(problem) => return fail(voice, "", b"", &problem),
    };
    let shape = look(&name, &bytes);
    let shown = match arguments.format {
        ShownAs::Text => text(&shape),
        ShownAs::Json => serde_json::to_string_pretty(&shape)? + "\n",
    };
    printer::output(shown.as_bytes())?;
    Ok(if shape.usable { Exit::Clean } else { Exit::Found })
}

fn look(file: &str, bytes: &[u8]) -> Shape {
    let sha256 = inspect::sha256(bytes);
    let inspected = inspect::inspect(bytes);
    let described = inspected
        .as_ref()
        .map_err(Problem::clone)
        .and_then(Inspected::is_plugin)
        // What imports nothing and is bounded can do no harm, so it may say its name.
        .and_then(|()| Host::new(bytes, &sha256, Limits::default(), Compiled::Now)?.describe());
    let inspected = inspected.unwrap_or_default();
    let (described, problem) = match described {
        Ok(described) => (Some(described), None),
        Err(problem) => (None, Some(problem.message)),
    };
    Shape {
        file: file.to_owned(),
        size: bytes.len(),
        sha256,
        imports: inspected.imports,
        exports: inspected.exports,
        name: described.as_ref().map(|described| described.name.clone()),
        version: described.map(|described| described.version),
        usable: problem.is_none(),
        problem,
    }
}

fn text(shape: &Shape) -> String {
    let list = |names: &[String]| match names {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    let mut lines = vec![("file", shape.file.clone())];
    if let (Some(name), Some(version)) = (&shape.name, &shape.version) {
        lines.push(("name", format!("{name} {version}")));
    }
    lines.extend([
        ("imports", list(&shape.imports)),
        ("exports", list(&shape.exports)),
        ("size", format!("{} bytes", shape.size)),
        ("sha256", shape.sha256.clone()),
    ]);
    if let Some(problem) = &shape.problem {
        lines.push(("no plugin", problem.clone()));
    }
    let line = |(what, value): (&str, String)| format!("{what:<9}  {}\n", safe::line(&value));
    lines.into_iter().map(line).collect()
}
