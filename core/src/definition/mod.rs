//! What Marathon means: kinds of definitions, apps, pods and groups, and the *pull sites* inside them.
//!
//! Knows nothing of policy, of rules and of files. A second kind of definition would live beside this room, with its own
//! reader, and hand the same [`Model`]s to the rules.

mod change;
mod difference;
pub(crate) mod fetcher;
mod fields;
mod foreign;
pub mod id;
mod kind;
mod lenient;
mod model;
mod owner;
mod read;
mod stored;
mod twins;

pub use change::{Change, same_source};
pub(crate) use change::{can_merge_uris, extract_under_known_name, is_in_uris};
pub(crate) use difference::difference;
pub use fields::Fields;
pub(crate) use foreign::{is_package_options, metronome_images};
pub use kind::{Kind, detect};
pub(crate) use lenient::{Guess, guess};
pub use model::{Artifact, Containerizer, EntryId, Member, Misplaced, Misspelt, Model, Place, Secret, Site};
pub(crate) use owner::shown_id;
pub use owner::{Definition, DroppedPods, Owner, OwnerKind, Scope, ShapeError};
pub(crate) use read::read_model;
pub use stored::{Stored, StoredPull};
pub(crate) use twins::{Twice, Twins};
