//! The apps and pods of a text one by one, for whoever looks at each by itself. Runs no rule.

use std::ops::Range;

use super::open::{Current, open_current};
use super::silence::Silenced;
use super::{Kind, Options, TransformError};
use crate::definition::{Definition, OwnerKind, shown_id};
use crate::json::{Document, Pointer};
use crate::rules::Labels;

/// One app or pod of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// [`Kind::App`], [`Kind::AppUpdate`] or [`Kind::Pod`].
    pub kind: Kind,
    /// From the root of the text to it.
    pub pointer: Pointer,
    /// Its bytes in the text: by themselves a text of that kind.
    pub span: Range<usize>,
    /// Its full id, or as it is written where that cannot be told.
    pub id: Option<String>,
    /// The full id of the group that it stands in; `None` where that is not known.
    pub group: Option<String>,
    /// What is stored of it, of an update whose stored definition was given.
    pub current: Option<String>,
    /// What its own label silences.
    pub silenced: Silenced,
    /// Whether a DC/OS package generated it, so that nothing of it is ever changed.
    pub is_package_generated: bool,
}

pub(super) fn parts(document: &Document<'_>, kind: Kind, options: &Options<'_>) -> Result<Vec<Part>, TransformError> {
    let stored = open_current(options)?;
    let current = stored.as_ref().map(Current::read).transpose()?;
    let definition = Definition::read(document.root(), kind, options.group)?;
    let part = |owner| -> Result<Part, TransformError> {
        let stored = current
            .as_ref()
            .map(|current| current.of(owner, &definition))
            .transpose()?
            .flatten();
        let labels = Labels::of(&owner.fields, stored);
        let group = definition.scopes.get(owner.scope).and_then(|scope| scope.id.as_ref());
        Ok(Part {
            kind: match owner.kind {
                OwnerKind::App => Kind::App,
                OwnerKind::AppUpdate => Kind::AppUpdate,
                OwnerKind::Pod => Kind::Pod,
            },
            pointer: owner.pointer(&definition),
            span: owner.value.span(),
            id: shown_id(owner, &definition, stored),
            group: group.and_then(|id| Some(id.as_ref().ok()?.to_string())),
            current: stored.map(|stored| stored.raw().to_owned()),
            silenced: Silenced::by_label(labels.silencing),
            is_package_generated: labels.package.is_some(),
        })
    };
    definition.owners.iter().map(part).collect()
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::transform::Selection;

    #[test]
    fn each_app_and_pod_stands_by_itself() {
        let text = r#"{"id": "/team", "apps": [{"id": "web", "labels": {"pullcreds-ignore": "MC001 a/B"}}, {"cmd": "x",
            "labels": {"DCOS_PACKAGE_NAME": "x"}}], "groups": [{"id": "in", "pods": [{"id": "/p", "containers": []}]}]}"#;
        let document = Document::parse(text.as_bytes()).expect("JSON");
        let (policy, selection) = (Policy::default(), Selection::default());
        let parts = parts(&document, Kind::Group, &Options::new(&policy, &selection)).expect("a group");
        let told: Vec<_> = parts
            .iter()
            .map(|part| {
                let id = part.id.as_deref().unwrap_or("?");
                let group = part.group.as_deref().unwrap_or("?");
                let whose = if part.is_package_generated { " of a package" } else { "" };
                format!(
                    "{} {} {id} in {group}{whose} {:?}",
                    part.kind.as_str(),
                    part.pointer,
                    part.silenced.words()
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"app /apps/0 /team/web in /team ["MC001", "a/B"]"#,
                "app /apps/1 ? in /team of a package []",
                "pod /groups/0/pods/0 /p in /team/in []"
            ]
        );
        assert_eq!(&text[parts[2].span.clone()], r#"{"id": "/p", "containers": []}"#);
    }

    #[test]
    fn an_update_brings_what_is_stored_of_it() {
        let document = Document::parse(br#"{"instances": 2}"#).expect("JSON");
        let (policy, selection) = (Policy::default(), Selection::default());
        let options = Options {
            current: Some(r#"{"app": {"id": "/web", "cpus": 1.0}}"#),
            ..Options::new(&policy, &selection)
        };
        let parts = parts(&document, Kind::AppUpdate, &options).expect("an update");
        assert_eq!(parts[0].current.as_deref(), Some(r#"{"id": "/web", "cpus": 1.0}"#));
        assert_eq!(parts[0].id.as_deref(), Some("/web"));
    }
}
