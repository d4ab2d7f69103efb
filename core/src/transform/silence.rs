//! What a definition's own label silences.

use crate::json::Value;
use crate::rules::{Draft, label};

/// The rules that the definition's own label silences.
pub(super) struct Silenced(Vec<String>);

impl Silenced {
    pub(super) fn by_label(labels: Option<Value<'_>>) -> Silenced {
        Silenced(label::silenced(labels).unwrap_or_default())
    }

    pub(super) fn covers(&self, draft: &Draft) -> bool {
        let names = |word: &String| label::names(word, draft.rule.code, draft.rule.name);
        self.0.iter().any(names)
    }
}
