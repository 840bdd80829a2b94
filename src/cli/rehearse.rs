//! What `serin rehearse` can be told.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rehearsal::{Fault, Timed};

use super::values::duration;

const FAULT: &str = "Let something go wrong: NAME[=VALUE][@MOMENT], such as new-errors=5%@go+10s. May be given several \
                     times";

/// `serin rehearse`
#[derive(Debug, Args)]
pub(crate) struct Rehearse {
    /// What goes wrong, and when.
    // Not from the comment: in documentation these brackets would be links.
    #[arg(long, value_name = "FAULT", help = FAULT)]
    pub fault: Vec<Timed<Fault>>,
    /// Explain each fault in a line, with the verdict that it must lead to, and end.
    #[arg(long)]
    pub list_faults: bool,
    /// Leave the world up after the verdict, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
    /// Only start the world, and write a ready serin.yaml for it. Runs until Ctrl-C.
    #[arg(long, conflicts_with = "keep")]
    pub world: bool,
    /// Write the report of the rehearsal at its end: FILE.html, FILE.md or FILE.json.
    #[arg(long, value_name = "FILE", conflicts_with = "world")]
    pub report: Option<PathBuf>,
    /// Where the world's files go (serin.yaml, journeys, the CA); by default a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// How many devices there are.
    #[arg(long, default_value_t = 200, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=15_000))]
    pub devices: u32,
    /// The TTL of the names that move.
    #[arg(long, default_value = "5s", value_name = "DURATION", value_parser = duration)]
    pub ttl: Duration,
    /// How long `ready` lasts: what is usual is learned from it.
    #[arg(long, default_value = "8s", value_name = "DURATION", value_parser = duration)]
    pub ready_for: Duration,
    /// How long `set` lasts.
    #[arg(long, default_value = "10s", value_name = "DURATION", value_parser = duration)]
    pub set_for: Duration,
    /// How long `go` lasts at least, and until when the verdict must be earned.
    #[arg(long, default_value = "45s", value_name = "DURATION", value_parser = duration)]
    pub go_for: Duration,
}
