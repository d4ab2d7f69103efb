//! The apps and pods of a definition, and the groups that they stand in.
//!
//! Walks with a stack of its own, so that no depth of groups overflows; refuses what is nested deeper than anybody's
//! cluster.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::fields::Fields;
use super::id::{IdError, ServiceId, resolve};
use super::kind::{Kind, is_pod};
use super::twins::{Twice, member};
use crate::json::{Pointer, Value};

/// Groups nested deeper than this are refused: ids would grow with each level, and no cluster has them.
const DEEPEST_GROUP: usize = 1000;

/// What kind of thing pulls images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// A whole app.
    App,
    /// A partial app: what it names replaces what is stored.
    AppUpdate,
    /// A pod.
    Pod,
}

/// A group on the way to an app or pod.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The group's full id; why it is not known otherwise. `None` where nothing says which group it is.
    pub id: Option<Result<ServiceId, IdError>>,
    /// An `id` that stands twice, where the full one depends on it.
    twice: Option<Twice>,
}

/// One app or pod of a definition.
#[derive(Debug)]
pub struct Owner<'d> {
    /// App, update or pod.
    pub kind: OwnerKind,
    /// The object.
    pub value: Value<'d>,
    /// Its members.
    pub fields: Fields<'d>,
    /// Index of the group it stands in.
    pub scope: usize,
    place: OwnerPlace,
    id: OnceCell<Option<Result<ServiceId, IdError>>>,
}

/// Where an app or pod stands. Most are never spoken of, so their pointers are made only when somebody asks.
#[derive(Clone, Copy, Debug)]
enum OwnerPlace {
    /// Where this one of [`Definition::lists`] leads.
    At(usize),
    /// In that list, by its index.
    Item(usize, usize),
}

/// What one or more apps or pods stand in.
#[derive(Debug)]
struct List {
    /// From the root of the text to it, or to the one app or pod that stands in none.
    pointer: Pointer,
    /// A key on that way that stands twice, so that nobody can tell which of the two lists is meant.
    twice: Option<Twice>,
}

impl List {
    const ROOT: List = List {
        pointer: Pointer::root(),
        twice: None,
    };

    /// A list of the group that stands here; none where that says `null`.
    fn below<'d>(&self, group: Value<'d>, key: &str) -> Option<(Value<'d>, List)> {
        let (value, twice) = member(group, key);
        let list = List {
            pointer: self.pointer.child(key),
            twice: self.twice.clone().or(twice),
        };
        Some((value.filter(|value| !value.is_null())?, list))
    }
}

impl Owner<'_> {
    /// From the root of the text to it.
    pub fn pointer(&self, definition: &Definition<'_>) -> Pointer {
        match self.place {
            OwnerPlace::At(whole) => definition.lists[whole].pointer.clone(),
            OwnerPlace::Item(list, index) => definition.lists[list].pointer.child(&index.to_string()),
        }
    }

    /// A key above it that stands twice.
    pub(crate) fn twice_above<'t>(&self, definition: &'t Definition<'_>) -> Option<&'t Twice> {
        let (OwnerPlace::At(list) | OwnerPlace::Item(list, _)) = self.place;
        definition.lists[list].twice.as_ref()
    }

    /// An `id` that stands twice in a group that its own id is relative to.
    pub(crate) fn twice_in_id<'t>(&self, definition: &'t Definition<'_>) -> Option<&'t Twice> {
        let twice = definition.scopes.get(self.scope)?.twice.as_ref()?;
        let written = self.fields.id?.as_str()?;
        (!written.starts_with('/')).then_some(twice)
    }

    /// The full id, resolved against its group; `None` where it has no id, or the group that a relative one stands in is
    /// not known.
    pub fn id(&self, definition: &Definition<'_>) -> Option<&Result<ServiceId, IdError>> {
        self.id
            .get_or_init(|| {
                let written = self.fields.id?;
                let written = written.as_str()?;
                if written.starts_with('/') {
                    return Some(resolve(&written, None));
                }
                match &definition.scopes.get(self.scope)?.id {
                    None => None,
                    Some(Err(error)) => Some(Err(error.clone())),
                    Some(Ok(group)) => Some(resolve(&written, Some(group))),
                }
            })
            .as_ref()
    }
}

