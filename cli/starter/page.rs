//! The first policy as text, with the questions that only its owner can answer.

use std::fmt::Write;

use super::proposal::{archive, secret, secret_name};
use super::{Registry, Starter};
use crate::report::{counted, safe};

const HEAD: &str = "\
# Where the pull credentials of private registries are; never the credentials themselves.
#
# `pullcreds check` finds what is missing by it, `pullcreds fix` adds it, and `pullcreds explain IMAGE` shows which of
# the registries below counts for an image.
";

const CLUSTER: &str = "
# About the cluster. Take the `#` away from what is true of yours.
# marathon-version = \"1.11\"    # the newest, when left out; below 1.5 there is no pullConfig
# secrets = false              # DC/OS Open Source: there is no secret store
# exclude = [\"vendor/**\"]      # files to leave alone, as in .gitignore
";

const EXAMPLE: &str = "
# No image was found on a host that may be private. This is how one is named:
# [[registry]]
# match = \"registry.example.com\"
# archive = \"file:///etc/docker.tar.gz\"   # for the Docker containerizer: fetched on the agents
# secret = \"{top}/pullConfig\"             # for UCR and pods: a path in the secret store
";

/// The text, and how many questions it asks.
pub(crate) fn page(found: &Starter) -> (String, usize) {
    let mut out = HEAD.to_owned();
    let images = counted(found.images, "image");
    let files = counted(found.files, "file");
    out.push_str(&format!("#\n# `pullcreds init` began it from {images} in {files}.\n"));
    out.push_str(CLUSTER);
    if found.registries.is_empty() {
        out.push_str(EXAMPLE);
        return (out, 0);
    }
    out.push_str(
        "\n# The registries. The first whose `match` names an image decides; public hosts need not be named.\n",
    );
    let mut entries: Vec<Entry> = Vec::new();
    for (pattern, registry) in &found.registries {
        let entry = Entry::new(pattern, registry);
        // Registries of which the same is said are one.
        match entries
            .iter_mut()
            .find(|known| entry.is_answered() && known.is_answered() && known.keys == entry.keys)
        {
            Some(known) => {
                known.patterns.extend(entry.patterns);
                known.about.extend(entry.about);
            }
            None => entries.push(entry),
        }
    }
    // What is settled first, then the questions.
    entries.sort_by_key(|entry| !entry.is_answered());
    let mut questions = 0;
    for entry in &entries {
        questions += entry.questions();
        entry.write(&mut out);
    }
    (out, questions)
}

/// One `[[registry]]` to be.
struct Entry {
    patterns: Vec<String>,
    about: Vec<String>,
    keys: Vec<Key>,
    /// Why the whole of it is only a question.
    question: Option<&'static str>,
}

#[derive(PartialEq, Eq)]
struct Key {
    name: &'static str,
    value: String,
    /// Whether it is only a question.
    is_open: bool,
    comment: &'static str,
}

impl Entry {
    fn new(pattern: &str, registry: &Registry) -> Entry {
        let keys = keys(registry);
        let question = if registry.is_public {
            Some("Images there are mostly public, but these bring credentials. Are they private?")
        } else if registry.is_templated {
            Some(
                "The registry is still to be filled in. Does it ask for credentials? (Or name the images once rendered.)",
            )
        } else if keys.iter().all(|key| key.is_open) {
            Some("No definition names credentials for it. Does it ask for some? Then say where they are:")
        } else {
            None
        };
        Entry {
            patterns: vec![pattern.to_owned()],
            about: about(pattern, registry),
            keys,
            question,
        }
    }

    fn is_answered(&self) -> bool {
        self.question.is_none()
    }

    fn questions(&self) -> usize {
        match self.question {
            Some(_) => 1,
            None => self.keys.iter().filter(|key| key.is_open).count(),
        }
    }

