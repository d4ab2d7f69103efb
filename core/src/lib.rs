//! The transformer of `pullcreds`: text and policy in, findings and a patch out.
//!
//! Pure: no I/O, no clock, no threads, no environment.
//!
//! ```
//! use pullcreds_core::policy::Policy;
//! use pullcreds_core::transform::{Fixed, Options, Selection, fix};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy: Policy = toml::from_str(
//!     r#"
//!     [[registry]]
//!     match = "registry.example.com"
//!     archive = "file:///etc/docker.tar.gz"
//!     "#,
//! )?;
//! let app = br#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web"}}}"#;
//! let selection = Selection::default();
//! let Fixed::Definition(rewrite) = fix(app, &Options::new(&policy, &selection))? else {
//!     return Err("not for Marathon".into());
//! };
//! let text = rewrite.edited.ok_or("nothing to do")?.text();
//! assert!(text.ends_with(r#""fetch": [{"uri": "file:///etc/docker.tar.gz"}]}"#));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod definition;
pub mod finding;
mod glob;
pub mod image;
pub mod json;
pub mod policy;
pub mod rules;
pub mod shown;
pub mod transform;
