//! The way to the types of the `json-patch` crate and back, for those who speak them. Nothing else here knows them.

use json_patch::jsonptr::PointerBuf;
use json_patch::{
    AddOperation, CopyOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation,
};
use thiserror::Error;

use super::{Document, Operation, Patch, Pointer, RawJson};

/// Why a patch cannot go through the types of `json-patch`, or come back.
#[derive(Debug, Error)]
pub enum BoundaryError {
    /// `serde_json` does not take the value of an operation: a number like `1e999`, a lone surrogate, great depth.
    #[error("operation {operation}: {error}")]
    Refused {
        /// Which, from 0.
        operation: usize,
        /// What `serde_json` says.
        error: serde_json::Error,
    },
    /// `serde_json` would make another value of it: a number with more digits than it holds.
    #[error("operation {operation}: the value holds a number that `serde_json` would change")]
    Changed {
        /// Which, from 0.
        operation: usize,
    },
    /// A value or a pointer that does not come back. With a sound `json-patch` there is none.
    #[error("operation {operation}: {what}")]
    Malformed {
        /// Which, from 0.
        operation: usize,
        /// What is wrong.
        what: String,
    },
}

impl TryFrom<&Patch> for json_patch::Patch {
    type Error = BoundaryError;

    fn try_from(patch: &Patch) -> Result<json_patch::Patch, BoundaryError> {
        let operations = patch
            .operations
            .iter()
            .enumerate()
            .map(|(index, operation)| outward(index, operation));
        Ok(json_patch::Patch(operations.collect::<Result<_, _>>()?))
    }
}

impl TryFrom<&json_patch::Patch> for Patch {
    type Error = BoundaryError;

    fn try_from(patch: &json_patch::Patch) -> Result<Patch, BoundaryError> {
        let operations = patch
            .0
            .iter()
            .enumerate()
            .map(|(index, operation)| inward(index, operation));
        Ok(Patch {
            operations: operations.collect::<Result<_, _>>()?,
        })
    }
}

fn outward(index: usize, operation: &Operation) -> Result<PatchOperation, BoundaryError> {
    let pointer = |pointer: &Pointer| {
        PointerBuf::parse(pointer.as_str()).map_err(|error| BoundaryError::Malformed {
            operation: index,
            what: error.to_string(),
        })
    };
    let path = pointer(operation.path())?;
    Ok(match operation {
        Operation::Add { value, .. } => PatchOperation::Add(AddOperation {
            path,
            value: decoded(index, value)?,
        }),
        Operation::Remove { .. } => PatchOperation::Remove(RemoveOperation { path }),
        Operation::Replace { value, .. } => PatchOperation::Replace(ReplaceOperation {
            path,
            value: decoded(index, value)?,
        }),
        Operation::Move { from, .. } => PatchOperation::Move(MoveOperation {
            from: pointer(from)?,
            path,
        }),
        Operation::Copy { from, .. } => PatchOperation::Copy(CopyOperation {
            from: pointer(from)?,
            path,
        }),
        Operation::Test { value, .. } => PatchOperation::Test(TestOperation {
            path,
            value: decoded(index, value)?,
        }),
    })
}

/// A value as `serde_json` has it, if that is the same value.
fn decoded(operation: usize, value: &RawJson) -> Result<serde_json::Value, BoundaryError> {
    let decoded: serde_json::Value =
        serde_json::from_str(value.as_str()).map_err(|error| BoundaryError::Refused { operation, error })?;
    let written = decoded.to_string();
    let same = match (Document::of(value.as_str()), Document::of(&written)) {
        (Ok(value), Ok(written)) => value.root().same_value(&written.root()),
        _ => false,
    };
    if same {
        Ok(decoded)
    } else {
        Err(BoundaryError::Changed { operation })
    }
}

fn inward(index: usize, operation: &PatchOperation) -> Result<Operation, BoundaryError> {
    let malformed = |what: String| BoundaryError::Malformed { operation: index, what };
    let pointer = |pointer: &PointerBuf| Pointer::parse(pointer.as_str()).map_err(|error| malformed(error.to_string()));
    let raw =
        |value: &serde_json::Value| RawJson::parse(value.to_string()).map_err(|error| malformed(error.to_string()));
    Ok(match operation {
        PatchOperation::Add(AddOperation { path, value }) => Operation::Add {
            path: pointer(path)?,
            value: raw(value)?,
        },
        PatchOperation::Remove(RemoveOperation { path }) => Operation::Remove { path: pointer(path)? },
        PatchOperation::Replace(ReplaceOperation { path, value }) => Operation::Replace {
            path: pointer(path)?,
            value: raw(value)?,
        },
        PatchOperation::Move(MoveOperation { from, path }) => Operation::Move {
            from: pointer(from)?,
            path: pointer(path)?,
        },
        PatchOperation::Copy(CopyOperation { from, path }) => Operation::Copy {
            from: pointer(from)?,
            path: pointer(path)?,
        },
        PatchOperation::Test(TestOperation { path, value }) => Operation::Test {
            path: pointer(path)?,
            value: raw(value)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_goes_out_and_comes_back() {
        let text = r#"[{"op":"add","path":"/a~1b","value":{"x":[1.5,"é"]}},{"op":"remove","path":"/~0"},
            {"op":"replace","path":"","value":null},{"op":"move","from":"/a","path":"/b"},
            {"op":"copy","from":"/a","path":"/-"},{"op":"test","path":"/t","value":true}]"#;
        let patch = Patch::parse(text.as_bytes()).unwrap();
        let out = json_patch::Patch::try_from(&patch).unwrap();
        assert_eq!(out, serde_json::from_str(text).unwrap());
        assert_eq!(Patch::try_from(&out).unwrap().to_json(), patch.to_json());
    }

    #[test]
    fn what_serde_json_would_lose_does_not_pass() {
        let out = |value: &str| {
            let patch = format!(r#"[{{"op":"add","path":"/a","value":[{value}]}}]"#);
            json_patch::Patch::try_from(&Patch::parse(patch.as_bytes()).unwrap())
        };
        assert!(out("1024.0, 18446744073709551615, -0.1e-7").is_ok());
        assert!(matches!(
            out("123456789012345678901234567890"),
            Err(BoundaryError::Changed { operation: 0 })
        ));
        assert!(matches!(out("1e999"), Err(BoundaryError::Refused { operation: 0, .. })));
        assert!(matches!(
            out(r#""\ud800""#),
            Err(BoundaryError::Refused { operation: 0, .. })
        ));
        assert!(out(&("[".repeat(100_000) + &"]".repeat(100_000))).is_err());
    }
}
