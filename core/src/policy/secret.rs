//! The path of a pull secret in the secret store, built from the id of the service that will read it.

use super::text::read_from_string;
use crate::definition::id::ServiceId;
use crate::image::excerpt;
use std::fmt;
use std::str::FromStr;

/// The path of a secret, with placeholders for parts of the service's id.
///
/// | placeholder | for `/team/web/app` | for `/app` |
/// |---|---|---|
/// | `{id}` | `team/web/app` | `app` |
/// | `{group}` | `team/web` | nothing |
/// | `{top}` | `team` | `app` |
/// | `{app}` | `app` | `app` |
///
/// A segment that comes out empty drops its slash: `{group}/pullConfig` is `pullConfig` for `/app`. The path has no
/// leading slash, whether the template has one or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretTemplate {
    text: String,
    segments: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholder {
    Id,
    Group,
    Top,
    App,
}

impl SecretTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// Where it is no path, or has a placeholder that is not known.
    pub fn parse(text: &str) -> Result<SecretTemplate, SecretError> {
        let path = text.strip_prefix('/').unwrap_or(text);
        if path.is_empty() {
            return Err(SecretError::Empty);
        }
        if path.contains("://") {
            return Err(SecretError::Uri);
        }
        // Placeholders hold none of these, so the text can be split before they are read.
        if path
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
        {
            return Err(SecretError::Whitespace);
        }
        let segments = path.split('/').map(read_segment).collect::<Result<_, _>>()?;
        Ok(SecretTemplate {
            text: text.to_owned(),
            segments,
        })
    }

    /// The path for a service.
    ///
    /// # Errors
    /// Where the template needs an id and there is none that is known, or where nothing is left of the path.
    pub fn expand(&self, id: Option<&ServiceId>) -> Result<String, TemplateError> {
        if self.needs_id() && id.is_none_or(ServiceId::is_root) {
            return Err(TemplateError::NeedsId {
                template: excerpt(&self.text),
            });
        }
        let mut path = String::new();
        for segment in &self.segments {
            let before = path.len();
            if before > 0 {
                path.push('/');
            }
            let start = path.len();
            for piece in segment {
                path.push_str(match (piece, id) {
                    (Piece::Text(text), _) => text,
                    (Piece::Placeholder(placeholder), Some(id)) => placeholder.of(id),
                    (Piece::Placeholder(_), None) => "",
                });
            }
            if path.len() == start {
                path.truncate(before);
            }
        }
        if path.is_empty() {
            return Err(TemplateError::Empty {
                template: excerpt(&self.text),
                id: id.map(ToString::to_string).unwrap_or_default(),
            });
        }
        Ok(path)
    }

    /// Whether the path depends on the service's id.
    #[must_use]
    pub fn needs_id(&self) -> bool {
        self.segments
            .iter()
            .flatten()
            .any(|piece| matches!(piece, Piece::Placeholder(_)))
    }

    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for SecretTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for SecretTemplate {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<SecretTemplate, SecretError> {
        SecretTemplate::parse(text)
    }
}

read_from_string!(
    SecretTemplate,
    "the path of a secret in quotes, such as \"{top}/pullConfig\""
);

/// Why a template gives no path for a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The id is absent, templated, or cannot be read.
    #[error("the secret `{template}` is built from the service's id, which is not known here")]
    NeedsId {
        /// The template as written.
        template: String,
    },
    /// All placeholders came out empty.
    #[error(
        "nothing is left of the secret `{template}` for `{id}`: add a name to the template, as in `{{group}}/pullConfig`"
    )]
    Empty {
        /// The template as written.
        template: String,
        /// The id it was expanded for.
        id: String,
    },
}

