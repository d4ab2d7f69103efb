//! SARIF 2.1.0, for code scanning: results with the help of their rules and the fixes as replacements of text.
//!
//! The types are our own, a dozen of the hundred that the standard has: the crate that has them all makes them while it is
//! built, from the schema, with a generator and a second `syn`.

mod shapes;

use std::io::{self, Write};
use std::ops::Range;

use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::rules::{RULES, Rule};
use pullcreds_credentials::rules::RULES as OF_CREDENTIALS;

use self::shapes::{
    ArtifactChange, ArtifactLocation, Configuration, Driver, Fingerprints, Fix, Invocation, Location, LogicalLocation,
    Markdown, Notification, PhysicalLocation, Region, RelatedLocation, Replacement, ReportingDescriptor,
    ResultProperties, RuleProperties, SarifResult, Text, Tool,
};
use super::identity::{fingerprint, identities};
use super::places::Places;
use super::replacement::Replacements;
use super::root::{Root, uri};
use super::unobeyed::unobeyed;
use super::wide::Wide;
use super::{Ending, Report, Seen, preview, safe};
use crate::outcome::{Problem, Tally};
use crate::pages;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// What relative URIs are relative to; GitHub and others know it by this name.
const BASE: &str = "%SRCROOT%";

pub(crate) struct Sarif {
    root: Root,
}

impl Sarif {
    pub(crate) fn new(root: Root) -> Sarif {
        Sarif { root }
    }
}

/// Two lines a file, results and notifications, as the whole has them in two places.
impl Report for Sarif {
    fn file(&self, seen: &Seen<'_>) -> Vec<u8> {
        if seen.findings.is_empty() && seen.problem.is_none() {
            return Vec::new();
        }
        let path = self.root.name(seen.name);
        let uri = uri(&path);
        let places = Places::new(seen.text);
        let file = File {
            location: ArtifactLocation {
                uri: &uri,
                uri_base_id: (!path.starts_with('/')).then_some(BASE),
            },
            wide: Wide::new(&places),
        };
        let mut replacements = Replacements::new(seen.text);
        let identities = identities(seen.text, seen.findings);
        let findings = seen.findings.iter().zip(&identities);
        let results = findings.map(|(finding, (identity, before))| {
            let fingerprint = fingerprint(&path, identity, *before);
            json(&file.result(finding, fingerprint, &mut replacements))
        });
        let mut out = results.collect::<Vec<_>>().join(&b',');
        out.push(b'\n');
        if let Some(problem) = seen.problem {
            out.extend(json(&file.notification(problem)));
        }
        unobeyed(out)
    }

    fn tell(&self, files: &mut dyn Iterator<Item = &[u8]>, tally: &Tally, _: Ending) -> io::Result<()> {
        let (mut results, mut notifications) = (Vec::new(), Vec::new());
        for file in files {
            let end = memchr::memchr(b'\n', file).unwrap_or(file.len());
            results.push(&file[..end]);
            notifications.push(file.get(end + 1..).unwrap_or_default());
        }
        let driver = Driver {
            name: "pullcreds",
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules: rules().map(descriptor).collect(),
        };
        let invocation = Invocation {
            execution_successful: tally.failed == 0,
        };
        let base = "the root of the repository, or else the folder that pullcreds ran in";

        let mut stdout = io::BufWriter::new(io::stdout().lock());
        write!(
            stdout,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":"
        )?;
        stdout.write_all(&json(&Tool { driver }))?;
        write!(
            stdout,
            ",\n\"originalUriBaseIds\":{{\"{BASE}\":{{\"description\":{{\"text\":\"{base}\"}}}}}},"
        )?;
        write!(
            stdout,
            "\"defaultEncoding\":\"UTF-8\",\"columnKind\":\"utf16CodeUnits\",\n\"invocations\":["
        )?;
        let invocation = json(&invocation);
        stdout.write_all(invocation.strip_suffix(b"}").unwrap_or(&invocation))?;
        stdout.write_all(b",\"toolExecutionNotifications\":[")?;
        join(&mut stdout, &notifications)?;
        stdout.write_all(b"]}],\n\"results\":[")?;
        join(&mut stdout, &results)?;
        stdout.write_all(b"]}]}\n")?;
        stdout.flush()
    }
}

/// One file, as everything in it names it.
struct File<'f, 'p, 't> {
    location: ArtifactLocation<'f>,
    wide: Wide<'p, 't>,
}

