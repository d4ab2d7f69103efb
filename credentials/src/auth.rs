//! The `auth` of an entry: base64 of `user:password`, as Docker reads it and UCR sends it.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Secret;

/// Go's `base64.StdEncoding`, which Docker uses: padding is asked for, stray last bits are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// A user and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Everything before the first colon.
    pub user: String,
    /// The rest. Docker drops NUL bytes around it.
    pub password: Secret,
}

/// Why an `auth` cannot work. Docker refuses to read the whole file for some of these; UCR sends them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuthError {
    /// Line ends inside the base64 text: Docker skips them, UCR sends them in a header.
    #[error("the base64 text is broken into lines")]
    Wrapped,
    /// Not standard base64 with padding.
    #[error("not base64 (the standard alphabet, with its padding)")]
    Base64,
    /// No colon in what it says.
    #[error("what it encodes has no colon between user and password")]
    NoColon,
    /// Nothing before the colon.
    #[error("what it encodes has no user before the colon")]
    NoUser,
    /// `echo` adds a line end where `echo -n` does not.
    #[error("the encoded password ends with a line end, which no registry will take for the password")]
    LineEnd,
    /// A line end elsewhere.
    #[error("what it encodes has a line end inside")]
    LineEndInside,
}

/// Reads an `auth`.
///
/// # Errors
/// When Docker or UCR, or the registry behind them, would not take it.
pub fn decode(auth: &str) -> Result<Login, AuthError> {
    if auth.contains(['\n', '\r']) {
        return Err(AuthError::Wrapped);
    }
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(auth.len())]);
    let length = BASE64.decode_slice(auth, &mut bytes).map_err(|_| AuthError::Base64)?;
    let bytes = &bytes[..length];
    let colon = bytes.iter().position(|byte| *byte == b':').ok_or(AuthError::NoColon)?;
    let (user, password) = (&bytes[..colon], &bytes[colon + 1..]);
    if user.is_empty() {
        return Err(AuthError::NoUser);
    }
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    match bytes.iter().rposition(|byte| !is_line_end(byte)) {
        Some(last) if last + 1 == length => {}
        _ => return Err(AuthError::LineEnd),
    }
    if bytes.iter().any(is_line_end) {
        return Err(AuthError::LineEndInside);
    }
    Ok(Login {
        user: String::from_utf8_lossy(user).into_owned(),
        password: Secret::new(password.to_vec()),
    })
}

/// Writes an `auth`, as `docker login` does.
#[must_use]
pub fn encode(user: &str, password: &Secret) -> Secret {
    let password = password.expose();
    let mut plain = Zeroizing::new(Vec::with_capacity(user.len() + 1 + password.len()));
    plain.extend_from_slice(user.as_bytes());
    plain.push(b':');
    plain.extend_from_slice(password);
    // Of a length that is known beforehand, so nothing is moved.
    let mut encoded = vec![0; base64::encoded_len(plain.len(), true).unwrap_or_default()];
    let length = BASE64.encode_slice(&*plain, &mut encoded).unwrap_or_default();
    encoded.truncate(length);
    Secret::new(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_login_writes_is_read() {
        let login = decode("bXl1c2VyQGRvbWFpbi5jb206aGFyZC10by1ndWVzcy1wYXNzd29yZA==").unwrap();
        assert_eq!(login.user, "myuser@domain.com");
        assert_eq!(login.password, Secret::from("hard-to-guess-password"));
        // A password may hold colons and be no UTF-8; it may be empty beside an identity token.
        for (user, password) in [("u", &b"a:b"[..]), ("u", b"\xff\xfe"), ("u", b"")] {
            let password = Secret::new(password.to_vec());
            let encoded = encode(user, &password);
            let login = decode(encoded.expose_text().unwrap()).unwrap();
            assert_eq!((login.user.as_str(), login.password), (user, password));
        }
    }

    #[test]
    fn what_cannot_work_is_told_apart() {
        use AuthError::{Base64, LineEnd, LineEndInside, NoColon, NoUser, Wrapped};
        for (auth, error) in [
            ("dXNlcjpwYXNzCg==", LineEnd),
            ("dXNlcjpwYXNzDQo=", LineEnd),
            ("dXNlcgo6cA==", LineEndInside),
            ("dXNlcjpw\nYXNz", Wrapped),
            ("dXNlcjpwYXNz\n", Wrapped),
            ("dXNlcnBhc3M=", NoColon),
            ("OnBhc3M=", NoUser),
            ("", NoColon),
            ("user:pass", Base64),
            ("dXNlcjpwYQ", Base64),
            ("dXNlcjpw_-Fz", Base64),
            ("XXXXX", Base64),
        ] {
            assert_eq!(decode(auth).unwrap_err(), error, "{auth:?}");
        }
    }
}