/// Why a text is no path of a secret. What is shown of it is a placeholder's name at most: a text that does not belong
/// here may be a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// There is nothing.
    #[error("the secret is empty: write its path in the secret store, as in `{{top}}/pullConfig`")]
    Empty,
    /// `scheme://…`.
    #[error("a secret is a path in the secret store, not a URI: write only the path, as in `{{top}}/pullConfig`")]
    Uri,
    /// A space, a line break, a control character.
    #[error("the path of a secret holds no spaces, line breaks or control characters: take them out")]
    Whitespace,
    /// Something that a path does not hold, but a credential does.
    #[error(
        "`secret` is the path of a secret in the secret store, and never the credentials themselves: a path has no `{0}`"
    )]
    Credentials(char),
    /// Two slashes in a row, or one at the end.
    #[error("there is a `/` too many in the path of the secret: single ones stand between its parts")]
    EmptySegment,
    /// `.` or `..`.
    #[error("`.` and `..` are not resolved in the path of a secret: write it out")]
    Dots,
    /// A placeholder that is not known.
    #[error("`{{{0}}}` is no placeholder; known are `{{id}}`, `{{group}}`, `{{top}}` and `{{app}}`")]
    UnknownPlaceholder(String),
    /// Braces around something that is not even a name, or one of them alone.
    #[error("braces stand around a placeholder, one on each side: `{{id}}`, `{{group}}`, `{{top}}` or `{{app}}`")]
    Braces,
}

impl Placeholder {
    fn of(self, id: &ServiceId) -> &str {
        match self {
            Placeholder::Id => id.relative(),
            Placeholder::Group => id.relative_group(),
            Placeholder::Top => id.segments().next().unwrap_or_default(),
            Placeholder::App => id.segments().next_back().unwrap_or_default(),
        }
    }
}

