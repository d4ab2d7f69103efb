//! `pullcreds patch`: the fixes of one definition as RFC 6902.

use pullcreds_core::json::Patch;
use pullcreds_core::transform::Fixed;

use super::{Caller, LooksAt, fail, passed_note, read, shown};
use crate::args::{PatchArguments, Voice};
use crate::config::Finder;
use crate::outcome::{Exit, Tally};
use crate::paths::parent;
use crate::pipeline::Text;
use crate::printer;

pub(crate) fn run(arguments: &PatchArguments, voice: Voice) -> anyhow::Result<Exit> {
    let caller = Caller::new(&arguments.rules, &arguments.text, LooksAt::Definitions)?;
    let finder = match Finder::new(&arguments.policy, None)? {
        Ok(finder) => finder,
        Err(bad) => return fail(voice, &bad.name, bad.text.as_bytes(), &bad.problem),
    };
    let is_stdin = arguments.file.as_os_str() == "-";
    let name = match &arguments.text.stdin_filename {
        Some(name) if is_stdin => name.clone(),
        _ => shown(&arguments.file).into(),
    };
    let folder = match finder.folder(parent(&name)) {
        Ok(folder) => folder,
        Err(bad) => return fail(voice, &bad.name, bad.text.as_bytes(), &bad.problem),
    };
    let bytes = read(&arguments.file)?;
    let text = Text::new((!is_stdin).then_some(arguments.file.as_path()), &name, &bytes, &folder);
    super::tell_idle_plugins(&text, voice)?;
    let path = text.policy_path();
    let patch = match folder
        .plugins()
        .fix(&bytes, &caller.options(&text, path.as_deref(), false))
    {
        Ok(Fixed::Definition(rewrite)) => rewrite.patch,
        Ok(Fixed::Passed(passed)) => {
            let mut tally = Tally::default();
            if let Some(problem) = caller.pass_over(passed, &text, &mut tally) {
                return fail(voice, &text.name(), b"", &problem);
            }
            printer::messages(&passed_note(passed, &text, voice))?;
            if !voice.quiet {
                printer::messages(super::notes(&tally).as_bytes())?;
            }
            Patch::default()
        }
        Err(problem) => return fail(voice, &text.name(), &bytes, &problem),
    };
    let mut out = patch.to_json();
    if !out.ends_with('\n') {
        out.push('\n');
    }
    printer::output(out.as_bytes())?;
    Ok(Exit::Clean)
}