/// The id of an app or pod to show: the full one, or as it is written.
pub(crate) fn shown_id(owner: &Owner<'_>, definition: &Definition<'_>, stored: Option<Value<'_>>) -> Option<String> {
    match owner.id(definition) {
        Some(Ok(id)) => Some(id.as_str().to_owned()),
        _ => {
            let written = owner.fields.id.or_else(|| stored?.get("id"))?;
            written.as_str().map(Cow::into_owned)
        }
    }
}

/// `pods` in a group, which Marathon drops when the group is written.
#[derive(Clone, Debug)]
pub struct DroppedPods<'d> {
    /// The array.
    pub value: Value<'d>,
    /// From the root of the text to it.
    pub pointer: Pointer,
}

/// All apps and pods of a text, in the order of the text.
#[derive(Debug)]
pub struct Definition<'d> {
    /// What the text is.
    pub kind: Kind,
    /// The apps and pods.
    pub owners: Vec<Owner<'d>>,
    /// The groups; the first is what the text itself stands in.
    pub scopes: Vec<Scope>,
    /// Non-empty `pods` of groups.
    pub dropped_pods: Vec<DroppedPods<'d>>,
    lists: Vec<List>,
}

/// A text cannot be taken apart as the kind that it was said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub offset: usize,
}

