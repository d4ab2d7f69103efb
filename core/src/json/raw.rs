//! JSON text that stands alone: the values that patches carry. Composed and passed on as text, never decoded.

use std::fmt;

use super::tape::Tag;
use super::{Document, SyntaxError, string};

/// What a composed value is expected to take at the most.
const USUAL_LENGTH: usize = 48;

/// A JSON text that has been checked, without whitespace around it.
///
/// Two are equal when they are written alike; compare what they mean with
/// [`Value::same_value`](super::Value::same_value).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawJson(String);

impl RawJson {
    /// Checks a text with the strict reader.
    ///
    /// # Errors
    /// As [`Document::parse`]; a byte order mark is refused too, because values are put inside other texts.
    pub fn parse(text: impl Into<String>) -> Result<RawJson, SyntaxError> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            let kind = super::SyntaxErrorKind::ForeignSpace(0xfeff);
            return Err(SyntaxError { offset: 0, kind });
        }
        let span = Document::of(&text)?.root().span();
        text.truncate(span.end);
        text.drain(..span.start);
        Ok(RawJson(text))
    }

    /// For text that the reader has passed already.
    pub(super) fn checked(text: String) -> RawJson {
        RawJson(text)
    }

    /// A string, encoded.
    pub fn string(plain: &str) -> RawJson {
        let mut text = String::new();
        string::encode(plain, &mut text);
        RawJson(text)
    }

    /// `true` or `false`.
    pub fn bool(value: bool) -> RawJson {
        RawJson(value.to_string())
    }

    /// `null`.
    pub fn null() -> RawJson {
        RawJson("null".to_owned())
    }

    /// An object of the given members, in their order.
    pub fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, RawJson)>) -> RawJson {
        let mut text = String::with_capacity(USUAL_LENGTH);
        text.push('{');
        for (key, value) in members {
            if text.len() > 1 {
                text.push(',');
            }
            string::encode(key.as_ref(), &mut text);
            text.push(':');
            text.push_str(&value.0);
        }
        text.push('}');
        RawJson(text)
    }

    /// An array of the given elements.
    pub fn array(elements: impl IntoIterator<Item = RawJson>) -> RawJson {
        let mut text = String::with_capacity(USUAL_LENGTH);
        text.push('[');
        for element in elements {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&element.0);
        }
        text.push(']');
        RawJson(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value on one line, with a space after each comma and colon; every token as it is written.
    pub fn on_one_line(&self) -> String {
        match Document::of(&self.0) {
            Ok(document) => one_line(&document),
            // It was read when it was made; composed of many it can have become too long, and stays as it is.
            Err(_) => self.0.clone(),
        }
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RawJson({})", self.0)
    }
}

fn one_line(document: &Document<'_>) -> String {
    let mut out = String::with_capacity(document.text().len());
    // Whether each open container is an object.
    let mut open: Vec<bool> = Vec::new();
    let (mut comma, mut after_key) = (false, false);
    for index in 0..document.len() as u32 {
        let tag = document.node(index).tag();
        if tag == Tag::Close {
            out.push(if open.pop() == Some(true) { '}' } else { ']' });
            comma = true;
            continue;
        }
        if comma && !after_key {
            out.push_str(", ");
        }
        match tag {
            Tag::Array | Tag::Object => {
                open.push(tag == Tag::Object);
                out.push(if tag == Tag::Object { '{' } else { '[' });
                (comma, after_key) = (false, false);
            }
            _ => {
                out.push_str(document.raw(index));
                let key = open.last() == Some(&true) && !after_key;
                if key {
                    out.push_str(": ");
                }
                (comma, after_key) = (true, key);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_checked_and_trimmed() {
        assert_eq!(RawJson::parse(" [1.0 ]\r\n").unwrap().as_str(), "[1.0 ]");
        assert_eq!(RawJson::parse("[1,]").unwrap_err().offset, 2);
        assert!(RawJson::parse("\u{feff}1").is_err() && RawJson::parse("").is_err());
    }

    #[test]
    fn values_compose() {
        let entry = RawJson::object([("uri", RawJson::string("a\"b")), ("extract", RawJson::bool(true))]);
        let array = RawJson::array([entry, RawJson::null(), RawJson::object::<&str>([]), RawJson::array([])]);
        assert_eq!(array.as_str(), r#"[{"uri":"a\"b","extract":true},null,{},[]]"#);
        assert_eq!(RawJson::parse(array.as_str()), Ok(array));
    }

    #[test]
    fn one_line_keeps_tokens_and_drops_line_ends() {
        let text = "{\n \"a\\u0041\" : [ 1.50 ,{ },\r\n[ ] , {\"b\":{\"c\":null}}],\"d\":-0}";
        let raw = RawJson::parse(text).unwrap();
        assert_eq!(
            raw.on_one_line(),
            r#"{"a\u0041": [1.50, {}, [], {"b": {"c": null}}], "d": -0}"#
        );
        let deep = RawJson::parse("[".repeat(100_000) + &"]".repeat(100_000)).unwrap();
        assert_eq!(deep.on_one_line(), deep.as_str());
    }
}
