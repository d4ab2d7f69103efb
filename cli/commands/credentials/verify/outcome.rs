//! What came of all questions. Knows nothing of how it is told.

use pullcreds_credentials::registry::Verdict;

use super::targets::{Collected, Question};
use crate::outcome::Exit;

/// Clocks may differ by this much, in seconds, before it is worth a word.
const CLOCKS_MAY_DIFFER: i64 = 60;

/// A question and its answer.
pub(super) struct Asked {
    pub(super) question: Question,
    pub(super) verdict: Verdict,
}

/// What is to be said of a registry.
pub(super) struct Registry {
    pub(super) host: String,
    /// Whether anyone can pull an image of it, where that was tried.
    pub(super) anyone_pulls: Option<bool>,
    /// Whether anyone can push to a repository of it, where that was tried.
    pub(super) anyone_pushes: Option<bool>,
    /// By how many seconds its clock is ahead of this machine's.
    pub(super) clock: Option<i64>,
}

impl Registry {
    /// By how much its clock differs, where that is worth a word.
    pub(super) fn wrong_clock(&self) -> Option<i64> {
        self.clock.filter(|ahead| ahead.abs() > CLOCKS_MAY_DIFFER)
    }
}

pub(super) struct Results {
    pub(super) asked: Vec<Asked>,
    pub(super) registries: Vec<Registry>,
}

impl Results {
    pub(super) fn pullable(&self) -> usize {
        self.asked
            .iter()
            .filter(|asked| asked.verdict == Verdict::Pullable)
            .count()
    }

    pub(super) fn unknown(&self) -> usize {
        self.asked.iter().filter(|asked| asked.verdict.is_unknown()).count()
    }

    pub(super) fn not_pullable(&self) -> usize {
        self.asked.len() - self.pullable() - self.unknown()
    }

    /// How many apps and pods have an image that cannot be pulled.
    pub(super) fn broken_services(&self) -> usize {
        let broken = self
            .asked
            .iter()
            .filter(|asked| asked.verdict != Verdict::Pullable && !asked.verdict.is_unknown());
        let services = broken
            .flat_map(|asked| &asked.question.sites)
            .map(|site| (&site.file, &site.id));
        services.collect::<std::collections::HashSet<_>>().len()
    }

    pub(super) fn exit(&self, collected: &Collected) -> Exit {
        if self.unknown() > 0 || collected.tally.failed > 0 {
            Exit::Failed
        } else if self.not_pullable() > 0 || collected.invalid > 0 {
            Exit::Found
        } else {
            Exit::Clean
        }
    }
}
