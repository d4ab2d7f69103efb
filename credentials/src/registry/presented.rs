//! What of an entry its reader sends to a registry.
//!
//! Sources: docker/cli `cli/config/configfile/file.go` (`auth` goes before `username` and `password`), moby
//! `registry/auth.go` (a registry token is sent as it is, an identity token is given for a token); Mesos
//! `src/uri/fetchers/docker.cpp` (`auth` alone, as it is written).

use crate::Secret;
use crate::auth;
use crate::config::Entry;
use crate::matching::Reader;

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// The user, for a token server that wants to know.
    pub(super) user: Option<String>,
    /// What follows `Basic `.
    pub(super) basic: Option<Secret>,
    /// Given to a token server for a token.
    pub(super) identity: Option<Secret>,
    /// Sent as the token itself.
    pub(super) registry: Option<Secret>,
}

impl Presented {
    /// What this reader sends of an entry. An `auth` that Docker cannot read is nothing to it.
    #[must_use]
    pub fn of(entry: &Entry<'_>, reader: Reader) -> Presented {
        let text = |name: &str| {
            let value = entry.value.get(name)?.as_str()?;
            (!value.is_empty()).then(|| Secret::from(value.as_ref()))
        };
        if reader == Reader::Ucr {
            return Presented {
                basic: text("auth"),
                ..Presented::default()
            };
        }
        let login = match entry.auth_text() {
            Some(auth) => auth::decode(&auth).ok().map(|login| (login.user, login.password)),
            None => entry
                .value
                .get("username")
                .and_then(|user| user.as_str())
                .filter(|user| !user.is_empty())
                .map(|user| (user.into_owned(), text("password").unwrap_or_default())),
        };
        let (user, basic) = login
            .map(|(user, password)| {
                let encoded = auth::encode(&user, &password);
                (user, encoded)
            })
            .unzip();
        Presented {
            user,
            basic,
            identity: text("identitytoken"),
            registry: text("registrytoken"),
        }
    }

    /// Whether nothing is sent.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.basic.is_none() && self.identity.is_none() && self.registry.is_none()
    }
}

#[cfg(test)]
mod tests {
    use pullcreds_core::json::Document;

    use super::*;
    use crate::config::Config;

    #[test]
    fn docker_and_ucr_send_different_things() {
        let text = br#"{"auths": {
            "a": {"auth": "dTpw"}, "b": {"auth": "dTpw\n"}, "c": {"username": "u", "password": "p"},
            "d": {"auth": "dTo=", "identitytoken": "i"}}}"#;
        let document = Document::parse(text).unwrap();
        let config = Config::read(&document).unwrap();
        let basic = |index: usize, reader| {
            let presented = Presented::of(&config.entries[index], reader);
            presented.basic.map(|basic| basic.expose_text().unwrap().to_owned())
        };
        let both = |index| [basic(index, Reader::Docker), basic(index, Reader::Ucr)];
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(both(0), [some("dTpw"), some("dTpw")]);
        assert_eq!(both(1), [None, some("dTpw\n")]);
        assert_eq!(both(2), [some("dTpw"), None]);
        let tokens = |reader| Presented::of(&config.entries[3], reader).identity.is_some();
        assert_eq!((tokens(Reader::Docker), tokens(Reader::Ucr)), (true, false));
    }
}
