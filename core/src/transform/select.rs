//! Which rules run, and which of their fixes count.

use crate::finding::{Applicability, Severity};
use crate::policy::{Ignore, Level, Policy};
use crate::rules::{Active, Draft, RULES, Rule};

/// Which rules run, and which of their fixes count. Rules are named by their name, their code or a prefix of it, as in
/// ruff: `MC`, `MC01`, `MC013`.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these rules (all, when empty). A rule that is named in full has its opt-in fix applied.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Unsafe fixes count too.
    pub unsafe_fixes: bool,
}

/// A rule was asked for that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such rule")]
pub struct UnknownRule {
    /// What was asked for.
    pub rule: String,
}

impl Selection {
    /// Rules as a person names them: by code, by the start of a code, or by name, in any case of letters.
    ///
    /// # Errors
    /// Where something names no rule.
    pub fn codes(given: &[String]) -> Result<Vec<String>, UnknownRule> {
        Selection::codes_among(given, &[])
    }

    /// The same, where other rules are looked for beside the core's.
    ///
    /// # Errors
    /// Where something names none of them.
    pub fn codes_among(given: &[String], others: &[Rule]) -> Result<Vec<String>, UnknownRule> {
        let code = |given: &String| {
            let mut rules = RULES.iter().chain(others);
            match rules.clone().find(|rule| rule.is(given)) {
                Some(rule) => Ok(rule.code.to_owned()),
                None if rules.any(|rule| names(given, rule)) => Ok(given.to_ascii_uppercase()),
                None => Err(UnknownRule { rule: given.clone() }),
            }
        };
        given.iter().map(code).collect()
    }

    /// Whether a rule is on: selected, not ignored, not switched off by the policy (one that is selected by its full code
    /// is on whatever the policy says, for the person asks for it).
    #[must_use]
    pub fn runs(&self, rule: &Rule, policy: &Policy) -> bool {
        if self.ignore.iter().any(|code| names(code, rule)) {
            return false;
        }
        if self.asks_for(rule) {
            return true;
        }
        let selected = self.select.is_empty() || self.select.iter().any(|code| names(code, rule));
        selected && policy.level(rule.code, rule.name) != Some(Level::Off)
    }

    /// The rules that are on.
    pub(super) fn active(&self, policy: &Policy) -> Active {
        if self.select.is_empty() && self.ignore.is_empty() && policy.rules().next().is_none() {
            return Active::ALL;
        }
        Active::of(|rule| self.runs(rule, policy))
    }

    /// Whether a draft's fix is to be applied.
    pub(super) fn applies(&self, draft: &Draft) -> bool {
        draft.mend.as_ref().is_some_and(|mend| match mend.applicability {
            Applicability::Safe => true,
            Applicability::OptIn => self.asks_for(draft.rule),
            Applicability::Unsafe => self.unsafe_fixes,
        })
    }

    fn asks_for(&self, rule: &Rule) -> bool {
        self.select.iter().any(|code| rule.is(code))
    }
}

/// The first rule that a policy names and that is not there: by its code or its name, in full and in its letters. Rules
/// that are not the core's are the caller's to know.
#[must_use]
pub fn unknown_rule(policy: &Policy, is_known_elsewhere: impl Fn(&str) -> bool) -> Option<&str> {
    let silenced = policy.ignores().iter().flat_map(Ignore::rules).map(String::as_str);
    policy
        .rules()
        .map(|(rule, _)| rule)
        .chain(silenced)
        .find(|rule| !RULES.iter().any(|known| known.code == *rule || known.name == *rule) && !is_known_elsewhere(rule))
}

/// Whether a name or a prefix of a code names a rule.
fn names(code: &str, rule: &Rule) -> bool {
    let prefix = rule
        .code
        .get(..code.len())
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(code));
    !code.is_empty() && (prefix || code.eq_ignore_ascii_case(rule.name))
}

/// The severity of a finding of a rule: the policy's, if it sets one.
#[must_use]
pub fn severity(rule: &Rule, own: Severity, policy: &Policy) -> Severity {
    match policy.level(rule.code, rule.name) {
        Some(Level::Info) => Severity::Info,
        Some(Level::Warning) => Severity::Warning,
        Some(Level::Error) => Severity::Error,
        Some(Level::Off) | None => own,
    }
}
