//! CC007, and CC003 and CC004 beside an image: whether credentials have what an image needs.

use std::ops::Range;

use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::image::Reference;
use pullcreds_core::json::Pointer;

use super::finding;
use crate::config::Config;
use crate::host::{self, HUB_KEY};
use crate::matching::{Lookup, Reader, look_up, reads};

/// Looks an image up, as its reader would; `None` where its credentials are found.
///
/// `name` is how messages call the file of the credentials.
#[must_use]
pub fn of_image(
    config: &Config<'_>,
    name: &str,
    image: &Reference<'_>,
    reader: Reader,
    place: (Range<usize>, Pointer),
) -> Option<Finding> {
    let (span, pointer) = place;
    let registry = image.registry();
    let who = reader.as_str();
    let report = |row: usize, message: String, label: String, help: String| {
        let mut finding = finding(row, message, span.clone(), pointer.clone());
        finding.label = label.into();
        finding.help = vec![help];
        Some(finding)
    };
    if !reads(config.form, reader) {
        let message = format!("{who} finds no credentials for `{registry}` in {name}: it is written as a .dockercfg");
        return report(6, message, String::new(), "put its entries below `auths`".to_owned());
    }
    match look_up(config, image, reader) {
        Lookup::Found(_) => None,
        Lookup::Ambiguous(entries) => {
            let keys: Vec<_> = entries.iter().map(|entry| format!("`{}`", entry.key)).collect();
            let message = format!(
                "{who} takes one of {} entries of {name} for `{registry}`",
                entries.len()
            );
            let help = format!("leave one of {}", keys.join(", "));
            report(3, message, "which one differs from run to run".to_owned(), help)
        }
        Lookup::Unusable(entry) => {
            let message = format!("{who} uses nothing of the entry `{}` of {name}", entry.key);
            let help = format!("`pullcreds credentials check {name}` says why");
            let lacking = report(
                6,
                message,
                format!("pulled from `{registry}` without credentials"),
                help,
            );
            lacking.map(grave)
        }
        Lookup::Helper(named) => {
            let message = format!(
                "Docker asks the credential helper `{}` for `{registry}`, as {name} says; agents have none",
                named.helper
            );
            let help =
                format!("write the entry: `pullcreds credentials add {registry} --username USER --password-stdin`");
            let lacking = report(6, message, String::new(), help);
            lacking.map(grave)
        }
        Lookup::Missing(near) => match near.first() {
            Some(entry) if host::is_hub(&entry.key) => {
                let message = format!("{who} does not find `{}` of {name} for this image", entry.key);
                let label = format!("pulled from {registry} without credentials");
                report(2, message, label, format!("the key for Docker Hub is {HUB_KEY}"))
            }
            Some(entry) => {
                let host = host::hostname(&entry.key);
                let message = format!("{who} does not find `{}` of {name} for `{registry}`", entry.key);
                let label = format!("the entry is for `{host}`; hosts and ports are compared as they are written");
                report(
                    3,
                    message,
                    label,
                    format!("write the key as `{registry}`, or the image with `{host}`"),
                )
            }
            None => {
                let message = format!("{name} has no credentials for `{registry}`");
                let label = format!("{who} pulls it without");
                let help = match reader {
                    Reader::Docker => {
                        "a credential file in the sandbox replaces the agents' own: put this registry into it as well"
                    }
                    Reader::Ucr => "without an entry of its own, UCR goes by what the agent has",
                };
                report(6, message, label, help.to_owned())
            }
        },
    }
}

/// An entry that is there and does nothing is worse than one that is not there.
fn grave(mut finding: Finding) -> Finding {
    finding.severity = Severity::Error;
    finding
}
