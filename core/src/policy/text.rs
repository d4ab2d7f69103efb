//! How values of the policy are read from its file: each from a string, by the type's own reader, so that an error
//! stands at the value and says what to write.

use crate::image::Pattern;
use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Reads a value that is written as a string; `expected` says what should stand there when something else does.
pub(super) fn from_string<'de, D, T>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    deserializer.deserialize_str(FromString {
        expected,
        value: PhantomData,
    })
}

struct FromString<T> {
    expected: &'static str,
    value: PhantomData<T>,
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for FromString<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Makes a type that is read from a string readable from a policy.
macro_rules! read_from_string {
    ($type:ty, $expected:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::policy::text::from_string(deserializer, $expected)
            }
        }
    };
}
pub(super) use read_from_string;

read_from_string!(
    Pattern,
    "a pattern of images in quotes, such as \"registry.example.com\""
);

/// A string that says something.
#[derive(Clone, Debug)]
pub(super) struct NonEmpty(pub(super) String);

#[derive(Debug, thiserror::Error)]
#[error("this is empty: write something, or leave the key out")]
pub(super) struct NothingWritten;

impl FromStr for NonEmpty {
    type Err = NothingWritten;

    fn from_str(text: &str) -> Result<NonEmpty, NothingWritten> {
        if text.trim().is_empty() {
            Err(NothingWritten)
        } else {
            Ok(NonEmpty(text.to_owned()))
        }
    }
}

read_from_string!(NonEmpty, "a string");

/// One value, or a list of at least one.
#[derive(Clone, Debug)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

struct OneOrManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany<T>, E> {
        T::deserialize(StrDeserializer::new(text)).map(|value| OneOrMany(vec![value]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        if values.is_empty() {
            return Err(A::Error::custom("this list is empty: write at least one"));
        }
        Ok(OneOrMany(values))
    }
}
