//! Reading one `pullcreds.toml`, what it extends, and the flags that complete both.
//!
//! What a key means is the core's business; which key of which file counts is decided here.

use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use pullcreds_core::policy::{FlagError, Policy, names_rule_of_plugin};
use pullcreds_core::transform::unknown_rule;
use toml::{Table, Value};

use super::places::{extend_span, rule_span, wrong_table};
use super::{Globs, Loaded};
use crate::args::PolicyArguments;
use crate::outcome::{Problem, in_words};
use crate::plugins::{Plugins, Setting};

/// How many policies may extend one another in a row.
const LONGEST_CHAIN: usize = 16;

/// A policy that cannot be used: nothing it governs is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BadPolicy {
    /// The file as a person would write it; empty where it is no file.
    pub(crate) name: String,
    /// Its text, to show the line.
    pub(crate) text: String,
    pub(crate) problem: Problem,
}

impl BadPolicy {
    fn new(name: &str, text: &str, problem: Problem) -> Arc<BadPolicy> {
        Arc::new(BadPolicy {
            name: name.to_owned(),
            text: text.to_owned(),
            problem,
        })
    }
}

impl From<anyhow::Error> for BadPolicy {
    fn from(error: anyhow::Error) -> BadPolicy {
        BadPolicy {
            problem: Problem::new(format!("{error:#}")),
            ..BadPolicy::default()
        }
    }
}

/// `--archive` and `--secret`.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    archive: Option<String>,
    secret: Option<String>,
    /// Whether plugins may run: somebody says so, or names the policy that names them.
    plugins: bool,
}

impl Flags {
    /// # Errors
    /// When a value would not do in a policy either.
    pub(crate) fn new(given: &PolicyArguments) -> anyhow::Result<Flags> {
        let flags = Flags {
            archive: given.archive.clone(),
            secret: given.secret.clone(),
            plugins: given.plugins || given.config.is_some(),
        };
        flags.complete(Policy::default())?;
        Ok(flags)
    }

    fn complete(&self, policy: Policy) -> anyhow::Result<Policy> {
        policy
            .with_flags(self.archive.as_deref(), self.secret.as_deref())
            .map_err(|error| {
                let flag = match &error {
                    FlagError::Archive(_) => "--archive",
                    _ => "--secret",
                };
                anyhow::Error::new(error).context(flag)
            })
    }
}

/// What counts where there is no policy file.
pub(crate) fn without_file(flags: &Flags) -> anyhow::Result<Arc<Loaded>> {
    Ok(Arc::new(Loaded {
        policy: flags.complete(Policy::default())?,
        ..Loaded::default()
    }))
}

/// Loads a policy; `None` when there is no such file.
///
/// # Errors
/// When the file is there and cannot be read. That it is wrong is the inner error.
pub(crate) fn file(
    path: &Path,
    name: &str,
    flags: &Flags,
) -> anyhow::Result<Option<Result<Arc<Loaded>, Arc<BadPolicy>>>> {
    let text = match std::fs::read(path) {
        Ok(bytes) => bytes,
        // `x.json/pullcreds.toml`, where a folder was expected, is not there either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => anyhow::bail!("{name}: the policy cannot be read: {}", in_words(&error)),
    };
    let read = text_of(name, text).and_then(|text| Chain::read(path, name, text));
    Ok(Some(read.and_then(|chain| {
        let plugins = chain.plugins(flags)?;
        chain
            .join(flags, plugins)
            .map_err(|error| BadPolicy::new(name, "", Problem::new(format!("{error:#}"))))
    })))
}

/// A policy and those that it extends, nearest first.
struct Chain {
    links: Vec<Link>,
}

struct Link {
    name: String,
    folder: PathBuf,
    text: String,
    policy: Policy,
}

