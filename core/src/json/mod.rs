//! Strict JSON text (RFC 8259) with the place of every token, and edits that keep every other byte.
//!
//! A [`Document`] is the text and a flat tape of its tokens; a [`Value`] is a cursor into it that decodes only what is
//! asked for. Numbers are never decoded, so `1024.0`, thirty digits and `1e999` stay what they are. A [`Patch`] is
//! RFC 6902 over raw text.
//!
//! Nothing here recurses over the depth of its input. This module must not know what Marathon is.

#[cfg(feature = "json-patch")]
mod boundary;
mod edit;
mod equality;
mod error;
mod number;
mod offence;
mod patch;
mod patch_error;
mod pointer;
mod position;
mod raw;
mod scan;
mod string;
mod syntax;
mod tape;
mod value;

#[cfg(feature = "json-patch")]
pub use boundary::BoundaryError;
pub use edit::{EditError, Edited, OffsetMap, Refusal, apply};
pub use error::{SyntaxError, SyntaxErrorKind};
pub use patch::{Operation, Patch};
pub use patch_error::{OperationError, PatchError};
pub use pointer::{Pointer, PointerError};
pub use position::{Lines, Position, position};
pub use raw::RawJson;
pub use tape::Document;
pub use value::{Elements, Key, Member, Members, Type, Value};

/// The longest text that the reader takes, in bytes: 512 MiB, because a token's place is kept in 29 bits.
pub const LONGEST_TEXT: usize = (1 << 29) - 1;
