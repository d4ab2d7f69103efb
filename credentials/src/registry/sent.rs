//! The `Authorization` of a question, and where it came from.

use crate::Secret;

/// What is sent for a manifest.
pub(super) struct Sent {
    pub(super) authorization: Option<Secret>,
    pub(super) by: By,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Nothing,
    Basic,
    /// A token that anybody gets.
    AnyToken,
    Token,
}

impl Sent {
    pub(super) fn nothing() -> Sent {
        Sent {
            authorization: None,
            by: By::Nothing,
        }
    }

    pub(super) fn basic(basic: &Secret) -> Sent {
        Sent {
            authorization: Some(header(b"Basic ", basic)),
            by: By::Basic,
        }
    }

    pub(super) fn token(token: &Secret, by: By) -> Sent {
        Sent {
            authorization: Some(header(b"Bearer ", token)),
            by,
        }
    }
}

fn header(scheme: &[u8], value: &Secret) -> Secret {
    // Of the length that it will have, so that nothing is moved.
    let mut bytes = Vec::with_capacity(scheme.len() + value.expose().len());
    bytes.extend_from_slice(scheme);
    bytes.extend_from_slice(value.expose());
    Secret::new(bytes)
}