impl Chain {
    fn read(path: &Path, name: &str, text: String) -> Result<Chain, Arc<BadPolicy>> {
        let mut links = Vec::new();
        let mut next = Some((path.to_owned(), name.to_owned(), text));
        while let Some((path, name, text)) = next.take() {
            let policy = parse(&name, &text)?;
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            if let Some(target) = policy.extend() {
                let bad = |problem| BadPolicy::new(&name, &text, at(problem, extend_span(&text)));
                if links.len() + 1 >= LONGEST_CHAIN {
                    return Err(bad(Problem::new(
                        "policies extend one another in a circle, or too many in a row",
                    )));
                }
                let path = resolve(&folder, target);
                let bytes = std::fs::read(&path).map_err(|error| {
                    let why = format!("the policy that this one extends cannot be read: {}", in_words(&error));
                    bad(Problem::new(why).with_help(format!(
                        "`extend` is relative to this file; looked for {}",
                        path.display()
                    )))
                })?;
                let name = neighbour(&name, target);
                let text = text_of(&name, bytes)?;
                next = Some((path, name, text));
            }
            links.push(Link {
                name,
                folder,
                text,
                policy,
            });
        }
        Ok(Chain { links })
    }

    /// The plugins of all the policies, the nearer one's first; each file is relative to the policy that names it.
    fn plugins(&self, flags: &Flags) -> Result<Plugins, Arc<BadPolicy>> {
        let plugins = self.links.iter().flat_map(|link| {
            let plugins = link.policy.plugins().iter().enumerate();
            plugins.map(move |(index, plugin)| (link, index, plugin))
        });
        let settings = plugins.map(|(link, index, plugin)| Setting {
            plugin,
            file: resolve(&link.folder, plugin.path()),
            text: &link.text,
            index,
        });
        let settings: Vec<Setting<'_>> = settings.collect();
        Plugins::of(&settings, flags.plugins).map_err(|(number, problem)| {
            let mut first = 0;
            let link = self.links.iter().find(|link| {
                first += link.policy.plugins().len();
                number < first
            });
            let (name, text) = link.map_or(("", ""), |link| (&link.name, &link.text));
            BadPolicy::new(name, text, problem)
        })
    }

    fn join(mut self, flags: &Flags, plugins: Plugins) -> anyhow::Result<Arc<Loaded>> {
        let mut loaded = Loaded {
            base: self.base(),
            files: self.links.iter().map(|link| link.name.clone()).collect(),
            plugins,
            ..Loaded::default()
        };
        for link in &self.links {
            let globs = |globs: &[String], key: &str| -> anyhow::Result<Option<Globs>> {
                let globs = (!globs.is_empty()).then(|| Globs::new(&link.folder, globs));
                globs.transpose().with_context(|| format!("`{key}`"))
            };
            loaded.exclude.extend(globs(link.policy.exclude(), "exclude")?);
            loaded.include.extend(globs(link.policy.include(), "include")?);
            loaded.silences_paths |= link.policy.ignores().iter().any(|ignore| ignore.path().is_some());
        }
        let policy = match self.links.len() {
            1 => self.links.pop().map(|link| link.policy).unwrap_or_default(),
            _ => self.joined(loaded.base.as_deref())?,
        };
        loaded.policy = flags.complete(policy)?;
        Ok(Arc::new(loaded))
    }

    /// The folder that holds the folders of all the policies.
    fn base(&self) -> Option<PathBuf> {
        let mut folders = self.links.iter().map(|link| link.folder.as_path());
        let first = folders.next()?.to_owned();
        Some(folders.fold(first, |common, folder| {
            let both = common.components().zip(folder.components());
            both.take_while(|(one, other)| one == other)
                .map(|(part, _)| part)
                .collect()
        }))
    }

    /// One policy from several. They are joined as TOML, before the core gives them a meaning, so that a new key needs
    /// nothing here.
    fn joined(&self, base: Option<&Path>) -> anyhow::Result<Policy> {
        let tables = self.links.iter().map(|link| -> anyhow::Result<Table> {
            let mut table: Table = toml::from_str(&link.text)?;
            if let Some(prefix) = base.and_then(|base| link.folder.strip_prefix(base).ok()) {
                anchor_paths(&mut table, prefix);
            }
            Ok(table)
        });
        let tables = tables.collect::<anyhow::Result<Vec<_>>>()?;
        let joined = tables.into_iter().reduce(extend).unwrap_or_default();
        joined
            .try_into()
            .map_err(|error: toml::de::Error| anyhow::anyhow!("{}", error.message()))
    }
}

