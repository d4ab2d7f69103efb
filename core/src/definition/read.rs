//! Reads one app or pod into its [`Model`].
//!
//! Takes what it understands and leaves the rest alone: a member of a wrong type becomes [`Member::Malformed`] and is
//! never written to.

use std::borrow::Cow;

use super::fetcher;
use super::fields::Fields;
use super::model::{Artifact, EntryId, Member, Misplaced, Misspelt, Model, Place, Secret, Site, Stored};
use super::owner::OwnerKind;
use crate::json::Value;

/// Names that are mistaken for the one that forces a pull of an app's image.
const APP_MISSPELT: [(&str, &str); 5] = [
    ("forcePull", "forcePullImage"),
    ("force", "forcePullImage"),
    ("pullconfig", "pullConfig"),
    ("pull_config", "pullConfig"),
    ("pullConf", "pullConfig"),
];
/// The same for the image of a pod's container.
const POD_MISSPELT: [(&str, &str); 5] = [
    ("forcePullImage", "forcePull"),
    ("force", "forcePull"),
    ("pullconfig", "pullConfig"),
    ("pull_config", "pullConfig"),
    ("pullConf", "pullConfig"),
];

/// Reads an app, an update or a pod. `None` where no image is pulled: then there is nothing to say about it.
pub(crate) fn read_model<'d>(kind: OwnerKind, fields: &Fields<'d>, stored: Option<Value<'d>>) -> Option<Model<'d>> {
    match kind {
        OwnerKind::Pod => read_pod(fields),
        OwnerKind::App => read_app(kind, fields),
        OwnerKind::AppUpdate => {
            let mut model = read_app(kind, fields)?;
            model.stored = stored.map(|stored| read_stored(stored, &mut model.next_entry));
            Some(model)
        }
    }
}

fn empty(kind: OwnerKind) -> Model<'static> {
    Model {
        kind,
        container_type: Member::Absent,
        fetch: Member::Absent,
        uris: Member::Absent,
        secrets: Member::Absent,
        sites: Vec::new(),
        misplaced: Vec::new(),
        stored: None,
        next_entry: 0,
    }
}

fn read_app<'d>(kind: OwnerKind, app: &Fields<'d>) -> Option<Model<'d>> {
    let container = app.container.filter(Value::is_object);
    let mut model: Model<'d> = empty(kind);
    let mut appc = false;
    let mut docker = None;
    for member in container.into_iter().flat_map(|container| container.members()) {
        match member.key.decoded_bytes().as_ref() {
            b"docker" => docker = Some(member.value).filter(Value::is_object),
            b"type" => model.container_type = string(Some(member.value)),
            b"appc" => appc = true,
            _ => {}
        }
    }
    if let (Some(container), Some(docker)) = (container, docker) {
        model.sites.extend(read_site(Place::App, docker));
        misplaced(&mut model, container, &["container"]);
        misplaced(&mut model, docker, &["container", "docker"]);
        misplaced_at_top(&mut model, [("pullConfig", app.pull_config)]);
    } else {
        model.container_type = Member::Absent;
    }
    // An update that brings credentials without a container says something about pulls too, and so does an appc image.
    let bears_on_pulls = !model.sites.is_empty() || appc || (kind == OwnerKind::AppUpdate && container.is_none());
    if !bears_on_pulls {
        return None;
    }
    if let Some(fetch) = app.fetch {
        model.fetch = list(fetch, &mut model.next_entry, read_artifact);
    }
    if let Some(uris) = app.uris {
        model.uris = list(uris, &mut model.next_entry, read_uri);
    }
    if let Some(secrets) = app.secrets {
        model.secrets = read_secrets(secrets);
    }
    Some(model)
}

fn read_pod<'d>(pod: &Fields<'d>) -> Option<Model<'d>> {
    let containers = pod.containers.filter(Value::is_array)?;
    let mut model: Model<'d> = empty(OwnerKind::Pod);
    for (index, container) in containers.elements().enumerate() {
        let Some(image) = container.get("image").filter(Value::is_object) else {
            continue;
        };
        if let Some(mut site) = read_site(Place::PodContainer(index), image) {
            if let Some(artifacts) = container.get("artifacts") {
                site.artifacts = list(artifacts, &mut model.next_entry, read_artifact);
            }
            model.sites.push(site);
        }
        let index = index.to_string();
        misplaced(&mut model, container, &["containers", &index]);
        misplaced(&mut model, image, &["containers", &index, "image"]);
    }
    if model.sites.is_empty() {
        return None;
    }
    misplaced_at_top(
        &mut model,
        [
            ("fetch", pod.fetch),
            ("uris", pod.uris),
            ("pullConfig", pod.pull_config),
        ],
    );
    if let Some(secrets) = pod.secrets {
        model.secrets = read_secrets(secrets);
    }
    Some(model)
}

fn read_stored<'d>(app: Value<'d>, next: &mut u32) -> Stored<'d> {
    let fetch = app
        .get("fetch")
        .map_or(Member::Absent, |fetch| list(fetch, next, read_artifact));
    let uris = app
        .get("uris")
        .map_or(Member::Absent, |uris| list(uris, next, read_uri));
    let docker = app.get("container").and_then(|container| container.get("docker"));
    let pull_config = docker.and_then(|docker| docker.get("pullConfig")?.get("secret")?.as_str());
    let mut entries: Vec<_> = fetch.entries().to_vec();
    for uri in uris.entries() {
        // Marathon up to 1.4 answers with both, the same twice.
        if !entries.iter().any(|entry| entry.uri == uri.uri) {
            entries.push(Artifact {
                written: None,
                ..uri.clone().in_fetch()
            });
        }
    }
    for entry in &mut entries {
        entry.origin = None;
    }
    let mut secrets = app
        .get("secrets")
        .map_or(Member::Absent, read_secrets)
        .entries()
        .to_vec();
    for secret in &mut secrets {
        secret.original = false;
    }
    Stored {
        fetch: entries,
        secrets,
        pull_config,
    }
}

