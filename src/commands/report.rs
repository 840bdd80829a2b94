//! `serin report`

use std::path::{Path, PathBuf};

use chrono::Utc;
use document::file::unwritable;
use report::Format;
use store::{History, StoreError};

use crate::cli::{Period, Report};
use crate::config;
use crate::failure::{Exit, Failure};
use crate::say;

/// Reads the store and writes the report.
pub(crate) fn run(wanted: &Report) -> Result<Exit, Failure> {
    let store = match (&wanted.store, &wanted.config) {
        (Some(store), _) => store.clone(),
        (None, Some(config)) => named(config)?,
        (None, None) => return Err(Failure::usage("name a configuration, or --store FILE".to_owned())),
    };
    write(&store, wanted.period, &wanted.output)?;
    say::line(format_args!("the report is in {}", wanted.output.display()));
    Ok(Exit::Go)
}

/// Where the configuration says that the store is.
fn named(path: &Path) -> Result<PathBuf, Failure> {
    let store = config::load_world(path)?.store;
    let plan = store.ok_or_else(|| {
        let place = path.display();
        Failure::usage(format!("{place} has no `store:`: nothing was kept of which a report could be made"))
    })?;
    Ok(plan.path)
}

/// Writes the report of what `store` holds of a time to `output`, whose ending decides on the format.
///
/// # Errors
/// When the ending is unknown, the store cannot be read or holds nothing of that time, or the file cannot be written.
pub(crate) fn write(store: &Path, period: Period, output: &Path) -> Result<(), Failure> {
    let format = Format::of(output).map_err(Failure::usage)?;
    let history = History::read(store, period.from, period.to).map_err(|error| match error {
        StoreError::Missing { .. } => Failure::usage(error.to_string()),
        error => Failure::canary(error.to_string()),
    })?;
    if history.events.is_empty() && history.samples.is_empty() {
        let place = store.display();
        return Err(Failure::usage(format!("the store {place} holds nothing of that time")));
    }
    let text = report::Report::of(&history, Utc::now()).render(format).map_err(Failure::canary)?;
    std::fs::write(output, text).map_err(|error| {
        Failure::usage(format!("{} cannot be written: {}", output.display(), unwritable(&error)))
    })
}
