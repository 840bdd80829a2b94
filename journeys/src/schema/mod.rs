//! What a journey's file may hold, and one that it includes, as a table: what editors know, and what the loader beside it reads.

mod action;
mod browser;
mod file;
mod step;
mod vocabulary;
mod words;

pub use file::{INCLUDED, JOURNEY};
pub use vocabulary::{Wording, filters, functions, predicates, queries, record_types, types};
