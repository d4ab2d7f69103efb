//! What a JSON text is, told by its structure alone.
//!
//! A text is a Marathon definition when an object in it names a container image the way Marathon does, and nothing marks
//! it as something else (Kubernetes, Metronome, Chronos, ECS, Swagger, a JSON Schema). Imageless texts pull nothing and
//! are passed over. Marathon's readers ignore members that they do not know, so a group or a list of apps may have any;
//! one that has some must hold an app or pod that is beyond doubt.

use crate::json::Value;

/// What a text is, by its structure or because the caller said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One app object.
    App,
    /// An array of apps.
    Apps,
    /// `{"app": {…}}`, as Marathon answers for one app.
    AppReply,
    /// `{"apps": […]}` or `{"*": […]}`, as Marathon answers for several.
    AppsReply,
    /// One partial app, for `PUT /v2/apps/{id}`.
    AppUpdate,
    /// An array of partial apps, for `PUT /v2/apps`.
    AppUpdates,
    /// A group, nested to any depth.
    Group,
    /// One pod.
    Pod,
    /// An array of pods.
    Pods,
}

impl Kind {
    /// All kinds with their names on the command line and in reports.
    pub const NAMES: [(Kind, &'static str); 9] = [
        (Kind::App, "app"),
        (Kind::Apps, "apps"),
        (Kind::AppReply, "app-reply"),
        (Kind::AppsReply, "apps-reply"),
        (Kind::AppUpdate, "app-update"),
        (Kind::AppUpdates, "app-updates"),
        (Kind::Group, "group"),
        (Kind::Pod, "pod"),
        (Kind::Pods, "pods"),
    ];

    /// The name of a kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Kind::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(kind, _)| *kind)
    }

    /// Whether a text of this kind may be detected as that one.
    pub(crate) fn may_look_like(self, seen: Kind) -> bool {
        match self {
            Kind::AppUpdate => seen == Kind::App,
            Kind::AppUpdates => seen == Kind::Apps,
            // A group with nothing but apps looks like an answer.
            Kind::Group => matches!(seen, Kind::Group | Kind::AppsReply),
            kind => kind == seen,
        }
    }

    /// Whether its objects are laid over what is stored.
    #[must_use]
    pub fn is_update(self) -> bool {
        matches!(self, Kind::AppUpdate | Kind::AppUpdates)
    }
}

/// Whether a member is one that no app, pod or group of Marathon's has, and that says what the object is instead.
fn is_mark_of_others(key: &str) -> bool {
    matches!(
        key,
        "apiVersion" // Kubernetes
            | "$schema" // a JSON Schema, an ARM template
            | "schedule" // Chronos, Metronome
            | "run" // Metronome
            | "spec" // Kubernetes, pod status replies
            | "containerDefinitions" // ECS
            | "taskDefinition" // ECS
            | "framework" // a package's options
            | "swagger" // Swagger
            | "openapi" // OpenAPI
            | "eventType" // Marathon's event bus
    )
}

/// What one object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    App,
    Pod,
    Group,
    AppReply,
    AppsReply,
}

/// What the text is; `None` where it is not for this tool.
#[must_use]
pub fn detect(root: Value<'_>) -> Option<Kind> {
    if root.is_array() {
        // An array of partial apps looks like one of full apps; it is taken for the latter, and the caller says so.
        for item in root.elements() {
            match shape_of(item) {
                Some(Shape::App) => return Some(Kind::Apps),
                Some(Shape::Pod) => return Some(Kind::Pods),
                Some(_) => return None,
                // A `null` among apps is a slip, which is told when they are read.
                None if item.is_object() || item.is_null() => {}
                None => return None,
            }
        }
        return None;
    }
    match shape_of(root)? {
        Shape::App => Some(Kind::App),
        Shape::Pod => Some(Kind::Pod),
        Shape::Group => Some(Kind::Group),
        Shape::AppReply => Some(Kind::AppReply),
        Shape::AppsReply => Some(Kind::AppsReply),
    }
}

/// The few members that tell shapes apart, gathered in one pass.
#[derive(Default)]
struct Marks<'d> {
    foreign: bool,
    id: bool,
    sized: bool,
    container: Option<Value<'d>>,
    containers: Option<Value<'d>>,
    app: Option<Value<'d>>,
    apps: Option<Value<'d>>,
    star: Option<Value<'d>>,
    listed: bool,
    /// It has a member, beside `apps`, that a group has.
    of_a_group: bool,
    /// It has a member that no group has.
    not_of_a_group: bool,
    members: usize,
}

