//! Where something stands in the text of a policy, for errors that the reader of TOML has no place for.

use std::ops::Range;

use pullcreds_core::policy::Policy;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// The header of the one of several `[[registry]]`, `[[relocate]]` or `[[ignore]]` that is wrong as a whole: `toml` points at the first,
/// whichever it is.
pub(super) fn wrong_table(text: &str, message: &str) -> Option<Range<usize>> {
    let spans = DeTable::parse(text).ok()?;
    let whole: Table = toml::from_str(text).ok()?;
    for key in ["registry", "relocate", "ignore", "plugin"] {
        let Some(tables) = whole.get(key).and_then(Value::as_array) else {
            continue;
        };
        let wrong = tables.iter().position(|table| {
            let alone = Table::from_iter([(key.to_owned(), Value::Array(vec![table.clone()]))]);
            let read: Result<Policy, _> = alone.try_into();
            read.is_err_and(|error: toml::de::Error| error.message() == message)
        });
        if let (Some(index), Some(DeValue::Array(all))) = (wrong, spans.get_ref().get(key).map(Spanned::get_ref)) {
            return all.get(index).map(Spanned::span);
        }
    }
    None
}

pub(super) fn extend_span(text: &str) -> Option<Range<usize>> {
    DeTable::parse(text).ok()?.get_ref().get("extend").map(Spanned::span)
}

/// Where a rule is named: as a key of `[rules]`, or in the list of an `[[ignore]]`.
pub(super) fn rule_span(text: &str, rule: &str) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    if let Some(DeValue::Table(rules)) = document.get_ref().get("rules").map(Spanned::get_ref)
        && let Some((key, _)) = rules.iter().find(|(key, _)| key.get_ref() == rule)
    {
        return Some(key.span());
    }
    let Some(DeValue::Array(ignores)) = document.get_ref().get("ignore").map(Spanned::get_ref) else {
        return None;
    };
    let lists = ignores.iter().filter_map(|ignore| match ignore.get_ref() {
        DeValue::Table(ignore) => ignore.get("rules"),
        _ => None,
    });
    let names = lists.filter_map(|list| match list.get_ref() {
        DeValue::Array(names) => Some(names.iter()),
        _ => None,
    });
    let is_it = |name: &&Spanned<DeValue<'_>>| matches!(name.get_ref(), DeValue::String(name) if name == rule);
    names.flatten().find(is_it).map(Spanned::span)
}
