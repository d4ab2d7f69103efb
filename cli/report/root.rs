//! How files are named in reports that are read elsewhere: relative to the root of the repository, with `/` between the
//! parts, whatever folder the program ran in.
//!
//! Works on names alone; nothing here asks whether a file is there.

use std::path::{Component, Path, PathBuf};

/// The name of standard input, which is no file.
const STDIN: &str = "<stdin>";

/// A folder that names are relative to.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    current: PathBuf,
    folder: PathBuf,
}

impl Root {
    /// The nearest folder at or above the current one that holds a `.git`, else the current one.
    pub(crate) fn of_repository() -> Root {
        // Without a current folder, names stay as they are.
        let current = std::env::current_dir().unwrap_or_default();
        let holder = current.ancestors().find(|folder| folder.join(".git").exists());
        let folder = holder.unwrap_or(&current).to_owned();
        Root { current, folder }
    }

    /// A folder as the command line names it.
    pub(crate) fn at(folder: &Path) -> Root {
        let current = std::env::current_dir().unwrap_or_default();
        let folder = plain(&current.join(folder));
        Root { current, folder }
    }

    /// The name relative to the root; `None` for a file that is not below it.
    pub(crate) fn below(&self, name: &str) -> Option<String> {
        if name == STDIN || name.is_empty() {
            return Some(name.to_owned());
        }
        self.absolute(name).strip_prefix(&self.folder).ok().map(slashes)
    }

    /// The name relative to the root, with `..` where it is not below it.
    pub(crate) fn relative(&self, name: &str) -> String {
        if let Some(below) = self.below(name) {
            return below;
        }
        let path = self.absolute(name);
        let common = path.components().zip(self.folder.components());
        let shared = common.take_while(|(one, other)| one == other).count();
        if shared == 0 {
            return slashes(&path);
        }
        let up = self.folder.components().skip(shared).map(|_| Component::ParentDir);
        slashes(&up.chain(path.components().skip(shared)).collect::<PathBuf>())
    }

    /// The name relative to the root where it is below it, else whole.
    pub(crate) fn name(&self, name: &str) -> String {
        self.below(name).unwrap_or_else(|| slashes(&self.absolute(name)))
    }

    /// Where a name that [`Root::relative`] gave leads to.
    pub(crate) fn resolve(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    fn absolute(&self, name: &str) -> PathBuf {
        plain(&self.current.join(name))
    }
}

/// Without `.` and `..`, by the names alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn slashes(path: &Path) -> String {
    let mut text = String::new();
    for part in path.components() {
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        match part {
            Component::RootDir => text.push('/'),
            part => text.push_str(&part.as_os_str().to_string_lossy()),
        }
    }
    text
}

/// A name as a URI reference (RFC 3986): relative, or with a scheme where it is absolute.
pub(crate) fn uri(name: &str) -> String {
    let mut uri = String::new();
    if name.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(current: &str, folder: &str) -> Root {
        Root {
            current: current.into(),
            folder: folder.into(),
        }
    }

    #[test]
    fn names_are_relative_to_the_root() {
        let root = root("/house/room", "/house");
        for (name, expected) in [
            ("a.json", "room/a.json"),
            ("./b/../a.json", "room/a.json"),
            ("../a.json", "a.json"),
            ("/house/x/a b.json", "x/a b.json"),
            ("/elsewhere/a.json", "/elsewhere/a.json"),
            ("<stdin>", "<stdin>"),
        ] {
            assert_eq!(root.name(name), expected, "{name}");
        }
        assert_eq!(root.relative("../../garden/a.json"), "../garden/a.json");
        assert_eq!(root.below("../../garden/a.json"), None);
        assert_eq!(root.resolve("../garden/a.json"), Path::new("/house/../garden/a.json"));
    }

    #[test]
    fn names_become_uris() {
        assert_eq!(uri("a b/ä%#?:.json"), "a%20b/%C3%A4%25%23%3F%3A.json");
        assert_eq!(uri("/etc/a.json"), "file:///etc/a.json");
    }
}
