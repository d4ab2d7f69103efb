//! Plugins: stages of a policy that run after the rules, each on every app and pod.
//!
//! Which ones a policy names and whether they may run is decided here; the rest is behind the feature `plugins`, and
//! nothing of it is touched by a run whose policy names none. Rules and reports know nothing of plugins.

mod setting;
#[cfg(feature = "plugins")]
pub(crate) mod stage;

#[cfg(feature = "plugins")]
mod allowed;
#[cfg(feature = "plugins")]
mod asked;
#[cfg(feature = "plugins")]
mod cache;
#[cfg(feature = "plugins")]
pub(crate) mod course;
#[cfg(feature = "plugins")]
mod findings;
#[cfg(feature = "plugins")]
pub(crate) mod host;
#[cfg(feature = "plugins")]
pub(crate) mod inspect;
#[cfg(feature = "plugins")]
mod intact;
#[cfg(feature = "plugins")]
mod ticker;

use pullcreds_core::transform::{self, Checked, Fixed, Options};

pub(crate) use self::setting::Setting;
use crate::outcome::Problem;

/// What a build without plugins says.
#[cfg(not(feature = "plugins"))]
pub(crate) const MISSING: &str = "this pullcreds was built without plugins";
#[cfg(not(feature = "plugins"))]
pub(crate) const HOW_TO_GET: &str =
    "take a released one, or build it with `cargo install --path . --features plugins` in a checkout of it";

/// What comes after the rules.
#[derive(Debug, Default)]
pub(crate) enum Plugins {
    /// Nothing: the policy names no plugin.
    #[default]
    None,
    /// Nothing, although the policy names these: it was found, and nobody said that its plugins may run.
    Idle(Vec<String>),
    /// These, in their order.
    #[cfg(feature = "plugins")]
    Run(Vec<stage::Stage>),
}

impl Plugins {
    /// Looks, as the core does; then the plugins look at what `fix` would make of the text.
    ///
    /// # Errors
    /// When the text cannot be read, or a plugin fails.
    pub(crate) fn check(&self, text: &[u8], options: &Options<'_>) -> Result<Checked, Problem> {
        #[cfg(feature = "plugins")]
        if let Plugins::Run(stages) = self {
            return course::check(stages, text, options);
        }
        Ok(transform::check(text, options)?)
    }

    /// Looks and mends, as the core does; then each plugin in its turn.
    ///
    /// # Errors
    /// When the text cannot be read or mended, or a plugin fails. Nothing is to be written then.
    pub(crate) fn fix<'t>(&self, text: &'t [u8], options: &Options<'_>) -> Result<Fixed<'t>, Problem> {
        #[cfg(feature = "plugins")]
        if let Plugins::Run(stages) = self {
            return course::fix(stages, text, options);
        }
        Ok(transform::fix(text, options)?)
    }

    /// The plugins that the policy names and that do not run.
    pub(crate) fn idle(&self) -> &[String] {
        match self {
            Plugins::Idle(names) => names,
            _ => &[],
        }
    }
}
