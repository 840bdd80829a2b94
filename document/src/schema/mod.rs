//! What a file may hold, as a table: beside the loader that reads it, and the same as editors and people are told.
//!
//! A table is made of [`Shape`]s, which know their [`Field`]s, whose values are of a [`Sort`]. [`json_schema`] writes it
//! down as a JSON Schema (draft 2020-12). A loader knows more than a table: what goes with what, and why.

mod shape;
mod walk;
mod write;

pub use shape::{Field, Kind, Shape, Sort};
pub use write::json_schema;
