//! What Marathon accepts, as far as pulls are concerned: types of members, and the rules of its validation that fixes
//! must never break.

use serde_json::{Map, Value};

/// An app, or an update that is merged into the stored app before it is judged (marathon `AppConversion.scala`).
pub(super) fn app(body: &Value, stored: Option<&Value>) -> Vec<String> {
    let mut errors = Vec::new();
    let Some(update) = body.as_object() else {
        return vec!["not an object".to_owned()];
    };
    let mut merged = stored.and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, value) in update {
        merged.insert(key.clone(), value.clone());
    }
    if stored.is_none() && !merged.get("id").is_some_and(Value::is_string) {
        errors.push("id: is missing".to_owned());
    }
    let fetch = fetch(merged.get("fetch"), &mut errors);
    let uris = merged.get("uris").and_then(Value::as_array).map_or(0, Vec::len);
    if fetch > 0 && uris > 0 {
        errors.push("may not be set in conjunction with fetch".to_owned());
    }
    let secrets = secrets(&merged, &mut errors);
    let container = merged.get("container").filter(|container| !container.is_null());
    if let Some(container) = container {
        if !container.is_object() {
            errors.push("container: is no object".to_owned());
        }
        let is_docker = container.get("type").is_none_or(|kind| kind == "DOCKER");
        if let Some(docker) = container.get("docker") {
            if !docker.get("image").is_some_and(Value::is_string) {
                errors.push("container.docker.image: is missing".to_owned());
            }
            match docker.get("pullConfig") {
                Some(_) if is_docker => {
                    errors.push("pullConfig is not supported with Docker containerizer".to_owned());
                }
                Some(pull_config) => refers(pull_config, &secrets, &mut errors),
                None => {}
            }
        }
    }
    errors
}

/// A pod.
pub(super) fn pod(body: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let Some(pod) = body.as_object() else {
        return vec!["not an object".to_owned()];
    };
    if !pod.get("id").is_some_and(Value::is_string) {
        errors.push("id: is missing".to_owned());
    }
    for wrong in ["fetch", "uris"] {
        if pod.contains_key(wrong) {
            errors.push(format!("{wrong}: a pod has none"));
        }
    }
    let secrets = secrets(pod, &mut errors);
    let containers = pod.get("containers").and_then(Value::as_array);
    if containers.is_none_or(Vec::is_empty) {
        errors.push("containers: are missing".to_owned());
    }
    for container in containers.into_iter().flatten() {
        fetch(container.get("artifacts"), &mut errors);
        if let Some(image) = container.get("image") {
            if !image.get("id").is_some_and(Value::is_string) || !image.get("kind").is_some_and(Value::is_string) {
                errors.push("image: needs kind and id".to_owned());
            }
            if let Some(pull_config) = image.get("pullConfig") {
                refers(pull_config, &secrets, &mut errors);
            }
        }
    }
    errors
}

/// A group.
pub(super) fn group(body: &Value, is_new: bool) -> Vec<String> {
    let mut errors = Vec::new();
    if is_new && !body.get("id").is_some_and(Value::is_string) {
        errors.push("id: is missing".to_owned());
    }
    let mut waiting = vec![body];
    while let Some(group) = waiting.pop() {
        if !group.is_object() {
            errors.push("a group is no object".to_owned());
        }
        let list = |key: &str| group.get(key).and_then(Value::as_array).into_iter().flatten();
        for one in list("apps") {
            errors.extend(app(one, None));
        }
        waiting.extend(list("groups"));
    }
    errors
}

fn fetch(value: Option<&Value>, errors: &mut Vec<String>) -> usize {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return 0;
    };
    let Some(entries) = value.as_array() else {
        errors.push("fetch: is no array".to_owned());
        return 0;
    };
    for entry in entries {
        let known = |key: &String| ["uri", "extract", "executable", "cache", "destPath"].contains(&key.as_str());
        let is_good = entry.as_object().is_some_and(|entry| {
            entry.get("uri").is_some_and(Value::is_string)
                && entry.keys().all(known)
                && ["extract", "executable", "cache"]
                    .iter()
                    .all(|key| entry.get(*key).is_none_or(Value::is_boolean))
        });
        if !is_good {
            errors.push(format!("fetch: {entry} is no artifact"));
        }
    }
    entries.len()
}

fn secrets(owner: &Map<String, Value>, errors: &mut Vec<String>) -> Vec<String> {
    let Some(secrets) = owner.get("secrets").filter(|secrets| !secrets.is_null()) else {
        return Vec::new();
    };
    let Some(secrets) = secrets.as_object() else {
        errors.push("secrets: is no object".to_owned());
        return Vec::new();
    };
    for (key, secret) in secrets {
        let source = secret.get("source").and_then(Value::as_str).unwrap_or_default();
        if key.is_empty() || source.is_empty() {
            errors.push(format!("secrets: `{key}` has no source"));
        }
    }
    secrets.keys().cloned().collect()
}

fn refers(pull_config: &Value, secrets: &[String], errors: &mut Vec<String>) {
    let secret = pull_config.get("secret").and_then(Value::as_str).unwrap_or_default();
    if !secrets.iter().any(|known| known == secret) {
        errors.push("pullConfig.secret must refer to an existing secret".to_owned());
    }
}
