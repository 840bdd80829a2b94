//! `serin calibrate`

use std::io::IsTerminal;
use std::path::PathBuf;

use calibration::{Calibration, Effort, Format, Wanted};
use cutover::evidence::Settings;
use store::{History, StoreError};

use crate::cli::{Calibrate, TableFormat};
use crate::config;
use crate::failure::{Exit, Failure};
use crate::say;

/// Reads the soak from the store, and simulates on a thread of its own.
pub(crate) async fn run(wanted: Calibrate) -> Result<Exit, Failure> {
    let (store, known) = source(&wanted)?;
    let history =
        History::read(&store, wanted.period.from, wanted.period.to).map_err(|error| match error {
            StoreError::Missing { .. } => Failure::usage(error.to_string()),
            error => Failure::canary(error.to_string()),
        })?;
    let effort = Effort {
        trials: wanted.trials,
        seed: wanted.seed,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let worked_out = tokio::task::spawn_blocking(move || {
        let mut calibration = Calibration::of(&history, &known);
        calibration.forecast(effort, progress).map(|()| calibration)
    });
    let calibration =
        worked_out.await.map_err(|error| Failure::canary(format!("the simulation broke off: {error}")))?;
    let calibration = calibration.map_err(Failure::usage)?;
    let format = match wanted.format {
        TableFormat::Text => Format::Text,
        TableFormat::Markdown => Format::Markdown,
        TableFormat::Json => Format::Json,
    };
    say::line(calibration.render(format).map_err(Failure::canary)?);
    Ok(if calibration.decided() { Exit::Go } else { Exit::Hold })
}

/// Where the store is, and what the configuration says beside it.
fn source(wanted: &Calibrate) -> Result<(PathBuf, Wanted), Failure> {
    let config = match (&wanted.config, &wanted.store) {
        (Some(config), _) => config,
        (None, Some(store)) => {
            return Ok((store.clone(), Wanted { settings: Settings::default(), paired: None }));
        }
        (None, None) => return Err(Failure::usage("name a configuration, or --store FILE".to_owned())),
    };
    let loaded = config::load(config)?;
    let paired = loaded.journeys.iter().filter(|plan| plan.paired());
    let paired = Some(paired.map(|plan| plan.journey.name().clone()).collect());
    let place = config.display();
    let store = loaded.store.map(|plan| plan.path);
    let store = store.ok_or_else(|| {
        Failure::usage(format!("{place} has no `store:`: nothing was kept of which a soak could be read"))
    })?;
    Ok((store, Wanted { settings: loaded.evidence, paired }))
}

/// Says how far it has come, where somebody watches.
fn progress(done: usize, all: usize) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(50) || done == all) {
        say::error(format_args!("{done} of {all}"));
    }
}