fn read_site(place: Place, block: Value<'_>) -> Option<Site<'_>> {
    let image = block.get(place.image_key())?;
    let reference = image.as_str()?;
    let (misspelt_names, force_key) = match place {
        Place::App => (&APP_MISSPELT, "forcePullImage"),
        Place::PodContainer(_) => (&POD_MISSPELT, "forcePull"),
    };
    let mut site = Site {
        place,
        block,
        image,
        reference,
        kind: Member::Absent,
        pull_config: Member::Absent,
        artifacts: Member::Absent,
        force: false,
        misspelt: Vec::new(),
    };
    for member in block.members() {
        let key = member.key.decoded();
        let value = member.value;
        match key.as_ref() {
            "pullConfig" => {
                site.pull_config = match value.get("secret").map(|secret| secret.as_str()) {
                    _ if value.is_null() => Member::Null,
                    Some(Some(secret)) => Member::Present(secret),
                    _ => Member::Malformed,
                }
            }
            "kind" if place != Place::App => site.kind = string(Some(value)),
            key if key == force_key => site.force = value.as_bool() == Some(true),
            key => {
                if let Some((wrong, right)) = misspelt_names.iter().find(|(wrong, _)| *wrong == key) {
                    let both = block.get(right).is_some();
                    site.misspelt.push(Misspelt {
                        wrong,
                        right,
                        value,
                        both,
                        renamed: false,
                    });
                }
            }
        }
    }
    Some(site)
}

/// Members that belong elsewhere, in a container or an image block. `pullConfig` is right in an image block.
fn misplaced<'d>(model: &mut Model<'d>, object: Value<'d>, tokens: &[&str]) {
    let in_image_block = matches!(tokens.last(), Some(&"docker" | &"image"));
    for member in object.members() {
        let key = match member.key.decoded_bytes().as_ref() {
            b"fetch" => "fetch",
            b"uris" => "uris",
            b"secrets" => "secrets",
            b"pullConfig" if !in_image_block => "pullConfig",
            _ => continue,
        };
        let mut path: Vec<Cow<'static, str>> = tokens.iter().map(|token| (*token).to_owned().into()).collect();
        path.push(key.into());
        model.misplaced.push(Misplaced {
            key,
            tokens: path,
            value: member.value,
            moved: false,
        });
    }
}

/// The same for the app or pod itself.
fn misplaced_at_top<'d, const N: usize>(model: &mut Model<'d>, members: [(&'static str, Option<Value<'d>>); N]) {
    for (key, value) in members {
        if let Some(value) = value {
            model.misplaced.push(Misplaced {
                key,
                tokens: vec![key.into()],
                value,
                moved: false,
            });
        }
    }
}

fn string(value: Option<Value<'_>>) -> Member<Cow<'_, str>> {
    match value {
        None => Member::Absent,
        Some(value) if value.is_null() => Member::Null,
        Some(value) => value.as_str().map_or(Member::Malformed, Member::Present),
    }
}

fn list<'d>(value: Value<'d>, next: &mut u32, read: fn(Value<'d>) -> Artifact<'d>) -> Member<Vec<Artifact<'d>>> {
    if value.is_null() {
        return Member::Null;
    }
    if !value.is_array() {
        return Member::Malformed;
    }
    let entries = value.elements().enumerate().map(|(index, element)| {
        let mut entry = read(element);
        entry.id = EntryId(*next);
        entry.origin = Some(index);
        entry.written = Some(element);
        *next = next.saturating_add(1);
        entry
    });
    Member::Present(entries.collect())
}

fn read_artifact(value: Value<'_>) -> Artifact<'_> {
    let mut artifact = Artifact::new(EntryId(0), Cow::Borrowed(""));
    artifact.uri = None;
    for member in value.members() {
        let value = member.value;
        match member.key.decoded_bytes().as_ref() {
            b"uri" => artifact.uri = value.as_str(),
            b"extract" => artifact.extract = value.as_bool(),
            b"executable" => artifact.executable = value.as_bool(),
            b"cache" => artifact.cache = value.as_bool(),
            b"destPath" => artifact.dest_path = value.as_str(),
            _ => {}
        }
    }
    artifact
}

fn read_uri(value: Value<'_>) -> Artifact<'_> {
    let mut artifact = Artifact::new(EntryId(0), Cow::Borrowed(""));
    artifact.uri = value.as_str();
    artifact.extract = artifact.uri.as_deref().map(fetcher::is_extract);
    artifact
}

/// The entries of a `secrets` object; of two with one key, the last, as Marathon reads it.
pub(crate) fn read_secrets(value: Value<'_>) -> Member<Vec<Secret<'_>>> {
    if value.is_null() {
        return Member::Null;
    }
    if !value.is_object() {
        return Member::Malformed;
    }
    let secrets = value.members().map(|member| Secret {
        key: member.key.decoded(),
        written: Some(member.value),
        original: true,
        source: member.value.get("source").and_then(|source| source.as_str()),
    });
    Member::Present(secrets.collect())
}
