//! `pullcreds plugin pin`: the digests of a policy's plugins, written into it. Every other byte stays.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail};
use pullcreds_core::policy::{Plugin, Policy};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::args::Voice;
use crate::args::plugin::PinArguments;
use crate::commands::fail;
use crate::outcome::{Exit, Problem};
use crate::paths::parent;
use crate::plugins::inspect;
use crate::printer;
use crate::report::safe;
use crate::write::Writer;

pub(super) fn run(arguments: &PinArguments, voice: Voice) -> anyhow::Result<Exit> {
    let path = &arguments.policy;
    let name = path.to_string_lossy();
    let text = std::fs::read_to_string(path).with_context(|| format!("{name}: the policy cannot be read"))?;
    let policy: Policy = match toml::from_str(&text) {
        Ok(policy) => policy,
        Err(error) => {
            let problem = Problem::new(error.message());
            let problem = Problem {
                span: error.span(),
                ..problem
            };
            return fail(voice, &name, text.as_bytes(), &problem);
        }
    };
    if policy.plugins().is_empty() {
        bail!("{name}: names no plugin; write a [[plugin]] with its `path` first");
    }
    let mut pinned = text.clone();
    let mut told = String::new();
    for (index, plugin) in policy.plugins().iter().enumerate() {
        let digest = match digest(plugin, parent(path)) {
            Ok(digest) => digest,
            Err(problem) => {
                let problem = Problem {
                    message: format!("plugin {}: {}", plugin.name(), problem.message),
                    span: Places::of(&text, index).map(|places| places.path),
                    ..problem
                };
                return fail(voice, &name, text.as_bytes(), &problem);
            }
        };
        let was = match plugin.sha256() {
            Some(same) if same == digest => "already ",
            Some(_) => "anew ",
            None => "",
        };
        told.push_str(&format!("{}: pinned {was}to {digest}\n", safe::line(plugin.name())));
        if was != "already " {
            let places = Places::of(&pinned, index).context("the policy's plugins are not where they were")?;
            places.write(&mut pinned, &digest);
        }
    }
    // Nothing is written that does not say what it should.
    let again: Policy = toml::from_str(&pinned).context("internal error, nothing was written")?;
    let is_pinned = again.plugins().iter().all(|plugin| plugin.sha256().is_some());
    if !is_pinned || again.plugins().len() != policy.plugins().len() {
        bail!("internal error, nothing was written: {name} would not be pinned");
    }
    if pinned != text {
        let writer = Writer {
            hard_links: false,
            fsync: true,
        };
        if let Err(problem) = writer.replace(path, text.as_bytes(), pinned.as_bytes()) {
            return fail(voice, &name, b"", &problem);
        }
    }
    if !voice.quiet {
        printer::messages(told.as_bytes())?;
    }
    Ok(Exit::Clean)
}

fn digest(plugin: &Plugin, folder: &Path) -> Result<String, Problem> {
    let bytes = inspect::read(&folder.join(plugin.path()))?;
    inspect::inspect(&bytes)?.is_plugin()?;
    Ok(inspect::sha256(&bytes))
}

/// Where one plugin of a policy is written.
struct Places {
    path: Range<usize>,
    sha256: Option<Range<usize>>,
    /// `plugin = [{path = …}]`: its keys stand on one line.
    is_inline: bool,
}

impl Places {
    fn of(text: &str, index: usize) -> Option<Places> {
        let document = DeTable::parse(text).ok()?;
        let DeValue::Array(plugins) = document.get_ref().get("plugin")?.get_ref() else {
            return None;
        };
        let table = plugins.get(index)?;
        let DeValue::Table(keys) = table.get_ref() else {
            return None;
        };
        Some(Places {
            path: keys.get("path").map(Spanned::span)?,
            sha256: keys.get("sha256").map(Spanned::span),
            is_inline: text.get(table.span()).is_some_and(|table| table.starts_with('{')),
        })
    }

    /// Puts a digest over the one that is there, or after the path.
    fn write(&self, text: &mut String, digest: &str) {
        match &self.sha256 {
            Some(span) => text.replace_range(span.clone(), &format!("\"{digest}\"")),
            None if self.is_inline => text.insert_str(self.path.end, &format!(", sha256 = \"{digest}\"")),
            None => {
                let rest = text.get(self.path.end..).unwrap_or_default();
                let end = self.path.end + rest.find('\n').unwrap_or(rest.len());
                let line = text
                    .get(..self.path.start)
                    .and_then(|before| before.rsplit('\n').next());
                let indent: String = line
                    .unwrap_or_default()
                    .chars()
                    .take_while(|character| matches!(character, ' ' | '\t'))
                    .collect();
                // The end of a line may be two characters.
                let is_crlf = text.get(..end).is_some_and(|before| before.ends_with('\r'));
                let (at, line_end) = if is_crlf { (end - 1, "\r\n") } else { (end, "\n") };
                text.insert_str(at, &format!("{line_end}{indent}sha256 = \"{digest}\""));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    fn written(text: &str, index: usize) -> String {
        let mut text = text.to_owned();
        Places::of(&text.clone(), index).unwrap().write(&mut text, "d1");
        text
    }

    #[test]
    fn a_digest_changes_nothing_beside_it() {
        assert_eq!(
            written("[[plugin]]\n  path = 'a' # mine\nname = \"n\"\n", 0),
            "[[plugin]]\n  path = 'a' # mine\n  sha256 = \"d1\"\nname = \"n\"\n"
        );
        assert_eq!(
            written(
                "[[plugin]]\r\npath = \"a\"\r\n[[plugin]]\r\nsha256 = 'x'\r\npath = \"b\"",
                0
            ),
            "[[plugin]]\r\npath = \"a\"\r\nsha256 = \"d1\"\r\n[[plugin]]\r\nsha256 = 'x'\r\npath = \"b\""
        );
        assert_eq!(
            written("[[plugin]]\npath = \"a\"\n[[plugin]]\nsha256 = 'x'\npath = \"b\"", 1),
            "[[plugin]]\npath = \"a\"\n[[plugin]]\nsha256 = \"d1\"\npath = \"b\""
        );
        assert_eq!(
            written("[[plugin]]\npath = \"a\"", 0),
            "[[plugin]]\npath = \"a\"\nsha256 = \"d1\""
        );
        assert_eq!(
            written("plugin = [{ path = \"a\" }, {path = \"b\", allow = []}]", 1),
            "plugin = [{ path = \"a\" }, {path = \"b\", sha256 = \"d1\", allow = []}]"
        );
    }
}
