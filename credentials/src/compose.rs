//! Logins gathered from several files into one `config.json` that holds the registries asked for and nothing else.

use std::collections::{BTreeMap, HashSet};

use thiserror::Error;

use crate::Secret;
use crate::auth::{self, AuthError};
use crate::config::Config;
use crate::edit::write_config;
use crate::host::{self, login_key};

/// Logins by the key that `docker login` would give them.
#[derive(Debug, Default)]
pub struct Logins {
    entries: BTreeMap<String, Login>,
}

#[derive(Debug)]
struct Login {
    auth: Result<Secret, Unusable>,
    origin: String,
}

/// Why an entry cannot be handed on. Only told of an entry that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// Left behind by a login that went to a store.
    #[error("holds no credentials: they are in the credential store `{0}`")]
    Stored(String),
    /// Nothing in it.
    #[error("holds no credentials")]
    Empty,
    /// Basic credentials cannot be made of it.
    #[error("has `{0}` and no `auth`")]
    Token(&'static str),
    /// It has an `auth` that is none.
    #[error("{0}")]
    Auth(#[from] AuthError),
    /// Two keys of one file, for one host.
    #[error("is there twice, and the two differ")]
    Twice,
}

/// Why no `config.json` was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ComposeError {
    /// Nothing to choose from.
    #[error("there are no credentials to take")]
    Nothing,
    /// A registry that nobody has credentials for.
    #[error("no credentials for `{registry}`; there are some for {known}")]
    Missing {
        /// As it was asked for.
        registry: String,
        /// What there is, for a message.
        known: String,
    },
    /// More than one, and nobody said which.
    #[error("there are credentials for {count} registries ({known}), and nobody said which are wanted")]
    Several {
        /// How many.
        count: usize,
        /// Which.
        known: String,
    },
    /// One that is wanted cannot be used.
    #[error("{origin}: the entry for `{key}` {reason}")]
    Unusable {
        /// The file.
        origin: String,
        /// The key.
        key: String,
        /// Why.
        reason: Unusable,
    },
    /// Two files disagree.
    #[error("{one} and {other} have different credentials for `{key}`")]
    Conflict {
        /// The key.
        key: String,
        /// The first file.
        one: String,
        /// The second.
        other: String,
    },
    /// What is no registry.
    #[error("{origin}: `{key}` is no registry: write a host, and its port where images are written with one")]
    NoRegistry {
        /// The file.
        origin: String,
        /// The key.
        key: String,
    },
}

/// Which of them are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// All that there are.
    All,
    /// The only one that there is; it is an error when there are more.
    TheOne,
    /// These.
    These(&'a [String]),
}

/// A `config.json` that was made.
#[derive(Debug)]
pub struct Composed {
    /// Its text.
    pub text: Secret,
    /// Its keys, in order.
    pub keys: Vec<String>,
}

impl Logins {
    /// Adds what a file has. `origin` is how messages call it.
    ///
    /// # Errors
    /// When it disagrees with what was added before.
    pub fn add_config(&mut self, config: &Config<'_>, origin: &str) -> Result<(), ComposeError> {
        let mut own: BTreeMap<String, Login> = BTreeMap::new();
        let exact: HashSet<&str> = config.entries.iter().map(|entry| entry.key.as_ref()).collect();
        for entry in &config.entries {
            // Docker Desktop keeps tokens beside its login to Docker Hub.
            let is_side = entry.key.starts_with(host::HUB_KEY) && entry.key != host::HUB_KEY;
            if is_side || !host::is_registry(host::hostname(&entry.key)) {
                continue;
            }
            let auth = match (entry.auth_text(), entry.token, &config.store) {
                (Some(auth), token, _) => match auth::decode(&auth) {
                    Ok(login) => match token {
                        Some((name, _)) if login.password.expose().is_empty() => Err(Unusable::Token(name)),
                        _ => Ok(Secret::from(auth.as_ref())),
                    },
                    Err(error) => Err(error.into()),
                },
                (None, Some((name, _)), _) => Err(Unusable::Token(name)),
                (None, None, _) if entry.plain.is_some() => Err(Unusable::Token("username")),
                (None, None, Some(store)) => Err(Unusable::Stored(store.helper.clone().into_owned())),
                (None, None, None) => Err(Unusable::Empty),
            };
            let key = login_key(&entry.key);
            let login = Login {
                auth,
                origin: origin.to_owned(),
            };
            match own.get_mut(&key) {
                Some(known) if known.auth == login.auth => {}
                // The exact key is the one that Docker takes.
                Some(known) if entry.key == key => *known = login,
                Some(_) if exact.contains(key.as_str()) => {}
                Some(known) => known.auth = Err(Unusable::Twice),
                None => drop(own.insert(key, login)),
            }
        }
        for (key, login) in own {
            self.insert(key, login)?;
        }
        Ok(())
    }

