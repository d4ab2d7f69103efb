//! What a command line of `dcos` asks for, as far as definitions go.
//!
//! Both generations of the client are understood: the Python one (docopt, which takes options anywhere) and the one in
//! Go. What cannot be understood is never guessed at: either nothing in it adds or updates a definition, or it is
//! refused. Runs nothing and reads nothing.

use std::ffi::{OsStr, OsString};

use pullcreds_core::transform::Kind;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing that adds or updates a definition.
    Through,
    /// One of the six commands.
    Definition(Request),
    /// One of the six commands, but where its definition is cannot be told.
    Unclear(String),
}

/// One of the six commands that take a definition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Options of `dcos` itself.
    pub(super) globals: Vec<OsString>,
    pub(super) subject: Subject,
    pub(super) deed: Deed,
    /// Options of the command.
    pub(super) options: Vec<OsString>,
    /// What `group add --id` says.
    pub(super) group_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    App,
    Pod,
    Group,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A file or URL; none is standard input.
    Add { resource: Option<OsString> },
    /// `key=value` pairs; none is standard input.
    Update { id: String, pairs: Vec<String> },
}

impl Subject {
    /// As the command calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Subject::App => "app",
            Subject::Pod => "pod",
            Subject::Group => "group",
        }
    }

    fn of(word: &OsStr) -> Option<Subject> {
        [Subject::App, Subject::Pod, Subject::Group]
            .into_iter()
            .find(|subject| word == subject.word())
    }
}

impl Deed {
    fn word(&self) -> &'static str {
        match self {
            Deed::Add { .. } => "add",
            Deed::Update { .. } => "update",
        }
    }
}

impl Request {
    /// What Marathon will read the definition as.
    pub(super) fn kind(&self) -> Kind {
        match (self.subject, &self.deed) {
            (Subject::App, Deed::Add { .. }) => Kind::App,
            (Subject::App, Deed::Update { .. }) => Kind::AppUpdate,
            (Subject::Pod, _) => Kind::Pod,
            (Subject::Group, _) => Kind::Group,
        }
    }

    /// The group that relative ids in the definition resolve against.
    pub(super) fn group(&self) -> &str {
        match (&self.deed, &self.group_id) {
            (Deed::Update { id, .. }, _) if self.subject == Subject::Group => id,
            (Deed::Add { .. }, Some(id)) => id,
            _ => "/",
        }
    }

    /// The command that reads its definition from standard input, as all six do when it is named nowhere else.
    pub(super) fn reading_stdin(&self) -> Vec<OsString> {
        let mut words = self.globals.clone();
        words.extend(["marathon", self.subject.word(), self.deed.word()].map(OsString::from));
        words.extend(self.options.iter().cloned());
        if let Deed::Update { id, .. } = &self.deed {
            words.push(id.into());
        }
        words
    }
}

impl Asked {
    /// Reads what follows `pullcreds dcos`.
    pub(super) fn of(arguments: &[OsString]) -> Asked {
        let (globals, rest) = match globals(arguments) {
            Ok((globals, rest)) => (globals, rest),
            Err(Some(option)) if means_definition(arguments) => {
                return Asked::Unclear(format!("`{option}` is no option of dcos that pullcreds knows"));
            }
            Err(_) => return Asked::Through,
        };
        let Some((first, rest)) = rest.split_first() else {
            return Asked::Through;
        };
        if first != "marathon" {
            return Asked::Through;
        }
        let said = Said::of(rest);
        if said.is_help {
            return Asked::Through;
        }
        if let Some(option) = said.unknown {
            return match means_definition(arguments) {
                true => Asked::Unclear(format!(
                    "`{option}` is no option of `dcos marathon` that pullcreds knows"
                )),
                false => Asked::Through,
            };
        }
        said.request(globals.to_owned())
    }
}

/// The options of `dcos` itself and what follows them; an option that is not known, or none where it is a question of
/// help only.
fn globals(arguments: &[OsString]) -> Result<(&[OsString], &[OsString]), Option<String>> {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let argument = argument.to_string_lossy();
        match argument.as_ref() {
            "-v" | "-vv" | "-vvv" | "--debug" => at += 1,
            "--log-level" => at += 2,
            "-h" | "--help" | "--version" => return Err(None),
            option if option.starts_with("--log-level=") => at += 1,
            option if option.starts_with('-') => return Err(Some(option.to_owned())),
            _ => break,
        }
    }
    Ok(arguments.split_at(at.min(arguments.len())))
}

/// What follows `dcos marathon`.
#[derive(Default)]
struct Said {
    words: Vec<OsString>,
    options: Vec<OsString>,
    group_id: Option<String>,
    is_help: bool,
    unknown: Option<String>,
}

