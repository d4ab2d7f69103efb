//! A `config.json` or `.dockercfg` as it is written, with the place of everything.

use std::borrow::Cow;
use std::ops::Range;

use pullcreds_core::json::{Document, Pointer, Value};
use thiserror::Error;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `config.json`: entries below `auths`.
    Config,
    /// `.dockercfg`: the whole object is entries. Docker 23.0 and newer never read such a file; UCR does.
    Legacy,
}

/// The credentials for one key.
///
/// It borrows the text and has no copy of what is secret in it; `Debug` shows the key only.
#[derive(Clone)]
pub struct Entry<'d> {
    /// As written: a host, or a URL.
    pub key: Cow<'d, str>,
    /// Where the key stands.
    pub key_span: Range<usize>,
    /// Where the entry is.
    pub pointer: Pointer,
    /// The entry.
    pub value: Value<'d>,
    /// Its `auth`, where that is a string that is not empty.
    pub auth: Option<Value<'d>>,
    /// Its `identitytoken` or `registrytoken`, likewise.
    pub token: Option<(&'static str, Value<'d>)>,
    /// Its `username` and `password`, which Docker reads and UCR does not, likewise.
    pub plain: Option<Value<'d>>,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl<'d> Entry<'d> {
    /// Whether nothing in it could be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.auth.is_none() && self.token.is_none() && self.plain.is_none()
    }

    /// What `auth` says, decoded from its JSON string.
    #[must_use]
    pub fn auth_text(&self) -> Option<Cow<'d, str>> {
        self.auth.and_then(|auth| auth.as_str())
    }
}

/// What one text says. `Debug` shows no credential.
pub struct Config<'d> {
    /// How it is written.
    pub form: Form,
    /// In the order of the text.
    pub entries: Vec<Entry<'d>>,
    /// `credsStore`, where it names one.
    pub store: Option<Named<'d>>,
    /// `credHelpers`: the helper of each registry.
    pub helpers: Vec<Named<'d>>,
    /// `auths`, or for a `.dockercfg` the whole object; `None` where a `config.json` has none.
    pub auths: Option<Value<'d>>,
    /// The whole.
    pub root: Value<'d>,
}

impl std::fmt::Debug for Config<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = formatter.debug_struct("Config");
        out.field("form", &self.form).field("entries", &self.entries);
        out.field("store", &self.store).field("helpers", &self.helpers);
        out.finish_non_exhaustive()
    }
}

/// A credential store or helper, for a registry or for all.
#[derive(Clone, Debug)]
pub struct Named<'d> {
    /// The registry that it is for; empty for all.
    pub registry: Cow<'d, str>,
    /// What follows `docker-credential-` in its name.
    pub helper: Cow<'d, str>,
    /// Where it is named.
    pub span: Range<usize>,
    /// Where it is named.
    pub pointer: Pointer,
}

/// Why a JSON text is no `config.json`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ShapeError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Range<usize>,
}

impl<'d> Config<'d> {
    /// Reads a text. A `.dockercfg` is known by its entries.
    ///
    /// # Errors
    /// When Docker would not read it: the root, `auths`, an entry or a member of one has the wrong type.
    pub fn read(document: &'d Document<'_>) -> Result<Config<'d>, ShapeError> {
        let root = document.root();
        if !root.is_object() {
            return Err(wrong("credentials are a JSON object", root));
        }
        let mut config = Config {
            form: Form::Config,
            entries: Vec::new(),
            store: None,
            helpers: Vec::new(),
            auths: None,
            root,
        };
        let mut looks_legacy = false;
        for member in root.members() {
            let (key, value) = (member.key.decoded(), member.value);
            match key.as_ref() {
                "auths" if value.is_object() => config.auths = Some(value),
                "auths" if value.is_null() => {}
                "auths" => return Err(wrong("`auths` is an object: a member for each registry", value)),
                "credsStore" => {
                    config.store = string(value, "credsStore")?.map(|helper| Named {
                        registry: Cow::Borrowed(""),
                        helper,
                        span: value.span(),
                        pointer: Pointer::root().child("credsStore"),
                    });
                }
                "credHelpers" if value.is_object() => config.helpers = helpers(value)?,
                "credHelpers" if value.is_null() => {}
                "credHelpers" => return Err(wrong("`credHelpers` is an object: a helper for each registry", value)),
                _ => looks_legacy |= ["auth", "email"].iter().any(|name| value.get(name).is_some()),
            }
        }
        if config.auths.is_none() && looks_legacy {
            config.form = Form::Legacy;
            config.auths = Some(root);
        }
        if let Some(auths) = config.auths {
            config.entries = entries(auths, config.form)?;
        }
        Ok(config)
    }
}

