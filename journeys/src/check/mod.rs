//! Whether expectations hold of an answer, and what is wrong where they do not.

mod compare;
mod diff;
mod document;
mod expectation;
mod predicate;
mod same;
mod sort;
mod stamp;
