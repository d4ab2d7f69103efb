//! CC001 to CC005: what one text says, whatever it is for.

use std::collections::HashMap;

use pullcreds_core::finding::{Applicability, Finding, Fix, Related};
use pullcreds_core::json::{Operation, Patch, Pointer};

use super::{About, finding};
use crate::auth;
use crate::config::{Config, Entry, Form};
use crate::host::{self, HUB_KEY};
use crate::matching::Reader;

const CC001: usize = 0;
const CC002: usize = 1;
const CC003: usize = 2;
const CC004: usize = 3;
const CC005: usize = 4;

const HELP_LOGIN: &str = "write the entry with `pullcreds credentials add REGISTRY --username USER --password-stdin`";

/// Everything that is wrong with a text, in its order.
#[must_use]
pub fn of_text(config: &Config<'_>, about: &About<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    stores(config, about, &mut found);
    form(config, about, &mut found);
    for entry in &config.entries {
        content(config, entry, about, &mut found);
        path(entry, &mut found);
    }
    hub(config, about, &mut found);
    duplicates(config, about, &mut found);
    found.sort_by_key(|finding| (finding.span.start, finding.code.clone()));
    found
}

/// Docker asks a store or a helper and never comes back to `auths`. Agents have none.
fn stores(config: &Config<'_>, about: &About<'_>, found: &mut Vec<Finding>) {
    if !about.is_for(Reader::Docker) {
        return;
    }
    if let Some(store) = &config.store {
        let helper = &store.helper;
        let message = format!("the credentials are in the store `{helper}` of the machine where somebody logged in");
        let mut finding = finding(CC001, message, store.span.clone(), store.pointer.clone());
        finding.label = "DC/OS supports no credential stores".into();
        finding.help = vec![
            "Docker looks nowhere else once `credsStore` is set, not in `auths` either".to_owned(),
            HELP_LOGIN.to_owned(),
        ];
        found.push(finding);
    }
    for helper in &config.helpers {
        let message = format!(
            "for `{}`, Docker asks the helper `{}`, which the agents do not have",
            helper.registry, helper.helper
        );
        let mut finding = finding(CC001, message, helper.span.clone(), helper.pointer.clone());
        finding.label = "DC/OS supports no credential helpers".into();
        finding.help = vec![HELP_LOGIN.to_owned()];
        found.push(finding);
    }
}

/// No entries at all, or entries in a form that the reader does not know.
fn form(config: &Config<'_>, about: &About<'_>, found: &mut Vec<Finding>) {
    let start = config.root.span().start;
    let at = start..start + 1;
    if config.form == Form::Legacy && about.is_for(Reader::Docker) && !about.is_dockercfg {
        let message = "the entries stand in the form of a .dockercfg, in which Docker reads no config.json";
        let mut finding = finding(CC001, message, at, Pointer::root());
        finding.help = vec!["put them below `auths`: {\"auths\": {…}}".to_owned()];
        found.push(finding);
    } else if config.form == Form::Config && config.entries.is_empty() {
        // A store that is told above is the reason.
        let is_told = about.is_for(Reader::Docker) && (config.store.is_some() || !config.helpers.is_empty());
        if !is_told {
            let span = config.auths.map_or(at, |auths| auths.span());
            let mut finding = finding(CC001, "there are no credentials in it", span, Pointer::root());
            finding.help = vec![HELP_LOGIN.to_owned()];
            found.push(finding);
        }
    }
}

/// What one entry holds.
fn content(config: &Config<'_>, entry: &Entry<'_>, about: &About<'_>, found: &mut Vec<Finding>) {
    let key = &entry.key;
    if entry.is_empty() {
        // Left behind by a login that went to a store.
        let message = format!("the entry for `{key}` holds no credentials");
        let mut finding = finding(CC001, message, entry.key_span.clone(), entry.pointer.clone());
        finding.label = if config.store.is_some() {
            "they went to the credential store".into()
        } else {
            "nothing is sent to this registry".into()
        };
        finding.help = vec![HELP_LOGIN.to_owned()];
        found.push(finding);
        return;
    }
    let Some((place, auth)) = entry.auth.zip(entry.auth_text()) else {
        if about.is_for(Reader::Ucr) {
            let what = entry.token.map_or("username", |(name, _)| name);
            let message = format!("UCR uses nothing of the entry for `{key}`: it has `{what}`, and no `auth`");
            found.push(without_auth(entry, message));
        }
        return;
    };
    let pointer = entry.pointer.child("auth");
    match auth::decode(&auth) {
        Ok(login) => {
            if let (true, Some((name, _)), true) = (
                login.password.expose().is_empty(),
                entry.token,
                about.is_for(Reader::Ucr),
            ) {
                let message = format!("UCR sends an empty password for `{key}`: it ignores `{name}`");
                found.push(without_auth(entry, message));
            }
        }
        Err(error) => {
            let mut finding = finding(CC002, format!("the `auth` for `{key}`: {error}"), place.span(), pointer);
            finding.help = vec![match error {
                auth::AuthError::LineEnd => {
                    "`echo` added it: encode with `printf %s USER:PASSWORD | base64`, or let `pullcreds credentials \
                     add` write it"
                        .to_owned()
                }
                auth::AuthError::Wrapped => {
                    "`base64` breaks long lines: use `base64 -w 0`, or let `pullcreds credentials add` write it"
                        .to_owned()
                }
                _ => HELP_LOGIN.to_owned(),
            }];
            found.push(finding);
        }
    }
}

