//! `pullcreds explain`: what a rule means; which registry of the policy an image matches, and which not.

use std::fmt::Write;
use std::path::Path;

use anyhow::bail;
use pullcreds_core::image::{Exposure, Reference, exposure, is_templated, looks_like_bare_host};
use pullcreds_core::policy::{Credentials, Policy, Registry};
use pullcreds_core::rules::RULES;

use super::fail;
use crate::args::{ExplainArguments, Voice};
use crate::config::Finder;
use crate::outcome::Exit;
use crate::report::safe;
use crate::{pages, printer};

pub(crate) fn run(arguments: &ExplainArguments, voice: Voice) -> anyhow::Result<Exit> {
    let text = match &arguments.what {
        None => table(),
        Some(what) => match rows().find(|row| row.is(what)) {
            Some(row) => page(&row),
            None if looks_like_a_code(what) => bail!("{what}: there is no such rule; `pullcreds explain` lists them"),
            None => {
                let folder = match Finder::new(&arguments.policy, None)? {
                    Ok(finder) => finder.folder(Path::new(".")),
                    Err(bad) => Err(bad),
                };
                match folder {
                    Ok(folder) => image(what, folder.policy())?,
                    Err(bad) => return fail(voice, &bad.name, bad.text.as_bytes(), &bad.problem),
                }
            }
        },
    };
    printer::output(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn looks_like_a_code(what: &str) -> bool {
    let digits = what.trim_start_matches(|character: char| character.is_ascii_uppercase());
    digits.len() < what.len() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A rule of definitions or of credentials, as both are listed.
struct Row {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    summary: &'static str,
}

impl Row {
    fn is(&self, code_or_name: &str) -> bool {
        self.code.eq_ignore_ascii_case(code_or_name) || self.name.eq_ignore_ascii_case(code_or_name)
    }
}

fn rows() -> impl Iterator<Item = Row> {
    let definitions = RULES.iter().map(|rule| Row {
        code: rule.code,
        name: rule.name,
        severity: rule.severity.as_str(),
        summary: rule.summary,
    });
    let credentials = pullcreds_credentials::rules::RULES.iter().map(|rule| Row {
        code: rule.code,
        name: rule.name,
        severity: rule.severity.as_str(),
        summary: rule.summary,
    });
    definitions.chain(credentials)
}

fn page(row: &Row) -> String {
    match pages::page(row.code) {
        Some(page) => page.to_owned(),
        None => format!("{} {} ({}): {}\n", row.code, row.name, row.severity, row.summary),
    }
}

fn table() -> String {
    let width = rows().map(|row| row.name.len()).max().unwrap_or_default();
    let line = |row: Row| {
        format!(
            "{}  {:width$}  {:7}  {}\n",
            row.code, row.name, row.severity, row.summary
        )
    };
    rows().map(line).collect()
}

fn image(text: &str, policy: &Policy) -> anyhow::Result<String> {
    let parsed = match Reference::parse(text) {
        Ok(reference) => Some(reference),
        Err(_) if is_templated(text) => None,
        Err(error) => bail!("{text}: no rule, and no image: {error}"),
    };
    let mut out = String::new();
    let mut say = |key: &str, value: &str| {
        // Writing to memory cannot fail.
        let _ = writeln!(out, "{key:12}{}", safe::line(value));
    };
    say("image", text);
    match &parsed {
        None => say(
            "",
            "unresolved: its template marks are compared with the policy's patterns as text",
        ),
        Some(reference) => {
            say("registry", reference.registry());
            say("repository", reference.repository());
            for (key, value) in [("tag", reference.tag()), ("digest", reference.digest())] {
                if let Some(value) = value {
                    say(key, value);
                }
            }
            if looks_like_bare_host(text) {
                say(
                    "",
                    "looks like a registry without a repository: Docker takes it for a repository and a tag",
                );
            }
        }
    }
    let matched = policy.registry_for(text, parsed.as_ref());
    for (index, registry) in policy.registries().iter().enumerate() {
        let patterns: Vec<String> = registry
            .patterns()
            .iter()
            .map(|pattern| format!("`{}`", pattern.as_str()))
            .collect();
        let what = match (registry.is_last_resort(), matched) {
            (true, Some((found, _))) if found == index => {
                "taken: no registry names it, and it may be private".to_owned()
            }
            (true, _) => "not taken: named above, or not possibly private".to_owned(),
            (_, Some((found, _))) if found == index => match registry.pattern_for(text, parsed.as_ref()) {
                Some(pattern) => format!("matches `{}`", pattern.as_str()),
                None => "matches".to_owned(),
            },
            (_, Some((found, _))) if found < index => format!("not asked ({})", patterns.join(", ")),
            _ => format!("does not match {}", patterns.join(", ")),
        };
        let name = if registry.is_last_resort() {
            "flags".to_owned()
        } else {
            format!("registry {}", index + 1)
        };
        say(&name, &what);
    }
    match matched {
        Some((_, registry)) => credentials(registry, &mut say),
        None => say("credentials", nothing(parsed.as_ref())),
    }
    Ok(out)
}

fn credentials(registry: &Registry, say: &mut impl FnMut(&str, &str)) {
    match registry.credentials() {
        Credentials::None => return say("credentials", "none: pulled without"),
        Credentials::Cluster => return say("credentials", "the agents have them: nothing is added"),
        Credentials::Reference => {}
    }
    if let Some(archive) = registry.archive() {
        say("archive", archive);
    }
    if let Some(secret) = registry.secret() {
        say(
            "secret",
            &format!("{} (as `{}` in `secrets`)", secret.as_str(), registry.secret_name()),
        );
    }
}

/// What becomes of an image that no registry names.
fn nothing(reference: Option<&Reference<'_>>) -> &'static str {
    match reference.map(exposure) {
        Some(Exposure::Public) => "none: no registry of the policy matches, and the host is public",
        Some(Exposure::Loopback | Exposure::Cluster) => {
            "none: no registry of the policy matches, and the host is the cluster's own"
        }
        Some(Exposure::Unknown) => "unknown: no registry of the policy matches, and the image may be private (MC034)",
        None => "unknown: no registry of the policy matches",
    }
}
