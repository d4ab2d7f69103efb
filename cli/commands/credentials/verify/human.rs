//! Results for a person: a line an image, and under what cannot be pulled the services that wait for it.

use std::fmt::Write;

use pullcreds_credentials::registry::Verdict;

use super::outcome::{Asked, Registry, Results};
use super::targets::Collected;
use crate::args::Voice;
use crate::report::{counted, safe};

/// All that there is to say. With `--quiet`, what is not as it should be.
pub(super) fn told(results: &Results, collected: &Collected, voice: Voice) -> String {
    let mut out = String::new();
    for asked in &results.asked {
        if asked.verdict != Verdict::Pullable || !voice.quiet {
            image(asked, &mut out);
        }
    }
    for registry in &results.registries {
        of_registry(registry, &mut out);
    }
    if !voice.quiet {
        closing(results, collected, &mut out);
    }
    out
}

/// Writing to memory cannot fail.
fn say(out: &mut String, line: &str) {
    let _ = writeln!(out, "{}", safe::line(line));
}

fn image(asked: &Asked, out: &mut String) {
    let Asked { question, verdict } = asked;
    let who = question.reader.as_str();
    let with = match &question.entry {
        Some((key, file)) => format!("with `{key}` of {file}"),
        None => "without credentials".to_owned(),
    };
    let message = verdict.message(question.reader);
    let known = message.strip_prefix("not known: ");
    let line = match (verdict, known) {
        (Verdict::Pullable, _) => format!("{who} can pull it, {with}"),
        (_, Some(why)) => format!("whether {who} can pull it is not known: {why} ({with})"),
        (_, None) => format!("{who} cannot pull it: {message} ({with})"),
    };
    say(out, &format!("{}: {line}", question.image));
    if let Some(note) = &question.note {
        say(out, &format!("    {note}"));
    }
    if *verdict == Verdict::Pullable {
        return;
    }
    for site in &question.sites {
        let effect = if verdict.is_unknown() {
            "may not start"
        } else {
            "does not start"
        };
        let place = format!("{}:{}:{}", site.file, site.line, site.column);
        say(
            out,
            &format!("    {place}: {} {effect} on an agent that has to pull it", site.id),
        );
    }
    for help in help(asked) {
        say(out, &format!("    help: {help}"));
    }
}

/// What to do about it.
pub(super) fn help(asked: &Asked) -> Vec<String> {
    let mut help = Vec::from_iter(asked.verdict.help(asked.question.reader));
    if asked.question.is_unsupplied && asked.verdict == Verdict::NeedsCredentials {
        help.push(
            "the definition names no credentials for it: `pullcreds check` says how, `pullcreds fix` adds them"
                .to_owned(),
        );
    }
    help
}

fn of_registry(registry: &Registry, out: &mut String) {
    let host = &registry.host;
    let anyone = match (registry.anyone_pulls, registry.anyone_pushes) {
        (_, Some(true)) => Some("anyone can push images to it, without credentials"),
        (Some(true), _) => Some("anyone can pull images from it, without credentials"),
        _ => None,
    };
    if let Some(anyone) = anyone {
        say(out, &format!("warning: {host}: {anyone}"));
    }
    if let Some(ahead) = registry.wrong_clock() {
        let which = if ahead > 0 { "ahead of" } else { "behind" };
        let by = ahead.unsigned_abs();
        say(
            out,
            &format!(
                "warning: {host}: its clock is {by} seconds {which} this machine's; tokens and certificates go by it"
            ),
        );
    }
}

fn closing(results: &Results, collected: &Collected, out: &mut String) {
    for (count, what) in [
        (
            collected.templated,
            "with template marks not asked for; render the definition first",
        ),
        (
            collected.invalid,
            "no good reference, and not asked for; `pullcreds check` says why (MC028)",
        ),
    ] {
        if count > 0 {
            say(out, &format!("note: {} {what}", counted(count, "image")));
        }
    }
    let mut parts = vec![format!("{} can be pulled", results.pullable())];
    if results.not_pullable() > 0 {
        parts.push(format!("{} cannot", results.not_pullable()));
    }
    if results.unknown() > 0 {
        parts.push(format!("of {} it is not known", results.unknown()));
    }
    let mut line = format!("{}: {}", counted(results.asked.len(), "question"), parts.join(", "));
    match results.broken_services() {
        0 => {}
        1 => line.push_str("; 1 app or pod would not start"),
        broken => {
            let _ = write!(line, "; {broken} apps and pods would not start");
        }
    }
    say(out, &format!("{line}."));
}
