//! The definition that an update is laid over, as the cluster has it. The real client fetches it.

use std::ffi::OsString;

use pullcreds_core::definition::Definition;
use pullcreds_core::json::{Document, Value};
use pullcreds_core::transform::{Kind, Rewrite};

use super::arguments::{Deed, Request, Subject};
use super::client::{Answer, Client};
use crate::outcome::{Exit, Problem};

/// What became of a fetch.
pub(super) enum Stored {
    /// The definition.
    Text(String),
    /// The client did not get it, and said why.
    Refused(Exit),
    /// It is not what it should be.
    Bad(Problem),
}

/// Asks for the app, pod or group that is to be updated.
///
/// # Errors
/// When the client cannot be run.
pub(super) fn fetch(client: &Client, request: &Request, id: &str) -> anyhow::Result<Stored> {
    let words = show(request, request.subject, id);
    Ok(match client.ask(&words, true)? {
        Answer::Refused(exit) => Stored::Refused(exit),
        Answer::Said(bytes) => match text_of(bytes) {
            Some(text) => Stored::Text(text),
            None => Stored::Bad(
                Problem::new(format!(
                    "what `dcos marathon {} show` printed is no JSON object",
                    request.subject.word()
                ))
                .with_help("the stored definition must be known, so that the update loses nothing of it"),
            ),
        },
    })
}

/// Whether the fixes write a list of stored fetch entries into an update that had none.
pub(super) fn copies_fetch(request: &Request, rewrite: &Rewrite, stored: &str) -> bool {
    let is_update = request.subject == Subject::App && matches!(request.deed, Deed::Update { .. });
    let writes_fetch = rewrite.patch.operations.iter().any(|operation| {
        let path = match operation {
            pullcreds_core::json::Operation::Add { path, .. } => path,
            _ => return false,
        };
        path.as_str() == "/fetch"
    });
    let has_entries = Document::parse(stored.as_bytes()).is_ok_and(|document| {
        document
            .root()
            .get("fetch")
            .is_some_and(|fetch| fetch.elements().next().is_some())
    });
    is_update && writes_fetch && has_entries
}

/// The app once more, from `group show`.
///
/// `dcos marathon app show` of the client in Go prints the app through the types of go-marathon, whose `Fetch` knows no
/// `destPath` (0.7.1, application.go); `group show` prints what Marathon answers in all versions.
///
/// # Errors
/// When the client cannot be run.
pub(super) fn from_group(client: &Client, request: &Request, id: &str) -> anyhow::Result<Option<String>> {
    let id = format!("/{}", id.trim_matches('/'));
    let parent = match id.rsplit_once('/') {
        Some((parent, _)) if !parent.is_empty() => parent,
        _ => "/",
    };
    let words = show(request, Subject::Group, parent);
    let Answer::Said(bytes) = client.ask(&words, false)? else {
        return Ok(None);
    };
    let Some(text) = text_of(bytes) else { return Ok(None) };
    let Ok(document) = Document::parse(text.as_bytes()) else {
        return Ok(None);
    };
    let Ok(definition) = Definition::read(document.root(), Kind::Group, Some("/")) else {
        return Ok(None);
    };
    let app = definition.owners.iter().find(|owner| {
        owner
            .id(&definition)
            .is_some_and(|known| known.as_ref().is_ok_and(|known| known.as_str() == id))
    });
    Ok(app.map(|owner| owner.value.raw().to_owned()))
}

/// The pod itself: `pod show` answers with its status, which holds it as `spec`.
pub(super) fn pod(shown: Value<'_>) -> Value<'_> {
    shown.get("spec").filter(Value::is_object).unwrap_or(shown)
}

fn show(request: &Request, subject: Subject, id: &str) -> Vec<OsString> {
    // What it would trace on the wire goes to standard output.
    let globals = request.globals.iter().filter(|option| *option != "--debug").cloned();
    let words = ["marathon", subject.word(), "show", id].map(OsString::from);
    globals.chain(words).collect()
}

fn text_of(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let is_object = Document::parse(text.as_bytes()).is_ok_and(|document| document.root().is_object());
    is_object.then_some(text)
}
