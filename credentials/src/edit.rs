//! One login written into a `config.json`, as `docker login` would, without touching another byte.

use std::fmt::Write;

use pullcreds_core::json::{self, Document, EditError, Operation, Patch, Pointer, RawJson, SyntaxError, Value};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::config::{Config, Form, ShapeError};
use crate::host::{hostname, login_key};
use crate::{Secret, auth};

/// Members of an entry that would contradict a new `auth`.
const STALE: [&str; 4] = ["username", "password", "identitytoken", "registrytoken"];

/// A text with the login in it.
#[derive(Debug)]
pub struct Added {
    /// The new text.
    pub text: Secret,
    /// The key that it stands under.
    pub key: String,
    /// Whether an entry was there before.
    pub replaced: bool,
}

/// Why a login was not written.
#[derive(Debug, Error)]
pub enum AddError {
    /// The text is no JSON.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// The text is no `config.json`.
    #[error("{0}")]
    Shape(#[from] ShapeError),
    /// The edit cannot be made.
    #[error("{0}")]
    Edit(#[from] EditError),
    /// Our own mistake.
    #[error("internal error: the entry is not where it was written")]
    Lost,
}

/// Writes a login into a text; `None` makes a new one.
///
/// The password is never part of the edit: the edit lays down as many letters as its encoding has, and the encoding is
/// written over them.
///
/// # Errors
/// When the text is not what Docker reads, or a key on the way stands twice.
pub fn add(text: Option<&[u8]>, registry: &str, user: &str, password: &Secret) -> Result<Added, AddError> {
    let wanted = login_key(registry);
    let encoded = auth::encode(user, password);
    let blank = RawJson::string(&"A".repeat(encoded.expose().len()));
    let fresh;
    let bytes = match text {
        Some(bytes) => bytes,
        None => {
            fresh = new_text();
            fresh.as_bytes()
        }
    };
    let document = Document::parse(bytes)?;
    let config = Config::read(&document)?;
    // The key under which somebody wrote it before, if it is the same to Docker.
    let known = config.entries.iter().find(|entry| entry.key == wanted);
    let known = known.or_else(|| {
        config
            .entries
            .iter()
            .find(|entry| login_key(&entry.key) == wanted && hostname(&entry.key) == wanted)
    });
    let mut operations = Vec::new();
    let place = match known {
        Some(entry) => {
            for name in STALE.into_iter().filter(|name| entry.value.get(name).is_some()) {
                operations.push(Operation::Remove {
                    path: entry.pointer.child(name),
                });
            }
            let path = entry.pointer.child("auth");
            operations.push(Operation::Add { path, value: blank });
            entry.pointer.clone()
        }
        None => {
            let auths = match config.form {
                Form::Config => Pointer::root().child("auths"),
                Form::Legacy => Pointer::root(),
            };
            if !config.auths.is_some_and(|auths| auths.is_object()) {
                operations.push(Operation::Add {
                    path: auths.clone(),
                    value: RawJson::object::<&str>([]),
                });
            }
            let path = auths.child(&wanted);
            let value = RawJson::object([("auth", blank)]);
            operations.push(Operation::Add {
                path: path.clone(),
                value,
            });
            path
        }
    };
    let (key, replaced) = known.map_or((wanted, false), |entry| (entry.key.clone().into_owned(), true));
    let edited = json::apply(&document, &Patch { operations })?;
    let mut bytes = Zeroizing::new(edited.text().into_bytes());
    let span = {
        let document = Document::parse(&bytes)?;
        let entry = place
            .tokens()
            .try_fold(document.root(), |value: Value<'_>, token| value.get(&token));
        entry.and_then(|entry| entry.get("auth")).ok_or(AddError::Lost)?.span()
    };
    if span.len() != encoded.expose().len() + 2 {
        return Err(AddError::Lost);
    }
    bytes[span.start + 1..span.end - 1].copy_from_slice(encoded.expose());
    Ok(Added {
        text: Secret::new(std::mem::take(&mut *bytes)),
        key,
        replaced,
    })
}

/// As `docker login` begins a file.
fn new_text() -> String {
    "{\n\t\"auths\": {}\n}\n".to_owned()
}

/// A whole file with these entries and nothing else, as `docker login` would write it: the same bytes for the same
/// entries.
pub(crate) fn write_config<'e>(entries: impl Iterator<Item = (&'e str, &'e Secret)> + Clone) -> Secret {
    // Of the right size from the start, so that no copy is left behind.
    let room: usize = entries
        .clone()
        .map(|(key, auth)| 6 * key.len() + auth.expose().len() + 64)
        .sum();
    let mut text = String::with_capacity(room + 64);
    text.push_str("{\n\t\"auths\": {");
    for (index, (key, auth)) in entries.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let key = RawJson::string(key);
        // Writing to memory cannot fail.
        let _ = write!(text, "{comma}\n\t\t{key}: {{\n\t\t\t\"auth\": \"");
        text.push_str(auth.expose_text().unwrap_or_default());
        text.push_str("\"\n\t\t}");
    }
    text.push_str("\n\t}\n}\n");
    Secret::new(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HUB_KEY;

    fn added(text: Option<&str>, registry: &str) -> String {
        let added = add(text.map(str::as_bytes), registry, "u", &Secret::from("pass")).unwrap();
        added.text.expose_text().unwrap().to_owned()
    }

    #[test]
    fn a_new_file_is_what_docker_login_writes() {
        assert_eq!(
            added(None, "docker.io"),
            "{\n\t\"auths\": {\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"dTpwYXNz\"\n\t\t}\n\t}\n}\n"
        );
    }

    #[test]
    fn other_bytes_stay() {
        let text = "{\r\n  \"auths\" : { \"b\": {\"auth\":\"eDp5\"} },\r\n  \"x\": 1.0\r\n}";
        assert_eq!(
            added(Some(text), "https://a.example.com/v2/"),
            "{\r\n  \"auths\" : { \"b\": {\"auth\":\"eDp5\"}, \"a.example.com\": {\"auth\":\"dTpwYXNz\"} },\r\n  \"x\": 1.0\r\n}"
        );
        let text = r#"{"auths":{"b":{"auth":"old","identitytoken":"t","email":"m"}}}"#;
        assert_eq!(
            added(Some(text), "b"),
            r#"{"auths":{"b":{"auth":"dTpwYXNz","email":"m"}}}"#
        );
        let text = r#"{"auths":{"https://b":{}}}"#;
        assert_eq!(added(Some(text), "b"), r#"{"auths":{"https://b":{"auth":"dTpwYXNz"}}}"#);
        assert_eq!(added(Some("{}"), "b"), r#"{"auths": {"b": {"auth": "dTpwYXNz"}}}"#);
        assert_eq!(
            added(Some(r#"{"auths":null}"#), "b"),
            r#"{"auths":{"b":{"auth":"dTpwYXNz"}}}"#
        );
        let legacy = r#"{"a":{"auth":"eDp5"}}"#;
        assert_eq!(
            added(Some(legacy), "b"),
            r#"{"a":{"auth":"eDp5"},"b":{"auth":"dTpwYXNz"}}"#
        );
    }

    #[test]
    fn keys_that_stand_twice_are_refused() {
        let text = br#"{"auths":{"b":{}},"auths":{}}"#;
        assert!(matches!(
            add(Some(text), "b", "u", &Secret::from("p")),
            Err(AddError::Edit(_))
        ));
    }

    #[test]
    fn whole_files_are_read_again() {
        let (one, two) = (Secret::from("eDp5"), Secret::from("eDp6"));
        let text = write_config([(HUB_KEY, &one), ("a\"b", &two)].into_iter());
        let document = Document::parse(text.expose()).unwrap();
        let config = Config::read(&document).unwrap();
        assert_eq!((config.entries.len(), config.entries[1].key.as_ref()), (2, "a\"b"));
    }
}
