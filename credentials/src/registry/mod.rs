//! What Docker and UCR ask a registry for an image, and what its answers mean.
//!
//! Whoever can ask ([`Wire`]) hands that in; this knows the order of the questions, what of the credentials goes where,
//! and how to judge. It opens no connection and has no clock.
//!
//! Sources: distribution `docs/spec/api.md` and `docs/spec/auth/token.md`, moby `registry/` and `distribution/registry.go`,
//! Mesos `src/uri/fetchers/docker.cpp` at c1b42f7.

mod challenge;
pub mod date;
pub mod endpoint;
mod presented;
mod push;
mod said;
mod sent;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod verdict;
mod wire;

pub use challenge::{Challenge, challenges};
pub use presented::Presented;
pub use session::Session;
pub use verdict::Verdict;
pub use wire::{Answer, Certificate, Failure, Method, Request, Wire};
