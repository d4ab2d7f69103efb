//! The one entry: text and policy in; findings, patch and new text out.

mod engine;
mod open;
mod part;
mod removed;
mod select;
mod silence;
mod subject;
mod survey;
mod twins;

pub use part::Part;
pub use select::{Selection, UnknownRule, severity, unknown_rule};
pub use silence::Silenced;
pub use survey::{Named, PullSite, Surveyed};

pub use crate::definition::Kind;
use crate::definition::ShapeError;
use crate::finding::{Finding, Severity};
use crate::json::{Document, EditError, Edited, Patch, SyntaxError};
use crate::policy::Policy;

/// What the caller says of one text.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Registries, versions, severities.
    pub policy: &'a Policy,
    /// The kind, where the caller knows it; else it is detected.
    pub kind: Option<Kind>,
    /// The group that the definitions will be added under.
    pub group: Option<&'a str>,
    /// The stored definition that an update is merged into.
    pub current: Option<&'a str>,
    /// The path of the text relative to its policy, with `/` between its parts: `[[ignore]] path` matches it.
    pub path: Option<&'a str>,
    /// Rules and fixes.
    pub selection: &'a Selection,
    /// Whether each finding's fix carries its patch (reports that show fixes want it; a plain `fix` does not).
    pub fix_patches: bool,
}

impl<'a> Options<'a> {
    /// A text of which nothing is known but the policy: its kind is detected, and fixes carry their patches.
    #[must_use]
    pub fn new(policy: &'a Policy, selection: &'a Selection) -> Options<'a> {
        Options {
            policy,
            kind: None,
            group: None,
            current: None,
            path: None,
            selection,
            fix_patches: true,
        }
    }
}

/// Why a text was passed over: it is not for this tool, and that is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passed {
    /// Nothing in it looks like a Marathon definition.
    NotMarathon,
    /// Template marks stand outside its strings; it must be rendered first.
    Template,
    /// A Metronome job that names a private image: not covered.
    MetronomeJob,
    /// The options of a DC/OS package that name a private image: not covered.
    PackageOptions,
}

/// What was found in one definition text.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What the text is.
    pub kind: Kind,
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// How many images were looked at (pull sites).
    pub sites: usize,
}

/// What `check` has to say of one text.
#[derive(Clone, Debug)]
pub enum Checked {
    /// Not for this tool.
    Passed(Passed),
    /// A definition.
    Definition(Analysis),
}

/// What `fix` made of one text.
#[derive(Clone, Debug)]
pub enum Fixed<'t> {
    /// Not for this tool; hand it on unchanged.
    Passed(Passed),
    /// A definition.
    Definition(Rewrite<'t>),
}

/// How many apps and pods were changed, and so restart on their next deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    /// Apps whose definition changes.
    pub apps: usize,
    /// Pods whose definition changes.
    pub pods: usize,
}

/// A definition and its rewriting.
#[derive(Clone, Debug)]
pub struct Rewrite<'t> {
    /// What was found before; places are in the original text. A fix that was applied carries no patch of its own.
    pub before: Analysis,
    /// What remains after; places are in the original text too (inserted text maps to its insertion point).
    pub remaining: Vec<Finding>,
    /// One patch for all fixes that count; empty when there is nothing to do.
    pub patch: Patch,
    /// The new text; `None` when nothing changes.
    pub edited: Option<Edited<'t>>,
    /// How many will restart.
    pub restarts: Restarts,
}

/// Why a text could not be read or rewritten. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TransformError {
    /// It means to be Marathon (or was said to be) and is not JSON.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// It is JSON, but not of the kind that was asked for, or cannot be understood as a definition.
    #[error("{message}")]
    Shape {
        /// What is wrong.
        message: String,
        /// Where.
        offset: usize,
    },
    /// The stored definition (`current`) cannot be read.
    #[error("the stored definition: {message}")]
    Current {
        /// What is wrong.
        message: String,
        /// Where in it.
        offset: usize,
    },
    /// The fixes could not be laid into the text.
    #[error("{0}")]
    Edit(#[from] EditError),
    /// A defect of pullcreds: the rules never settled, or an edit did not do what it meant.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<ShapeError> for TransformError {
    fn from(error: ShapeError) -> Self {
        TransformError::Shape {
            message: error.message,
            offset: error.offset,
        }
    }
}

/// Looks, changes nothing.
///
/// # Errors
/// When the text means to be a definition and cannot be read as one.
pub fn check(text: &[u8], options: &Options<'_>) -> Result<Checked, TransformError> {
    engine::check(text, options)
}

/// Looks, and lays all fixes that count into the text.
///
/// # Errors
/// As [`check`], and when the fixes cannot be laid into the text; nothing is changed then.
pub fn fix<'t>(text: &'t [u8], options: &Options<'_>) -> Result<Fixed<'t>, TransformError> {
    engine::fix(text, options)
}

/// Lists what a text pulls, and with which credentials, without judging it.
///
/// # Errors
/// As [`check`].
pub fn survey(text: &[u8], options: &Options<'_>) -> Result<Surveyed, TransformError> {
    survey::survey(text, options)
}

/// Takes a text apart into its apps and pods, for whoever looks at each by itself.
///
/// # Errors
/// When it is not of the shape that `kind` has, or the stored definition is of another app.
pub fn parts(document: &Document<'_>, kind: Kind, options: &Options<'_>) -> Result<Vec<Part>, TransformError> {
    part::parts(document, kind, options)
}

/// The worst severity among findings.
#[must_use]
pub fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}