/// TOML is UTF-8; what is not stands at its first wrong byte.
fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Arc<BadPolicy>> {
    String::from_utf8(bytes).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let problem = Problem::new("the policy is not UTF-8, as TOML is").with_help("save it as UTF-8");
        let wrong = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
        BadPolicy::new(name, &text, problem.at(wrong))
    })
}

/// Reads one file on its own, so that every error stands at its place.
fn parse(name: &str, text: &str) -> Result<Policy, Arc<BadPolicy>> {
    let policy: Policy = toml::from_str(text).map_err(|error| {
        let is_of_table = |span: &Range<usize>| text.get(span.clone()).is_some_and(|at| at.starts_with("[["));
        let span = error.span().map(|span| {
            let table = is_of_table(&span).then(|| wrong_table(text, error.message()));
            table.flatten().unwrap_or(span)
        });
        BadPolicy::new(name, text, at(Problem::new(one_line(error.message())), span))
    })?;
    let is_known = |rule: &str| is_of_credentials(rule) || is_of_plugin(&policy, rule);
    let Some(rule) = unknown_rule(&policy, is_known) else {
        return Ok(policy);
    };
    let problem = Problem::new(format!("there is no rule `{rule}`"))
        .with_help("`pullcreds explain` lists the rules; write a code or a name in full");
    Err(BadPolicy::new(name, text, at(problem, rule_span(text, rule))))
}

/// Whether a rule is one of those about the credentials themselves.
fn is_of_credentials(rule: &str) -> bool {
    let mut rules = pullcreds_credentials::rules::RULES.iter();
    rules.any(|known| known.code == rule || known.name == rule)
}

/// Whether a rule is a plugin's, of this policy or of the one that it extends.
fn is_of_plugin(policy: &Policy, rule: &str) -> bool {
    let named = rule.split_once('/').map(|(plugin, _)| plugin);
    names_rule_of_plugin(rule)
        && (policy.extend().is_some() || policy.plugins().iter().any(|plugin| Some(plugin.name()) == named))
}

fn at(problem: Problem, span: Option<Range<usize>>) -> Problem {
    match span {
        Some(span) => problem.at(span),
        None => problem,
    }
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}

/// Makes `[[ignore]] path` relative to the one folder from which the paths of files are then matched.
fn anchor_paths(table: &mut Table, prefix: &Path) {
    // A name that is no plain text for a glob stands for any name: silencing must not become louder by an odd folder.
    let is_special = |character| matches!(character, '*' | '?' | '[' | ']' | '{' | '}' | '\\');
    let prefix = super::slashes(prefix);
    let parts: Vec<&str> = prefix
        .split('/')
        .map(|part| if part.contains(is_special) { "*" } else { part })
        .collect();
    let ignores = table.get_mut("ignore").and_then(Value::as_array_mut);
    for ignore in ignores.into_iter().flatten() {
        if let Some(Value::String(path)) = ignore.get_mut("path")
            && !prefix.is_empty()
        {
            *path = format!("{}/{}", parts.join("/"), path.trim_start_matches('/'));
        }
    }
}

/// The nearer policy's keys count, its lists come first, and its rules stand beside the other's.
fn extend(mut near: Table, far: Table) -> Table {
    for (key, far) in far {
        match (near.get_mut(&key), far) {
            (Some(Value::Array(near)), Value::Array(far)) => near.extend(far),
            (Some(Value::Table(near)), Value::Table(far)) => {
                for (key, value) in far {
                    near.entry(key).or_insert(value);
                }
            }
            (Some(_), _) => {}
            (None, far) => {
                near.insert(key, far);
            }
        }
    }
    near
}

/// Lexical: the policy is a plain file in a plain folder, and `a/../b` need not exist in the middle.
fn resolve(folder: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// How the extended policy is named in errors, beside the one that extends it.
fn neighbour(name: &str, target: &str) -> String {
    match Path::new(name).parent() {
        Some(folder) => folder.join(target).to_string_lossy().into_owned(),
        None => target.to_owned(),
    }
}
