//! `pullcreds plugin run`: one plugin on one definition, by itself.

use pullcreds_core::finding::Severity;
use pullcreds_core::policy::Policy;
use pullcreds_core::transform::{Fixed, Options, worst};

use crate::args::Voice;
use crate::args::plugin::PluginRunArguments;
use crate::commands::{Caller, LooksAt, fail, read, shown};
use crate::diff;
use crate::outcome::Exit;
use crate::plugins::course;
use crate::plugins::stage::Stage;
use crate::printer;
use crate::report::{self, Seen};

pub(super) fn run(arguments: &PluginRunArguments, voice: Voice) -> anyhow::Result<Exit> {
    let caller = Caller::new(&arguments.rules, &arguments.text, LooksAt::Definitions)?;
    let (allow, settings) = (&arguments.allow, &arguments.settings);
    let plugin = super::plugin(&arguments.plugin, arguments.name.as_deref(), allow, settings)?;
    let stage = match Stage::trusted(&plugin, &arguments.plugin) {
        Ok(stage) => stage,
        Err(problem) => return fail(voice, &arguments.plugin.to_string_lossy(), b"", &problem),
    };
    let bytes = read(&arguments.file)?;
    let name = match &arguments.text.stdin_filename {
        Some(name) if arguments.file.as_os_str() == "-" => name.to_string_lossy().into_owned(),
        _ => shown(&arguments.file),
    };
    let policy = Policy::default();
    let options = Options {
        kind: caller.kind,
        group: caller.group.as_deref(),
        current: caller.current.as_deref(),
        ..Options::new(&policy, &caller.selection)
    };
    let rewrite = match course::alone(&[stage], &bytes, &options) {
        Ok(Fixed::Definition(rewrite)) => rewrite,
        Ok(Fixed::Passed(_)) => {
            if !voice.quiet {
                printer::messages(b"note: not a Marathon definition; the plugin was not asked\n")?;
            }
            printer::output(if arguments.diff { b"" } else { &bytes })?;
            return Ok(Exit::Clean);
        }
        Err(problem) => return fail(voice, &name, &bytes, &problem),
    };
    let removed = rewrite.removed();
    let seen = Seen {
        name: &name,
        text: &bytes,
        kind: Some(rewrite.before.kind),
        findings: &rewrite.remaining,
        fixed: &removed,
        problem: None,
    };
    printer::messages(&report::for_people(voice).whole(&seen))?;
    match (&rewrite.edited, arguments.diff) {
        (Some(edited), true) => {
            let new = edited.text();
            let diff = diff::unified(name.as_bytes(), &bytes, new.as_bytes(), |offset| {
                edited.map().to_original(offset)
            });
            printer::output(&diff)?;
        }
        (Some(edited), false) => printer::outputs(edited.parts().map(str::as_bytes))?,
        (None, true) => {}
        (None, false) => printer::output(&bytes)?,
    }
    let is_bad = worst(&rewrite.remaining) >= Some(Severity::Warning);
    Ok(if is_bad { Exit::Found } else { Exit::Clean })
}
