//! `serin once`

mod perform;
mod plan;
mod reports;
mod runs;
mod sources;
mod waiting;

use std::time::Instant;

use chrono::Utc;
use cutover::{AbortCause, Outcome};
use results::{Performed, Results, Tally};

use crate::cli::Once;
use crate::failure::{Exit, Failure};
use crate::view::{complaint, look};
use crate::{interrupt, say};

/// Runs journeys, shows what became of them, and writes the reports that are wanted.
pub(crate) async fn run(options: Once) -> Result<Exit, Failure> {
    let reports = reports::Reports::checked(&options.report)?;
    let plan = plan::plan(&options).await?;
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let look = look(plan.sided, options.curl);
    let (started, begun) = (Utc::now(), Instant::now());
    let (sided, authority) = (plan.sided, plan.authority.clone());
    let performed = perform::perform(plan, usize::from(options.jobs), &asked, look).await;
    let perform::All { performed, left_out, sources } = performed;
    let results = Results { started, took: begun.elapsed(), performed, left_out, sources, authority, sided };
    say::line(results::summary(&Tally::of(&results.performed), left_out, results.took.as_secs_f64(), look));
    let exit = exit(&results.performed, left_out);
    match reports.write(&results) {
        // What became of the runs counts for more.
        Err(failure) if exit != Exit::Go => say::error(complaint(&failure.to_string())),
        written => written?,
    }
    Ok(exit)
}

/// The code of all runs together. That the target failed is known whatever else there was; and of what was interrupted
/// nothing is.
fn exit(performed: &[Performed], left_out: usize) -> Exit {
    let outcomes = || performed.iter().map(|performed| &performed.run.outcome);
    let aborted = |by: &[AbortCause]| {
        outcomes().any(|outcome| matches!(outcome, Outcome::Aborted { cause } if by.contains(cause)))
    };
    if outcomes().any(|outcome| matches!(outcome, Outcome::Failed { .. })) {
        Exit::Rollback
    } else if aborted(&[AbortCause::Script]) {
        Exit::Usage
    } else if aborted(&[AbortCause::Resolver, AbortCause::Local]) {
        Exit::Canary
    } else if left_out > 0 || aborted(&[AbortCause::Shutdown]) {
        Exit::Hold
    } else {
        Exit::Go
    }
}
