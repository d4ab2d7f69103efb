//! The transformer of `pullcreds`: text and policy in, findings and a patch out.
//!
//! Pure: no I/O, no clock, no threads, no environment.
#![forbid(unsafe_code)]

pub mod definition;
mod glob;
pub mod image;
pub mod json;
pub mod policy;
