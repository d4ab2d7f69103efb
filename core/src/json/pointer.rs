//! RFC 6901 pointers: a path of keys and indexes. Which of them an array takes is decided where arrays are.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A JSON pointer, held as it is written: empty for the whole text, or `/` before each token.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

/// Why a text is no pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PointerError {
    /// Neither empty nor led by a slash.
    #[error("a JSON pointer is empty or begins with `/`")]
    NoSlash,
    /// A tilde before something else than 0 or 1, at this byte.
    #[error("a `~` in a JSON pointer is written `~0`, and a `/` in a key `~1`")]
    Tilde(usize),
}

impl Pointer {
    /// The pointer to the whole text.
    pub const fn root() -> Pointer {
        Pointer(String::new())
    }

    /// Checks a pointer as it is written.
    ///
    /// # Errors
    /// When it does not begin with a slash or escapes something that has no escape.
    pub fn parse(text: &str) -> Result<Pointer, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash);
        }
        let bytes = text.as_bytes();
        let stray = |&(at, &byte): &(usize, &u8)| byte == b'~' && !matches!(bytes.get(at + 1), Some(b'0' | b'1'));
        match bytes.iter().enumerate().find(stray) {
            Some((at, _)) => Err(PointerError::Tilde(at)),
            None => Ok(Pointer(text.to_owned())),
        }
    }

    /// Goes one step down, by a key or an index as it is (not escaped).
    pub fn push(&mut self, token: &str) {
        self.0.push('/');
        let mut rest = token;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'~' | b'/')) {
            self.0.push_str(&rest[..at]);
            self.0.push_str(if rest.as_bytes()[at] == b'~' { "~0" } else { "~1" });
            rest = &rest[at + 1..];
        }
        self.0.push_str(rest);
    }

    /// The pointer one step down.
    #[must_use]
    pub fn child(&self, token: &str) -> Pointer {
        self.below([token])
    }

    /// The pointer several steps down.
    #[must_use]
    pub fn below<T: AsRef<str>>(&self, tokens: impl IntoIterator<Item = T, IntoIter: Clone>) -> Pointer {
        let tokens = tokens.into_iter();
        let length: usize = tokens.clone().map(|token| token.as_ref().len() + 1).sum();
        let mut text = String::with_capacity(self.0.len() + length);
        text.push_str(&self.0);
        let mut below = Pointer(text);
        tokens.for_each(|token| below.push(token.as_ref()));
        below
    }

    /// The pointer one step up; `None` for the root.
    pub fn parent(&self) -> Option<Pointer> {
        self.0.rfind('/').map(|slash| Pointer(self.0[..slash].to_owned()))
    }

    /// The steps, unescaped.
    pub fn tokens(&self) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
        let mut tokens = self.0.split('/');
        // Before the first slash there is nothing.
        tokens.next();
        tokens.map(unescape)
    }

    /// The last step, unescaped; `None` for the root.
    pub fn last(&self) -> Option<Cow<'_, str>> {
        self.0.rfind('/').map(|slash| unescape(&self.0[slash + 1..]))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the whole text.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this leads to `prefix` or below it. `/ab` does not lead below `/a`.
    pub fn starts_with_tokens(&self, prefix: &Pointer) -> bool {
        self.0
            .strip_prefix(&prefix.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// An array index by RFC 6901: digits, without a leading zero.
pub(super) fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    // One that no array can reach is as good as any other such.
    (canonical && digits).then(|| token.parse().unwrap_or(usize::MAX))
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Pointer, PointerError> {
        Pointer::parse(text)
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_come_back() {
        let mut pointer = Pointer::root();
        let tokens = ["a/b", "m~n", "", "~1", "é", "0", "-", "~01"];
        for token in tokens {
            pointer.push(token);
        }
        assert_eq!(pointer.as_str(), "/a~1b/m~0n//~01/é/0/-/~001");
        assert_eq!(Pointer::parse(pointer.as_str()), Ok(pointer.clone()));
        assert!(pointer.tokens().eq(tokens));
        assert_eq!(pointer.last().as_deref(), Some("~01"));
        assert_eq!(pointer.parent().map(|parent| parent.child("~01")), Some(pointer));
        assert_eq!((Pointer::root().tokens().count(), Pointer::root().parent()), (0, None));
        assert_eq!(Pointer::parse("/").unwrap().tokens().count(), 1);
    }

    #[test]
    fn bad_pointers_are_refused() {
        assert_eq!(Pointer::parse("a"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::Tilde(2)));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::Tilde(1)));
    }

    #[test]
    fn prefixes_end_where_tokens_do() {
        let pointer = Pointer::parse("/ab/c").unwrap();
        let below = |prefix| pointer.starts_with_tokens(&Pointer::parse(prefix).unwrap());
        assert!(below("") && below("/ab") && below("/ab/c") && !below("/a") && !below("/ab/c/d"));
    }

    #[test]
    fn indexes_have_one_spelling() {
        assert_eq!(
            [index("0"), index("10"), index("99999999999999999999999")],
            [Some(0), Some(10), Some(usize::MAX)]
        );
        assert!(
            ["", "01", "00", "-", "+1", "1e0", " 1", "１"]
                .iter()
                .all(|token| index(token).is_none())
        );
    }
}
