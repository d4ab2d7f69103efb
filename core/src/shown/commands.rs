//! Finds the passwords that a command line hands over in words of their own: `docker login -u me -p pw`,
//! `echo pw | docker login --password-stdin`, the same with `<<< pw` or `<<END`, `curl -u me:pw`; in one string (`cmd`) or as an array of words (`args`).
//!
//! The text is JSON as it is written, and may be cut anywhere. Of a shell's grammar only that is known by which words and
//! commands end.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr;
use memchr::memmem::Finder;

use super::escapes::Resolved;
use super::mask::is_telling;

mod handed;

/// A value that a command takes for a password.
pub(crate) struct Password {
    /// Where it is written.
    pub(crate) place: Range<usize>,
    /// As the command gets it, but for what a shell would put in.
    pub(crate) text: Vec<u8>,
    /// Whether the command is `docker login`.
    pub(crate) is_of_docker: bool,
}

/// The passwords in a text, in its order.
pub(crate) fn passwords(text: &[u8]) -> Vec<Password> {
    // Most texts have no options, and none of them written as an escape.
    if !may_have_some(text) && ESCAPED.find(text).is_none() {
        return Vec::new();
    }
    let text = Resolved::of(text);
    if !may_have_some(&text.bytes) {
        return Vec::new();
    }
    let mut reader = Reader {
        budget: handed::BUDGET + 4 * text.bytes.len(),
        text,
        at: 0,
        command: Command::Other,
        reads_password: false,
        given: None,
        files: Vec::new(),
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

fn may_have_some(text: &[u8]) -> bool {
    memchr(b'-', text).is_some() && TELLING.iter().any(|word| word.find(text).is_some())
}

/// How an escape of any letter, digit or sign of ASCII begins.
static ESCAPED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\\u00"));

/// Without one of these there is nothing to be found.
static TELLING: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| ["login", "--", "curl"].map(Finder::new));

/// Options of `docker` itself that take a word (docker/cli, `cli/flags/options.go`).
const OPTIONS_OF_DOCKER: [&[u8]; 10] = [
    b"--config",
    b"-c",
    b"--context",
    b"-H",
    b"--host",
    b"-l",
    b"--log-level",
    b"--tlscacert",
    b"--tlscert",
    b"--tlskey",
];

/// Options of `docker login` beside the password that take a word; the last two are those of old versions.
const OPTIONS_OF_LOGIN: [&[u8]; 4] = [b"-u", b"--username", b"-e", b"--email"];

/// Options of `curl` that take `user:password`.
const OPTIONS_OF_CURL: [&[u8]; 4] = [b"-u", b"--user", b"-U", b"--proxy-user"];

/// How far a command is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Other,
    Curl,
    /// `echo` or `printf`, and perhaps options.
    Echo,
    /// `docker`, and perhaps options.
    Docker,
    /// `login`, of Docker or of another program.
    Login {
        is_of_docker: bool,
    },
}

struct Reader {
    text: Resolved,
    at: usize,
    command: Command,
    /// Whether the command is a login that reads the password from its standard input.
    reads_password: bool,
    /// What stands in the text for a command to read: what the one before it writes, or the shell.
    given: Option<Range<usize>>,
    /// Files, and what was written into them.
    files: Vec<(Vec<u8>, Range<usize>)>,
    /// How many bytes may still be searched for the ends of documents.
    budget: usize,
    found: Vec<Password>,
}