impl<'d> Definition<'d> {
    /// Takes a text apart.
    ///
    /// # Errors
    /// When it is not of the shape that `kind` has.
    pub fn read(root: Value<'d>, kind: Kind, group: Option<&str>) -> Result<Definition<'d>, ShapeError> {
        let outer = match group {
            Some(group) => Some(resolve(group, None)),
            // A group without an id of its own may be written anywhere; everything else starts at the root.
            None if kind == Kind::Group => None,
            None => Some(Ok(ServiceId::root())),
        };
        let mut definition = Definition {
            kind,
            owners: Vec::new(),
            scopes: vec![Scope { id: outer, twice: None }],
            dropped_pods: Vec::new(),
            lists: Vec::new(),
        };
        match kind {
            Kind::App => definition.push_one(OwnerKind::App, root, List::ROOT)?,
            Kind::AppUpdate => definition.push_one(OwnerKind::AppUpdate, root, List::ROOT)?,
            Kind::Pod => definition.push_one(OwnerKind::Pod, root, List::ROOT)?,
            Kind::Apps => definition.push_all(OwnerKind::App, root, List::ROOT, 0)?,
            Kind::AppUpdates => definition.push_all(OwnerKind::AppUpdate, root, List::ROOT, 0)?,
            Kind::Pods => definition.push_all(OwnerKind::Pod, root, List::ROOT, 0)?,
            Kind::AppReply => {
                let (app, twice) = member(root, "app");
                let app = app.ok_or_else(|| shape(root, "an object with the member `app`"))?;
                let pointer = Pointer::root().child("app");
                definition.push_one(OwnerKind::App, app, List { pointer, twice })?;
            }
            Kind::AppsReply => {
                let key = if root.get("apps").is_some() { "apps" } else { "*" };
                let (apps, twice) = member(root, key);
                let apps = apps.ok_or_else(|| shape(root, "an object with the member `apps` or `*`"))?;
                let pointer = Pointer::root().child(key);
                definition.push_all(OwnerKind::App, apps, List { pointer, twice }, 0)?;
            }
            Kind::Group => definition.read_groups(root)?,
        }
        Ok(definition)
    }

    fn push_one(&mut self, kind: OwnerKind, value: Value<'d>, list: List) -> Result<(), ShapeError> {
        self.lists.push(list);
        self.push(kind, value, OwnerPlace::At(self.lists.len() - 1), 0)
    }

    fn push(&mut self, kind: OwnerKind, value: Value<'d>, place: OwnerPlace, scope: usize) -> Result<(), ShapeError> {
        if !value.is_object() {
            let what = if kind == OwnerKind::Pod {
                "a pod (an object)"
            } else {
                "an app (an object)"
            };
            return Err(shape(value, what));
        }
        let fields = Fields::of(value);
        // In a group even the status of a pod may stand; where a pod was asked for, it must be one.
        if kind == OwnerKind::Pod && self.kind != Kind::Group && !fields.containers.is_some_and(|list| list.is_array())
        {
            return Err(shape(value, "a pod: an object with an array of `containers`"));
        }
        // Among apps a pod would be read as an app that pulls nothing.
        let may_be_pod = kind != OwnerKind::Pod && fields.container.is_none() && fields.containers.is_some();
        if may_be_pod && is_pod(value) {
            return Err(shape(value, "an app, and this is a pod"));
        }
        self.owners.push(Owner {
            kind,
            value,
            fields,
            scope,
            place,
            id: OnceCell::new(),
        });
        Ok(())
    }

    fn push_all(&mut self, kind: OwnerKind, all: Value<'d>, list: List, scope: usize) -> Result<(), ShapeError> {
        if !all.is_array() {
            return Err(shape(all, "an array"));
        }
        self.lists.push(list);
        let place = self.lists.len() - 1;
        for (index, value) in all.elements().enumerate() {
            self.push(kind, value, OwnerPlace::Item(place, index), scope)?;
        }
        Ok(())
    }

    fn read_groups(&mut self, root: Value<'d>) -> Result<(), ShapeError> {
        let mut waiting = vec![(root, List::ROOT, 0, 0)];
        while let Some((group, here, outer, depth)) = waiting.pop() {
            if !group.is_object() {
                return Err(shape(group, "a group (an object)"));
            }
            if depth > DEEPEST_GROUP {
                let message = format!("groups are nested deeper than {DEEPEST_GROUP} levels");
                return Err(ShapeError {
                    message,
                    offset: group.span().start,
                });
            }
            let scope = self.scopes.len();
            let id = self.group_id(group, outer);
            let (written, twice) = member(group, "id");
            let is_absolute = written.is_some_and(|id| id.as_str().is_some_and(|id| id.starts_with('/')));
            let inherited = self.scopes[outer].twice.clone().filter(|_| !is_absolute);
            self.scopes.push(Scope {
                id,
                twice: twice.or(inherited),
            });
            if let Some((apps, list)) = here.below(group, "apps") {
                self.push_all(OwnerKind::App, apps, list, scope)?;
            }
            if let Some((pods, list)) = here.below(group, "pods") {
                // The status of a pod, as Marathon answers with it, was never meant to be written.
                if pods.elements().any(|pod| pod.get("containers").is_some()) {
                    self.dropped_pods.push(DroppedPods {
                        value: pods,
                        pointer: list.pointer.clone(),
                    });
                }
                self.push_pods(pods, list, scope)?;
            }
            if let Some((groups, list)) = here.below(group, "groups") {
                if !groups.is_array() {
                    return Err(shape(groups, "an array of groups"));
                }
                let first = waiting.len();
                for (index, inner) in groups.elements().enumerate() {
                    let there = List {
                        pointer: list.pointer.child(&index.to_string()),
                        twice: list.twice.clone(),
                    };
                    waiting.push((inner, there, scope, depth + 1));
                }
                waiting[first..].reverse();
            }
        }
        self.owners.sort_by_key(|owner| owner.value.span().start);
        Ok(())
    }

    /// The pods of a group: Marathon answers with the status of each, which holds the pod as its `spec`.
    fn push_pods(&mut self, pods: Value<'d>, list: List, scope: usize) -> Result<(), ShapeError> {
        let first = self.owners.len();
        self.push_all(OwnerKind::Pod, pods, list, scope)?;
        for index in first..self.owners.len() {
            let owner = &self.owners[index];
            let (spec, twice) = member(owner.value, "spec");
            let spec = spec.filter(|_| owner.fields.containers.is_none());
            let Some(spec) = spec.filter(|spec| spec.get("containers").is_some_and(|list| list.is_array())) else {
                continue;
            };
            let list = List {
                pointer: owner.pointer(self).child("spec"),
                twice: owner.twice_above(self).cloned().or(twice),
            };
            self.lists.push(list);
            let owner = &mut self.owners[index];
            owner.value = spec;
            owner.fields = Fields::of(spec);
            owner.place = OwnerPlace::At(self.lists.len() - 1);
        }
        Ok(())
    }

    fn group_id(&self, group: Value<'d>, outer: usize) -> Option<Result<ServiceId, IdError>> {
        let outer = self.scopes[outer].id.as_ref();
        let Some(written) = group.get("id").filter(|id| !id.is_null()) else {
            return outer.cloned();
        };
        let written = written.as_str()?;
        match outer {
            // The outermost group of a file: a relative id hangs under the root.
            None => Some(resolve(&written, None)),
            Some(_) if written.starts_with('/') => Some(resolve(&written, None)),
            Some(Ok(outer)) => Some(resolve(&written, Some(outer))),
            Some(Err(error)) => Some(Err(error.clone())),
        }
    }
}

fn shape(value: Value<'_>, wanted: &str) -> ShapeError {
    ShapeError {
        message: format!("expected {wanted}"),
        offset: value.span().start,
    }
}
