//! What a rewriting did away with.

use std::collections::HashMap;

use super::Rewrite;
use crate::finding::Finding;

impl Rewrite<'_> {
    /// The findings that the fixes removed: those of before that do not remain, in the order of the text.
    ///
    /// What remains may have moved up or down a little, so each is looked for by what it says and where it stood.
    #[must_use]
    pub fn removed(&self) -> Vec<&Finding> {
        fn key(finding: &Finding) -> (&str, usize, &str) {
            (&finding.code, finding.span.start, &finding.message)
        }
        let mut left: HashMap<_, usize> = HashMap::new();
        for finding in &self.remaining {
            *left.entry(key(finding)).or_default() += 1;
        }
        let before = self.before.findings.iter();
        let removed = before.filter(|finding| match left.get_mut(&key(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        removed.collect()
    }
}
