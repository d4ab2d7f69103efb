//! The rules: one file a family, one row a rule in [`RULES`].
//!
//! A rule looks at the model of one app or pod beside the policy and reports what it finds, each with the changes that
//! would mend it. It never touches text; [`crate::transform`] turns changes into patches. To add one: a row in table.rs,
//! a function in the file of its family, a page in docs/rules/, a case in fixtures/cases/.

mod archive;
mod artifact;
mod context;
mod draft;
mod image;
mod inline;
pub(crate) mod label;
mod offer;
mod pull_config;
pub(crate) mod relocate;
mod secrets;
mod shape;
mod signs;
mod table;
mod update;
mod uris;

pub(crate) use context::{Context, SiteFacts};
pub(crate) use draft::{Draft, Drafts};
pub(crate) use label::Labels;
pub use table::RULES;

use signs::Signs;

use crate::definition::{Definition, Model};
use crate::finding::{Applicability, Severity};

/// What a rule may look for, and how to speak of it.
#[derive(Debug)]
pub struct Rule {
    /// `MC001`. Codes never change their meaning once released.
    pub code: &'static str,
    /// `missing-archive`.
    pub name: &'static str,
    /// The severity where neither the policy nor the finding itself says otherwise.
    pub severity: Severity,
    /// The kind of fix that it can offer.
    pub fix: Option<Applicability>,
    /// What it detects, in one line.
    pub summary: &'static str,
    check: Check,
}

impl Rule {
    /// A rule about something else than definitions, for those who look for it: nothing here runs it.
    #[must_use]
    pub const fn elsewhere(
        code: &'static str,
        name: &'static str,
        severity: Severity,
        fix: Option<Applicability>,
        summary: &'static str,
    ) -> Rule {
        Rule {
            code,
            name,
            severity,
            fix,
            summary,
            check: Check::Elsewhere,
        }
    }

    /// Whether it goes by this code or name, in any case of letters.
    #[must_use]
    pub fn is(&self, code_or_name: &str) -> bool {
        self.code.eq_ignore_ascii_case(code_or_name) || self.name.eq_ignore_ascii_case(code_or_name)
    }
}

/// Looks at one app or pod.
type Look = for<'d> fn(&Context<'_, 'd>, &Model<'d>, &mut Drafts<'_>);

/// How a rule looks.
#[derive(Debug)]
enum Check {
    /// At one app or pod.
    Owner(Look),
    /// At one app or pod that shows all these signs; in one that lacks any, the rule finds nothing.
    Given(Signs, Look),
    /// At the definition as a whole; its places are relative to the root of the text.
    Definition(fn(&Definition<'_>, &mut Drafts<'_>)),
    /// It is looked for by others.
    Elsewhere,
}

/// The rule with this code or name, in any case.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.is(code_or_name))
}

/// Runs the rules that are switched on over one app or pod.
pub(crate) fn run<'d>(context: &Context<'_, 'd>, model: &Model<'d>, active: Active) -> Vec<Draft> {
    let signs = Signs::of(context, model);
    let mut found = Vec::new();
    for (index, (rule, needed)) in RULES.iter().zip(&NEEDED).enumerate() {
        let has_signs = signs.have(*needed);
        if !(has_signs || cfg!(debug_assertions)) || !active.has(index) {
            continue;
        }
        let (Check::Owner(look) | Check::Given(_, look)) = &rule.check else {
            continue;
        };
        let before = found.len();
        look(
            context,
            model,
            &mut Drafts {
                rule,
                found: &mut found,
            },
        );
        debug_assert!(
            has_signs || found.len() == before,
            "{} finds something without the signs in its row",
            rule.code
        );
    }
    found
}

/// The signs that each rule needs, without all that lies between them in the table.
static NEEDED: [Signs; MOST_RULES] = {
    let mut needed = [Signs::all(&[]); MOST_RULES];
    let mut index = 0;
    while index < RULES.len() {
        if let Check::Given(signs, _) = &RULES[index].check {
            needed[index] = *signs;
        }
        index += 1;
    }
    needed
};

/// Runs the rules that look at a definition as a whole.
pub(crate) fn run_whole(definition: &Definition<'_>, active: Active) -> Vec<Draft> {
    let mut found = Vec::new();
    for (index, rule) in RULES.iter().enumerate() {
        if let (true, Check::Definition(check)) = (active.has(index), &rule.check) {
            check(
                definition,
                &mut Drafts {
                    rule,
                    found: &mut found,
                },
            );
        }
    }
    found
}

/// How many rules there is room for.
const MOST_RULES: usize = u64::BITS as usize;

/// Which rules are switched on, a bit a rule of [`RULES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active(u64);

impl Active {
    /// Every rule.
    pub(crate) const ALL: Active = Active(u64::MAX);

    /// Asks for each rule.
    pub(crate) fn of(mut wanted: impl FnMut(&Rule) -> bool) -> Active {
        let bits = RULES.iter().enumerate().filter(|(_, rule)| wanted(rule));
        Active(bits.fold(0, |bits, (index, _)| bits | 1 << index))
    }

    fn has(self, index: usize) -> bool {
        self.0 & 1 << index != 0
    }
}