fn without_auth(entry: &Entry<'_>, message: String) -> Finding {
    let mut finding = finding(CC005, message, entry.key_span.clone(), entry.pointer.clone());
    finding.label = "UCR reads `auth` and nothing else".into();
    finding.help = vec![
        "log in as a user with a password, or with an access token in its place; a robot account has one".to_owned(),
    ];
    finding
}

/// Docker looks for one key only.
fn hub(config: &Config<'_>, about: &About<'_>, found: &mut Vec<Finding>) {
    if !about.is_for(Reader::Docker) || config.entries.iter().any(|entry| entry.key == HUB_KEY) {
        return;
    }
    let mut wrong = config
        .entries
        .iter()
        .filter(|entry| host::is_hub(&entry.key))
        .peekable();
    let mut is_first = true;
    while let Some(entry) = wrong.next() {
        let message = format!("Docker does not find `{}` for images on Docker Hub", entry.key);
        let mut finding = finding(CC003, message, entry.key_span.clone(), entry.pointer.clone());
        finding.label = format!("the key must be {HUB_KEY}").into();
        // Of two that mean Docker Hub nobody knows which is meant.
        let above = entry.pointer.parent().filter(|_| is_first && wrong.peek().is_none());
        finding.fix = above.map(|above| Fix {
            title: format!("rename the key to {HUB_KEY}"),
            applicability: Applicability::Safe,
            patch: Patch {
                operations: vec![Operation::Move {
                    from: entry.pointer.clone(),
                    path: above.child(HUB_KEY),
                }],
            },
        });
        is_first = false;
        found.push(finding);
    }
}

/// `docker login` writes a host; a path behind it looks like a limit and is none.
fn path(entry: &Entry<'_>, found: &mut Vec<Finding>) {
    let host = host::hostname(&entry.key);
    if host::is_hub(&entry.key) {
        return;
    }
    if !host::is_registry(host) {
        let message = format!(
            "`{}` is no registry's key: no image has the registry `{host}`",
            entry.key
        );
        let mut finding = finding(CC004, message, entry.key_span.clone(), entry.pointer.clone());
        finding.help = vec!["write the host, and the port if images are written with one".to_owned()];
        return found.push(finding);
    }
    if !matches!(host::path(&entry.key), "" | "v1" | "v2") {
        let message = format!(
            "`{}` counts for all images on `{host}`, not only for this path",
            entry.key
        );
        let mut finding = finding(CC004, message, entry.key_span.clone(), entry.pointer.clone());
        finding.label = "Docker and UCR compare the host alone".into();
        finding.help = vec![format!("write it as `{host}`, so that nobody counts on the path")];
        found.push(finding);
    } else if let (name, Some(port @ ("443" | "80"))) = host::split_port(host) {
        let message = format!("`{}` counts only for images that are written with `:{port}`", entry.key);
        let mut finding = finding(CC004, message, entry.key_span.clone(), entry.pointer.clone());
        finding.label = "ports are compared as they are written".into();
        finding.help = vec![format!("where images are written `{name}/…`, the key must be `{name}`")];
        found.push(finding);
    }
}

/// Two keys for one host that say different things.
fn duplicates(config: &Config<'_>, about: &About<'_>, found: &mut Vec<Finding>) {
    let mut first: HashMap<&str, &Entry<'_>> = HashMap::new();
    for entry in &config.entries {
        // What Docker Desktop keeps beside its login.
        if entry.key.starts_with(HUB_KEY) && entry.key != HUB_KEY {
            continue;
        }
        let host = host::hostname(&entry.key);
        match first.get(host) {
            None => drop(first.insert(host, entry)),
            Some(other) if other.value.same_value(&entry.value) => {}
            // Docker takes the key that is the host, letter by letter, before it looks at the others.
            Some(other) if (other.key == host || entry.key == host) && !about.is_for(Reader::Ucr) => {}
            Some(other) => {
                let message = format!("`{}` and `{}` are both for `{host}`, and differ", other.key, entry.key);
                let mut finding = finding(CC004, message, entry.key_span.clone(), entry.pointer.clone());
                finding.label = if other.key == host || entry.key == host {
                    format!("Docker sends the one for `{host}`, UCR either").into()
                } else {
                    "which one is sent differs from run to run".into()
                };
                finding.related = vec![Related {
                    span: other.key_span.clone(),
                    message: "the other one".to_owned(),
                }];
                finding.help = vec!["remove one of them".to_owned()];
                found.push(finding);
            }
        }
    }
}
