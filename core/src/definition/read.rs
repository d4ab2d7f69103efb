//! Reads one app or pod into its [`Model`].
//!
//! Takes what it understands and leaves the rest alone: a member of a wrong type becomes [`Member::Malformed`] and is
//! never written to.

use std::borrow::Cow;
use std::collections::HashSet;

use super::fetcher;
use super::fields::Fields;
use super::model::{Artifact, Containerizer, EntryId, Member, Misplaced, Misspelt, Model, Place, Secret, Site};
use super::owner::OwnerKind;
use super::stored::{Stored, StoredPull};
use super::twins;
use crate::json::Value;

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
        appc: None,
        fetch: Member::Absent,
        uris: Member::Absent,
        secrets: Member::Absent,
        sites: Vec::new(),
        misplaced: Vec::new(),
        stored: None,
        next_entry: 0,
        may_have_twins: false,
    }
}

fn read_app<'d>(kind: OwnerKind, app: &Fields<'d>) -> Option<Model<'d>> {
    let container = app.container.filter(Value::is_object);
    let mut model: Model<'d> = empty(kind);
    model.may_have_twins = app.has_twins;
    let mut docker = None;
    let mut container_type = None;
    for member in container.into_iter().flat_map(|container| container.members()) {
        match member.key.decoded_bytes().as_ref() {
            b"docker" => model.may_have_twins |= docker.replace(member.value).is_some(),
            b"type" => model.may_have_twins |= container_type.replace(member.value).is_some(),
            b"appc" => model.appc = Some(member.value),
            key => misplaced(&mut model, key, member.value, &["container"]),
        }
    }
    if let Some(docker) = docker.filter(Value::is_object) {
        model.container_type = string(container_type);
        let site = read_site(Place::App, docker, &["container", "docker"], &mut model);
        model.sites.extend(site);
        misplaced_at_top(&mut model, [("pullConfig", app.pull_config)]);
    } else {
        model.misplaced.clear();
    }
    // An update that brings credentials without a container says something about pulls too, and so does an appc image.
    let bears_on_pulls =
        !model.sites.is_empty() || model.appc.is_some() || (kind == OwnerKind::AppUpdate && container.is_none());
    if !bears_on_pulls {
        return None;
    }
    if let Some(fetch) = app.fetch {
        model.fetch = list(fetch, &mut model.next_entry, &mut model.may_have_twins, read_artifact);
    }
    if let Some(uris) = app.uris {
        model.uris = list(uris, &mut model.next_entry, &mut model.may_have_twins, read_uri);
    }
    if let Some(secrets) = app.secrets {
        model.secrets = read_secrets(secrets, &mut model.may_have_twins);
    }
    Some(model)
}

fn read_pod<'d>(pod: &Fields<'d>) -> Option<Model<'d>> {
    let containers = pod.containers.filter(Value::is_array)?;
    let mut model: Model<'d> = empty(OwnerKind::Pod);
    model.may_have_twins = pod.has_twins;
    model.appc = pod.container.and_then(|container| container.get("appc"));
    for (index, container) in containers.elements().enumerate() {
        let Some(image) = container.get("image").filter(Value::is_object) else {
            continue;
        };
        let number = index.to_string();
        let (mut images, mut artifacts) = (0, None);
        for member in container.members() {
            match member.key.decoded_bytes().as_ref() {
                b"image" => images += 1,
                b"artifacts" => model.may_have_twins |= artifacts.replace(member.value).is_some(),
                key => misplaced(&mut model, key, member.value, &["containers", &number]),
            }
        }
        model.may_have_twins |= images > 1;
        let path = ["containers", &number, "image"];
        if let Some(mut site) = read_site(Place::PodContainer(index), image, &path, &mut model) {
            if let Some(artifacts) = artifacts {
                let twins = &mut model.may_have_twins;
                site.artifacts = list(artifacts, &mut model.next_entry, twins, read_artifact);
            }
            model.sites.push(site);
        }
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
        model.secrets = read_secrets(secrets, &mut model.may_have_twins);
    }
    Some(model)
}

