//! RFC 6902 as a document: six operations over raw text, read and printed. How they are applied is `edit`'s.

use std::fmt;

use super::patch_error::{OperationError, PatchError};
use super::{Document, Pointer, RawJson, Value, string};

/// One step of a [`Patch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Puts a value where there is none, before an element, at the end of an array (`-`), or over a member.
    Add {
        /// Where.
        path: Pointer,
        /// What.
        value: RawJson,
    },
    /// Takes a value away.
    Remove {
        /// Which.
        path: Pointer,
    },
    /// Puts a value over the one that is there.
    Replace {
        /// Where.
        path: Pointer,
        /// What.
        value: RawJson,
    },
    /// Takes a value away and adds it elsewhere.
    Move {
        /// Which.
        from: Pointer,
        /// Where to.
        path: Pointer,
    },
    /// Adds a value that is there elsewhere as well.
    Copy {
        /// Which.
        from: Pointer,
        /// Where to.
        path: Pointer,
    },
    /// Goes on only if the value there means the same.
    Test {
        /// Where.
        path: Pointer,
        /// What must be there.
        value: RawJson,
    },
}

impl Operation {
    /// The name of the operation: `add`, `remove`, …
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Add { .. } => "add",
            Operation::Remove { .. } => "remove",
            Operation::Replace { .. } => "replace",
            Operation::Move { .. } => "move",
            Operation::Copy { .. } => "copy",
            Operation::Test { .. } => "test",
        }
    }

    /// The place that it is about.
    pub fn path(&self) -> &Pointer {
        match self {
            Operation::Add { path, .. }
            | Operation::Remove { path }
            | Operation::Replace { path, .. }
            | Operation::Move { path, .. }
            | Operation::Copy { path, .. }
            | Operation::Test { path, .. } => path,
        }
    }

    /// The place that a value comes from, of `move` and `copy`.
    pub fn from(&self) -> Option<&Pointer> {
        match self {
            Operation::Move { from, .. } | Operation::Copy { from, .. } => Some(from),
            _ => None,
        }
    }

    /// The value that it carries, of `add`, `replace` and `test`.
    pub fn value(&self) -> Option<&RawJson> {
        match self {
            Operation::Add { value, .. } | Operation::Replace { value, .. } | Operation::Test { value, .. } => {
                Some(value)
            }
            _ => None,
        }
    }
}

/// A sequence of operations that is applied whole or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// The operations, each on what the ones before it have left.
    pub operations: Vec<Operation>,
}

impl Patch {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Reads a patch: an array of objects. Members that RFC 6902 does not name are passed over.
    ///
    /// # Errors
    /// Text that is not JSON, and operations that are not by the RFC, each with its index.
    pub fn parse(text: &[u8]) -> Result<Patch, PatchError> {
        let document = Document::parse(text)?;
        if !document.root().is_array() {
            return Err(PatchError::NotAnArray);
        }
        let operations = document.root().elements().enumerate().map(|(index, value)| {
            operation(value).map_err(|error| PatchError::Operation {
                index,
                offset: value.span().start,
                error,
            })
        });
        Ok(Patch {
            operations: operations.collect::<Result<_, _>>()?,
        })
    }

    /// The patch as text: an array, one operation a line.
    pub fn to_json(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Patch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "[\n  ";
        for operation in &self.operations {
            write!(formatter, "{separator}{operation}")?;
            separator = ",\n  ";
        }
        formatter.write_str(if self.is_empty() { "[]" } else { "\n]" })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |pointer: &Pointer| {
            let mut text = String::new();
            string::encode(pointer.as_str(), &mut text);
            text
        };
        write!(formatter, "{{\"op\": \"{}\"", self.name())?;
        if let Some(from) = self.from() {
            write!(formatter, ", \"from\": {}", quoted(from))?;
        }
        write!(formatter, ", \"path\": {}", quoted(self.path()))?;
        if let Some(value) = self.value() {
            write!(formatter, ", \"value\": {}", value.on_one_line())?;
        }
        formatter.write_str("}")
    }
}

