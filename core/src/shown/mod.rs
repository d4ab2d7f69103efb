//! Text of a definition made fit to be shown: credentials masked, and nothing left that a terminal obeys.
//!
//! Shared by everything that reports, the command line and the plugins. Knows nothing of findings or of formats.

pub(crate) mod commands;
mod encoded;
mod escapes;
pub mod mask;
pub mod safe;
pub(crate) mod store;
