//! Words about paths: what they are called, and which folder they are in. Knows nothing of what lies there, and asks the
//! system nothing.

use std::path::Path;

/// Without the `./` that a search of `.` puts before every path.
pub(crate) fn plain(path: &Path) -> &Path {
    if !path.as_os_str().as_encoded_bytes().starts_with(b".") {
        return path;
    }
    path.strip_prefix(".")
        .ok()
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or(path)
}

/// The folder that a file is in, `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether this folder, as [`parent`] gave it, is a file's. Told by the bytes for nearly every file of a search, as
/// taking a path apart and together again is most of what a search takes beside the system's part.
pub(crate) fn is_in(folder: &Path, file: &Path) -> bool {
    let (all, before) = (
        file.as_os_str().as_encoded_bytes(),
        folder.as_os_str().as_encoded_bytes(),
    );
    if let Some([b'/', name @ ..]) = all.strip_prefix(before)
        && !matches!(name, b"" | b"." | b"..")
        && !matches!(before.last(), None | Some(b'/'))
        && memchr::memchr2(b'/', b'\\', name).is_none()
    {
        return true;
    }
    parent(file).as_os_str() == folder.as_os_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_in_its_parent_only() {
        let files = [
            "a", "a/x", "a/b", "a/b/x", "a/bx", "a//x", "a/b//x", "a/./x", "a/x/", "a/x/.", "a/..", "./x", "x", "../x",
            "/x", "/a/x", "//x", "./a/x",
        ];
        for file in files.map(Path::new) {
            for folder in files.map(|other| parent(Path::new(other))) {
                let expected = parent(file).as_os_str() == folder.as_os_str();
                assert_eq!(is_in(folder, file), expected, "{folder:?} {file:?}");
            }
        }
    }
}
