//! What one definition pulls, who pulls it, what the policy says of it, and what `fix` would add.

use std::path::Path;

use pullcreds_core::definition::Containerizer;
use pullcreds_core::finding::{Applicability, Finding};
use pullcreds_core::json::{Pointer, position};
use pullcreds_core::transform::{self, Checked, Named, Options, Passed, PullSite, Selection, Surveyed, TransformError};

use super::{image, policy_line};
use crate::config::Folder;
use crate::outcome::is_fixable;
use crate::pipeline::Text;
use crate::report::safe;

/// The rows for a file; `given` is how the command line names it.
///
/// # Errors
/// When it means to be a definition and cannot be read as one.
pub(super) fn explain(path: &Path, given: &str, bytes: &[u8], folder: &Folder) -> Result<String, TransformError> {
    let text = Text::new(Some(path), path, bytes, folder);
    let policy_path = text.policy_path();
    let selection = Selection::default();
    let options = Options {
        path: policy_path.as_deref(),
        fix_patches: false,
        ..Options::new(folder.policy(), &selection)
    };
    let (kind, sites) = match transform::survey(bytes, &options)? {
        Surveyed::Definition(kind, sites) => (kind, sites),
        Surveyed::Passed(passed) => return Ok(format!("{}: {}\n", safe::line(&text.name()), why_passed(passed))),
    };
    let findings = match transform::check(bytes, &options)? {
        Checked::Definition(analysis) => analysis.findings,
        Checked::Passed(_) => Vec::new(),
    };
    let mut out = Rows::default();
    out.row("file", &text.name());
    out.row("read as", kind.as_str());
    out.row("policy", &policy_line(folder));
    if sites.is_empty() {
        out.line("\nNo image is pulled by it.");
    }
    let source = std::str::from_utf8(bytes).unwrap_or_default();
    let mut elsewhere: Vec<&Finding> = findings.iter().collect();
    for site in &sites {
        let line = position(source, site.span.start).line;
        let id = site.shown_id.as_deref().unwrap_or("without an id");
        out.line(&format!("\n{} {id}, line {line}", site.owner));
        explain_site(site, folder, &mut out);
        elsewhere.retain(|finding| {
            let is_here = is_within(&finding.pointer, &site.block);
            if is_here {
                explain_finding(finding, &selection, &mut out);
            }
            !is_here
        });
    }
    if !elsewhere.is_empty() {
        out.line("\nelsewhere in the file");
        for finding in elsewhere {
            explain_finding(finding, &selection, &mut out);
        }
    }
    if findings.iter().any(|finding| is_fixable(finding, &selection)) {
        out.line(&format!(
            "\n`pullcreds fix --diff {given}` shows it in place, `pullcreds fix {given}` does it."
        ));
    }
    Ok(out.0)
}

fn explain_site(site: &PullSite, folder: &Folder, out: &mut Rows) {
    out.row("  image", &site.image);
    let who = match site.containerizer {
        Containerizer::Docker => "the Docker containerizer",
        Containerizer::Ucr => "UCR",
        Containerizer::Unknown => "nobody knows",
    };
    out.row("  pulled by", &format!("{who}: {}", site.why));
    out.row("  registry", &image::registry_line(&site.image, folder.policy()));
    if site.named.is_empty() {
        out.row("  has", "no credentials of its own");
    }
    for named in &site.named {
        out.row(
            "  has",
            &match named {
                Named::Fetched { uri } => format!("{uri}, fetched into the sandbox"),
                Named::Secret {
                    key,
                    source: Some(source),
                } => format!("the secret `{key}`, from {source}"),
                Named::Secret { key, source: None } => format!("the secret `{key}`, which it does not declare"),
            },
        );
    }
    if site.is_package_generated {
        out.row("", "a DC/OS package generated it, so nothing is ever added (MC033)");
    }
}

fn explain_finding(finding: &Finding, selection: &Selection, out: &mut Rows) {
    out.row(
        "  finding",
        &format!(
            "{} {} ({}): {}",
            finding.code, finding.name, finding.severity, finding.message
        ),
    );
    if let Some(fix) = &finding.fix {
        let how = match fix.applicability {
            _ if is_fixable(finding, selection) => String::new(),
            Applicability::OptIn => format!(" (only with --select {})", finding.code),
            Applicability::Safe | Applicability::Unsafe => " (only with --unsafe-fixes)".to_owned(),
        };
        out.row("  fix", &format!("{}{how}", fix.title));
    }
    for help in &finding.help {
        out.row("  help", help);
    }
}

fn is_within(pointer: &Pointer, block: &Pointer) -> bool {
    pointer.starts_with_tokens(block)
}

fn why_passed(passed: Passed) -> &'static str {
    match passed {
        Passed::NotMarathon => {
            "no Marathon app, pod or group that pulls an image, so it is passed over; `check --kind KIND` reads it as one"
        }
        Passed::Template => "template marks outside its strings, so it is passed over; render it first",
        Passed::MetronomeJob => "a Metronome job that pulls a private image; these are not covered",
        Passed::PackageOptions => "the options of a DC/OS package that name a private image; these are not covered",
    }
}

/// Lines with a name before each, fit for a terminal.
#[derive(Default)]
struct Rows(String);

impl Rows {
    fn row(&mut self, key: &str, value: &str) {
        self.line(&format!("{key:12}{value}"));
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(&safe::lines(text));
        self.0.push('\n');
    }
}
