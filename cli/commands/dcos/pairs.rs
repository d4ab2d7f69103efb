//! `dcos marathon app update ID key=value…`.
//!
//! Pairs that have nothing to do with pulling images go to the client as they are. Those that have are made into the
//! update that they mean, which then takes the way of any other: the client has no way to send the rest of what such an
//! update needs, and its Python version cannot even send an object (`_find_type` of its `jsonitem.py` takes `{…}` for a
//! URL without a scheme).

use pullcreds_core::json::{Document, RawJson};

use super::arguments::Subject;
use crate::outcome::Problem;

/// Members of an app that bear on pulls.
const OF_APPS: [&str; 4] = ["container", "fetch", "uris", "secrets"];
/// Members of a group that hold apps.
const OF_GROUPS: [&str; 3] = ["apps", "groups", "pods"];

/// The update that the pairs mean; `None` where no image is concerned.
///
/// # Errors
/// When a pair that bears on pulls is not what it must be.
pub(super) fn update(subject: Subject, pairs: &[String]) -> Result<Option<String>, Problem> {
    let telling: &[&str] = match subject {
        Subject::Group => &OF_GROUPS,
        Subject::App | Subject::Pod => &OF_APPS,
    };
    let split: Vec<(&str, Option<&str>)> = pairs
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) => (unquoted(key), Some(unquoted(value))),
            None => (unquoted(pair), None),
        })
        .collect();
    if !split.iter().any(|(key, _)| telling.contains(key)) {
        return Ok(None);
    }
    let mut members: Vec<(&str, RawJson)> = Vec::new();
    for (key, value) in split {
        let Some(value) = value else {
            return Err(Problem::new(format!("`{key}` is no key=value")));
        };
        if members.iter().any(|(known, _)| *known == key) {
            return Err(Problem::new(format!("`{key}` is given twice")));
        }
        let value = value_of(value);
        if telling.contains(&key) && !is_structure(&value) {
            return Err(Problem::new(format!("the value of `{key}` is not JSON")).with_help(
                "dcos takes no `@file` here; give the whole update on standard input, with `< FILE` and no pairs",
            ));
        }
        members.push((key, value));
    }
    Ok(Some(format!("{}\n", RawJson::object(members).as_str())))
}

/// As the client reads it: JSON where it is JSON, text otherwise.
fn value_of(text: &str) -> RawJson {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "true" => RawJson::bool(true),
        "false" => RawJson::bool(false),
        "null" => RawJson::null(),
        _ => RawJson::parse(text).unwrap_or_else(|_| RawJson::string(text)),
    }
}

fn is_structure(value: &RawJson) -> bool {
    Document::parse(value.as_str().as_bytes()).is_ok_and(|document| {
        let root = document.root();
        root.is_object() || root.is_array() || root.is_null()
    })
}

/// The client takes one pair of quotes off.
fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pairs: &[&str]) -> Result<Option<String>, String> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        update(Subject::App, &pairs).map_err(|problem| problem.message)
    }

    #[test]
    fn pairs_without_images_are_left_to_the_client() {
        assert_eq!(made(&["instances=3", "cmd=sleep", "env={\"container\":1}"]), Ok(None));
        assert_eq!(made(&["nonsense"]), Ok(None));
    }

    #[test]
    fn pairs_with_images_become_an_update() {
        let pairs = [
            "container={\"docker\": {\"image\": \"x\"}}",
            "instances='3'",
            "cmd=\"sleep 1\"",
            "x=TRUE",
            "y=null",
            "z=1.50",
        ];
        let update: serde_json::Value = serde_json::from_str(&made(&pairs).unwrap().unwrap()).unwrap();
        let wanted =
            r#"{"container":{"docker":{"image":"x"}},"instances":3,"cmd":"sleep 1","x":true,"y":null,"z":1.5}"#;
        assert_eq!(update, serde_json::from_str::<serde_json::Value>(wanted).unwrap());
    }

    #[test]
    fn what_would_be_sent_wrong_is_refused() {
        assert_eq!(
            made(&["container=@web.json"]),
            Err("the value of `container` is not JSON".to_owned())
        );
        assert_eq!(
            made(&["fetch=[]", "fetch=[]"]),
            Err("`fetch` is given twice".to_owned())
        );
        assert_eq!(made(&["fetch=[]", "x"]), Err("`x` is no key=value".to_owned()));
    }
}
