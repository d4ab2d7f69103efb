//! The rule: every app and pod says in a label who owns it.

use serde_json::{Value, json};

/// What pullcreds shows, behind the plugin's name. A code never changes its meaning.
pub const CODE: &str = "{{code}}";
/// The same, in words.
pub const NAME: &str = "missing-owner";

/// What is wrong with one app or pod.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// One sentence without a full stop.
    pub message: String,
    /// RFC 6901, from the app or pod.
    pub pointer: String,
    /// What to do about it.
    pub help: Vec<String>,
    /// RFC 6902, where the settings say who the owner is.
    pub patch: Option<String>,
}

/// Looks at one app or pod. `settings` is the `[plugin.settings]` of the policy as JSON: `{"owner": "team-x"}` says what
/// to write where the label is missing.
///
/// # Errors
/// Where the settings cannot be used.
pub fn look(definition: &str, settings: &str) -> Result<Option<Found>, String> {
    let settings: Value = serde_json::from_str(settings).map_err(|error| error.to_string())?;
    let owner = match settings.get("owner") {
        None => None,
        Some(Value::String(owner)) => Some(owner),
        Some(_) => return Err("`owner` is to be a string".to_owned()),
    };
    // pullcreds hands over nothing but apps and pods.
    let app: Value = serde_json::from_str(definition).map_err(|error| error.to_string())?;
    let labels = app.get("labels").filter(|labels| labels.is_object());
    if labels.is_some_and(|labels| labels.get("owner").is_some()) {
        return Ok(None);
    }
    let patch = owner.map(|owner| match labels {
        Some(_) => json!([{"op": "add", "path": "/labels/owner", "value": owner}]),
        None => json!([{"op": "add", "path": "/labels", "value": {"owner": owner}}]),
    });
    Ok(Some(Found {
        message: "no label says who owns this".to_owned(),
        pointer: if app.get("id").is_some() { "/id" } else { "" }.to_owned(),
        help: vec!["write a label `owner`".to_owned()],
        patch: patch.map(|patch| patch.to_string()),
    }))
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn an_owner_is_asked_for() {
        let owned = r#"{"id": "/web", "labels": {"owner": "team-y"}}"#;
        assert_eq!(look(owned, "{}"), Ok(None));
        let bare = look(r#"{"id": "/web"}"#, "{}").unwrap().unwrap();
        assert_eq!((bare.pointer.as_str(), bare.patch), ("/id", None));
    }

    #[test]
    fn an_owner_is_added_where_the_settings_name_one() {
        let patch = |definition: &str| look(definition, r#"{"owner": "x"}"#).unwrap().unwrap().patch.unwrap();
        assert_eq!(patch("{}"), r#"[{"op":"add","path":"/labels","value":{"owner":"x"}}]"#);
        assert_eq!(patch(r#"{"labels": {}}"#), r#"[{"op":"add","path":"/labels/owner","value":"x"}]"#);
        assert!(look("{}", r#"{"owner": 1}"#).is_err());
    }
}
