//! `serin rehearse`

use rehearsal::Fault;

use crate::cli::Rehearse;
use crate::failure::{Exit, Failure};
use crate::rehearse;

/// Lists the faults, or starts the world and, unless only that is asked for, rehearses a cutover in it.
pub(crate) async fn run(options: Rehearse) -> Result<Exit, Failure> {
    if options.list_faults {
        list_faults();
        return Ok(Exit::Go);
    }
    if options.world { rehearse::world_only(&options).await } else { rehearse::rehearse(&options).await }
}

fn list_faults() {
    println!("{:<22} {:<10} {:<9} what it does", "fault", "begins", "leads to");
    for info in Fault::catalogue() {
        let (fault, moment) = (info.default.to_string(), info.moment.to_string());
        println!("{fault:<22} {moment:<10} {:<9} {}", info.verdict.as_str(), info.explanation);
    }
    println!("\nAsk for one with --fault NAME[=VALUE][@MOMENT], such as --fault new-errors=5%@go+10s.");
}