    /// Adds one login.
    ///
    /// # Errors
    /// When the registry is none, or disagrees with what was added before.
    pub fn add(&mut self, registry: &str, user: &str, password: &Secret, origin: &str) -> Result<(), ComposeError> {
        let key = login_key(registry);
        if !host::is_registry(host::hostname(&key)) {
            return Err(ComposeError::NoRegistry {
                origin: origin.to_owned(),
                key: registry.to_owned(),
            });
        }
        let auth = auth::encode(user, password);
        let checked = auth::decode(auth.expose_text().unwrap_or_default());
        let login = Login {
            auth: checked.map(|_| auth).map_err(Unusable::from),
            origin: origin.to_owned(),
        };
        self.insert(key, login)
    }

    fn insert(&mut self, key: String, login: Login) -> Result<(), ComposeError> {
        match self.entries.get(&key) {
            Some(known) if known.auth != login.auth => Err(ComposeError::Conflict {
                key,
                one: known.origin.clone(),
                other: login.origin,
            }),
            Some(_) => Ok(()),
            None => {
                self.entries.insert(key, login);
                Ok(())
            }
        }
    }

    /// The keys that there are.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Makes the file: sorted, so that the same logins give the same bytes.
    ///
    /// # Errors
    /// When one that is wanted is missing or cannot be used.
    pub fn compose(&self, wanted: &Wanted<'_>) -> Result<Composed, ComposeError> {
        let known = || {
            let keys: Vec<_> = self.keys().map(|key| format!("`{key}`")).collect();
            keys.join(", ")
        };
        let mut keys: Vec<String> = match wanted {
            _ if self.entries.is_empty() => return Err(ComposeError::Nothing),
            Wanted::TheOne if self.entries.len() > 1 => {
                return Err(ComposeError::Several {
                    count: self.entries.len(),
                    known: known(),
                });
            }
            Wanted::These(registries) => registries.iter().map(|registry| login_key(registry)).collect(),
            Wanted::All | Wanted::TheOne => self.entries.keys().cloned().collect(),
        };
        keys.sort();
        keys.dedup();
        let mut entries = Vec::with_capacity(keys.len());
        for key in &keys {
            let login = self.entries.get(key).ok_or_else(|| ComposeError::Missing {
                registry: key.clone(),
                known: known(),
            })?;
            let auth = login.auth.as_ref().map_err(|reason| ComposeError::Unusable {
                origin: login.origin.clone(),
                key: key.clone(),
                reason: reason.clone(),
            })?;
            entries.push((key.as_str(), auth));
        }
        Ok(Composed {
            text: write_config(entries.into_iter()),
            keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use pullcreds_core::json::Document;

    use super::*;

    fn logins(texts: &[&str]) -> Result<Logins, ComposeError> {
        let mut logins = Logins::default();
        for (index, text) in texts.iter().enumerate() {
            let document = Document::parse(text.as_bytes()).unwrap();
            logins.add_config(&Config::read(&document).unwrap(), &format!("file {index}"))?;
        }
        Ok(logins)
    }

    fn these(registries: &[&str]) -> Vec<String> {
        registries.iter().map(|&registry| registry.to_owned()).collect()
    }

    #[test]
    fn only_what_is_asked_for_is_taken() {
        let text = r#"{"auths": {"docker.io": {"auth": "eDp5"}, "https://b.c/v2/": {"auth": "eDp6", "email": "m"}, "d.e": {}},
            "HttpHeaders": {"User-Agent": "x"}}"#;
        let logins = logins(&[text]).unwrap();
        let made = logins
            .compose(&Wanted::These(&these(&["https://b.c", "docker.io"])))
            .unwrap();
        assert_eq!(made.keys, ["b.c", "https://index.docker.io/v1/"]);
        let text = made.text.expose_text().unwrap();
        assert!(
            !text.contains("email") && !text.contains("d.e") && !text.contains("HttpHeaders"),
            "{text}"
        );
        let message = |wanted: &[&str]| logins.compose(&Wanted::These(&these(wanted))).unwrap_err().to_string();
        assert_eq!(message(&["d.e"]), "file 0: the entry for `d.e` holds no credentials");
        assert!(message(&["x.y"]).starts_with("no credentials for `x.y`; there are some for `b.c`, `d.e`"));
        assert!(matches!(
            logins.compose(&Wanted::TheOne),
            Err(ComposeError::Several { count: 3, .. })
        ));
    }

    #[test]
    fn files_that_disagree_are_told() {
        let with = |auth: &str| format!(r#"{{"auths": {{"a.b": {{"auth": "{auth}"}}}}}}"#);
        assert!(logins(&[&with("eDp5"), &with("eDp5")]).is_ok());
        let error = logins(&[&with("eDp5"), &with("eDp6")]).unwrap_err().to_string();
        assert_eq!(error, "file 0 and file 1 have different credentials for `a.b`");
        let twice = r#"{"auths": {"a.b/x": {"auth": "eDp5"}, "a.b/y": {"auth": "eDp6"}}}"#;
        let error = logins(&[twice]).unwrap().compose(&Wanted::All).unwrap_err().to_string();
        assert_eq!(error, "file 0: the entry for `a.b` is there twice, and the two differ");
    }

    #[test]
    fn a_password_with_a_line_end_is_not_packed() {
        let mut logins = Logins::default();
        logins.add("a.b", "u", &Secret::from("p\n"), "env").unwrap();
        assert!(logins.compose(&Wanted::All).is_err());
        assert!(logins.add("a b", "u", &Secret::from("p"), "env").is_err());
    }
}
