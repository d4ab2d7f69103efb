//! Random documents in random layouts.

use proptest::prelude::*;
use pullcreds_core::json::RawJson;

/// How a document is written: line end, indentation step, colon, inline comma, padding.
#[derive(Clone, Debug)]
struct Manner {
    newline: &'static str,
    step: &'static str,
    colon: &'static str,
    comma: &'static str,
    padding: &'static str,
    comma_first: bool,
    hugging: bool,
    /// One bit a container, taken in turn: whether it is on one line.
    one_line: Vec<bool>,
    blank: Vec<bool>,
}

fn manner() -> impl Strategy<Value = Manner> {
    let texts = (
        prop::sample::select(vec!["\n", "\r\n"]),
        prop::sample::select(vec!["  ", "    ", "\t", "   ", "", " \t"]),
        prop::sample::select(vec![": ", ":", " : ", " :\n"]),
        prop::sample::select(vec!["", " "]),
        prop::sample::select(vec!["", " "]),
    );
    let bits = || prop::collection::vec(any::<bool>(), 1..6);
    (texts, any::<bool>(), any::<bool>(), bits(), bits()).prop_map(
        |((newline, step, colon, comma, padding), comma_first, hugging, one_line, blank)| Manner {
            newline,
            step,
            colon,
            comma,
            padding,
            comma_first,
            hugging,
            one_line,
            blank,
        },
    )
}

/// A value as a tree, its tokens as text.
#[derive(Clone, Debug)]
enum Tree {
    Token(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let token = prop::sample::select(vec![
        "null",
        "true",
        "false",
        "0",
        "-1",
        "12",
        "1.5",
        r#""""#,
        r#""a\"b""#,
        r#""é\u00e9\ud83d\ude00""#,
        r#""a/b~c""#,
        r#""[,]{:}""#,
    ]);
    token
        .prop_map(|token| Tree::Token(token.to_owned()))
        .prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Tree::Array),
                prop::collection::vec((key(), inner), 0..5).prop_map(|mut members| {
                    members.sort_by(|this, that| this.0.cmp(&that.0));
                    members.dedup_by(|this, that| this.0 == that.0);
                    members.reverse();
                    Tree::Object(members)
                }),
            ]
        })
}

pub(crate) fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "", "a/b", "~", "é", "0"]).prop_map(str::to_owned)
}

struct Writer<'m> {
    manner: &'m Manner,
    containers: usize,
    gaps: usize,
    text: String,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize) {
        self.gaps += 1;
        if self.manner.blank[self.gaps % self.manner.blank.len()] && self.gaps.is_multiple_of(3) {
            self.text.push_str(self.manner.newline);
        }
        self.text.push_str(self.manner.newline);
        self.text.push_str(&self.manner.step.repeat(depth));
    }

    fn children<'t>(&mut self, depth: usize, lines: bool, children: impl Iterator<Item = (Option<&'t str>, &'t Tree)>) {
        let mut first = true;
        for (key, child) in children {
            let separate = !std::mem::replace(&mut first, false);
            match (lines, separate, self.manner.comma_first) {
                (true, true, false) => {
                    self.text.push(',');
                    self.line(depth + 1);
                }
                (true, true, true) => {
                    self.line(depth);
                    self.text.push_str(", ");
                }
                (true, false, true) => self.text.push(' '),
                (true, false, false) => self.line(depth + 1),
                (false, true, _) => {
                    self.text.push(',');
                    self.text.push_str(self.manner.comma);
                }
                (false, false, _) => self.text.push_str(self.manner.padding),
            }
            if let Some(key) = key {
                self.text.push_str(RawJson::string(key).as_str());
                self.text.push_str(self.manner.colon);
            }
            self.write(depth + usize::from(lines), child);
        }
        match (first, lines) {
            (true, _) => {}
            (_, true) => self.line(depth),
            (_, false) => self.text.push_str(self.manner.padding),
        }
    }

    fn write(&mut self, depth: usize, tree: &Tree) {
        self.containers += 1;
        let lines = !self.manner.one_line[self.containers % self.manner.one_line.len()];
        match tree {
            Tree::Token(token) => self.text.push_str(token),
            Tree::Array(elements) => {
                self.text.push('[');
                let hug = self.manner.hugging && matches!(elements.first(), Some(Tree::Object(_)));
                self.children(depth, lines && !hug, elements.iter().map(|element| (None, element)));
                self.text.push(']');
            }
            Tree::Object(members) => {
                self.text.push('{');
                self.children(
                    depth,
                    lines,
                    members.iter().map(|(key, value)| (Some(key.as_str()), value)),
                );
                self.text.push('}');
            }
        }
    }
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    (tree(), manner(), any::<bool>(), any::<bool>()).prop_map(|(tree, manner, mark, end)| {
        let text = if mark { "\u{feff}" } else { "" }.to_owned();
        let mut writer = Writer {
            manner: &manner,
            containers: 0,
            gaps: 0,
            text,
        };
        writer.write(0, &tree);
        if end {
            writer.text.push_str(manner.newline);
        }
        writer.text
    })
}

pub(crate) fn value() -> impl Strategy<Value = RawJson> {
    text().prop_map(|text| RawJson::parse(text.trim_start_matches('\u{feff}')).unwrap())
}
