//! Serin: the synthetic end-user and device canary monitor for cutovers.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "`say` outlives a reader that has gone")]

mod actors;
mod cli;
mod commands;
mod config;
mod context;
mod control;
mod deadline;
mod desk;
mod engine;
mod failure;
mod interrupt;
mod keep;
mod ledger;
mod life;
mod limits;
mod moment;
mod recorder;
mod rehearse;
mod reset;
mod resolvers;
mod say;
mod schedule;
mod shard;
mod view;
mod vigil;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli.log();
    match commands::run(cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            say::error(view::complaint(&failure.to_string()));
            failure.exit.into()
        }
    }
}
