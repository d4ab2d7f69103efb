//! Why a call could not be answered, and where. Knows nothing of how it is shown.

use std::ops::Range;

use pullcreds_core::json::{EditError, Refusal};
use pullcreds_core::transform::TransformError;

/// What is wrong with one of the texts of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// One sentence without a final full stop.
    pub message: String,
    /// Bytes of that text.
    pub span: Option<Range<usize>>,
    /// What to do about it.
    pub help: Vec<String>,
}

/// Why a call could not be answered. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The text means to be a definition, and cannot be read as one.
    Definition(Problem),
    /// The policy cannot be used.
    Policy(Problem),
    /// An option cannot be right.
    Options(Problem),
    /// The stored definition cannot be read, or is of another app.
    Current(Problem),
    /// A defect of pullcreds.
    Internal(Problem),
}

impl Problem {
    /// A problem without a place.
    pub fn new(message: impl Into<String>) -> Problem {
        Problem {
            message: message.into(),
            ..Problem::default()
        }
    }

    /// The same, at one byte.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Problem {
        self.span = Some(offset..offset.saturating_add(1));
        self
    }

    /// The same, with a way on.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Problem {
        self.help.push(help.into());
        self
    }
}

impl From<TransformError> for Failure {
    fn from(error: TransformError) -> Failure {
        let problem = Problem::new(error.to_string());
        match error {
            TransformError::Syntax(syntax) => Failure::Definition(problem.at(syntax.offset)),
            TransformError::Shape { offset, .. } => Failure::Definition(problem.at(offset)),
            TransformError::Current { offset, .. } => Failure::Current(problem.at(offset)),
            TransformError::Edit(EditError::Internal(_)) | TransformError::Internal(_) => {
                Failure::Internal(problem.with_help("this is a defect of pullcreds; nothing was changed"))
            }
            TransformError::Edit(EditError::Refused {
                refusal: Refusal::DuplicateKey { second, .. },
                ..
            }) => Failure::Definition(Problem {
                span: Some(second),
                ..problem
            }),
            TransformError::Edit(_) => Failure::Definition(problem),
        }
    }
}
