//! Which registry of the policy an image matches, which not and why, and what follows.

use std::fmt::Write;

use anyhow::bail;
use pullcreds_core::image::{
    Difference, Exposure, Pattern, Reference, exposure, is_templated, literal_exposure, looks_like_bare_host,
};
use pullcreds_core::policy::{Credentials, Policy, Registry};

use super::policy_line;
use crate::config::Folder;
use crate::report::safe;

/// The rows for an image.
///
/// # Errors
/// When the text is no image.
pub(super) fn explain(text: &str, folder: &Folder) -> anyhow::Result<String> {
    let parsed = match Reference::parse(text) {
        Ok(reference) => Some(reference),
        Err(_) if is_templated(text) => None,
        Err(error) => bail!("{text}: no rule, no file, and no image: {error}; `pullcreds explain` lists the rules"),
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
    say("policy", &policy_line(folder));
    let policy = folder.policy();
    let matched = policy.registry_for(text, parsed.as_ref());
    for (index, registry) in policy.registries().iter().enumerate() {
        let what = match matched {
            Some((found, _)) if found == index => matches(registry, text, parsed.as_ref()),
            Some((found, _)) if found < index => format!("not asked, as {} matches", name(policy, found)),
            _ if registry.is_last_resort() => "not taken: the host is not one that may be private".to_owned(),
            _ => does_not_match(registry, parsed.as_ref()),
        };
        say(&name(policy, index), &what);
    }
    match matched {
        Some((_, registry)) => credentials(registry, &mut say),
        None => {
            let (whether, why) = nothing(text, parsed.as_ref());
            say("credentials", &format!("{whether}: {why}"));
        }
    }
    relocated(text, parsed.as_ref(), policy, &mut say);
    Ok(out)
}

/// Where the policy moves the image, and what it says of it there.
fn relocated(text: &str, parsed: Option<&Reference<'_>>, policy: &Policy, say: &mut impl FnMut(&str, &str)) {
    let name = |index: usize| format!("relocate {}", index + 1);
    let mut entries = policy.relocations().iter().enumerate();
    if let Some((index, entry)) = entries.find(|(_, entry)| entry.has_moved(text, parsed)) {
        return say(&name(index), &format!("`{}` names it: it is at its place", entry.to()));
    }
    let Some(relocated) = policy.relocated(text, parsed) else {
        return;
    };
    let (index, from) = (name(relocated.index), relocated.relocation.from());
    match relocated.image {
        Ok(image) => {
            say(&index, &format!("`{from}` moves it to {image} (MC035)"));
            say("", &format!("there: {}", registry_line(&image, policy)));
        }
        Err(error) => say(
            &index,
            &format!("`{from}` names it, and makes no reference of it: {error}"),
        ),
    }
}

/// What the policy says of a site's image, in one line.
pub(super) fn registry_line(text: &str, policy: &Policy) -> String {
    let parsed = Reference::parse(text).ok();
    match policy.registry_for(text, parsed.as_ref()) {
        Some((index, registry)) => {
            let matches = matches(registry, text, parsed.as_ref());
            let elsewhere = match registry.credentials() {
                Credentials::None => "; pulled without credentials",
                Credentials::Cluster => "; the agents have the credentials",
                Credentials::Reference => "",
            };
            format!("{} {matches}{elsewhere}", name(policy, index))
        }
        None => nothing(text, parsed.as_ref()).1.to_owned(),
    }
}

/// `registry 1`: by its place in the file; the last resort comes from flags.
fn name(policy: &Policy, index: usize) -> String {
    match policy.registries().get(index) {
        Some(registry) if registry.is_last_resort() => "flags".to_owned(),
        _ => format!("registry {}", index + 1),
    }
}

fn matches(registry: &Registry, text: &str, parsed: Option<&Reference<'_>>) -> String {
    match registry.pattern_for(text, parsed) {
        Some(pattern) => format!("matches `{pattern}`"),
        None => "taken: no registry names it, and it may be private".to_owned(),
    }
}

fn does_not_match(registry: &Registry, parsed: Option<&Reference<'_>>) -> String {
    let why = |pattern: &Pattern| {
        let why = match parsed.map(|reference| pattern.difference(reference)) {
            Some(Some(Difference::Host)) => "another host",
            Some(Some(Difference::Port)) => "another port, or none",
            Some(Some(Difference::Path)) => "another path",
            Some(Some(Difference::Template)) => "names a template",
            Some(None) | None => "another text",
        };
        format!("`{pattern}` ({why})")
    };
    let patterns: Vec<String> = registry.patterns().iter().map(why).collect();
    format!("does not match {}", patterns.join(", "))
}

fn credentials(registry: &Registry, say: &mut impl FnMut(&str, &str)) {
    match registry.credentials() {
        Credentials::None => return say("credentials", "none: pulled without"),
        Credentials::Cluster => return say("credentials", "the agents have them: nothing is added"),
        Credentials::Reference => {}
    }
    match registry.archive() {
        Some(archive) => say("archive", archive),
        None => say("archive", "none named: nothing is added for the Docker containerizer"),
    }
    match registry.secret() {
        Some(secret) => say(
            "secret",
            &format!("{} (as `{}` in `secrets`)", secret.as_str(), registry.secret_name()),
        ),
        None => say("secret", "none named: nothing is added for UCR and pods"),
    }
}

/// Whether an image that no registry names needs credentials, and why.
fn nothing(text: &str, reference: Option<&Reference<'_>>) -> (&'static str, &'static str) {
    let exposure = match reference {
        Some(reference) => Some(exposure(reference)),
        None => literal_exposure(text),
    };
    match exposure {
        Some(Exposure::Public) => ("none", "no registry of the policy matches, and the host is public"),
        Some(Exposure::Loopback) => (
            "none",
            "no registry of the policy matches, and the host is the agent itself",
        ),
        Some(Exposure::Cluster) => (
            "none",
            "no registry of the policy matches, and the host is the cluster's own",
        ),
        Some(Exposure::Unknown) => (
            "unknown",
            "no registry of the policy matches, and the image may be private (MC034)",
        ),
        None => ("unknown", "no registry of the policy matches"),
    }
}
