//! Expectations: a query, a predicate and a value in one line, `json $.count >= 1`. What is saved, and the
//! markers by which the sides are told apart, are written with the same words.

mod asking;
mod cursor;
mod expectation;
mod locator;
mod op;
mod operand;
mod path;
pub(crate) mod pattern;
mod predicate;
mod query;
mod selection;
mod sort;
mod words;

pub(crate) use asking::{query_parts, query_words};
pub(crate) use cursor::Cursor;
pub use cursor::GrammarError;
pub(crate) use expectation::Expectation;
pub(crate) use locator::selector_fault;
pub(crate) use op::Op;
pub(crate) use operand::{Operand, Templates};
pub(crate) use path::{Nodes, Path};
pub(crate) use predicate::{Document, Predicate, predicate_words};
pub(crate) use query::{CertificatePart, Query, Vital, Yields};
pub(crate) use selection::Selection;
pub(crate) use sort::Sort;
