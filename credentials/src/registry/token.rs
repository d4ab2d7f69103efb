//! Tokens: where one is to be had, and what the answer says.
//!
//! Sources: distribution `docs/spec/auth/{token,oauth}.md` and `registry/client/auth/session.go`; Mesos
//! `src/uri/fetchers/docker.cpp` (`getAuthServiceUri`), which encodes nothing and reads `token` alone.

use pullcreds_core::json::Document;
use zeroize::Zeroizing;

use super::challenge::Challenge;
use crate::Secret;
use crate::matching::Reader;

/// What a repository is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Pull,
    Push,
}

impl Action {
    fn scope(self, repository: &str) -> String {
        match self {
            Action::Pull => format!("repository:{repository}:pull"),
            Action::Push => format!("repository:{repository}:pull,push"),
        }
    }
}

/// The address for Docker's question.
pub(super) fn docker_url(
    challenge: &Challenge,
    repository: &str,
    action: Action,
    user: Option<&str>,
) -> Option<String> {
    let realm = challenge.get("realm")?;
    let scope = action.scope(repository);
    let service = challenge.get("service").filter(|service| !service.is_empty());
    let parameters = [("service", service), ("scope", Some(&scope)), ("account", user)];
    let mut url = realm.to_owned();
    for (name, value) in parameters {
        let Some(value) = value else { continue };
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(name);
        url.push('=');
        encode(value.as_bytes(), &mut url);
    }
    Some(url)
}

/// The address for UCR's question, where the challenge at the manifest says all that it wants.
pub(super) fn ucr_url(challenge: &Challenge) -> Option<String> {
    let [realm, service, scope] = ["realm", "service", "scope"].map(|name| challenge.get(name));
    Some(format!("{}?service={}&scope={}", realm?, service?, scope?))
}

/// And where it does not, by the challenge at `/v2/`.
pub(super) fn ucr_fallback_url(challenge: &Challenge, repository: &str) -> Option<String> {
    let realm = challenge.get("realm")?;
    Some(format!("{realm}?scope=repository:{repository}:pull"))
}

/// The form by which an identity token is given for a token.
pub(super) fn form(challenge: &Challenge, repository: &str, identity: &Secret) -> Secret {
    let scope = Action::Pull.scope(repository);
    let service = challenge.get("service").unwrap_or_default();
    let identity = identity.expose();
    // Room for all, so that nothing is moved.
    let mut form = Zeroizing::new(String::with_capacity(
        96 + 3 * (scope.len() + service.len() + identity.len()),
    ));
    for (name, value) in [
        ("grant_type", b"refresh_token".as_slice()),
        ("client_id", b"docker"),
        ("service", service.as_bytes()),
        ("scope", scope.as_bytes()),
        ("refresh_token", identity),
    ] {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        encode(value, &mut form);
    }
    Secret::new(form.as_bytes().to_vec())
}

/// The token in an answer; `Err` names the member that is there in its stead.
pub(super) fn read(body: &Secret, reader: Reader) -> Result<Secret, Option<&'static str>> {
    let document = Document::parse(body.expose()).map_err(|_| None)?;
    let member = |name: &'static str| {
        let value = document.root().get(name)?.as_str()?;
        // Nothing that would end a header.
        let is_good = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        is_good.then(|| Secret::from(value.as_ref()))
    };
    match (member("token"), member("access_token"), reader) {
        (Some(token), _, _) | (None, Some(token), Reader::Docker) => Ok(token),
        (None, Some(_), Reader::Ucr) => Err(Some("access_token")),
        (None, None, _) => Err(None),
    }
}

fn encode(bytes: &[u8], into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::challenge::challenges;

    #[test]
    fn questions_are_those_of_their_readers() {
        let header = r#"Bearer realm="https://a/t?x=1",service="r.example.com",scope="repository:a/b:pull""#;
        let challenge = &challenges([header])[0];
        assert_eq!(
            docker_url(challenge, "a/b", Action::Push, Some("me & you")).unwrap(),
            "https://a/t?x=1&service=r.example.com&scope=repository%3Aa%2Fb%3Apull%2Cpush&account=me%20%26%20you"
        );
        assert_eq!(
            ucr_url(challenge).unwrap(),
            "https://a/t?x=1?service=r.example.com&scope=repository:a/b:pull"
        );
        let bare = &challenges([r#"Bearer realm="https://a/t""#])[0];
        assert_eq!(ucr_url(bare), None);
        assert_eq!(
            ucr_fallback_url(bare, "a/b").unwrap(),
            "https://a/t?scope=repository:a/b:pull"
        );
        let form = form(challenge, "a/b", &Secret::from("i=d"));
        assert_eq!(
            form.expose_text().unwrap(),
            "grant_type=refresh_token&client_id=docker&service=r.example.com&scope=repository%3Aa%2Fb%3Apull&\
             refresh_token=i%3Dd"
        );
    }

    #[test]
    fn ucr_reads_one_kind_of_answer() {
        let read = |text: &str, reader| read(&Secret::from(text), reader);
        let token = Ok(Secret::from("t"));
        assert_eq!(read(r#"{"token": "t"}"#, Reader::Ucr), token);
        assert_eq!(read(r#"{"access_token": "t"}"#, Reader::Docker), token);
        assert_eq!(read(r#"{"access_token": "t"}"#, Reader::Ucr), Err(Some("access_token")));
        for bad in ["", "[]", "{}", r#"{"token": ""}"#, r#"{"token": "a\r\nb"}"#] {
            assert_eq!(read(bad, Reader::Docker), Err(None), "{bad}");
        }
    }
}
