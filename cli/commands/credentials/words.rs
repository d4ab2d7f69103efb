//! Words for a shell, and words that are the same in a shell, in YAML and in Ansible's templates.

/// A word for a shell.
pub(super) fn quoted(word: &str) -> String {
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A program's name and what it is told, as one line for a shell.
pub(super) fn command(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// An absolute path that means itself wherever it is written.
pub(super) fn is_plain_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.ends_with('/')
        && path.bytes().all(is_plain)
        && !path.split('/').any(|part| part == "..")
}

/// A user that means itself wherever it is written.
pub(super) fn is_user(user: &str) -> bool {
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !user.is_empty() && !user.starts_with('-') && user.bytes().all(is_of_a_name)
}

/// A host that ssh takes for nothing else, with a user before it or not.
pub(super) fn is_agent(agent: &str) -> bool {
    let is_of_a_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:@[]%".contains(&byte);
    !agent.is_empty() && !agent.starts_with('-') && agent.bytes().all(is_of_a_host)
}

/// A file's name that can be told in a comment, and quoted in YAML and for a shell.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|char| char.is_control() || "{}`$\"\\'".contains(char))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_=./:@%+,".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{is_agent, is_file_name, is_plain_path, is_user, quoted};

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("--file=a/b.json"), "--file=a/b.json");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn what_could_mean_more_is_refused() {
        assert!(is_plain_path("/etc/docker.tar.gz") && is_user("nobody") && is_agent("core@10.0.0.1"));
        for path in ["etc/x", "/etc/", "/a b", "/$HOME", "/a/../b", "/a'b", "/{{x}}"] {
            assert!(!is_plain_path(path), "{path}");
        }
        assert!(
            is_file_name("my docker.tar.gz") && !is_file_name("") && !is_file_name("a\nb") && !is_file_name("{{a}}")
        );
        assert!(!is_user("-u") && !is_user("a b") && !is_user(""));
        assert!(!is_agent("-oProxyCommand=x") && !is_agent("a;b") && !is_agent(""));
    }
}
