//! `pullcreds explain`: what a rule means; which registry of the policy an image matches.

use anyhow::bail;
use pullcreds_core::rules::{self, RULES, Rule};

use crate::args::{ExplainArguments, Voice};
use crate::outcome::Exit;
use crate::{pages, printer};

pub(crate) fn run(arguments: &ExplainArguments, _: Voice) -> anyhow::Result<Exit> {
    let text = match &arguments.what {
        None => table(),
        Some(what) => match rules::find(what) {
            Some(rule) => page(rule),
            None => bail!("{what}: there is no such rule; `pullcreds explain` lists them"),
        },
    };
    printer::output(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn page(rule: &Rule) -> String {
    match pages::page(rule.code) {
        Some(page) => page.to_owned(),
        None => format!("{} {} ({}): {}\n", rule.code, rule.name, rule.severity, rule.summary),
    }
}

fn table() -> String {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    let row = |rule: &Rule| {
        format!(
            "{}  {:width$}  {:7}  {}\n",
            rule.code,
            rule.name,
            rule.severity.as_str(),
            rule.summary
        )
    };
    RULES.iter().map(row).collect()
}