fn read_stored<'d>(app: Value<'d>, next: &mut u32) -> Stored<'d> {
    // Nothing is written to what is stored.
    let mut twins = false;
    let fetch = app
        .get("fetch")
        .map_or(Member::Absent, |fetch| list(fetch, next, &mut twins, read_artifact));
    let uris = app
        .get("uris")
        .map_or(Member::Absent, |uris| list(uris, next, &mut twins, read_uri));
    let pull = app.get("container").and_then(|container| {
        let docker = container.get("docker")?;
        Some(StoredPull {
            reference: docker.get("image")?.as_str()?,
            containerizer: Containerizer::of_type(&string(container.get("type"))),
            pull_config: docker
                .get("pullConfig")
                .and_then(|config| config.get("secret")?.as_str()),
        })
    });
    let mut listed = fetch.entries().iter().chain(uris.entries());
    let has_bad_fetch = [&fetch, &uris].contains(&&Member::Malformed) || listed.any(|entry| entry.uri().is_empty());
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
        .map_or(Member::Absent, |secrets| read_secrets(secrets, &mut twins))
        .entries()
        .to_vec();
    for secret in &mut secrets {
        secret.original = false;
    }
    Stored {
        fetch: entries,
        has_bad_fetch,
        secrets,
        pull,
    }
}

/// Reads an image block, to which `tokens` lead.
fn read_site<'d>(place: Place, block: Value<'d>, tokens: &[&str], model: &mut Model<'d>) -> Option<Site<'d>> {
    let mut image = None;
    let mut kind = None;
    let mut pull_config = None;
    let mut force = false;
    let mut credential = None;
    let mut misspelt = Vec::new();
    for member in block.members() {
        let value = member.value;
        match (place, member.key.decoded_bytes().as_ref()) {
            (Place::App, b"image") | (Place::PodContainer(_), b"id") => {
                model.may_have_twins |= image.replace(value).is_some();
            }
            (_, b"pullConfig") => model.may_have_twins |= pull_config.replace(value).is_some(),
            (Place::PodContainer(_), b"kind") => model.may_have_twins |= kind.replace(value).is_some(),
            (Place::App, b"forcePullImage") | (Place::PodContainer(_), b"forcePull") => {
                force = value.as_bool() == Some(true);
            }
            (_, b"credential") => credential = Some(value),
            (_, key) => {
                if let Some((wrong, right)) = misspelling(place, key) {
                    model.may_have_twins = true;
                    misspelt.push(Misspelt {
                        wrong,
                        right,
                        value,
                        both: block.get(right).is_some(),
                        renamed: false,
                    });
                } else {
                    misplaced(model, key, value, tokens);
                }
            }
        }
    }
    let image = image?;
    Some(Site {
        place,
        block,
        image,
        reference: image.as_str()?,
        kind: string(kind),
        pull_config: pull_config.map_or(Member::Absent, |value| {
            read_pull_config(value, &mut model.may_have_twins)
        }),
        artifacts: Member::Absent,
        force,
        credential,
        misspelt,
    })
}

fn read_pull_config<'d>(value: Value<'d>, may_have_twins: &mut bool) -> Member<Cow<'d, str>> {
    let (secret, twice) = twins::member(value, "secret");
    *may_have_twins |= twice.is_some();
    match secret.map(|secret| secret.as_str()) {
        _ if value.is_null() => Member::Null,
        Some(Some(secret)) => Member::Present(secret),
        _ => Member::Malformed,
    }
}

/// The name that is meant by a key of an image block, where it is known to be mistaken for another.
fn misspelling(place: Place, key: &[u8]) -> Option<(&'static str, &'static str)> {
    let force = place.force_key();
    Some(match key {
        b"forcePull" if place == Place::App => ("forcePull", force),
        b"forcePullImage" if place != Place::App => ("forcePullImage", force),
        b"force" => ("force", force),
        b"pullconfig" => ("pullconfig", "pullConfig"),
        b"pull_config" => ("pull_config", "pullConfig"),
        b"pullConf" => ("pullConf", "pullConfig"),
        _ => return None,
    })
}

