//! Where the definition comes from: a file, a URL, standard input, or `key=value` pairs that were made into one.

use std::ffi::OsStr;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::buffer;
use crate::outcome::{Problem, in_words};
use crate::paths::parent;

/// A definition's text, and what it is called.
pub(super) struct Source {
    /// `None` where it is no file.
    pub(super) path: Option<PathBuf>,
    /// As it is shown.
    pub(super) name: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// Whose policy counts.
    pub(super) folder: PathBuf,
}

/// Why there is no text, and what it would have been called.
pub(super) struct Missing {
    pub(super) name: String,
    pub(super) problem: Problem,
}

impl Source {
    /// Text that was not read anywhere.
    pub(super) fn made(name: &str, text: String) -> Source {
        Source {
            path: None,
            name: name.into(),
            bytes: text.into_bytes(),
            folder: ".".into(),
        }
    }

    /// What `app add` and its kin name.
    pub(super) fn named(resource: &OsStr, stdin_name: Option<&Path>) -> Result<Source, Missing> {
        let path = Path::new(resource);
        if let Some(url) = resource.to_str().filter(|text| is_url(text) && !path.exists()) {
            let name = without_credentials(url);
            return match super::download::get(url) {
                Ok(bytes) => Ok(Source {
                    path: None,
                    name: name.into(),
                    bytes,
                    folder: ".".into(),
                }),
                Err(problem) => Err(Missing { name, problem }),
            };
        }
        match buffer::read(path) {
            Ok(bytes) => Ok(Source {
                path: Some(path.to_owned()),
                name: path.to_owned(),
                bytes,
                folder: if is_stream(path) {
                    folder_of(stdin_name)
                } else {
                    parent(path).to_owned()
                },
            }),
            Err(error) => {
                let mut problem = Problem::new(format!("cannot be read: {}", in_words(&error)));
                if resource == "-" {
                    problem = problem.with_help("leave the `-` out: dcos reads standard input when no file is named");
                }
                Err(Missing {
                    name: path.to_string_lossy().into_owned(),
                    problem,
                })
            }
        }
    }

    /// Standard input, under the name that was given for it.
    pub(super) fn stdin(name: Option<&Path>) -> Result<Source, Missing> {
        let shown = name.unwrap_or(Path::new("<stdin>"));
        let missing = |problem| Missing {
            name: shown.to_string_lossy().into_owned(),
            problem,
        };
        if io::stdin().is_terminal() {
            return Err(missing(
                Problem::new("standard input is the terminal, and no definition is named")
                    .with_help("name a file, or give the definition with `< FILE`"),
            ));
        }
        let mut bytes = Vec::new();
        if let Err(error) = io::stdin().lock().read_to_end(&mut bytes) {
            return Err(missing(Problem::new(format!("cannot be read: {}", in_words(&error)))));
        }
        Ok(Source {
            path: None,
            name: shown.to_owned(),
            bytes,
            folder: folder_of(name),
        })
    }
}

fn folder_of(stdin_name: Option<&Path>) -> PathBuf {
    stdin_name.map_or(Path::new("."), parent).to_owned()
}

/// Whether it is standard input by another name, as `/dev/stdin` and the shell's `<(…)` are: no policy is near those.
fn is_stream(path: &Path) -> bool {
    !path.is_file() || path.starts_with("/dev") || path.starts_with("/proc")
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// A URL as it may be shown: user, password, query and fragment may all be credentials.
fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_what_may_be_credentials() {
        let cases = [
            ("https://h/a.json", "https://h/a.json"),
            ("https://user:pa@ss@h:1/a@b.json?sig=x#y", "https://h:1/a@b.json"),
            ("HTTP://token@h?x", "HTTP://h"),
        ];
        for (url, shown) in cases {
            assert!(is_url(url));
            assert_eq!(without_credentials(url), shown);
        }
        assert!(!is_url("http:/x") && !is_url("ftp://x") && !is_url("httpé://"));
    }
}