fn entries<'d>(auths: Value<'d>, form: Form) -> Result<Vec<Entry<'d>>, ShapeError> {
    let above = match form {
        Form::Config => Pointer::root().child("auths"),
        Form::Legacy => Pointer::root(),
    };
    let mut entries: Vec<Entry<'d>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for member in auths.members() {
        let value = member.value;
        if !value.is_object() {
            // A mistake in either form: UCR refuses the whole of a `.dockercfg` that has such a member.
            return Err(wrong("an entry of `auths` is an object", value));
        }
        let filled = |name: &'static str| -> Result<Option<Value<'d>>, ShapeError> {
            let Some(value) = value.get(name) else { return Ok(None) };
            Ok(string(value, name)?.map(|_| value))
        };
        let token = |name: &'static str| Ok(filled(name)?.map(|value| (name, value)));
        let entry = Entry {
            key: member.key.decoded(),
            key_span: member.key.span(),
            pointer: above.child(&member.key.decoded()),
            value,
            auth: filled("auth")?,
            token: token("identitytoken")?.or(token("registrytoken")?),
            plain: filled("username")?.and(filled("password")?),
        };
        // Of two members with one key every reader takes the last.
        match known.get(&entry.key) {
            Some(&index) => entries[index] = entry,
            None => {
                known.insert(entry.key.clone(), entries.len());
                entries.push(entry);
            }
        }
    }
    Ok(entries)
}

fn helpers(value: Value<'_>) -> Result<Vec<Named<'_>>, ShapeError> {
    let above = Pointer::root().child("credHelpers");
    let mut helpers = Vec::new();
    for member in value.members() {
        if let Some(helper) = string(member.value, "credHelpers")? {
            helpers.push(Named {
                registry: member.key.decoded(),
                helper,
                span: member.key.span().start..member.value.span().end,
                pointer: above.child(&member.key.decoded()),
            });
        }
    }
    Ok(helpers)
}

/// A string; `None` where it is empty or `null`, which Docker reads alike.
fn string<'d>(value: Value<'d>, name: &str) -> Result<Option<Cow<'d, str>>, ShapeError> {
    match value.as_str() {
        Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        None if value.is_null() => Ok(None),
        None => Err(wrong(&format!("`{name}` is a string"), value)),
    }
}

fn wrong(message: &str, value: Value<'_>) -> ShapeError {
    ShapeError {
        message: format!("{message}; Docker refuses to read the file otherwise"),
        span: value.span(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text = r#"{"auths": {"a": {"auth": "eDp5"}, "b": {}, "a": {"auth": ""}}, "credsStore": "desktop",
            "credHelpers": {"c": "ecr-login"}, "HttpHeaders": {}}"#;
        let document = Document::parse(text.as_bytes()).unwrap();
        let config = Config::read(&document).unwrap();
        let keys: Vec<_> = config.entries.iter().map(|entry| entry.key.as_ref()).collect();
        assert_eq!((config.form, keys), (Form::Config, vec!["a", "b"]));
        assert!(config.entries.iter().all(Entry::is_empty), "the last of two counts");
        assert_eq!(config.store.unwrap().helper, "desktop");
        assert_eq!(config.helpers[0].registry, "c");

        let text = br#"{"https://index.docker.io/v1/": {"auth": "eDp5", "email": "a@b"}}"#;
        let document = Document::parse(text).unwrap();
        let config = Config::read(&document).unwrap();
        assert_eq!((config.form, config.entries.len()), (Form::Legacy, 1));
        assert!(!format!("{config:?}").contains("eDp5"), "no secret in Debug");
    }

    #[test]
    fn wrong_types_are_refused_with_their_place() {
        for text in [
            "[]",
            r#"{"auths": []}"#,
            r#"{"auths": {"a": "b"}}"#,
            r#"{"auths": {"a": {"auth": 1}}}"#,
            r#"{"credsStore": {}}"#,
            r#"{"credHelpers": {"a": []}}"#,
            r#"{"credHelpers": 1}"#,
        ] {
            let document = Document::parse(text.as_bytes()).unwrap();
            let error = Config::read(&document).unwrap_err();
            assert!(
                !error.span.is_empty() && error.message.contains("Docker refuses"),
                "{text}"
            );
        }
    }
}
