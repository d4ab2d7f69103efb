//! What an update of a pod or a group takes away of the stored pull credentials.
//!
//! A pod, and an app in a group, is replaced as a whole, so nothing is merged into it: leaving something out is how it
//! is removed. But who leaves credentials out seldom means to, and is told (MC026). Updates of single apps are merged
//! by Marathon, and are the transformer's business.

use std::borrow::Cow;
use std::collections::HashMap;

use pullcreds_core::definition::{Definition, Owner, OwnerKind};
use pullcreds_core::finding::{Finding, Severity};
use pullcreds_core::json::{Document, Pointer, Value};
use pullcreds_core::rules::RULES;
use pullcreds_core::transform::Kind;

use super::stored;

/// The rule that this is about.
pub(super) const CODE: &str = "MC026";

/// What `sent` drops of what is stored; places are in `sent`.
pub(super) fn losses(sent: &str, stored_text: &str, kind: Kind, group: &str) -> Vec<Finding> {
    let (Ok(sent), Ok(shown)) = (
        Document::parse(sent.as_bytes()),
        Document::parse(stored_text.as_bytes()),
    ) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    match kind {
        Kind::Pod => of_pod(sent.root(), stored::pod(shown.root()), &mut found),
        Kind::Group => {
            let (Ok(sent), Ok(stored)) = (
                Definition::read(sent.root(), kind, Some(group)),
                Definition::read(shown.root(), kind, Some(group)),
            ) else {
                return found;
            };
            let known: HashMap<String, &Owner<'_>> = apps(&stored).collect();
            for (id, app) in apps(&sent) {
                if let Some(stored) = known.get(&id) {
                    of_app(app.value, stored.value, &id, &app.pointer(&sent), &mut found);
                }
            }
        }
        _ => {}
    }
    found
}

fn apps<'a>(definition: &'a Definition<'a>) -> impl Iterator<Item = (String, &'a Owner<'a>)> {
    let apps = definition.owners.iter().filter(|owner| owner.kind == OwnerKind::App);
    apps.filter_map(|owner| Some((owner.id(definition)?.as_ref().ok()?.to_string(), owner)))
}

fn of_pod(sent: Value<'_>, stored: Value<'_>, found: &mut Vec<Finding>) {
    let id = sent.get("id").and_then(|id| id.as_str()).map(Cow::into_owned);
    let tell = |message: String, at: Value<'_>| loss(message, at, &Pointer::root(), id.clone());
    for before in containers(stored) {
        let (Some(name), Some(secret)) = (text(before, "name"), before.get("image").and_then(pull_secret)) else {
            continue;
        };
        let now = containers(sent).find(|container| text(*container, "name").as_ref() == Some(&name));
        if let Some(image) = now.and_then(|now| now.get("image"))
            && pull_secret(image).is_none()
        {
            let message = format!("the update drops the stored pullConfig `{secret}` of the container `{name}`");
            found.push(tell(message, image));
        }
    }
    let gone = lost_secrets(sent, stored);
    if !gone.is_empty() {
        let at = sent.get("secrets").unwrap_or(sent);
        found.push(tell(
            format!("the update drops the stored secrets {}", gone.join(", ")),
            at,
        ));
    }
}

fn of_app(sent: Value<'_>, stored: Value<'_>, id: &str, pointer: &Pointer, found: &mut Vec<Finding>) {
    let tell = |message: String, at: Value<'_>| loss(message, at, pointer, Some(id.to_owned()));
    if let (Some(now), Some(secret)) = (docker(sent), docker(stored).and_then(pull_secret))
        && pull_secret(now).is_none()
    {
        found.push(tell(
            format!("the update drops the stored pullConfig `{secret}` of {id}"),
            now,
        ));
    }
    let now: Vec<String> = uris(sent).collect();
    let lost: Vec<String> = uris(stored).filter(|uri| !now.contains(uri)).collect();
    if !lost.is_empty() {
        let at = sent.get("fetch").or_else(|| sent.get("uris")).unwrap_or(sent);
        found.push(tell(
            format!("the update drops {} of the stored fetch entries of {id}", lost.len()),
            at,
        ));
    }
    let gone = lost_secrets(sent, stored);
    if !gone.is_empty() {
        let at = sent.get("secrets").unwrap_or(sent);
        found.push(tell(
            format!("the update drops the stored secrets {} of {id}", gone.join(", ")),
            at,
        ));
    }
}

fn loss(message: String, at: Value<'_>, pointer: &Pointer, id: Option<String>) -> Finding {
    let name = RULES.iter().find(|rule| rule.code == CODE).map_or("", |rule| rule.name);
    let start = at.span().start;
    Finding {
        code: CODE.into(),
        name: name.into(),
        severity: Severity::Warning,
        message,
        span: start..start.saturating_add(1),
        label: "".into(),
        related: Vec::new(),
        help: vec!["a pod, and an app in a group, is replaced as a whole: write here what is to stay".to_owned()],
        pointer: pointer.clone(),
        id,
        fix: None,
    }
}

fn docker(app: Value<'_>) -> Option<Value<'_>> {
    app.get("container")?.get("docker")
}

fn containers(pod: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    pod.get("containers")
        .into_iter()
        .flat_map(|containers| containers.elements())
}

fn uris(app: Value<'_>) -> impl Iterator<Item = String> {
    let of = |value: Value<'_>| value.as_str().map(Cow::into_owned);
    let fetch = app.get("fetch").into_iter().flat_map(|fetch| fetch.elements());
    let uris = app.get("uris").into_iter().flat_map(|uris| uris.elements());
    fetch
        .filter_map(move |entry| of(entry.get("uri")?))
        .chain(uris.filter_map(of))
}

fn pull_secret(block: Value<'_>) -> Option<String> {
    text(block.get("pullConfig")?, "secret")
}

fn lost_secrets(sent: Value<'_>, stored: Value<'_>) -> Vec<String> {
    let kept = |key: &str| sent.get("secrets").is_some_and(|secrets| secrets.get(key).is_some());
    let stored = stored.get("secrets").into_iter().flat_map(|secrets| secrets.members());
    stored
        .map(|member| member.key.decoded().into_owned())
        .filter(|key| !kept(key))
        .collect()
}

fn text(object: Value<'_>, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(Cow::into_owned)
}
