//! Expectations: a query, a predicate and a value in one line, `json $.count >= 1`. What is saved, and the
//! markers by which the sides are told apart, are written with the same words.

mod cursor;
mod expectation;
mod operand;
mod predicate;
mod query;

pub(crate) use cursor::Cursor;
pub use cursor::GrammarError;
pub(crate) use expectation::Expectation;
pub(crate) use operand::{Operand, Templates};
pub(crate) use predicate::{Op, Predicate};
pub(crate) use query::{Query, Yields};
