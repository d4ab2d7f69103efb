//! What a definition's own label silences.

use crate::json::Value;
use crate::rules::{Draft, label};

/// The rules that a definition's own label silences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Silenced(Vec<String>);

impl Silenced {
    pub(super) fn by_label(label: Option<Value<'_>>) -> Silenced {
        Silenced(label::silenced(label).unwrap_or_default())
    }

    /// Whether it silences the rule with this code and name.
    #[must_use]
    pub fn names(&self, code: &str, name: &str) -> bool {
        self.0.iter().any(|word| label::names(word, code, name))
    }

    /// Codes or names of rules, as they are written; or `all`.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    pub(super) fn covers(&self, draft: &Draft) -> bool {
        self.names(draft.rule.code, draft.rule.name)
    }
}
