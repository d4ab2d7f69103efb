//! One answer of the component in the words that each language has for it, and in those of the WIT interface.

use serde_json::{Map, Value};

/// How a language spells the names of members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spelling {
    /// `fix-patches`, as the interface does.
    Kebab,
    /// `fixPatches`
    Camel,
    /// `fix_patches`
    Snake,
}

/// An object of the interface with its members as a language spells them.
pub(crate) fn respelled(object: Value, spelling: Spelling) -> Value {
    let Value::Object(members) = object else { return object };
    let respell = |name: String| match spelling {
        Spelling::Kebab => name,
        Spelling::Snake => name.replace('-', "_"),
        Spelling::Camel => {
            let mut words = name.split('-');
            let first = words.next().unwrap().to_owned();
            words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
        }
    };
    members
        .into_iter()
        .map(|(name, value)| (respell(name), value))
        .collect()
}

/// What a program printed of an answer, in the words of the interface; what is `null`, and what is left out, is the same.
pub(crate) fn in_words_of_wit(answer: Value) -> Value {
    match answer {
        Value::Array(values) => values.into_iter().map(in_words_of_wit).collect(),
        Value::Object(members) => variant(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(member)
                .collect(),
        ),
        value => value,
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let name = kebab(&name);
    let value = match value {
        // Of Rust: the name of a case of an enum.
        Value::String(case) if name == "severity" || name == "applicability" => kebab(&case).into(),
        value => in_words_of_wit(value),
    };
    (name, value)
}

/// Languages differ in how they say which case of a variant there is.
fn variant(mut members: Map<String, Value>) -> Value {
    if let Some(value) = members.remove("val") {
        // Of JavaScript.
        members.insert("payload".to_owned(), value);
    } else if let Some(outcome) = members.remove("ok") {
        // Of Rust, as the next.
        return outcome;
    } else if let Some(Value::Object(failure)) = members.remove("err") {
        let (tag, payload) = failure.into_iter().next().unwrap();
        members.extend([("tag".to_owned(), tag.into()), ("payload".to_owned(), payload)]);
    }
    Value::Object(members)
}

/// `fixPatches`, `FixPatches` and `fix_patches` are `fix-patches`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        match letter {
            'A'..='Z' if !kebab.is_empty() => kebab.extend(['-', letter.to_ascii_lowercase()]),
            '_' => kebab.push('-'),
            letter => kebab.push(letter.to_ascii_lowercase()),
        }
    }
    kebab
}
