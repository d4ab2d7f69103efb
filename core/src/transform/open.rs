//! Takes a text in: what it is, whether it is for us, and what is stored of the apps that it updates.

use std::collections::HashMap;

use super::{Options, Passed, TransformError};
use crate::definition::id::{ServiceId, resolve};
use crate::definition::{
    Definition, Guess, Kind, Owner, OwnerKind, detect, guess, is_package_options, metronome_images, read_model,
};
use crate::image::{self, Exposure, Reference};
use crate::json::{Document, Value};
use crate::policy::{Credentials, Policy};

/// A text that was read, or not for us.
pub(super) enum Opened<'t> {
    Passed(Passed),
    Definition(Document<'t>, Kind),
}

pub(super) fn open<'t>(text: &'t [u8], options: &Options<'_>) -> Result<Opened<'t>, TransformError> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) if options.kind.is_some() => return Err(error.into()),
        Err(error) => {
            return match guess(text) {
                Guess::Template => Ok(Opened::Passed(Passed::Template)),
                Guess::Marathon => Err(error.into()),
                Guess::Other => Ok(Opened::Passed(Passed::NotMarathon)),
            };
        }
    };
    let seen = detect(document.root());
    match options.kind.or(seen) {
        Some(kind) => {
            mistaken(&document, kind, seen)?;
            Ok(Opened::Definition(document, kind))
        }
        None => Ok(Opened::Passed(neighbour(document.root(), options.policy))),
    }
}

/// A text that pulls nothing as what it was said to be, and does as what it looks like: finding nothing in it would be
/// no answer.
fn mistaken(document: &Document<'_>, kind: Kind, seen: Option<Kind>) -> Result<(), TransformError> {
    let Some(seen) = seen.filter(|seen| !kind.may_look_like(*seen)) else {
        return Ok(());
    };
    let definition = Definition::read(document.root(), kind, None)?;
    let pulls =
        |owner: &Owner<'_>| read_model(owner.kind, &owner.fields, None).is_some_and(|model| !model.sites.is_empty());
    if definition.owners.iter().any(pulls) {
        return Ok(());
    }
    Err(TransformError::Shape {
        message: format!(
            "expected the kind {}, and this is of the kind {}",
            kind.as_str(),
            seen.as_str()
        ),
        offset: document.root().span().start,
    })
}

/// What a text that is no definition is, as far as its images matter.
fn neighbour(root: Value<'_>, policy: &Policy) -> Passed {
    let is_private = |image: &Value<'_>| {
        let Some(text) = image.as_str() else { return false };
        let reference = Reference::parse(&text);
        match policy.registry_for(&text, reference.as_ref().ok()) {
            Some((_, registry)) => registry.credentials() == Credentials::Reference,
            None => reference.is_ok_and(|reference| image::exposure(&reference) == Exposure::Unknown),
        }
    };
    if metronome_images(root).iter().any(is_private) {
        return Passed::MetronomeJob;
    }
    if is_package_options(root) {
        return Passed::PackageOptions;
    }
    Passed::NotMarathon
}

/// What is stored, as far as it was given.
pub(super) fn open_current<'a>(options: &Options<'a>) -> Result<Option<Document<'a>>, TransformError> {
    let Some(current) = options.current else {
        return Ok(None);
    };
    match Document::parse(current.as_bytes()) {
        Ok(document) => Ok(Some(document)),
        Err(error) => Err(TransformError::Current {
            message: error.to_string(),
            offset: error.offset,
        }),
    }
}

/// The stored apps that updates are laid over.
pub(super) enum Current<'d> {
    /// The one of the file, with its id where that is known.
    One(Value<'d>, Option<ServiceId>),
    /// Those of a list, or of a group with all its groups, by their full ids; and the only one, where there is but one.
    Several(HashMap<ServiceId, Value<'d>>, Option<Value<'d>>),
}

impl<'d> Current<'d> {
    /// An app, `{"app": …}`, an array of apps, `{"*": …}`, a group, or `{"apps": …}`, which is read like one.
    pub(super) fn read(document: &'d Document<'_>) -> Result<Current<'d>, TransformError> {
        let root = document.root();
        let kind = if root.is_array() {
            Kind::Apps
        } else if root
            .get("apps")
            .or_else(|| root.get("groups"))
            .is_some_and(|list| list.is_array())
        {
            Kind::Group
        } else if root.get("*").is_some_and(|list| list.is_array()) {
            Kind::AppsReply
        } else if root.is_object() {
            let app = root.get("app").filter(Value::is_object).unwrap_or(root);
            let id = app.get("id").and_then(|id| resolve(&id.as_str()?, None).ok());
            return Ok(Current::One(app, id));
        } else {
            return Err(TransformError::Current {
                message: "expected an app (an object), a list of apps, or a group".to_owned(),
                offset: root.span().start,
            });
        };
        let definition = Definition::read(root, kind, Some("/")).map_err(|error| TransformError::Current {
            message: error.message,
            offset: error.offset,
        })?;
        let apps: Vec<_> = definition
            .owners
            .iter()
            .filter(|owner| owner.kind == OwnerKind::App)
            .collect();
        let only = match apps.as_slice() {
            [only] => Some(only.value),
            _ => None,
        };
        let mut by_id = HashMap::with_capacity(apps.len());
        for app in apps {
            if let Some(Ok(id)) = app.id(&definition) {
                by_id.entry(id.clone()).or_insert(app.value);
            }
        }
        Ok(Current::Several(by_id, only))
    }

    /// The stored app of an update: the one of its id among several, or the only one.
    ///
    /// An update that has no id takes the only one there is. One that is said to be of another app is a mistake, and so is
    /// one that may be of any of several; one that is not among several is for an app that is not stored.
    pub(super) fn of(
        &self,
        owner: &Owner<'d>,
        definition: &Definition<'d>,
    ) -> Result<Option<Value<'d>>, TransformError> {
        if owner.kind != OwnerKind::AppUpdate {
            return Ok(None);
        }
        let id = owner.id(definition).and_then(|id| id.as_ref().ok());
        match (self, id) {
            (Current::Several(apps, _), Some(id)) => Ok(apps.get(id).copied()),
            (Current::Several(_, Some(only)), None) => Ok(Some(*only)),
            (Current::Several(..), None) => Err(TransformError::Current {
                message: "it is not one app, and the update has no id that tells which".to_owned(),
                offset: 0,
            }),
            (Current::One(app, Some(stored)), Some(id)) if id != stored => Err(TransformError::Current {
                message: format!("it is {stored}, and the update is for {id}"),
                offset: app.span().start,
            }),
            (Current::One(app, _), _) => Ok(Some(*app)),
        }
    }
}
