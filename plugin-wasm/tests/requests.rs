//! What the hosts are asked: every fixture case, and what goes wrong.

use std::fs;
use std::path::{Path, PathBuf};

use pullcreds_plugin::Asked;
use serde::{Deserialize, Serialize};

use crate::util::checkout;

/// One call. Hosts get it as JSON.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) definition: String,
    pub(crate) policy: String,
    pub(crate) options: Options,
    /// The same for the filter.
    pub(crate) arguments: Vec<String>,
    /// What must come out, where a fixture says it.
    #[serde(skip)]
    pub(crate) output: Option<String>,
}

/// The options of the WIT interface; those of a case beside them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Options {
    pub(crate) kind: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) current: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) select: Vec<String>,
    pub(crate) ignore: Vec<String>,
    pub(crate) unsafe_fixes: bool,
    pub(crate) strict_templates: bool,
    pub(crate) fix_patches: bool,
}

impl Options {
    pub(crate) fn asked(&self) -> Asked {
        let this = self.clone();
        Asked {
            kind: this.kind,
            group: this.group,
            current: this.current,
            path: this.path,
            select: this.select,
            ignore: this.ignore,
            unsafe_fixes: this.unsafe_fixes,
            strict_templates: this.strict_templates,
            fix_patches: this.fix_patches,
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |name: &str, value: &str| arguments.push(format!("--{name}={value}"));
        for (name, value) in [
            ("kind", &self.kind),
            ("group", &self.group),
            ("current", &self.current),
            ("path", &self.path),
        ] {
            value.iter().for_each(|value| add(name, value));
        }
        self.select.iter().for_each(|code| add("select", code));
        self.ignore.iter().for_each(|code| add("ignore", code));
        if self.unsafe_fixes {
            arguments.push("--unsafe-fixes".to_owned());
        }
        if self.strict_templates {
            arguments.push("--strict-templates".to_owned());
        }
        arguments
    }
}

/// All fixture cases, and then what goes wrong.
pub(crate) fn all() -> Vec<Request> {
    let mut folders = Vec::new();
    let cases = checkout().join("fixtures/cases");
    for area in fs::read_dir(cases).unwrap() {
        folders.extend(
            fs::read_dir(area.unwrap().path())
                .unwrap()
                .map(|case| case.unwrap().path()),
        );
    }
    folders.sort();
    let mut requests: Vec<_> = folders.iter().map(|folder| case(folder)).collect();
    assert!(requests.len() > 200, "the cases are there");
    requests.extend(failures());
    requests
}

fn case(folder: &Path) -> Request {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let mut options: Options = toml::from_str(&read("case.toml").unwrap()).unwrap();
    options.current = options.current.map(|name| read(&name).unwrap());
    options.fix_patches = true;
    let definition = read("input.json").unwrap();
    let output = read("output.json").unwrap_or_else(|| definition.clone());
    let policy = as_json(&[folder.join("policy.toml"), checkout().join("fixtures/policy.toml")]);
    Request {
        output: Some(output),
        ..request(&folder.display().to_string(), &definition, &policy, options)
    }
}

fn request(name: &str, definition: &str, policy: &str, options: Options) -> Request {
    let mut arguments = options.arguments();
    arguments.push(policy.to_owned());
    Request {
        name: name.to_owned(),
        definition: definition.to_owned(),
        policy: policy.to_owned(),
        options,
        arguments,
        output: None,
    }
}

/// The first of the policies that is there: TOML and JSON have the same shape.
fn as_json(files: &[PathBuf]) -> String {
    let text = files.iter().find_map(|file| fs::read_to_string(file).ok()).unwrap();
    let policy: toml::Table = toml::from_str(&text).unwrap();
    serde_json::to_string(&policy).unwrap()
}

fn failures() -> Vec<Request> {
    let app = r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web"}}}"#;
    let template = "{\"id\": \"/web\", {{ more }} \"container\": {\"docker\": {\"image\": \"a/b\"}}}";
    let with = |change: fn(&mut Options)| {
        let mut options = Options::default();
        change(&mut options);
        options
    };
    let deep = format!(
        "{{\"id\": \"/web\", \"container\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    vec![
        request("not Marathon", "{\"a\": 1}\n", "{}", Options::default()),
        request("nothing", "", "{}", Options::default()),
        request("a template", template, "{}", Options::default()),
        request(
            "a strict template",
            template,
            "{}",
            with(|options| options.strict_templates = true),
        ),
        request(
            "not JSON",
            "{\"id\": \"/é\", \"container\": {,",
            "{}",
            Options::default(),
        ),
        request(
            "nested deeply",
            &deep,
            "{}",
            with(|options| options.kind = Some("app".to_owned())),
        ),
        request(
            "not this kind",
            "[]",
            "{}",
            with(|options| options.kind = Some("pod".to_owned())),
        ),
        request(
            "no kind",
            app,
            "{}",
            with(|options| options.kind = Some("apple".to_owned())),
        ),
        request(
            "no rule",
            app,
            "{}",
            with(|options| options.select = vec!["MC9".to_owned()]),
        ),
        request("no policy", app, "{\n\"registri\": []}", Options::default()),
        request(
            "a policy of files",
            app,
            "{\"extend\": \"../pullcreds.toml\"}",
            Options::default(),
        ),
        request(
            "no stored definition",
            app,
            "{}",
            with(|options| {
                options.kind = Some("app-update".to_owned());
                options.current = Some("{\n]".to_owned());
            }),
        ),
    ]
}
