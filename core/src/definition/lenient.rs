//! What a text that is no JSON was meant to be: a template to be rendered first, a Marathon definition with a mistake in
//! it, or something else.
//!
//! Reads keys and marks, never values; a string ends at the end of its line at the latest, so that one lost quote does
//! not swallow the rest.

/// What a text that is no JSON seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// Template marks stand outside its strings.
    Template,
    /// A definition with a mistake.
    Marathon,
    /// Neither.
    Other,
}

/// Marks of mustache, Jinja, shell and ERB that cannot stand in JSON outside strings.
const TEMPLATE_MARKS: [&[u8]; 5] = [b"{{", b"{%", b"${", b"<%", b"{#"];

/// Keys that tell what a text means to be, and whether they count at its outermost level only.
const KEYS: [(&[u8], Meaning); 22] = [
    (b"id", Meaning::Id),
    (b"cpus", Meaning::Sized),
    (b"mem", Meaning::Sized),
    (b"instances", Meaning::Sized),
    (b"cmd", Meaning::Sized),
    (b"container", Meaning::Container),
    (b"docker", Meaning::Docker),
    (b"image", Meaning::Image),
    (b"containers", Meaning::Containers),
    (b"apps", Meaning::Listed),
    (b"groups", Meaning::Listed),
    (b"apiVersion", Meaning::Foreign),
    (b"$schema", Meaning::Foreign),
    (b"schedule", Meaning::Foreign),
    (b"run", Meaning::Foreign),
    (b"spec", Meaning::Foreign),
    (b"containerDefinitions", Meaning::Foreign),
    (b"taskDefinition", Meaning::Foreign),
    (b"framework", Meaning::Foreign),
    (b"swagger", Meaning::Foreign),
    (b"openapi", Meaning::Foreign),
    (b"eventType", Meaning::Foreign),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Id,
    Sized,
    Container,
    Docker,
    Image,
    Containers,
    Listed,
    Foreign,
}

/// Looks at a text that the strict reader refused.
#[must_use]
pub(crate) fn guess(text: &[u8]) -> Guess {
    let mut scan = Scan::default();
    // What some editors call Unicode: every other byte is zero, for keys and marks are ASCII.
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        let narrow: Vec<u8> = text.iter().copied().filter(|byte| *byte != 0).collect();
        scan.read(&narrow);
    } else {
        scan.read(text);
    }
    if !scan.means_marathon() {
        Guess::Other
    } else if scan.template {
        Guess::Template
    } else {
        Guess::Marathon
    }
}

#[derive(Default)]
struct Scan {
    template: bool,
    depth: usize,
    id: bool,
    absolute_id: bool,
    sized: u8,
    container: bool,
    docker: bool,
    image: bool,
    containers: bool,
    listed: bool,
    foreign: bool,
}

impl Scan {
    fn means_marathon(&self) -> bool {
        let docker_image = self.container && self.docker && self.image;
        let app = docker_image && (self.id || self.sized > 0);
        let command = self.id && self.sized >= 2;
        let pod = self.id && self.containers && (self.image || self.sized >= 2);
        let group = self.id && self.listed && (self.container || self.sized >= 1);
        // An absolute id is a habit of Marathon's alone.
        let by_id = self.absolute_id && (self.container || self.listed || self.containers || self.sized >= 1);
        !self.foreign && (app || command || pod || group || by_id)
    }

