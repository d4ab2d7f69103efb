//! What the WebAssembly artifacts of pullcreds do, apart from the boundary that each of them speaks.
//!
//! `plugin-wasm/component` puts [`answer`] behind the WIT interface, `plugin-wasm/filter` puts [`filter`] behind WASI.
//! Nothing of the rules is here: that is the core's. Everything here also runs on the host, where it is tested.
#![forbid(unsafe_code)]

mod failure;
pub mod filter;
mod outcome;
mod transform;

pub use failure::{Failure, Problem};
pub use outcome::{Outcome, Told, ToldFix, answer};
pub use transform::{Asked, passed_over, policy, transform};

/// The JSON Schema of the policy, which `describe` hands out.
pub const POLICY_SCHEMA: &str = include_str!("../../docs/pullcreds.schema.json");
