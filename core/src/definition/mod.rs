//! What a Marathon definition means.
pub mod id;
