//! The rehearsal: a whole cutover on one machine, watched by the same engine as a real one.

mod course;
mod ending;
mod folder;
mod stage;

use std::path::PathBuf;

use rehearsal::{Plan, World};
use report::Format;

use crate::cli::{Period, Rehearse};
use crate::failure::{Exit, Failure};
use crate::{commands, interrupt, say};

/// Starts only the world, says how to watch it, and waits for Ctrl-C.
pub(crate) async fn world_only(options: &Rehearse) -> Result<Exit, Failure> {
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let (world, folder) = stage::build(options).await?;
    say::line(stage::describe(world.places(), &folder.config()));
    asked.cancelled().await;
    world.shutdown().await;
    say::line("the world has ended");
    Ok(Exit::Go)
}

/// Rehearses a cutover; the exit code is the verdict's.
pub(crate) async fn rehearse(options: &Rehearse) -> Result<Exit, Failure> {
    if let Some(report) = &options.report {
        // Known before a minute and a half has gone by.
        Format::of(report).map_err(Failure::usage)?;
    }
    let asked = interrupt::listen().map_err(|error| Failure::canary(error.to_string()))?;
    let (world, folder) = stage::build(options).await?;
    let exit = course::run(options, &world, &folder.config(), &asked).await;
    let reported = options.report.as_deref().filter(|_| exit.is_ok()).map_or(Ok(()), |report| {
        commands::report::write(&folder.path().join(stage::STORE), Period::default(), report)?;
        say::line(format_args!("\nthe report is in {}", report.display()));
        Ok(())
    });
    if options.keep && exit.is_ok() && !asked.is_cancelled() {
        say::line(format_args!("\n{}", stage::describe(world.places(), &folder.config())));
        asked.cancelled().await;
    }
    world.shutdown().await;
    reported.and(exit)
}

/// How the world is to be.
fn plan(options: &Rehearse, directory: PathBuf) -> Plan {
    Plan { ttl: options.ttl, faults: options.fault.clone(), directory, ..Plan::default() }
}

async fn start(plan: Plan) -> Result<World, Failure> {
    World::start(plan).await.map_err(|error| Failure::canary(format!("the world cannot be started: {error}")))
}