fn operation(value: Value<'_>) -> Result<Operation, OperationError> {
    if !value.is_object() {
        return Err(OperationError::NotAnObject);
    }
    let name = member(value, "op")?;
    let name = name.as_str().ok_or(OperationError::NotAString("op"))?;
    let path = || pointer(value, "path");
    let from = || pointer(value, "from");
    let carried = || member(value, "value").map(RawJson::from);
    Ok(match name.as_ref() {
        "add" => Operation::Add {
            path: path()?,
            value: carried()?,
        },
        "remove" => Operation::Remove { path: path()? },
        "replace" => Operation::Replace {
            path: path()?,
            value: carried()?,
        },
        "move" => Operation::Move {
            from: from()?,
            path: path()?,
        },
        "copy" => Operation::Copy {
            from: from()?,
            path: path()?,
        },
        "test" => Operation::Test {
            path: path()?,
            value: carried()?,
        },
        other => return Err(OperationError::Unknown(other.to_owned())),
    })
}

/// A member that must be there, and once: with two the RFC leaves open which is meant (its example A.13).
fn member<'d>(value: Value<'d>, name: &'static str) -> Result<Value<'d>, OperationError> {
    let mut found = value.members().filter(|member| member.key.is(name));
    match (found.next(), found.next()) {
        (Some(member), None) => Ok(member.value),
        (Some(_), Some(_)) => Err(OperationError::Twice(name)),
        (None, _) => Err(OperationError::Missing(name)),
    }
}

fn pointer(value: Value<'_>, name: &'static str) -> Result<Pointer, OperationError> {
    let value = member(value, name)?;
    let text = value.as_str().ok_or(OperationError::NotAString(name))?;
    Pointer::parse(&text).map_err(|error| OperationError::Pointer(name, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::PointerError;

    #[test]
    fn a_patch_is_read_and_printed_one_operation_a_line() {
        let text = r#"[
  {"op": "add", "path": "/a~1b", "value": {"x": [1.0, 1e999]}},
  {"op": "remove", "path": "/é"},
  {"op": "replace", "path": "", "value": null},
  {"op": "move", "from": "/a", "path": "/b"},
  {"op": "copy", "from": "/a\"", "path": "/-"},
  {"op": "test", "path": "/t", "value": "\ud800"}
]"#;
        let patch = Patch::parse(text.as_bytes()).unwrap();
        assert_eq!(patch.to_json(), text);
        assert_eq!(Patch::default().to_json(), "[]");
        let loose = r#"[{"value":true,"\u006fp":"add","from":7,"comment":{},"path":"/x"}]"#;
        let one = Patch::parse(loose.as_bytes()).unwrap();
        assert_eq!(
            one.to_json(),
            "[\n  {\"op\": \"add\", \"path\": \"/x\", \"value\": true}\n]"
        );
    }

    #[test]
    fn what_is_no_patch_is_refused_with_its_index() {
        let refused = |text: &str| match Patch::parse(text.as_bytes()).unwrap_err() {
            PatchError::Operation { index, error, .. } => (index, error),
            other => panic!("{other}"),
        };
        assert_eq!(Patch::parse(b"{}"), Err(PatchError::NotAnArray));
        assert!(matches!(Patch::parse(b"[{]"), Err(PatchError::Syntax(_))));
        let remove = r#"{"op":"remove","path":"/a"}"#;
        assert_eq!(refused(&format!("[{remove}, 1]")), (1, OperationError::NotAnObject));
        for (text, error) in [
            ("{}", OperationError::Missing("op")),
            (r#"{"op":1}"#, OperationError::NotAString("op")),
            (r#"{"op":"Add","path":""}"#, OperationError::Unknown("Add".to_owned())),
            (r#"{"op":"add","path":""}"#, OperationError::Missing("value")),
            (r#"{"op":"copy","path":""}"#, OperationError::Missing("from")),
            (r#"{"op":"remove"}"#, OperationError::Missing("path")),
            (r#"{"op":"remove","path":null}"#, OperationError::NotAString("path")),
            (
                r#"{"op":"remove","path":"a"}"#,
                OperationError::Pointer("path", PointerError::NoSlash),
            ),
            (
                r#"{"op":"remove","path":"/a","op":"remove"}"#,
                OperationError::Twice("op"),
            ),
        ] {
            assert_eq!(refused(&format!("[{text}]")), (0, error), "{text}");
        }
    }
}