    fn write(&self, out: &mut String) {
        out.push('\n');
        for about in &self.about {
            out.push_str(&format!("# {about}\n"));
        }
        if let Some(question) = self.question {
            out.push_str(&format!("# {question}\n"));
        }
        let mark = if self.is_answered() { "" } else { "# " };
        let mark_of = |key: &Key| if key.is_open { "# " } else { mark };
        let length = |key: &Key| mark_of(key).len() + key.name.len() + quoted(&key.value).len();
        let width = self.keys.iter().map(length).max().unwrap_or_default();
        let patterns: Vec<String> = self.patterns.iter().map(|pattern| quoted(pattern)).collect();
        let patterns = match patterns.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        // Writing to memory cannot fail.
        let _ = writeln!(out, "{mark}[[registry]]\n{mark}match = {patterns}");
        for key in &self.keys {
            let comment = if key.comment.is_empty() {
                String::new()
            } else {
                let space = width - length(key) + 3;
                format!("{:space$}# {}", "", key.comment)
            };
            let _ = writeln!(out, "{}{} = {}{comment}", mark_of(key), key.name, quoted(&key.value));
        }
        if !self.is_answered() {
            let _ = writeln!(
                out,
                "# Or is it open to everybody (\"none\"), or do the agents have its credentials (\"cluster\")?\n\
                 # [[registry]]\n# match = {patterns}\n# credentials = \"none\""
            );
        }
    }
}

fn about(pattern: &str, registry: &Registry) -> Vec<String> {
    let images = counted(registry.docker.all + registry.ucr.all, "image");
    let files = counted(registry.files, "file");
    let example = match &registry.example {
        Some((id, file)) if id.is_empty() => format!(", as in {}", safe::line(file)),
        Some((id, file)) => format!(", as {} in {}", safe::line(id), safe::line(file)),
        None => String::new(),
    };
    let mut about = vec![format!("{pattern}: {images} in {files}{example}")];
    let whose = [
        (
            &registry.docker,
            "the Docker containerizer",
            archive(registry),
            "an archive",
        ),
        (&registry.ucr, "UCR and pods", secret(registry), "a secret"),
    ];
    for (pulls, who, proposal, what) in whose {
        if let Some(proposal) = proposal {
            let (all, supplied) = (pulls.all, pulls.supplied);
            let also = also(&proposal.others);
            about.push(format!("  {supplied} of {all} by {who} come with {what}{also}"));
        }
    }
    about
}

fn keys(registry: &Registry) -> Vec<Key> {
    const DOCKER: &str = "for the Docker containerizer: fetched on the agents";
    const UCR: &str = "for UCR and pods: a path in the secret store";
    let mut keys = Vec::new();
    if let Some(archive) = archive(registry) {
        keys.push(Key {
            name: "archive",
            value: archive.value,
            is_open: false,
            comment: DOCKER,
        });
    } else if registry.docker.all > 0 {
        keys.push(Key {
            name: "archive",
            value: "file:///etc/docker.tar.gz".to_owned(),
            is_open: true,
            comment: "for the Docker containerizer: where can the agents fetch it?",
        });
    }
    if let Some(secret) = secret(registry) {
        // Paths that follow no one scheme are for a person to look at.
        let others: usize = secret.others.iter().map(|(_, count)| count).sum();
        let is_open = secret.by < others;
        keys.push(Key {
            name: "secret",
            value: secret.value,
            is_open,
            comment: if is_open {
                "is there a scheme? this one explains the most"
            } else {
                UCR
            },
        });
        keys.extend(secret_name(registry).map(|value| Key {
            name: "secret-name",
            value,
            is_open,
            comment: "",
        }));
    } else if registry.ucr.all > 0 {
        keys.push(Key {
            name: "secret",
            value: "{top}/pullConfig".to_owned(),
            is_open: true,
            comment: "for UCR and pods: where in the secret store is it?",
        });
    }
    keys
}

/// The first few of the other values.
fn also(others: &[(String, usize)]) -> String {
    const FEW: usize = 3;
    if others.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = others
        .iter()
        .take(FEW)
        .map(|(value, count)| format!("{} × {count}", safe::line(value)))
        .collect();
    let more = if others.len() > FEW { ", …" } else { "" };
    format!(" (also {}{more})", shown.join(", "))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            character if character.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}
