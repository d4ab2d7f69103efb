//! The plugins of a policy, as they are read: where their files are, and whether they may run at all.

use std::ops::Range;
use std::path::PathBuf;

use pullcreds_core::policy::Plugin;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Plugins;
use crate::outcome::Problem;

/// One plugin of one policy file.
pub(crate) struct Setting<'p> {
    pub(crate) plugin: &'p Plugin,
    /// Its file.
    #[cfg_attr(not(feature = "plugins"), expect(dead_code, reason = "nothing opens it"))]
    pub(crate) file: PathBuf,
    /// The text of the policy file, and which of its plugins this is.
    pub(crate) text: &'p str,
    pub(crate) index: usize,
}

impl Setting<'_> {
    /// A problem at one of its keys, or at its head where the key is not written.
    fn problem(&self, key: &str, problem: Problem) -> Problem {
        let message = format!("plugin {}: {}", self.plugin.name(), problem.message);
        Problem {
            message,
            span: place(self.text, self.index, key),
            ..problem
        }
    }
}

impl Plugins {
    /// Makes what a policy names ready, if it may run: reads each file, and holds it to its digest and to what a plugin
    /// must be. Runs and compiles nothing.
    ///
    /// # Errors
    /// The number of the plugin that cannot be used, and why.
    pub(crate) fn of(settings: &[Setting<'_>], may_run: bool) -> Result<Plugins, (usize, Problem)> {
        if settings.is_empty() {
            return Ok(Plugins::None);
        }
        for (number, setting) in settings.iter().enumerate() {
            let name = setting.plugin.name();
            if settings[..number].iter().any(|earlier| earlier.plugin.name() == name) {
                let problem = Problem::new("another one has the same name, under which both would report")
                    .with_help("write a `name` of its own under one of them");
                return Err((number, setting.problem("name", problem)));
            }
        }
        if !may_run {
            let names = settings.iter().map(|setting| setting.plugin.name().to_owned());
            return Ok(Plugins::Idle(names.collect()));
        }
        open(settings)
    }
}

#[cfg(feature = "plugins")]
fn open(settings: &[Setting<'_>]) -> Result<Plugins, (usize, Problem)> {
    let stages = settings.iter().enumerate().map(|(number, setting)| {
        super::stage::Stage::open(setting.plugin, &setting.file)
            .map_err(|(key, problem)| (number, setting.problem(key, problem)))
    });
    Ok(Plugins::Run(stages.collect::<Result<_, _>>()?))
}

#[cfg(not(feature = "plugins"))]
fn open(settings: &[Setting<'_>]) -> Result<Plugins, (usize, Problem)> {
    let problem = Problem::new(super::MISSING).with_help(super::HOW_TO_GET);
    Err((0, settings[0].problem("path", problem)))
}

/// Where a key of the n-th `[[plugin]]` has its value, or where that table begins.
pub(crate) fn place(text: &str, index: usize, key: &str) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let DeValue::Array(plugins) = document.get_ref().get("plugin")?.get_ref() else {
        return None;
    };
    let table = plugins.get(index)?;
    let value = match table.get_ref() {
        DeValue::Table(keys) => keys.get(key).map(Spanned::span),
        _ => None,
    };
    Some(value.unwrap_or_else(|| table.span()))
}
