//! What a definition's own label silences.

use crate::json::Value;
use crate::rules::Draft;

/// The label by which a definition silences rules.
const IGNORE_LABEL: &str = "pullcreds-ignore";

/// The rules that the definition's own label silences: codes or names, parted by commas or spaces, or `all`.
pub(super) struct Silenced(Vec<String>);

impl Silenced {
    pub(super) fn by_label(labels: Option<Value<'_>>) -> Silenced {
        let label = labels.and_then(|labels| labels.get(IGNORE_LABEL)?.as_str());
        let words = label
            .as_deref()
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|word| !word.is_empty());
        Silenced(words.map(str::to_owned).collect())
    }

    pub(super) fn covers(&self, draft: &Draft) -> bool {
        let named = |word: &str| {
            word.eq_ignore_ascii_case("all")
                || word.eq_ignore_ascii_case(draft.rule.code)
                || word.eq_ignore_ascii_case(draft.rule.name)
        };
        self.0.iter().any(|word| named(word))
    }
}
