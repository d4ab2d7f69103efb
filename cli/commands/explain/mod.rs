//! `pullcreds explain`: what a rule means, what the policy makes of an image, what a definition pulls and why.

mod file;
mod image;

use std::path::Path;

use anyhow::bail;
use pullcreds_core::rules::{RULES, Rule};

use super::{fail, read, shown};
use crate::args::{ExplainArguments, Voice};
use crate::config::{Finder, Folder};
use crate::outcome::{Exit, Problem};
use crate::paths::parent;
use crate::{pages, printer};

pub(crate) fn run(arguments: &ExplainArguments, voice: Voice) -> anyhow::Result<Exit> {
    let Some(what) = &arguments.what else {
        return say(&table());
    };
    if let Some(rule) = rules().find(|rule| rule.is(what)) {
        return say(&page(rule));
    }
    if looks_like_a_code(what) {
        bail!("{what}: there is no such rule; `pullcreds explain` lists them");
    }
    let path = Path::new(what);
    if path.is_dir() {
        bail!("{what}: a folder; name one of its files, or `pullcreds check {what}` for all of them");
    }
    let is_file = path.is_file() || what == "-";
    if !is_file && looks_like_a_path(path) {
        bail!("{what}: there is no such file");
    }
    let folder = match Finder::new(&arguments.policy, None)? {
        Ok(finder) => finder.folder(if is_file { parent(path) } else { Path::new(".") }),
        Err(bad) => Err(bad),
    };
    let folder = match folder {
        Ok(folder) => folder,
        Err(bad) => return fail(voice, &bad.name, bad.text.as_bytes(), &bad.problem),
    };
    if !is_file {
        return say(&image::explain(what, &folder)?);
    }
    let bytes = read(path)?;
    let name = shown(path);
    match file::explain(Path::new(&name), what, &bytes, &folder) {
        Ok(text) => say(&text),
        Err(error) => fail(voice, &name, &bytes, &Problem::from(&error)),
    }
}

fn say(text: &str) -> anyhow::Result<Exit> {
    printer::output(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Where the policy came from.
fn policy_line(folder: &Folder) -> String {
    match folder.policy_files() {
        [] => "no pullcreds.toml in its folder or above it; `pullcreds init` writes one".to_owned(),
        [file] => file.clone(),
        [file, extended @ ..] => format!("{file}, which extends {}", extended.join(", ")),
    }
}

/// `services/web.json` would do for an image on Docker Hub, and is never meant as one.
pub(super) fn looks_like_a_path(path: &Path) -> bool {
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    is_json || path.is_absolute() || path.starts_with(".") || path.starts_with("..")
}

fn looks_like_a_code(what: &str) -> bool {
    let digits = what.trim_start_matches(|character: char| character.is_ascii_uppercase());
    digits.len() < what.len() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The rules of definitions and of credentials, as both are listed.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(&pullcreds_credentials::rules::RULES)
}

fn page(rule: &Rule) -> String {
    match pages::page(rule.code) {
        Some(page) => page.to_owned(),
        None => format!("{} {} ({}): {}\n", rule.code, rule.name, rule.severity, rule.summary),
    }
}

fn table() -> String {
    let width = rules().map(|rule| rule.name.len()).max().unwrap_or_default();
    let line = |rule: &Rule| {
        format!(
            "{}  {:width$}  {:7}  {}\n",
            rule.code,
            rule.name,
            rule.severity.as_str(),
            rule.summary
        )
    };
    rules().map(line).collect()
}
