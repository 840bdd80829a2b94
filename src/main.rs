//! Serin: the synthetic end-user and device canary monitor for cutovers.

mod cli;
mod commands;
mod config;
mod engine;
mod failure;
mod interrupt;
mod recorder;
mod rehearse;
mod reset;
mod schedule;
mod view;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli.log();
    match commands::run(cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("{}", view::complaint(&failure.to_string()));
            failure.exit.into()
        }
    }
}