fn read_segment(text: &str) -> Result<Vec<Piece>, SecretError> {
    match text {
        "" => return Err(SecretError::EmptySegment),
        "." | ".." => return Err(SecretError::Dots),
        _ => {}
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(brace) = rest.find('{') {
        push_text(&mut pieces, &rest[..brace])?;
        let (name, after) = rest[brace + 1..].split_once('}').ok_or(SecretError::Braces)?;
        pieces.push(Piece::Placeholder(read_placeholder(name)?));
        rest = after;
    }
    push_text(&mut pieces, rest)?;
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) -> Result<(), SecretError> {
    if text.contains('}') {
        return Err(SecretError::Braces);
    }
    if let Some(character) = text
        .chars()
        .find(|character| matches!(character, ':' | '@' | '"' | '\'' | '\\'))
    {
        return Err(SecretError::Credentials(character));
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    Ok(())
}

fn read_placeholder(name: &str) -> Result<Placeholder, SecretError> {
    match name {
        "id" => Ok(Placeholder::Id),
        "group" => Ok(Placeholder::Group),
        "top" => Ok(Placeholder::Top),
        "app" => Ok(Placeholder::App),
        _ => {
            let is_name = !name.is_empty()
                && name.len() <= 20
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
            Err(if is_name {
                SecretError::UnknownPlaceholder(name.to_owned())
            } else {
                SecretError::Braces
            })
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::{SecretTemplate, TemplateError};
    use crate::definition::id::{ServiceId, may_read, resolve};
    use proptest::prelude::*;

    fn expand(template: &str, id: &str) -> Result<String, TemplateError> {
        let id = resolve(id, None).expect(id);
        SecretTemplate::parse(template).expect(template).expand(Some(&id))
    }

    #[test]
    fn templates() {
        for (template, for_nested, for_single) in [
            ("pullConfig", "pullConfig", "pullConfig"),
            ("/pullConfig", "pullConfig", "pullConfig"),
            ("{id}/pullConfig", "team/web/app/pullConfig", "app/pullConfig"),
            ("{group}/pullConfig", "team/web/pullConfig", "pullConfig"),
            ("/{group}/pullConfig", "team/web/pullConfig", "pullConfig"),
            ("{top}/pullConfig", "team/pullConfig", "app/pullConfig"),
            ("{app}/pullConfig", "app/pullConfig", "app/pullConfig"),
            ("x/{group}/y", "x/team/web/y", "x/y"),
            ("x/{group}", "x/team/web", "x"),
            ("{top}/{app}-pull", "team/app-pull", "app/app-pull"),
            ("{group}{app}/x", "team/webapp/x", "app/x"),
            ("{group}-x", "team/web-x", "-x"),
        ] {
            assert_eq!(
                expand(template, "/team/web/app").as_deref(),
                Ok(for_nested),
                "{template}"
            );
            assert_eq!(expand(template, "/app").as_deref(), Ok(for_single), "{template}");
        }
    }

    #[test]
    fn an_id_that_is_needed_is_never_guessed() {
        let needs = SecretTemplate::parse("{top}/pullConfig").expect("valid");
        assert!(needs.needs_id());
        for id in [None, Some(ServiceId::root())] {
            assert!(
                matches!(needs.expand(id.as_ref()), Err(TemplateError::NeedsId { .. })),
                "{id:?}"
            );
        }
        let does_not = SecretTemplate::parse("/shared/pullConfig").expect("valid");
        assert!(!does_not.needs_id());
        assert_eq!(does_not.expand(None).as_deref(), Ok("shared/pullConfig"));
    }

    #[test]
    fn a_path_of_nothing_is_an_error() {
        let error = expand("{group}", "/app").expect_err("nothing is left");
        assert_eq!(
            error.to_string(),
            "nothing is left of the secret `{group}` for `/app`: add a name to the template, as in `{group}/pullConfig`"
        );
        assert_eq!(expand("{group}", "/team/app").as_deref(), Ok("team"));
    }

    #[test]
    fn each_wrong_template_is_told_why() {
        for (template, message) in [
            ("", "the secret is empty"),
            ("/", "the secret is empty"),
            ("//pullConfig", "a `/` too many"),
            ("a//b", "a `/` too many"),
            ("pullConfig/", "a `/` too many"),
            (
                "{name}/pullConfig",
                "`{name}` is no placeholder; known are `{id}`, `{group}`, `{top}` and `{app}`",
            ),
            ("{Group}/pullConfig", "`{Group}` is no placeholder"),
            ("{top/pullConfig", "braces stand around a placeholder"),
            ("top}/pullConfig", "braces stand around a placeholder"),
            ("{{top}}/pullConfig", "braces stand around a placeholder"),
            ("{}/pullConfig", "braces stand around a placeholder"),
            ("a b", "no spaces"),
            ("a\n", "no spaces"),
            ("../pullConfig", "`.` and `..` are not resolved"),
            ("a/./b", "`.` and `..` are not resolved"),
            ("https://vault.example.com/x", "not a URI"),
            ("user:hunter2", "never the credentials themselves"),
            (
                "user:hunter2@registry.example.com/x",
                "never the credentials themselves",
            ),
            (
                r#"{"auths":{"r":{"auth":"aHVudGVyMg=="}}}"#,
                "braces stand around a placeholder",
            ),
            (r"a\b", "a path has no `\\`"),
        ] {
            let error = SecretTemplate::parse(template).expect_err(template).to_string();
            assert!(error.contains(&message.replace(r"\\", r"\")), "{template}: {error}");
            assert!(!error.contains("hunter2") && !error.contains("aHVudGVy"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn secrets_beside_or_above_a_service_are_readable(id in "(/[a-z]{1,3}){1,4}") {
            let id = resolve(&id, None).expect("valid");
            for template in ["{id}/x", "{group}/x", "{top}/x", "x"] {
                let source = SecretTemplate::parse(template).expect("valid").expand(Some(&id)).expect("not empty");
                prop_assert!(may_read(&source, &id), "{} by {}", source, id);
                prop_assert!(!source.starts_with('/') && !source.contains("//"));
            }
        }

        #[test]
        fn never_panics(template in "[{}a-z/.]{0,12}|\\PC{0,8}", id in "(/[a-z]{1,3}){0,4}") {
            let id = resolve(&format!("/{id}"), None).expect("valid");
            if let Ok(template) = SecretTemplate::parse(&template) {
                let _ = template.expand(Some(&id));
                let _ = template.expand(None);
            }
        }
    }
}
