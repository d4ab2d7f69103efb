//! What a registry's error says, made fit to be shown: masked and cut.

use pullcreds_core::json::Document;
use pullcreds_core::shown::safe;

use super::wire::Answer;

/// The longest piece that is shown.
const LONGEST: usize = 120;

/// The codes of an answer's errors (`MANIFEST_UNKNOWN`, …).
///
/// Source: distribution `docs/spec/api.md`, "Errors".
pub(super) fn has_code(answer: &Answer, code: &str) -> bool {
    let Ok(document) = Document::parse(answer.body.expose()) else {
        return false;
    };
    let Some(errors) = document.root().get("errors") else {
        return false;
    };
    errors
        .elements()
        .any(|error| error.get("code").and_then(|code| code.as_str()).as_deref() == Some(code))
}

/// The first message of an answer's errors; nothing where it is a page for people.
pub(super) fn message(answer: &Answer) -> Option<String> {
    let document = Document::parse(answer.body.expose()).ok()?;
    let root = document.root();
    let error = root.get("errors").and_then(|errors| errors.elements().next());
    let text = |name: &str| error.and_then(|error| error.get(name)).and_then(|value| value.as_str());
    let plain = || {
        root.get("details")
            .or(root.get("message"))
            .and_then(|value| value.as_str())
    };
    let message = text("message").filter(|message| !message.is_empty());
    let message = message.or_else(|| text("code")).or_else(plain)?;
    let mut shown: String = safe::line(&message).chars().take(LONGEST + 1).collect();
    if shown.chars().count() > LONGEST {
        shown.pop();
        shown.push('…');
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn what_is_shown_is_masked_and_cut() {
        let answer = |body: &str| Answer {
            body: Secret::from(body),
            ..Answer::default()
        };
        let denied = answer(r#"{"errors": [{"code": "DENIED", "message": "no\u001b access, password=hunter2"}]}"#);
        assert_eq!(message(&denied).unwrap(), "no␛ access, password=*******");
        assert!(has_code(&denied, "DENIED") && !has_code(&denied, "UNKNOWN"));
        let long = format!(r#"{{"errors": [{{"code": "{}"}}]}}"#, "long words ".repeat(1000));
        assert_eq!(message(&answer(&long)).unwrap().chars().count(), LONGEST + 1);
        for nothing in ["", "<html>", "[]", r#"{"errors": 1}"#, r#"{"errors": []}"#] {
            assert_eq!(message(&answer(nothing)), None, "{nothing}");
        }
    }
}
