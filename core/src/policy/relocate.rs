//! One `[[relocate]]` of a policy: images that are served from another place.

use crate::image::{Pattern, ReferenceError, Relocation, RelocationError};
use serde::Deserialize;

/// Where the policy says that an image is served from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocated<'p> {
    /// The place of the entry among [`Policy::relocations`](super::Policy::relocations).
    pub index: usize,
    /// The entry.
    pub relocation: &'p Relocation,
    /// The image there; why there can be none otherwise.
    pub image: Result<String, ReferenceError>,
}

/// A `[[relocate]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: Pattern,
    to: Pattern,
}

/// What a policy holds: an entry that was held to its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Relocate(pub(super) Relocation);

impl TryFrom<Written> for Relocate {
    type Error = RelocationError;

    fn try_from(written: Written) -> Result<Relocate, RelocationError> {
        Relocation::new(written.from, written.to).map(Relocate)
    }
}