impl<'d> Marks<'d> {
    fn of(object: Value<'d>) -> Marks<'d> {
        let mut marks = Marks::default();
        for member in object.members() {
            let key = member.key.decoded();
            let key = key.as_ref();
            let value = member.value;
            marks.members += 1;
            match key {
                "id" => {
                    // One that is no string is a slip; what is an app by all else remains one.
                    marks.id = !value.is_null();
                    marks.of_a_group = true;
                }
                "cpus" | "mem" | "instances" => {
                    marks.sized = true;
                    marks.not_of_a_group = true;
                }
                "container" => {
                    marks.container = Some(value);
                    marks.not_of_a_group = true;
                }
                "containers" => {
                    marks.containers = Some(value);
                    marks.not_of_a_group = true;
                }
                "app" => {
                    marks.app = Some(value);
                    marks.not_of_a_group = true;
                }
                "apps" => {
                    marks.apps = Some(value);
                    marks.listed |= value.is_array();
                }
                "groups" | "pods" => {
                    marks.listed |= value.is_array();
                    marks.of_a_group = true;
                }
                "*" => marks.star = Some(value),
                key if is_mark_of_others(key) => marks.foreign = true,
                // What else a group may have (`group.raml`, and `recursing` of older replies).
                "dependencies" | "version" | "versionInfo" | "enforceRole" | "scaleBy" | "recursing" => {
                    marks.of_a_group = true;
                }
                _ => marks.not_of_a_group = true,
            }
        }
        marks
    }
}

fn shape_of(object: Value<'_>) -> Option<Shape> {
    if !object.is_object() {
        return None;
    }
    let marks = Marks::of(object);
    if let Some(shape) = marks.shape_of_item() {
        return Some(shape);
    }
    if marks.foreign {
        return None;
    }
    let is_app = |value: Value<'_>| is_item(value, Shape::App);
    let alone = marks.members == 1;
    if alone && marks.app.is_some_and(is_app) {
        return Some(Shape::AppReply);
    }
    if let Some(apps) = marks
        .apps
        .filter(|_| !marks.of_a_group)
        .or(marks.star.filter(|_| alone))
    {
        return (apps.is_array() && apps.elements().any(is_app)).then_some(Shape::AppsReply);
    }
    if marks.listed && holds_images(object, marks.not_of_a_group) {
        return Some(Shape::Group);
    }
    None
}

impl Marks<'_> {
    /// An app or a pod, which hold no further definitions, so that replies within replies end.
    fn shape_of_item(&self) -> Option<Shape> {
        if self.foreign {
            return None;
        }
        if self.container.is_some_and(names_image) && (self.id || self.sized) {
            return Some(Shape::App);
        }
        let is_pod = self.id
            && self
                .containers
                .is_some_and(|containers| containers.elements().any(is_pod_container));
        is_pod.then_some(Shape::Pod)
    }
}

/// Whether an object is a pod by all that tells one.
pub(super) fn is_pod(value: Value<'_>) -> bool {
    is_item(value, Shape::Pod)
}

fn is_item(value: Value<'_>, shape: Shape) -> bool {
    value.is_object() && Marks::of(value).shape_of_item() == Some(shape)
}

/// `container.docker.image`, or `container.appc.image` of Marathon 1.3 to 1.8.
fn names_image(container: Value<'_>) -> bool {
    let of = |block: &str, key: &str| {
        container
            .get(block)
            .and_then(|block| block.get(key))
            .is_some_and(|image| image.is_string())
    };
    of("docker", "image") || of("appc", "image")
}

fn is_pod_container(container: Value<'_>) -> bool {
    container
        .get("image")
        .is_some_and(|image| image.is_object() && image.get("id").is_some_and(|id| id.is_string()))
}

/// Whether any app or pod of a group, at any depth, names an image; without recursion. With `beyond_doubt`, what names
/// it must be an app or pod by all that tells one, in groups without the marks of others.
fn holds_images(group: Value<'_>, beyond_doubt: bool) -> bool {
    let is_app = |app: Value<'_>| {
        if beyond_doubt {
            return is_item(app, Shape::App);
        }
        app.get("container").is_some_and(names_image)
    };
    let is_pod = |pod: Value<'_>| {
        if beyond_doubt {
            return is_item(pod, Shape::Pod);
        }
        // Marathon answers with the status of a pod, which holds the pod as its `spec`.
        let containers = pod.get("containers").or_else(|| pod.get("spec")?.get("containers"));
        containers.is_some_and(|containers| containers.elements().any(is_pod_container))
    };
    let mut waiting = vec![group];
    while let Some(group) = waiting.pop() {
        if beyond_doubt && Marks::of(group).foreign {
            continue;
        }
        for member in group.members() {
            let mut items = member.value.elements();
            let found = match member.key.decoded().as_ref() {
                "apps" => items.any(is_app),
                "pods" => items.any(is_pod),
                "groups" => {
                    waiting.extend(items);
                    false
                }
                _ => false,
            };
            if found {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