impl Reader {
    fn read(&mut self) {
        while let Some(byte) = self.byte(self.at) {
            if self.ends_command(byte) {
                self.command = Command::Other;
                self.reads_password = false;
                self.given = self.given.take().filter(|_| matches!(byte, b'|' | b')'));
                self.at += 1;
            } else if is_gap(byte) {
                self.at += 1;
            } else {
                self.word();
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        if self.text.bytes[start..].starts_with(b"<<") {
            self.give(start);
            return;
        }
        if self.is_file_named(start) {
            return;
        }
        self.at = self.end_of_word(start);
        let word = self.text.bytes[start..self.at].to_vec();
        self.reads_password |= matches!(self.command, Command::Login { .. }) && word == b"--password-stdin";
        if let Some(value) = self.password_at(&word, start) {
            self.take(value);
            return;
        }
        if self.command == Command::Echo && !word.starts_with(b"-") {
            let is_quoted = matches!(self.byte(start - 1), Some(b'\'' | b'"')) && !self.is_end_of_string(start - 1);
            let value = self.shell_value(start - usize::from(is_quoted));
            self.at = self.at.max(value.end);
            self.given = Some(value);
        }
        self.command = match self.command {
            Command::Docker if OPTIONS_OF_DOCKER.contains(&word.as_slice()) => {
                self.skip_value();
                Command::Docker
            }
            Command::Docker if word.starts_with(b"-") => Command::Docker,
            Command::Docker if word == b"login" => Command::Login { is_of_docker: true },
            Command::Curl | Command::Echo => self.command,
            Command::Login { is_of_docker } => {
                if OPTIONS_OF_LOGIN.contains(&word.as_slice()) {
                    self.skip_value();
                }
                Command::Login { is_of_docker }
            }
            _ if word == b"docker" || word.ends_with(b"/docker") => Command::Docker,
            _ if word == b"curl" => Command::Curl,
            _ if word == b"echo" || word == b"printf" => Command::Echo,
            _ if word == b"login" => Command::Login { is_of_docker: false },
            _ => Command::Other,
        };
    }

    /// The value of a word that is an option for a password.
    fn password_at(&self, word: &[u8], start: usize) -> Option<Range<usize>> {
        let is_login = matches!(self.command, Command::Login { .. });
        if !word.starts_with(b"-") {
            return None;
        }
        if self.command == Command::Curl && OPTIONS_OF_CURL.contains(&word) {
            let value = self.next_value(start)?;
            let colon = memchr(b':', &self.text.bytes[value.clone()])?;
            return Some(value.start + colon + 1..value.end);
        }
        if is_login && word == b"--password-stdin" {
            return self.given.clone();
        }
        if let Some(equals) = memchr(b'=', word) {
            let name = &word[..equals];
            return ((is_login && name == b"-p") || is_long_for_password(name))
                .then(|| self.attached(start, equals + 1));
        }
        if is_login && word.starts_with(b"-p") && (word.len() > 2 || self.is_quoted_on()) {
            return Some(self.attached(start, 2));
        }
        ((is_login && word == b"-p") || is_long_for_password(word)).then(|| self.next_value(start))?
    }

    /// Whether the word that was read goes on within quotes: `-p'a b'`.
    fn is_quoted_on(&self) -> bool {
        matches!(self.byte(self.at), Some(b'\'' | b'"')) && !self.is_end_of_string(self.at)
    }

    /// What follows the first bytes of a word.
    fn attached(&self, word: usize, length: usize) -> Range<usize> {
        let start = word + length;
        if self.is_element(word) {
            start..self.end_of_string(start)
        } else {
            self.shell_value(start)
        }
    }

    /// The word after the one that was read, if there is one.
    fn next_value(&self, word: usize) -> Option<Range<usize>> {
        let mut start = self.at;
        if self.is_element(word) && self.is_end_of_string(start) {
            start = self.skip(start + 1, |byte| byte.is_ascii_whitespace() || byte == b',');
            return self
                .is_end_of_string(start)
                .then(|| start + 1..self.end_of_string(start + 1));
        }
        start = self.skip(start, |byte| matches!(byte, b' ' | b'\t' | b'\\'));
        if self.byte(start) == Some(b'\n') && self.byte(start - 1) == Some(b'\\') {
            start = self.skip(start, |byte| byte.is_ascii_whitespace());
        }
        Some(self.shell_value(start))
    }

    /// One word as a shell reads it, without the quotes around it.
    fn shell_value(&self, start: usize) -> Range<usize> {
        if let Some(quote @ (b'\'' | b'"')) = self.byte(start)
            && !(self.is_end_of_string(start) && start > 0 && !is_gap(self.text.bytes[start - 1]))
        {
            let same =
                |at: usize| self.text.bytes[at] == quote && self.text.is_escape(at) == self.text.is_escape(start);
            let mut end = start + 1;
            while end < self.text.bytes.len() && !same(end) {
                end += if self.text.bytes[end] == b'\\' && quote == b'"' {
                    2
                } else {
                    1
                };
            }
            return start + 1..end.min(self.text.bytes.len());
        }
        let mut end = start;
        while let Some(byte) = self.byte(end) {
            if byte.is_ascii_whitespace()
                || matches!(byte, b';' | b'|' | b'&' | b')')
                || (byte == b'`' && end > start)
                || self.is_end_of_string(end)
            {
                break;
            }
            end += if byte == b'\\' { 2 } else { 1 };
        }
        start..end.min(self.text.bytes.len())
    }

    fn take(&mut self, value: Range<usize>) {
        self.at = self.at.max(value.end);
        let is_of_docker = self.command == Command::Login { is_of_docker: true };
        // What another command prints is no password yet.
        if !value.is_empty()
            && self.byte(value.start) != Some(b'`')
            && !self.text.bytes[value.clone()].starts_with(b"$(")
        {
            self.found.push(Password {
                place: self.text.written(&value),
                text: self.text.bytes[value].to_vec(),
                is_of_docker,
            });
        }
    }

    fn skip_value(&mut self) {
        if let Some(value) = self.next_value(self.at) {
            self.at = self.at.max(value.end);
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.bytes.get(at).copied()
    }

    fn skip(&self, start: usize, is_passed: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.bytes[start.min(self.text.bytes.len())..];
        start + rest.iter().take_while(|byte| is_passed(**byte)).count()
    }

    fn end_of_word(&self, start: usize) -> usize {
        let is_end = |byte: u8| is_gap(byte) && byte != b',' || matches!(byte, b';' | b'|' | b'&' | b'(' | b')' | b'<');
        // A word is never empty, so that reading always goes on.
        self.skip(start + 1, |byte| !is_end(byte))
    }

    /// Whether a word is an element of an array from its beginning on.
    fn is_element(&self, word: usize) -> bool {
        word > 0 && self.is_end_of_string(word - 1)
    }

    /// A quote of JSON itself, not one in a string.
    fn is_end_of_string(&self, at: usize) -> bool {
        self.byte(at) == Some(b'"') && !self.text.is_escape(at)
    }

    fn end_of_string(&self, start: usize) -> usize {
        let rest = start..self.text.bytes.len();
        rest.into_iter()
            .find(|at| self.is_end_of_string(*at))
            .unwrap_or(self.text.bytes.len())
    }

    fn ends_command(&self, byte: u8) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.byte(at));
        match byte {
            b';' | b'|' | b'(' | b')' | b']' => true,
            b'&' => before != Some(b'>'),
            b'\n' => self.text.is_escape(self.at) && before != Some(b'\\'),
            // The end of a member's key.
            b':' => before == Some(b'"') && self.is_end_of_string(self.at - 1),
            _ => false,
        }
    }
}

/// What may stand between words: quotes too, as a word may be a command line itself.
fn is_gap(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b',')
}

/// `--password`, `--token` and their like; `--password-stdin` and `--password-file` take none.
fn is_long_for_password(option: &[u8]) -> bool {
    option.starts_with(b"--") && is_telling(option)
}
