//! The subcommands, one file each.

mod api;
mod calibrate;
mod check;
mod devices;
mod gate;
mod import;
mod once;
mod phase;
mod rehearse;
pub(crate) mod report;
mod reset;
mod run;
mod schema;
mod simulate;
mod sweep;
mod token;

use std::thread;

use crate::cli::Command;
use crate::failure::{Exit, Failure};

/// Carries out a command.
pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    // Two at least: on a machine with one core, one thread that is held up would hold up everything.
    let workers = thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::canary(format!("cannot start: {error}")))?;
    let exit = runtime.block_on(async {
        match command {
            Command::Run(run) => run::run(run).await,
            Command::Rehearse(rehearse) => rehearse::run(rehearse).await,
            Command::Check(check) => check::run(&check),
            Command::Import(wanted) => import::run(&wanted),
            Command::Once(wanted) => once::run(wanted).await,
            Command::Schema(wanted) => schema::run(&wanted),
            Command::Phase(phase) => phase::run(phase).await,
            Command::Gate(gate) => gate::run(gate).await,
            Command::Report(wanted) => report::run(&wanted),
            Command::Calibrate(wanted) => calibrate::run(wanted).await,
            Command::Simulate(wanted) => simulate::run(wanted).await,
            Command::Reset(reset) => reset::run(reset).await,
            Command::Sweep(wanted) => sweep::run(wanted).await,
            Command::Devices(wanted) => devices::run(wanted).await,
        }
    });
    // What is left is nothing that anybody waits for.
    runtime.shutdown_background();
    exit
}
