//! The registry of an acs-engine `apimodel.json`.
//!
//! acs-engine's page writes the three members in two ways: `Registry`, `RegistryUser`, `RegistryPassword` in
//! `dcosConfig`, and in small letters beside it. Its own reader (Go's `encoding/json`) takes any letter case; the nesting
//! is `properties.orchestratorProfile.dcosConfig` in its code, and the page's other way is read too.

use std::borrow::Cow;
use std::ops::Range;

use pullcreds_core::json::{Document, Value};
use thiserror::Error;

use crate::Secret;

/// What a model says.
#[derive(Debug)]
pub struct Login {
    /// As written.
    pub registry: String,
    /// As written.
    pub user: String,
    /// As written.
    pub password: Secret,
}

/// Why a model gives no login.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct AcsError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Range<usize>,
}

/// Reads the registry of a model.
///
/// # Errors
/// When it is no model, names no registry, or a part of the login is missing.
pub fn read(document: &Document<'_>) -> Result<Login, AcsError> {
    let root = document.root();
    let profile = root
        .get_any("properties")
        .unwrap_or(root)
        .get_any("orchestratorProfile")
        .ok_or_else(|| {
            wrong(
                "no `properties.orchestratorProfile`: this is no apimodel of acs-engine",
                root,
            )
        })?;
    let nested = profile.get_any("dcosConfig").filter(|config| has_registry(*config));
    let config = nested.unwrap_or(profile);
    let text = |name: &str| -> Result<Cow<'_, str>, AcsError> {
        let value = config.get_any(name).ok_or_else(|| {
            wrong(
                &format!("no `{name}` in the orchestrator profile, nor in its `dcosConfig`"),
                config,
            )
        })?;
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(wrong(&format!("`{name}` is empty"), value)),
            None => Err(wrong(&format!("`{name}` is a string"), value)),
        }
    };
    Ok(Login {
        // acs-engine writes it in small letters, as Docker compares it.
        registry: text("registry")?.to_ascii_lowercase(),
        user: text("registryUser")?.into_owned(),
        password: Secret::from(text("registryPassword")?.as_ref()),
    })
}

fn has_registry(config: Value<'_>) -> bool {
    config
        .get_any("registry")
        .and_then(|registry| registry.as_str())
        .is_some_and(|registry| !registry.is_empty())
}

/// Go's way with keys: the same letters first, any case otherwise.
trait GetAny<'d> {
    fn get_any(&self, name: &str) -> Option<Value<'d>>;
}

impl<'d> GetAny<'d> for Value<'d> {
    fn get_any(&self, name: &str) -> Option<Value<'d>> {
        self.get(name).or_else(|| {
            let mut members = self.members();
            members
                .find(|member| member.key.decoded().eq_ignore_ascii_case(name))
                .map(|member| member.value)
        })
    }
}

fn wrong(message: &str, value: Value<'_>) -> AcsError {
    let start = value.span().start;
    let span = if value.is_object() {
        start..start + 1
    } else {
        value.span()
    };
    AcsError {
        message: message.to_owned(),
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(text: &str) -> Result<Login, AcsError> {
        read(&Document::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn both_ways_of_the_page_are_read() {
        let nested = r#"{"apiVersion": "vlabs", "properties": {"orchestratorProfile": {"orchestratorType": "DCOS",
            "dcosConfig": {"Registry": "Xtoph.azurecr.io", "RegistryUser": "xtoph", "RegistryPassword": "aN//=+l==Z"}}}}"#;
        let beside = r#"{"properties": {"orchestratorProfile": {"orchestratorType": "DCOS",
            "registry": "xtoph.azurecr.io", "registryUser": "xtoph", "registryPassword": "aN//=+l==Z"}}}"#;
        for text in [nested, beside] {
            let login = login(text).unwrap();
            assert_eq!(
                (login.registry.as_str(), login.user.as_str()),
                ("xtoph.azurecr.io", "xtoph")
            );
            assert_eq!(login.password, Secret::from("aN//=+l==Z"));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, message) in [
            (
                "{}",
                "no `properties.orchestratorProfile`: this is no apimodel of acs-engine",
            ),
            (
                "[]",
                "no `properties.orchestratorProfile`: this is no apimodel of acs-engine",
            ),
            (
                r#"{"properties": {"orchestratorProfile": {"dcosConfig": {"registry": ""}}}}"#,
                "no `registry` in the orchestrator profile, nor in its `dcosConfig`",
            ),
            (
                r#"{"properties": {"orchestratorProfile": {"registry": "a", "registryUser": " "}}}"#,
                "`registryUser` is empty",
            ),
            (
                r#"{"properties": {"orchestratorProfile": {"registry": "a", "registryUser": "b", "registryPassword": 1}}}"#,
                "`registryPassword` is a string",
            ),
        ] {
            assert_eq!(login(text).unwrap_err().message, message);
        }
    }
}
