//! What a policy tells a plugin: any table, kept as JSON. What is in it, only the plugin knows.

use crate::json::RawJson;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The key under which the `toml` crate hands over a date, which becomes a string here.
const DATE: &str = "$__toml_private_datetime";

/// A table as a JSON object on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings(RawJson);

impl Settings {
    pub(super) fn as_json(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings(RawJson::object::<&str>([]))
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Settings, D::Error> {
        let any = Any::deserialize(deserializer)?.0;
        if any.as_str().starts_with('{') {
            Ok(Settings(any))
        } else {
            Err(Error::custom(
                "what a plugin is told is a table, as in `[plugin.settings]`",
            ))
        }
    }
}

/// Any value. Readers of TOML and JSON bound the depth.
struct Any(RawJson);

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Any, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl AnyVisitor {
    fn written<E: Error>(text: &str) -> Result<Any, E> {
        RawJson::parse(text).map(Any).map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Any, E> {
        Ok(Any(RawJson::null()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Any, E> {
        Ok(Any(RawJson::bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Any, E> {
        AnyVisitor::written(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Any, E> {
        AnyVisitor::written(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Any, E> {
        if value.is_finite() {
            AnyVisitor::written(&format!("{value:?}"))
        } else {
            Err(E::custom(format!("JSON has no such number: {value}")))
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Any, E> {
        Ok(Any(RawJson::string(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Any, A::Error> {
        let mut elements = Vec::new();
        while let Some(Any(element)) = list.next_element()? {
            elements.push(element);
        }
        Ok(Any(RawJson::array(elements)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        let mut members = Vec::new();
        while let Some((key, Any(value))) = map.next_entry::<String, Any>()? {
            if key == DATE {
                return Ok(Any(value));
            }
            members.push((key, value));
        }
        Ok(Any(RawJson::object(members)))
    }
}
