//! One call: a definition, a policy as JSON, and what the caller says of both.

use pullcreds_core::policy::{Policy, names_rule_of_plugin};
use pullcreds_core::transform::{Fixed, Kind, Options, Passed, Selection, fix, unknown_rule};

use crate::failure::{Failure, Problem};

/// What the caller says of the text and of the rules, as it was written.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The kind of the text, by name; detected where it is left out.
    pub kind: Option<String>,
    /// The group that the definition will be added under.
    pub group: Option<String>,
    /// The stored definition that an update is merged into.
    pub current: Option<String>,
    /// The path of the text relative to its policy.
    pub path: Option<String>,
    /// Only these rules.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Unsafe fixes count too.
    pub unsafe_fixes: bool,
    /// Template marks outside of strings are a failure.
    pub strict_templates: bool,
    /// Fixes carry their patches.
    pub fix_patches: bool,
}

/// Reads a policy: JSON of the same shape as `pullcreds.toml`.
///
/// `include` and `exclude` are about files and say nothing here.
///
/// # Errors
/// Where it is no policy, names a rule that is not there, or wants a file.
pub fn policy(json: &str) -> Result<Policy, Failure> {
    let policy: Policy = serde_json::from_str(json).map_err(|error| Failure::Policy(unreadable(json, &error)))?;
    if let Some(rule) = unknown_rule(&policy, is_of_others) {
        let problem = Problem::new(format!("there is no rule `{rule}`"));
        return Err(Failure::Policy(
            problem.with_help("write a code or a name in full, such as MC001 or missing-archive"),
        ));
    }
    if policy.extend().is_some() {
        let problem = Problem::new("`extend` names a file, and a plugin reads none");
        return Err(Failure::Policy(
            problem.with_help("leave `extend` out, and give the joined policy"),
        ));
    }
    Ok(policy)
}

/// Looks at a definition and lays all fixes that count into it.
///
/// # Errors
/// Where the definition or what was asked cannot be used; nothing is changed then.
pub fn transform<'t>(definition: &'t [u8], policy: &Policy, asked: &Asked) -> Result<Fixed<'t>, Failure> {
    let kind = asked.kind.as_deref().map(kind).transpose()?;
    let selection = Selection {
        select: codes(&asked.select)?,
        ignore: codes(&asked.ignore)?,
        unsafe_fixes: asked.unsafe_fixes,
    };
    let options = Options {
        policy,
        kind,
        group: asked.group.as_deref(),
        current: asked.current.as_deref(),
        path: asked.path.as_deref(),
        selection: &selection,
        fix_patches: asked.fix_patches,
    };
    let fixed = fix(definition, &options)?;
    if asked.strict_templates && matches!(fixed, Fixed::Passed(Passed::Template)) {
        let problem = Problem::new("template marks stand outside its strings, so it is not JSON yet");
        return Err(Failure::Definition(problem.with_help("render it first")));
    }
    Ok(fixed)
}

/// The word for why a text was passed over.
#[must_use]
pub fn passed_over(passed: Passed) -> &'static str {
    match passed {
        Passed::NotMarathon => "not-marathon",
        Passed::Template => "template",
        Passed::MetronomeJob => "metronome-job",
        Passed::PackageOptions => "package-options",
    }
}

fn kind(name: &str) -> Result<Kind, Failure> {
    Kind::from_name(name).ok_or_else(|| {
        let problem = Problem::new(format!("there is no kind `{name}`"));
        Failure::Options(
            problem.with_help("app, apps, app-reply, apps-reply, app-update, app-updates, group, pod or pods"),
        )
    })
}

fn codes(given: &[String]) -> Result<Vec<String>, Failure> {
    Selection::codes(given).map_err(|unknown| {
        let problem = Problem::new(format!("there is no rule `{}`", unknown.rule));
        Failure::Options(problem.with_help("write a code, the start of a code, or a name"))
    })
}

/// The reader's words, and the place that it gives as a line and a column of bytes.
fn unreadable(json: &str, error: &serde_json::Error) -> Problem {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let problem = Problem::new(words.strip_suffix(&place).unwrap_or(&words));
    if error.line() == 0 {
        return problem;
    }
    let line: usize = json.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
    problem.at((line + error.column().saturating_sub(1)).min(json.len()))
}

/// Rules about the credentials themselves, and those of the plugins that the command line runs, are no business of a
/// transformer, but one policy serves all.
fn is_of_others(rule: &str) -> bool {
    let is_of_credentials = rule
        .strip_prefix("CC")
        .is_some_and(|number| number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()));
    is_of_credentials || names_rule_of_plugin(rule)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_is_wrong_with_a_policy_is_said_at_its_place() {
        for (json, at, words) in [
            ("{", Some(0), "EOF while parsing an object"),
            ("{\n \"colour\": 1}", Some(10), "unknown field `colour`"),
            (
                "{\"registry\": [{\"match\": \"registry.example.com\", \"archive\": \"docker.tar.gz\"}]}",
                None,
                "docker.tar.gz",
            ),
            ("{\"rules\": {\"MC999\": \"off\"}}", None, "there is no rule `MC999`"),
            ("{\"extend\": \"../pullcreds.toml\"}", None, "a plugin reads none"),
        ] {
            let Err(Failure::Policy(problem)) = policy(json) else {
                panic!("{json} is no policy")
            };
            assert!(problem.message.contains(words), "{json}: {}", problem.message);
            assert!(!problem.message.contains("at line"), "{}", problem.message);
            if let Some(at) = at {
                assert_eq!(problem.span.unwrap().start, at, "{json}");
            }
        }
    }

    #[test]
    fn plugins_of_the_command_line_are_passed_over() {
        let json =
            r#"{"plugin": [{"path": "a.wasm", "settings": {"x": 1}}], "rules": {"a/A1": "off", "CC001": "off"}}"#;
        assert_eq!(policy(json).unwrap().plugins().len(), 1);
    }

    #[test]
    fn what_is_asked_must_be_there() {
        let policy = policy("{}").unwrap();
        let ask = |asked: Asked| transform(b"{}", &policy, &asked).unwrap_err();
        let kind = Some("apple".to_owned());
        let select = vec!["MC9".to_owned()];
        assert!(matches!(
            ask(Asked {
                kind,
                ..Asked::default()
            }),
            Failure::Options(_)
        ));
        assert!(matches!(
            ask(Asked {
                select,
                ..Asked::default()
            }),
            Failure::Options(_)
        ));
    }
}