impl<'f> File<'f, '_, '_> {
    fn result(
        &self,
        finding: &'f Finding,
        fingerprint: String,
        replacements: &mut Replacements<'_>,
    ) -> SarifResult<'f> {
        let related = finding.related.iter().enumerate().map(|(id, related)| RelatedLocation {
            id,
            physical_location: self.physical(&related.span),
            message: sentences(&related.message, &[]),
        });
        let fix = finding.fix.as_ref().and_then(|fix| {
            let pieces = replacements.of(fix)?;
            let replacements = pieces.into_iter().map(|piece| Replacement {
                deleted_region: Region {
                    byte_offset: None,
                    byte_length: None,
                    ..self.region(&piece.gone)
                },
                inserted_content: Text { text: piece.come },
            });
            Some(Fix {
                description: sentences(&preview::title(fix), &[]),
                artifact_changes: [ArtifactChange {
                    artifact_location: self.location,
                    replacements: replacements.collect(),
                }],
            })
        });
        SarifResult {
            rule_id: &finding.code,
            rule_index: rules().position(|rule| rule.code == finding.code),
            level: level(finding.severity),
            message: sentences(&finding.message, &finding.help),
            locations: [Location {
                physical_location: self.physical(&finding.span),
                logical_locations: vec![LogicalLocation {
                    fully_qualified_name: safe::line(finding.pointer.as_str()),
                    kind: "value",
                }],
            }],
            related_locations: related.collect(),
            partial_fingerprints: Fingerprints { ours: fingerprint },
            fixes: fix.into_iter().collect(),
            properties: finding.id.as_deref().map(|id| ResultProperties { id: safe::line(id) }),
        }
    }

    fn notification(&self, problem: &Problem) -> Notification<'f> {
        let location = Location {
            physical_location: PhysicalLocation {
                artifact_location: self.location,
                region: problem.span.as_ref().map(|span| self.region(span)),
            },
            logical_locations: Vec::new(),
        };
        Notification {
            level: "error",
            message: sentences(&problem.message, &problem.help),
            locations: (!self.location.uri.is_empty())
                .then_some(location)
                .into_iter()
                .collect(),
        }
    }

    fn physical(&self, span: &Range<usize>) -> PhysicalLocation<'f> {
        PhysicalLocation {
            artifact_location: self.location,
            region: Some(self.region(span)),
        }
    }

    fn region(&self, span: &Range<usize>) -> Region {
        let (start, end) = (self.wide.place(span.start), self.wide.place(span.end));
        Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            char_offset: start.units,
            char_length: end.units - start.units,
            byte_offset: Some(span.start),
            byte_length: Some(span.len()),
        }
    }
}

/// The rules that findings are of: those of definitions, and those of credentials, which `check --config-json` and
/// `credentials check` find.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(&OF_CREDENTIALS)
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let words = rule.name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    ReportingDescriptor {
        id: rule.code,
        name: words.collect(),
        short_description: sentences(rule.summary, &[]),
        full_description: sentences(rule.summary, &[]),
        help: Markdown {
            text: format!("Run `pullcreds explain {}` to read more.", rule.code),
            markdown: pages::page(rule.code).unwrap_or_default(),
        },
        default_configuration: Configuration {
            level: level(rule.severity),
        },
        properties: RuleProperties {
            tags: ["marathon", "credentials"],
        },
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Whole sentences, and no links that a file's text could have brought in: `[…](…)` is one in a SARIF message.
fn sentences(message: &str, helps: &[String]) -> Text {
    let parts = std::iter::once(message).chain(helps.iter().map(String::as_str));
    let sentences: Vec<String> = parts.map(sentence).collect();
    Text {
        text: sentences.join(" ").replace("](", "\\]("),
    }
}

fn sentence(text: &str) -> String {
    let text = safe::line(text);
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    let word = text.split(' ').next().unwrap_or_default();
    // A name or a path stays as it is written.
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let (first, rest) = text.split_at(word.len().min(1));
        format!("{}{rest}{end}", first.to_ascii_uppercase())
    } else {
        format!("{text}{end}")
    }
}

fn json(shape: &impl serde::Serialize) -> Vec<u8> {
    // Strings and numbers only: there is nothing that could fail.
    serde_json::to_vec(shape).unwrap_or_default()
}

fn join(out: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    for (index, part) in parts.iter().filter(|part| !part.is_empty()).enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        out.write_all(part)?;
    }
    Ok(())
}
