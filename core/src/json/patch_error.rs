//! Why a text is no RFC 6902 patch.

use thiserror::Error;

use super::{PointerError, SyntaxError};

/// Why a text is no patch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatchError {
    /// It is not JSON.
    #[error("the patch is not JSON: {0}")]
    Syntax(#[from] SyntaxError),
    /// It is JSON, but no array.
    #[error("a JSON Patch is an array of operations")]
    NotAnArray,
    /// One of its operations is not by the RFC.
    #[error("operation {index}: {error}")]
    Operation {
        /// Which, from 0.
        index: usize,
        /// Where it begins in the patch's text, in bytes.
        offset: usize,
        /// What is wrong with it.
        error: OperationError,
    },
}

/// What is wrong with one operation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OperationError {
    /// It is no object.
    #[error("an operation is an object")]
    NotAnObject,
    /// A member that it needs is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member stands there twice, and which of the two is meant is anyone's guess.
    #[error("`{0}` stands there twice")]
    Twice(&'static str),
    /// A member that names something is no string.
    #[error("`{0}` has to be a string")]
    NotAString(&'static str),
    /// An `op` that the RFC does not have.
    #[error("unknown `op` `{0}`: there are add, remove, replace, move, copy and test")]
    Unknown(String),
    /// A place that is no pointer.
    #[error("`{0}`: {1}")]
    Pointer(&'static str, PointerError),
}
