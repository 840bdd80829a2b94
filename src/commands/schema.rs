//! `serin schema`

use document::schema::json_schema;

use crate::cli::{Schema, SchemaOf};
use crate::config;
use crate::failure::{Exit, Failure};
use crate::say;

/// Prints the JSON Schema of a file.
pub(crate) fn run(wanted: &Schema) -> Result<Exit, Failure> {
    let schema = match wanted.of {
        SchemaOf::Journey => json_schema(&journeys::schema::JOURNEY, "A journey of Serin"),
        SchemaOf::Steps => json_schema(&journeys::schema::INCLUDED, "Steps for journeys of Serin"),
        SchemaOf::Config => json_schema(&config::CONFIGURATION, "The configuration of Serin"),
    };
    say::line(format_args!("{schema:#}"));
    Ok(Exit::Go)
}
