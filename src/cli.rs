//! What can be typed.

mod calibrate;
mod check;
mod devices;
mod gate;
mod import;
mod once;
mod period;
mod phase;
mod rehearse;
mod report;
mod reset;
mod run;
mod simulate;
mod sweep;
mod token;
mod values;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

pub(crate) use calibrate::Calibrate;
pub(crate) use check::{Check, Schema, SchemaOf};
pub(crate) use devices::Devices;
pub(crate) use gate::{Awaited, Gate};
pub(crate) use import::{Import, ImportFormat};
pub(crate) use once::{Given, Once, Rows, Wanted};
pub(crate) use period::Period;
pub(crate) use phase::PhaseChange;
pub(crate) use rehearse::Rehearse;
pub(crate) use report::Report;
pub(crate) use reset::Reset;
pub(crate) use run::Run;
pub(crate) use simulate::{Simulate, TableFormat};
pub(crate) use sweep::Sweep;
pub(crate) use token::Token;

/// The synthetic end-user and device canary monitor for cutovers: go, hold or roll back, and why.
///
/// Serin acts as the users and devices of a service that moves from an old side to a new one, all the time and on
/// both sides, and says whether to go on.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say more in the log (-v: what happens, -vv: everything). The log goes to standard error.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 900)]
    pub verbose: u8,
}

const EXIT_CODES: &str = "Exit codes: 0 go (or all is well), 1 rollback, 2 wrong usage or configuration, 3 hold, \
                          4 the canary's own fault.\nBegin with `serin rehearse`: a whole cutover on this machine, in \
                          a minute and a half.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch a cutover: run its journeys and devices, judge, alert, and serve page, API and metrics.
    ///
    /// Runs until Ctrl-C, which drains within 5 seconds. The exit code is that of the last verdict.
    Run(Run),
    /// Rehearse a cutover on this machine: a mock IoT platform with everything real except the machines.
    ///
    /// Starts two sides on loopback, watches them with the same engine as `serin run`, goes through ready, set and go,
    /// moves DNS, sends the reset, shows the devices moving, and ends with the verdict. The exit code is the verdict's.
    Rehearse(Rehearse),
    /// Run journeys now, and show what became of each step.
    ///
    /// Without --config it follows this machine's DNS; with one it knows the sides, and can go to either. What went wrong is
    /// shown at its place in the file. The exit code is 0 when all passed, 1 when the target failed, 2 when a journey is
    /// wrong, 3 when it was interrupted, 4 when the canary itself is at fault.
    Once(Once),
    /// Check configurations, every journey they name, and journeys by themselves; nothing is sent anywhere.
    Check(Check),
    /// Print the JSON Schema of a journey, of included steps or of the configuration, for editors.
    ///
    /// An editor with a YAML language server takes it by a comment in the file's first line:
    /// # yaml-language-server: $schema=journey.schema.json
    Schema(Schema),
    /// Make a journey of what another tool recorded or describes.
    ///
    /// Tokens that an answer gave are saved and sent as those of the run, noise is left out, secrets move into the
    /// environment; the head of the file says what was left out and what it needs.
    Import(Import),
    /// Tell a running `serin run` that the cutover has entered a phase.
    ///
    /// The phases are ready -> set -> go -> settled, and rolled-back from set or go.
    Phase(PhaseChange),
    /// Ask a running `serin run` for its verdict: a gate for scripts, told by the exit code.
    ///
    /// Doubt is `hold`: so is a canary that has just begun, one whose last picture is old (exit code 4), and a rollback
    /// past the point of no return, which is for people to decide. Reading needs no token.
    Gate(Gate),
    /// Make the report of a cutover from its store: one file that can be mailed around.
    ///
    /// The ending of the file's name decides: .html (complete in itself, without scripts, ready for print), .md, .json.
    /// It can be made while `serin run` goes on.
    Report(Report),
    /// Read a soak from the store, and propose the margins of the verdict, with what they will detect and how fast.
    ///
    /// Looks at the last time in phase `set`, when both sides were up (else at the old side alone), and simulates faults in
    /// traffic like it, for about a minute. It can be made while `serin run` goes on. The exit code is 3 when nothing can
    /// be proposed: the soak is too short, or something is wrong that no margin helps against.
    Calibrate(Calibrate),
    /// Show what the verdict promises, on simulated traffic: how soon it sees each fault, how often it cries wolf.
    ///
    /// Beside it stand a threshold, burn rates, Kayenta's Mann-Whitney and Flagger's failed checks, on the same streams.
    /// The whole table takes some ten minutes on two cores; the same seed gives the same table.
    Simulate(Simulate),
    /// Send the reset instruction to the devices, on both sides' brokers.
    ///
    /// Every device gets it whichever way it went; one that gets it twice resets once. A running `serin run` is told who is
    /// meant, and by whom, if its token is given: then it knows who did not get it, too.
    Reset(Reset),
    /// List the devices of a running `serin run` by name: where each stands, and what became of the last reset there.
    Devices(Devices),
    /// Clean up what runs have left over that were cut off: do the `finally` of each, with the variables that it had.
    ///
    /// What a journey makes is written down in the store before it is made, where a step says `creates:`. The exit code
    /// is 3 when something could not be cleaned up.
    Sweep(Sweep),
}

impl Cli {
    /// Starts the log, on standard error. $SERIN_LOG has the last word.
    pub(crate) fn log(&self) {
        let level = match self.verbose {
            // The browser's library warns of every message that is newer than it; what matters comes as an error.
            0 => "warn,chromiumoxide=off",
            1 => "info,chromiumoxide=off",
            _ => "debug",
        };
        let filter = EnvFilter::try_from_env("SERIN_LOG").unwrap_or_else(|_| EnvFilter::new(level));
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // A reader that has gone (`2>&1 | head -1`) would be told of by a panic.
        log.log_internal_errors(false).init();
    }
}