    fn read(&mut self, text: &[u8]) {
        let mut at = 0;
        // What ends the comment that this is in; people put one of those into JSON and write of placeholders there.
        let mut comment: &[u8] = b"";
        while let Some(&byte) = text.get(at) {
            if !comment.is_empty() && text[at..].starts_with(comment) {
                comment = b"";
            }
            match byte {
                b'"' => {
                    let end = string_end(text, at + 1);
                    let after = skip_space(text, end + 1);
                    if text.get(after) == Some(&b':') {
                        let value = skip_space(text, after + 1);
                        let path = text.get(value..).is_some_and(|rest| rest.starts_with(b"\"/"));
                        self.key(&text[at + 1..end.min(text.len())], path);
                    }
                    at = end + 1;
                    continue;
                }
                b'{' | b'$' | b'<' | b'@' | b'%' => {
                    let is_mark = TEMPLATE_MARKS.iter().any(|mark| text[at..].starts_with(mark));
                    self.template |= is_mark || (comment.is_empty() && is_placeholder(text, at));
                    self.depth += usize::from(byte == b'{');
                }
                b'#' if comment.is_empty() => comment = b"\n",
                b'/' if comment.is_empty() => match text.get(at + 1) {
                    Some(b'/') => comment = b"\n",
                    Some(b'*') => comment = b"*/",
                    _ => {}
                },
                b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
    }

    fn key(&mut self, key: &[u8], path: bool) {
        let Some((_, meaning)) = KEYS.iter().find(|(name, _)| *name == key) else {
            return;
        };
        match meaning {
            Meaning::Id => {
                self.id = true;
                self.absolute_id |= path;
            }
            Meaning::Sized => self.sized = self.sized.saturating_add(1),
            Meaning::Container => self.container = true,
            Meaning::Docker => self.docker = true,
            Meaning::Image => self.image = true,
            Meaning::Containers => self.containers = true,
            Meaning::Listed => self.listed = true,
            // Deeper inside, an app may well have an environment variable of that name.
            Meaning::Foreign => self.foreign |= self.depth <= 1,
        }
    }
}

/// Whether `$NAME`, `@NAME@` or `%NAME%` begins here and stands where a value would, all of it: after a `:`, `,` or `[`,
/// and before a `,`, `}`, `]` or the end.
fn is_placeholder(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(before, Some(b':' | b',' | b'[')) {
        return false;
    }
    let (sign, name) = (text[at], &text[at + 1..]);
    let is_first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    // Maven's names of properties have dots and dashes; the shell's have none.
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || (sign != b'$' && b".-".contains(byte));
    let length = name.iter().take_while(|byte| is_name(byte)).count();
    let closed = sign == b'$' || name.get(length) == Some(&sign);
    let end = at + 1 + length + usize::from(sign != b'$');
    let after = text.get(skip_space(text, end));
    name.first().is_some_and(is_first) && closed && matches!(after, None | Some(b',' | b'}' | b']'))
}

/// The offset of the closing quote, or of the end of the line or text.
fn string_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' | b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{Guess, guess};

    #[test]
    fn texts_are_guessed_by_their_keys_and_marks() {
        let cases = [
            (r#"{"id": "/a", "cmd": "x" "cpus": 1}"#, Guess::Marathon),
            (
                r#"{"id": "a", "container": {"docker": {"image": "b"},}}"#,
                Guess::Marathon,
            ),
            ("{\"id\": \"a\", \"cpus\": 1, \"mem\": 2, // why\n}", Guess::Marathon),
            ("{\"id\": \"/a\", \"containers\": [\n...\n]}", Guess::Marathon),
            ("{\"id\": \"a, \n\"cpus\": 1, \"mem\": 2}", Guess::Marathon),
            ("{\"id\": \"a\", \"cpus\": 1,}", Guess::Other),
            (r#"{"id": "/a", "cpus": {{cpus}}, "mem": 1}"#, Guess::Template),
            (r#"{"id": "/a", "cpus": 1, {{#x}}"mem": 1{{/x}}}"#, Guess::Template),
            (r#"{"id": "{{a}}", "cpus": 1, "mem": 1,}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": $CPUS, "mem": 1}"#, Guess::Template),
            (r#"{"id": "/a", "cpus": @app.cpus@ , "mem": 1}"#, Guess::Template),
            (r#"{"id": "/a", "mem": 1, "cpus": %CPUS%}"#, Guess::Template),
            (r#"{"id": "/a", "cpus": <%= cpus %>, "mem": 1}"#, Guess::Template),
            (
                "{\"id\": \"/a\", \"mem\": 1, \"args\": [\n  $FIRST,\n  @REST@\n]}",
                Guess::Template,
            ),
            // Signs that are no placeholders, or not all that stands there.
            (r#"{"id": "/a", "cpus": $1, "mem": 1}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": 50%, "mem": 1}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": @CPUS, "mem": 1}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": $CPUS 1, "mem": 1}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": <number>, "mem": 1}"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": "$CPUS", "mem": 1,}"#, Guess::Marathon),
            (
                "{\"id\": \"/a\", \"cpus\": 1, \"mem\": 1 // $CPUS, @MEM@\n}",
                Guess::Marathon,
            ),
            (
                "{\"id\": \"/a\", /* $CPUS: @CPUS@,\n%MEM%, */ \"cpus\": 1 \"mem\": 1}",
                Guess::Marathon,
            ),
            (
                "{\"id\": \"/a\", // cpus\n \"cpus\": $CPUS, \"mem\": 1}",
                Guess::Template,
            ),
            (r#"{"name": $NAME}"#, Guess::Other),
            (r#"{"id": "/a", "cpus": $"#, Guess::Marathon),
            (r#"{"id": "/a", "cpus": @"#, Guess::Marathon),
            (r#"{"apiVersion": "v1", "id": "/a", "cpus": 1,}"#, Guess::Other),
            (r#"{"id": "/a", "cpus": 1, "env": {"run": "x"},}"#, Guess::Marathon),
            ("name: value", Guess::Other),
            ("", Guess::Other),
            ("\"", Guess::Other),
            ("\\\"{{", Guess::Other),
        ];
        for (text, wanted) in cases {
            assert_eq!(guess(text.as_bytes()), wanted, "{text}");
            let wide: Vec<u8> = std::iter::once(0xfeff)
                .chain(text.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            assert_eq!(guess(&wide), wanted, "{text} in UTF-16");
        }
    }
}
