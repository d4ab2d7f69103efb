//! Lists of globs with the meaning they have in a .gitignore, relative to one folder.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Some globs and the folder they are relative to.
#[derive(Debug)]
pub(crate) struct Globs {
    root: PathBuf,
    list: Gitignore,
}

impl Globs {
    /// Reads globs; `!` before one takes back what an earlier one matched.
    ///
    /// # Errors
    /// Names the glob that is wrong.
    pub(crate) fn new(root: &Path, globs: &[String]) -> anyhow::Result<Globs> {
        let mut builder = GitignoreBuilder::new("");
        // In a .gitignore `[z` is a name; here it is a slip of the pen.
        builder.allow_unclosed_class(false);
        for glob in globs {
            builder.add_line(None, glob)?;
        }
        Ok(Globs {
            root: root.to_owned(),
            list: builder.build()?,
        })
    }

    /// Whether the absolute path, or a folder above it, matches.
    pub(crate) fn matches(&self, path: &Path, is_folder: bool) -> bool {
        path.strip_prefix(&self.root)
            .is_ok_and(|path| self.list.matched_path_or_any_parents(path, is_folder).is_ignore())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(glob: &str, path: &str) -> bool {
        Globs::new(Path::new("/house"), &[glob.to_owned()])
            .unwrap()
            .matches(Path::new(path), false)
    }

    #[test]
    fn a_glob_means_what_it_means_in_a_gitignore() {
        assert!(matches("vendor/**", "/house/vendor/a/b.json"));
        assert!(
            matches("vendor", "/house/x/vendor/a.json"),
            "a name alone matches at any depth"
        );
        assert!(!matches("/vendor", "/house/x/vendor/a.json"));
        assert!(matches("*.gen.json", "/house/x/a.gen.json"));
        assert!(!matches("*.gen.json", "/house/x/a.json"));
    }

    #[test]
    fn nothing_outside_the_folder_matches() {
        assert!(!matches("**", "/elsewhere/a.json"));
        assert!(!matches("**", "/household/a.json"));
    }
}
