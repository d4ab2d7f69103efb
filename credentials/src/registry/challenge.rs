//! `WWW-Authenticate`: what a registry asks for.
//!
//! Source: RFC 9110, 11.6.1; distribution `docs/spec/auth/token.md`. Knows nothing of who reads it.

/// One way in which a server lets itself be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// In lowercase: `basic`, `bearer`.
    pub scheme: String,
    /// Names in lowercase, values without their quotes.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// What it says of one parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the values of all headers of that name. What is no challenge is passed over.
#[must_use]
pub fn challenges<'h>(headers: impl IntoIterator<Item = &'h str>) -> Vec<Challenge> {
    let mut found = Vec::new();
    for header in headers {
        let mut rest = Rest(header);
        while !rest.0.is_empty() {
            rest.skip(|character| character == ',' || character.is_ascii_whitespace());
            let name = rest.token();
            if name.is_empty() {
                // No token can begin here: pass over one character, so that it ends.
                rest.skip_one();
                continue;
            }
            let spaced = rest.skip(|character| matches!(character, ' ' | '\t'));
            if rest.take('=') {
                let value = rest.value();
                if let Some(Challenge { parameters, .. }) = found.last_mut() {
                    parameters.push((name.to_ascii_lowercase(), value));
                }
            } else if spaced || rest.0.is_empty() || rest.0.starts_with(',') {
                found.push(Challenge {
                    scheme: name.to_ascii_lowercase(),
                    parameters: Vec::new(),
                });
            }
        }
    }
    found
}

struct Rest<'h>(&'h str);

impl<'h> Rest<'h> {
    /// Whether there was any.
    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) -> bool {
        let rest = self.0.trim_start_matches(is_skipped);
        let any = rest.len() < self.0.len();
        self.0 = rest;
        any
    }

    fn skip_one(&mut self) {
        let mut characters = self.0.chars();
        characters.next();
        self.0 = characters.as_str();
    }

    fn take(&mut self, character: char) -> bool {
        match self.0.strip_prefix(character) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn token(&mut self) -> &'h str {
        let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
        let end = self.0.find(|character| !is_token(character)).unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        token
    }

    /// A token, or what stands between quotes. Realms are written without them, too, with characters no token has.
    fn value(&mut self) -> String {
        self.skip(|character| matches!(character, ' ' | '\t'));
        if !self.take('"') {
            let end = self.0.find([',', ' ', '\t']).unwrap_or(self.0.len());
            let (value, rest) = self.0.split_at(end);
            self.0 = rest;
            return value.to_owned();
        }
        let mut value = String::new();
        let mut characters = self.0.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => value.extend(characters.next()),
                other => value.push(other),
            }
        }
        self.0 = characters.as_str();
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(headers: &[&str]) -> Vec<String> {
        let found = challenges(headers.iter().copied());
        let one = |challenge: &Challenge| {
            let parameters: Vec<_> = challenge.parameters.iter().map(|(n, v)| format!("{n}={v}")).collect();
            format!("{} {}", challenge.scheme, parameters.join(";"))
        };
        found.iter().map(one).collect()
    }

    #[test]
    fn what_registries_send_is_read() {
        for (headers, found) in [
            (&[r#"Basic realm="Registry""#][..], &["basic realm=Registry"][..]),
            (
                &[
                    r#"Bearer realm="https://auth.example.com/token",service="r.example.com",scope="repository:a/b:pull,push""#,
                ],
                &["bearer realm=https://auth.example.com/token;service=r.example.com;scope=repository:a/b:pull,push"],
            ),
            (
                &["BEARER Realm = https://a/t , error=\"x \\\"y\\\", z\""],
                &["bearer realm=https://a/t;error=x \"y\", z"],
            ),
            (
                &[r#"Basic realm="a", Bearer realm="b""#],
                &["basic realm=a", "bearer realm=b"],
            ),
            (&["Negotiate", "Basic realm=x"], &["negotiate ", "basic realm=x"]),
            (&["Negotiate, Basic realm=x"], &["negotiate ", "basic realm=x"]),
            (&["", ",,", "\"", "=", "realm=x", "ä Basic"], &["basic "]),
            (&[r#"Basic realm="unclosed"#], &["basic realm=unclosed"]),
            (&[r#"Basic realm="\"#], &["basic realm="]),
        ] {
            assert_eq!(short(headers), found, "{headers:?}");
        }
    }
}
