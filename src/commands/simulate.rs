//! `serin simulate`

use std::io::IsTerminal;
use std::path::Path;

use document::{Diagnostic, Rejected};
use simulation::{Plan, Scenario, Table};

use crate::cli::{Simulate, TableFormat};
use crate::failure::{Exit, Failure};
use crate::say;

/// The largest scenario that is read.
const LARGEST: u64 = 64 << 10;

/// Simulates on a thread of its own, and prints the table.
pub(crate) async fn run(wanted: Simulate) -> Result<Exit, Failure> {
    let plan = plan(&wanted)?;
    let scenario = wanted.scenario.as_deref().map(read).transpose()?;
    let quick = wanted.quick;
    let simulated = tokio::task::spawn_blocking(move || match scenario {
        Some(scenario) => simulation::simulate_scenario(scenario, &plan, progress),
        None => simulation::simulate(&plan, progress),
    });
    let table =
        simulated.await.map_err(|error| Failure::canary(format!("the simulation broke off: {error}")))?;
    say::line(match wanted.format {
        TableFormat::Text => table.text(),
        TableFormat::Markdown => table.markdown(),
        TableFormat::Json => json(&table)?,
    });
    // A quick table is too rough to hold anybody to it.
    Ok(if quick || table.holds() { Exit::Go } else { Exit::Hold })
}

fn plan(wanted: &Simulate) -> Result<Plan, Failure> {
    let mut plan = if wanted.quick { Plan::quick() } else { Plan::default() };
    plan.seed = wanted.seed;
    plan.trials = wanted.trials.unwrap_or(plan.trials);
    plan.days = wanted.days.unwrap_or(plan.days);
    plan.threads = wanted.threads.unwrap_or(plan.threads);
    plan.checked().map_err(|error| Failure::usage(error.to_string()))
}

fn read(path: &Path) -> Result<Scenario, Failure> {
    let file = path.display().to_string();
    let wrong = |message: String| Failure::from(Rejected(vec![Diagnostic::of_file(&file, message)]));
    let size = std::fs::metadata(path).map_err(|error| wrong(format!("cannot be read: {error}")))?.len();
    if size > LARGEST {
        return Err(wrong(format!("{size} bytes are no scenario: at most {LARGEST} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let scenario: Scenario = serde_yaml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    scenario.checked().map_err(|error| wrong(error.to_string()))
}

fn json(table: &Table) -> Result<String, Failure> {
    serde_json::to_string_pretty(table).map_err(|error| Failure::canary(error.to_string()))
}

/// Says how far it has come, where somebody watches.
fn progress(done: usize, all: usize) {
    if std::io::stderr().is_terminal() && (done.is_multiple_of(50) || done == all) {
        say::error(format_args!("{done} of {all}"));
    }
}
