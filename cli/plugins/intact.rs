//! What no plugin may change: what each app and pod pulls, who pulls it, with which credentials; what it silences; and
//! that the rules have nothing left to do.

use std::collections::HashMap;

use pullcreds_core::definition::Kind;
use pullcreds_core::finding::Finding;
use pullcreds_core::json::Document;
use pullcreds_core::transform::{self, Fixed, Named, Options, Part, PullSite, Surveyed};

use crate::outcome::Problem;

/// A definition as it was before a plugin, as far as it must stay so.
pub(super) struct Before {
    kind: Kind,
    parts: Vec<Part>,
    sites: Vec<PullSite>,
    /// How often each rule has something to say of each app or pod.
    found: HashMap<(String, Option<String>), usize>,
}

/// What a plugin changed and must not have: of which app or pod, and what.
pub(super) struct Broken {
    /// Its number among [`Before::parts`].
    pub(super) part: Option<usize>,
    pub(super) why: String,
}

impl Before {
    /// Takes down what must stay. `findings` are what the rules have to say of this text.
    ///
    /// # Errors
    /// When the text cannot be read.
    pub(super) fn of(
        document: &Document<'_>,
        kind: Kind,
        findings: &[Finding],
        options: &Options<'_>,
    ) -> Result<Before, Problem> {
        Ok(Before {
            kind,
            parts: transform::parts(document, kind, options)?,
            sites: sites(document.text(), options)?,
            found: counted(findings),
        })
    }

    /// The apps and pods.
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Holds a text to what it was. What the rules now have to say of it, where all is well.
    pub(super) fn hold(&self, text: &str, options: &Options<'_>) -> Result<Vec<Finding>, Broken> {
        let whole = |why: String| Broken { part: None, why };
        let unread = |problem: Problem| whole(format!("its result cannot be read: {}", problem.message));
        let fixed = transform::fix(text.as_bytes(), options).map_err(|error| unread((&error).into()))?;
        let rewrite = match fixed {
            Fixed::Definition(rewrite) if rewrite.before.kind == self.kind => rewrite,
            _ => {
                return Err(whole(format!(
                    "its result is no longer of the kind {}",
                    self.kind.as_str()
                )));
            }
        };
        self.hold_parts(text, options)?;
        self.hold_sites(&sites(text, options).map_err(unread)?)?;
        let left = if rewrite.patch.is_empty() {
            let found = counted(&rewrite.before.findings);
            let is_new = |finding: &&Finding| {
                let key = key(finding);
                found.get(&key) > self.found.get(&key)
            };
            rewrite.before.findings.iter().find(is_new)
        } else {
            rewrite.removed().first().copied().or(rewrite.before.findings.first())
        };
        match left {
            None => Ok(rewrite.before.findings),
            Some(finding) => Err(Broken {
                part: self.part_of(finding.id.as_deref()),
                why: format!(
                    "its result leaves the rules something to do, or to say: {} {}, {}",
                    finding.code, finding.name, finding.message
                ),
            }),
        }
    }

    fn hold_parts(&self, text: &str, options: &Options<'_>) -> Result<(), Broken> {
        let whole = |why: &str| Broken {
            part: None,
            why: why.to_owned(),
        };
        let document = Document::parse(text.as_bytes()).map_err(|_| whole("its result is no JSON"))?;
        let parts = transform::parts(&document, self.kind, options)
            .map_err(|_| whole("its result cannot be taken apart into apps and pods"))?;
        if parts.len() != self.parts.len() {
            return Err(whole("its result has more or fewer apps and pods"));
        }
        for (index, (was, is)) in self.parts.iter().zip(&parts).enumerate() {
            let what = if was.id != is.id || was.kind != is.kind || was.pointer != is.pointer {
                "it changes the id"
            } else if was.silenced != is.silenced {
                "it changes the label that silences rules"
            } else if was.is_package_generated != is.is_package_generated {
                "it changes the labels that say whether a DC/OS package generated the definition"
            } else {
                continue;
            };
            return Err(Broken {
                part: Some(index),
                why: what.to_owned(),
            });
        }
        Ok(())
    }

    fn hold_sites(&self, sites: &[PullSite]) -> Result<(), Broken> {
        let (was, is) = (&self.sites, sites);
        let broken = |site: &PullSite, why: String| {
            Err(Broken {
                part: self.part_of(site.shown_id.as_deref()),
                why,
            })
        };
        for (was, is) in was.iter().zip(is) {
            if was.block != is.block || was.owner != is.owner {
                return broken(was, "it changes which images are pulled".to_owned());
            }
            if was.image != is.image {
                return broken(
                    was,
                    format!(
                        "it changes the image at {}: {} becomes {}",
                        was.block, was.image, is.image
                    ),
                );
            }
            if was.shown_id != is.shown_id || was.id != is.id {
                return broken(was, "it changes the id".to_owned());
            }
            if was.containerizer != is.containerizer {
                return broken(was, format!("it changes who pulls the image at {}", was.block));
            }
            if was.named != is.named {
                let (had, has) = (named(&was.named), named(&is.named));
                return broken(
                    was,
                    format!(
                        "it changes the credentials for the image at {}: {had} becomes {has}",
                        was.block
                    ),
                );
            }
        }
        match (was.get(is.len()), is.get(was.len())) {
            (None, None) => Ok(()),
            (Some(lost), _) => broken(lost, format!("it takes away the image at {}", lost.block)),
            (_, Some(new)) => broken(new, format!("it adds an image at {}", new.block)),
        }
    }

    fn part_of(&self, id: Option<&str>) -> Option<usize> {
        self.parts.iter().position(|part| part.id.as_deref() == id)
    }
}

fn sites(text: &str, options: &Options<'_>) -> Result<Vec<PullSite>, Problem> {
    match transform::survey(text.as_bytes(), options)? {
        Surveyed::Definition(_, sites) => Ok(sites),
        Surveyed::Passed(_) => Ok(Vec::new()),
    }
}

fn key(finding: &Finding) -> (String, Option<String>) {
    (finding.code.to_string(), finding.id.clone())
}

fn counted(findings: &[Finding]) -> HashMap<(String, Option<String>), usize> {
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(key(finding)).or_default() += 1;
    }
    counts
}

fn named(named: &[Named]) -> String {
    let one = |named: &Named| match named {
        Named::Fetched { uri } => uri.clone(),
        Named::Secret { key, source: None } => format!("the secret `{key}`"),
        Named::Secret {
            key,
            source: Some(source),
        } => format!("the secret `{key}` from {source}"),
    };
    match named {
        [] => "none".to_owned(),
        named => named.iter().map(one).collect::<Vec<_>>().join(" and "),
    }
}
