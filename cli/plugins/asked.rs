//! What is asked of a plugin for one app or pod: which of its rules are wanted, by command line, policy and label.
//!
//! A plugin's rule is named `plugin/code` or `plugin/name` wherever a rule can be named; `plugin/` is all of them.

use pullcreds_core::policy::Level;
use pullcreds_core::transform::{Options, Part};

use super::host::wit;

/// What one plugin is asked for one app or pod.
pub(super) struct Asked<'a> {
    plugin: &'a str,
    part: &'a Part,
    options: &'a Options<'a>,
    select: Vec<String>,
    ignore: Vec<String>,
}

impl<'a> Asked<'a> {
    /// `None` where nothing of this plugin is wanted here.
    pub(super) fn of(plugin: &'a str, part: &'a Part, options: &'a Options<'a>) -> Option<Asked<'a>> {
        let own = |rules: &[String]| -> Vec<String> {
            let rules = rules
                .iter()
                .filter_map(|rule| rule.strip_prefix(plugin)?.strip_prefix('/'));
            rules.map(str::to_owned).collect()
        };
        let selection = options.selection;
        let mut select = own(&selection.select);
        if select.is_empty() && !selection.select.is_empty() {
            return None;
        }
        let is_of_all = String::is_empty;
        if select.iter().any(is_of_all) {
            select.clear();
        }
        let mut ignore = own(&selection.ignore);
        ignore.extend(own(part.silenced.words()));
        let off = options.policy.rules().filter(|(_, level)| *level == Level::Off);
        ignore.extend(own(&off.map(|(rule, _)| rule.to_owned()).collect::<Vec<_>>()));
        let fitting = options.policy.ignores().iter().filter(|ignore| {
            // By place alone; which rules it is about follows.
            ignore.fits(part.id.as_deref(), options.path)
        });
        for rules in fitting.map(pullcreds_core::policy::Ignore::rules) {
            if rules.is_empty() {
                return None;
            }
            ignore.extend(own(rules));
        }
        let is_silent = part
            .silenced
            .words()
            .iter()
            .any(|word| word.eq_ignore_ascii_case("all"));
        if is_silent || ignore.iter().any(is_of_all) {
            return None;
        }
        Some(Asked {
            plugin,
            part,
            options,
            select,
            ignore,
        })
    }

    /// As the plugin is told. It never learns the path of the file.
    pub(super) fn to_wit(&self, fix_patches: bool) -> wit::Options {
        wit::Options {
            kind: Some(self.part.kind.as_str().to_owned()),
            group: self.part.group.clone(),
            current: self.part.current.clone(),
            path: None,
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            unsafe_fixes: self.options.selection.unsafe_fixes,
            strict_templates: false,
            fix_patches,
        }
    }

    /// Whether a finding is wanted, also of a plugin that does not care what it was asked.
    pub(super) fn wants(&self, finding: &wit::Finding) -> bool {
        let is = |rule: &String| rule.eq_ignore_ascii_case(&finding.code) || rule.eq_ignore_ascii_case(&finding.name);
        // The start of a code will do, as for the rules.
        let begins = |rule: &String| {
            let start = finding.code.get(..rule.len());
            is(rule) || start.is_some_and(|start| start.eq_ignore_ascii_case(rule))
        };
        (self.select.is_empty() || self.select.iter().any(begins)) && !self.ignore.iter().any(begins)
    }

    /// The level that the policy gives a rule of the plugin.
    pub(super) fn level(&self, finding: &wit::Finding) -> Option<Level> {
        let whole = |rule: &str| format!("{}/{rule}", self.plugin);
        self.options.policy.level(&whole(&finding.code), &whole(&finding.name))
    }
}