/// Takes down a member of a container or an image block that belongs elsewhere. `pullConfig` is right in an image block,
/// and is read there.
fn misplaced<'d>(model: &mut Model<'d>, key: &[u8], value: Value<'d>, tokens: &[&str]) {
    let key = match key {
        b"fetch" => "fetch",
        b"uris" => "uris",
        b"secrets" => "secrets",
        b"pullConfig" => "pullConfig",
        _ => return,
    };
    let mut path: Vec<Cow<'static, str>> = tokens.iter().map(|token| (*token).to_owned().into()).collect();
    path.push(key.into());
    model.may_have_twins = true;
    model.misplaced.push(Misplaced {
        key,
        tokens: path,
        value,
        moved: false,
    });
}

/// The same for the app or pod itself.
fn misplaced_at_top<'d, const N: usize>(model: &mut Model<'d>, members: [(&'static str, Option<Value<'d>>); N]) {
    for (key, value) in members {
        if let Some(value) = value {
            model.may_have_twins = true;
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

fn list<'d>(
    value: Value<'d>,
    next: &mut u32,
    twins: &mut bool,
    read: fn(Value<'d>, &mut bool) -> Artifact<'d>,
) -> Member<Vec<Artifact<'d>>> {
    if value.is_null() {
        return Member::Null;
    }
    if !value.is_array() {
        return Member::Malformed;
    }
    let entries = value.elements().enumerate().map(|(index, element)| {
        let mut entry = read(element, twins);
        entry.id = EntryId(*next);
        entry.origin = Some(index);
        entry.written = Some(element);
        *next = next.saturating_add(1);
        entry
    });
    Member::Present(entries.collect())
}

fn read_artifact<'d>(value: Value<'d>, may_have_twins: &mut bool) -> Artifact<'d> {
    let [mut uri, mut extract, mut executable, mut cache, mut dest_path] = [None; 5];
    for member in value.members() {
        let place = match member.key.decoded_bytes().as_ref() {
            b"uri" => &mut uri,
            b"extract" => &mut extract,
            b"executable" => &mut executable,
            b"cache" => &mut cache,
            b"destPath" => &mut dest_path,
            _ => continue,
        };
        *may_have_twins |= place.replace(member.value).is_some();
    }
    let text = |value: Option<Value<'d>>| value?.as_str();
    let flag = |value: Option<Value<'d>>| value?.as_bool();
    Artifact {
        uri: text(uri),
        extract: flag(extract),
        executable: flag(executable),
        cache: flag(cache),
        dest_path: text(dest_path),
        ..Artifact::new(EntryId(0), Cow::Borrowed(""))
    }
}

fn read_uri<'d>(value: Value<'d>, _: &mut bool) -> Artifact<'d> {
    let mut artifact = Artifact::new(EntryId(0), Cow::Borrowed(""));
    artifact.uri = value.as_str();
    artifact.extract = artifact.uri.as_deref().map(fetcher::is_extract);
    artifact
}

/// Whether two secrets may have one key; of many it is only suspected.
fn may_have_one_key(secrets: &[Secret<'_>]) -> bool {
    const FEW: usize = 8;
    let mut numbered = secrets.iter().enumerate();
    secrets.len() > FEW || numbered.any(|(at, one)| secrets[..at].iter().any(|other| other.key == one.key))
}

/// The entries of a `secrets` object; of two with one key, the last, as Marathon reads it.
pub(super) fn read_secrets<'d>(value: Value<'d>, may_have_twins: &mut bool) -> Member<Vec<Secret<'d>>> {
    if value.is_null() {
        return Member::Null;
    }
    if !value.is_object() {
        return Member::Malformed;
    }
    let secrets = value.members().map(|member| {
        let (source, twice) = twins::member(member.value, "source");
        *may_have_twins |= twice.is_some();
        Secret {
            key: member.key.decoded(),
            written: Some(member.value),
            original: true,
            source: source.and_then(|source| source.as_str()),
        }
    });
    let mut secrets: Vec<_> = secrets.collect();
    if may_have_one_key(&secrets) {
        *may_have_twins = true;
        let mut seen = HashSet::with_capacity(secrets.len());
        secrets.reverse();
        secrets.retain(|secret| seen.insert(secret.key.clone()));
        secrets.reverse();
    }
    Member::Present(secrets)
}
