//! `serin rehearse`

use rehearsal::Fault;

use crate::cli::Rehearse;
use crate::failure::{Exit, Failure};
use crate::{rehearse, say};

/// Lists the faults, or starts the world and, unless only that is asked for, rehearses a cutover in it.
pub(crate) async fn run(options: Rehearse) -> Result<Exit, Failure> {
    if options.list_faults {
        list_faults();
        return Ok(Exit::Go);
    }
    if options.world { rehearse::world_only(&options).await } else { rehearse::rehearse(&options).await }
}

fn list_faults() {
    say::line(format_args!("{:<22} {:<10} {:<9} what it does", "fault", "begins", "leads to"));
    for info in Fault::catalogue() {
        let (fault, moment) = (info.default.to_string(), info.moment.to_string());
        let verdict = info.verdict.as_str();
        say::line(format_args!("{fault:<22} {moment:<10} {verdict:<9} {}", info.explanation));
    }
    say::line("\nAsk for one with --fault NAME[=VALUE][@MOMENT], such as --fault new-errors=5%@go+10s.");
}
