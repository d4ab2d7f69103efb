//! `pullcreds check --config-json`: definitions beside the credentials that are to serve them.

use std::fmt::Write;
use std::path::Path;

use pullcreds_core::definition::Containerizer;
use pullcreds_core::finding::Finding;
use pullcreds_core::image::{Exposure, Reference, exposure};
use pullcreds_core::policy::{Credentials, Policy};
use pullcreds_core::transform::{Named, Options, PullSite, Surveyed, severity, survey};
use pullcreds_credentials::config::Config;
use pullcreds_credentials::matching::{Lookup, Reader, look_up, reads};
use pullcreds_credentials::rules::{find, of_image};

use super::EVERYBODY;
use super::file::{CredentialFile, Failed};
use crate::outcome::Problem;
use crate::pipeline::Text;
use crate::report::safe;

/// Credentials to look images up in.
pub(crate) struct Beside {
    file: CredentialFile,
}

impl Beside {
    /// Reads them, once for all definitions.
    pub(crate) fn load(path: &Path) -> Result<Beside, (String, Problem)> {
        let short = |failed: Failed| {
            let place = failed.problem.span.is_some();
            let problem = Problem {
                span: None,
                ..*failed.problem
            };
            let help = format!("`pullcreds credentials check {}` shows where", failed.name);
            (failed.name, if place { problem.with_help(help) } else { problem })
        };
        let file = CredentialFile::load(path).map_err(short)?;
        match file.with_config(|_| ()).map_err(short)? {
            Some(()) => Ok(Beside { file }),
            None => Err((file.name, Problem::new("there is no `.docker/config.json` in it"))),
        }
    }

    /// Adds what a definition's images lack, and says of every image what is found for it.
    pub(crate) fn look(&self, text: &Text<'_>, options: &Options<'_>, findings: &mut Vec<Finding>) -> Vec<u8> {
        // What cannot be read was told by the rules; the credentials were read before.
        let Ok(Surveyed::Definition(_, sites)) = survey(text.bytes, options) else {
            return Vec::new();
        };
        let note = self.file.with_config(|config| {
            let mut note = String::new();
            for site in &sites {
                let Ok(reference) = Reference::parse(&site.image) else {
                    continue;
                };
                // Writing to memory cannot fail.
                let _ = writeln!(note, "{}: {}", safe::line(&text.name()), line(config, site, &reference));
                findings.extend(self.lacking(config, site, &reference, options));
            }
            note
        });
        findings.sort_by_key(|finding| finding.span.start);
        match note {
            Ok(Some(note)) => note.into_bytes(),
            _ => Vec::new(),
        }
    }

    fn lacking(
        &self,
        config: &Config<'_>,
        site: &PullSite,
        reference: &Reference<'_>,
        options: &Options<'_>,
    ) -> Option<Finding> {
        let reader = match site.containerizer {
            Containerizer::Docker => Reader::Docker,
            Containerizer::Ucr => Reader::Ucr,
            Containerizer::Unknown => return None,
        };
        let policy = options.policy;
        let is_shadowed = is_shadowed(site, reference, policy);
        if !is_shadowed && !needs_credentials(site, reference, policy) {
            return None;
        }
        let key = if site.owner == "pod" { "id" } else { "image" };
        let place = (site.span.clone(), site.block.child(key));
        let mut finding = of_image(config, &self.file.name, reference, reader, place)?;
        finding.id = site.id.as_ref().map(ToString::to_string);
        let rule = find(&finding.code)?;
        let is_silent = policy.silences(rule.code, rule.name, finding.id.as_deref(), options.path)
            || site.silenced.names(rule.code, rule.name);
        if is_silent || !options.selection.runs(rule, policy) {
            return None;
        }
        finding.severity = severity(rule, finding.severity, policy);
        if is_shadowed {
            finding.help.push(format!(
                "the policy says that the agents have the credentials for {}: without a file of its own in the sandbox \
                 this app is pulled with those",
                reference.registry()
            ));
        }
        Some(finding)
    }
}

/// Whether the agents have the credentials, and a file in the sandbox takes their place.
fn is_shadowed(site: &PullSite, reference: &Reference<'_>, policy: &Policy) -> bool {
    let fetches = site.named.iter().any(|named| matches!(named, Named::Fetched { .. }));
    let registry = policy.registry_for(&site.image, Some(reference));
    fetches && registry.is_some_and(|(_, registry)| registry.credentials() == Credentials::Cluster)
}

/// The policy says so, or says nothing and the host is not known to be public.
fn needs_credentials(site: &PullSite, reference: &Reference<'_>, policy: &Policy) -> bool {
    match policy.registry_for(&site.image, Some(reference)) {
        Some((_, registry)) => registry.credentials() == Credentials::Reference,
        None => exposure(reference) == Exposure::Unknown,
    }
}

/// `registry.example.com/web:1 (pulled by Docker): Docker finds `registry.example.com`, UCR nothing`
fn line(config: &Config<'_>, site: &PullSite, reference: &Reference<'_>) -> String {
    let pulled = match site.containerizer {
        Containerizer::Docker => " (pulled by Docker)",
        Containerizer::Ucr => " (pulled by UCR)",
        Containerizer::Unknown => "",
    };
    let found = EVERYBODY.map(|reader| {
        let what = if !reads(config.form, reader) {
            "nothing".to_owned()
        } else {
            match look_up(config, reference, reader) {
                Lookup::Found(entry) => format!("`{}`", entry.key),
                Lookup::Ambiguous(entries) => format!("one of {} entries", entries.len()),
                Lookup::Unusable(entry) => format!("`{}`, with nothing in it for {}", entry.key, reader.as_str()),
                Lookup::Helper(named) => format!("the helper `{}`, which agents do not have", named.helper),
                Lookup::Missing(_) => "nothing".to_owned(),
            }
        };
        format!("{} finds {what}", reader.as_str())
    });
    safe::line(&format!("{}{pulled}: {}", site.image, found.join(", ")))
}
