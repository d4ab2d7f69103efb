//! docs/plugin.md as its reader follows it: what is typed, and what is seen.

use std::fs;

use crate::util::checkout;

/// What a section of the page says about a host.
pub(crate) struct Section {
    /// Commands that get the host ready, for `sh`.
    pub(crate) prepare: String,
    pub(crate) transcripts: Vec<Transcript>,
}

/// A command, and what its reader sees.
pub(crate) struct Transcript {
    pub(crate) command: String,
    pub(crate) seen: String,
}

/// What all transcripts begin with: variables, and a definition in a file.
pub(crate) fn beginning() -> String {
    blocks("## The examples below", "sh").concat()
}

/// The commands of a section that shows no answers.
pub(crate) fn commands(heading: &str) -> String {
    blocks(heading, "sh").concat()
}

pub(crate) fn section(name: &str) -> Section {
    let heading = format!("### {name}");
    let mut transcripts: Vec<Transcript> = Vec::new();
    for line in blocks(&heading, "console").concat().lines() {
        match (line.strip_prefix("$ "), transcripts.last_mut()) {
            (Some(command), _) => transcripts.push(Transcript {
                command: command.to_owned(),
                seen: String::new(),
            }),
            (None, Some(transcript)) => transcript.seen += &format!("{line}\n"),
            (None, None) => panic!("{heading}: {line} comes before any command"),
        }
    }
    assert!(!transcripts.is_empty(), "docs/plugin.md runs nothing in {heading}");
    Section {
        prepare: blocks(&heading, "sh").concat(),
        transcripts,
    }
}

/// The fenced blocks between a heading and the next one.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = fs::read_to_string(checkout().join("docs/plugin.md")).unwrap();
    let mut lines = page.lines().skip_while(|line| *line != heading).skip(1);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("##") {
            break;
        }
        if let Some(fence) = line.strip_prefix("```") {
            let text: String = lines
                .by_ref()
                .take_while(|line| *line != "```")
                .map(|line| format!("{line}\n"))
                .collect();
            if fence == language {
                blocks.push(text);
            }
        }
    }
    blocks
}