impl Said {
    fn of(arguments: &[OsString]) -> Said {
        let mut said = Said::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            match text.as_ref() {
                "-h" | "--help" | "--version" | "--info" | "--config-schema" => said.is_help = true,
                "--force" => said.options.push(argument.clone()),
                "--id" => {
                    said.options.push(argument.clone());
                    if let Some(id) = arguments.next() {
                        said.options.push(id.clone());
                        said.group_id = Some(id.to_string_lossy().into_owned());
                    }
                }
                option if option.starts_with("--id=") => {
                    said.options.push(argument.clone());
                    said.group_id = option.strip_prefix("--id=").map(str::to_owned);
                }
                option if option.len() > 1 && option.starts_with('-') => {
                    said.unknown.get_or_insert(option.to_owned());
                }
                _ => said.words.push(argument.clone()),
            }
        }
        said
    }

    fn request(self, globals: Vec<OsString>) -> Asked {
        let mut words = self.words.into_iter();
        let (Some(subject), Some(deed)) = (words.next(), words.next()) else {
            return Asked::Through;
        };
        let Some(subject) = Subject::of(&subject) else {
            return Asked::Through;
        };
        let mut words: Vec<OsString> = words.collect();
        let deed = if deed == "add" {
            if words.len() > 1 {
                return Asked::Unclear(format!("`dcos marathon {} add` takes one definition", subject.word()));
            }
            Deed::Add { resource: words.pop() }
        } else if deed == "update" {
            let mut words = words.into_iter().map(OsString::into_string);
            let id = match words.next() {
                // The client says how it is used.
                None => return Asked::Through,
                Some(Ok(id)) => id,
                Some(Err(_)) => return Asked::Unclear("an id must be UTF-8".to_owned()),
            };
            let Ok(pairs) = words.collect::<Result<Vec<_>, _>>() else {
                return Asked::Unclear("properties must be UTF-8".to_owned());
            };
            if subject == Subject::Pod && !pairs.is_empty() {
                return Asked::Unclear(
                    "`dcos marathon pod update` takes an id, and the definition on standard input".to_owned(),
                );
            }
            Deed::Update { id, pairs }
        } else {
            return Asked::Through;
        };
        Asked::Definition(Request {
            globals,
            subject,
            deed,
            options: self.options,
            group_id: self.group_id,
        })
    }
}

/// Whether one of the six commands seems to stand somewhere among arguments that are not all understood.
fn means_definition(arguments: &[OsString]) -> bool {
    let words: Vec<&OsString> = arguments
        .iter()
        .skip_while(|argument| *argument != "marathon")
        .filter(|argument| !argument.to_string_lossy().starts_with('-'))
        .collect();
    words
        .windows(2)
        .any(|pair| Subject::of(pair[0]).is_some() && (pair[1] == "add" || pair[1] == "update"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Asked {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Asked::of(&arguments)
    }

    fn handed_on(line: &str) -> Option<String> {
        let Asked::Definition(request) = asked(line) else {
            return None;
        };
        let words: Vec<String> = request
            .reading_stdin()
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect();
        Some(words.join(" "))
    }

    #[test]
    fn the_six_commands_are_told_from_all_others() {
        let cases = [
            ("marathon app add a.json", Some("marathon app add")),
            ("marathon pod add", Some("marathon pod add")),
            ("marathon group add https://h/g", Some("marathon group add")),
            (
                "--log-level=debug --debug marathon app update --force /a",
                Some("--log-level=debug --debug marathon app update --force /a"),
            ),
            (
                "--log-level info marathon app update /a --force x=1",
                Some("--log-level info marathon app update --force /a"),
            ),
            (
                "-vv marathon --force pod update /a",
                Some("-vv marathon pod update --force /a"),
            ),
            ("marathon group update g apps=[]", Some("marathon group update g")),
            ("marathon group add --id=/x g.json", Some("marathon group add --id=/x")),
            ("marathon group add --id /x g.json", Some("marathon group add --id /x")),
        ];
        for (line, wanted) in cases {
            assert_eq!(handed_on(line).as_deref(), wanted, "{line}");
        }
        let through = [
            "",
            "node list",
            "--version",
            "--help",
            "--help marathon app add a.json",
            "marathon",
            "marathon app",
            "marathon app show /a",
            "marathon app add --help",
            "marathon app update",
            "marathon task list --json",
            "marathon --nonsense app show x",
            "job add job.json",
            "--nonsense node",
            "package install app add",
        ];
        for line in through {
            assert_eq!(asked(line), Asked::Through, "{line}");
        }
    }

    #[test]
    fn what_is_half_understood_is_refused() {
        let unclear = [
            "--cluster x marathon app add a.json",
            "--deb marathon pod add",
            "marathon app add --dry-run a.json",
            "marathon --x app app add a.json",
            "marathon app add a.json b.json",
            "marathon pod update /a x=1",
        ];
        for line in unclear {
            assert!(matches!(asked(line), Asked::Unclear(_)), "{line}");
        }
    }

    #[test]
    fn relative_ids_resolve_as_marathon_resolves_them() {
        let group = |line| match asked(line) {
            Asked::Definition(request) => request.group().to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(group("marathon group update /g"), "/g");
        assert_eq!(group("marathon group add --id=/x"), "/x");
        assert_eq!(group("marathon app update /g/a"), "/");
        assert_eq!(group("marathon group add"), "/");
    }
}
