//! What is wrong with an expression: the one error of cutting and of reading.

use super::super::source::Span;

/// A mistake in an expression; the span counts bytes of the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub span: Span,
    pub message: String,
    pub help: String,
}
