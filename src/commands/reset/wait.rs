//! What became of a reset, once all devices are back or the time is over.

use std::time::Duration;

use cutover::{ResetReport, ResetSums, Stragglers};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::canaries::Canaries;
use crate::failure::{Exit, Failure};
use crate::say;

/// How long between two questions.
const EVERY: Duration = Duration::from_secs(1);

/// Asks until all devices that were meant are back, or for so long; then says what became of each fleet.
pub(super) async fn wait(
    canaries: &mut Canaries,
    id: &str,
    time: Duration,
    asked: &CancellationToken,
) -> Result<Exit, Failure> {
    let end = Instant::now().checked_add(time);
    loop {
        let reports = canaries.reports(id).await.map_err(Failure::canary)?;
        let known: Vec<ResetReport> = reports.into_iter().filter_map(|(_, report)| report).collect();
        let sums = || known.iter().flat_map(|report| &report.fleets);
        // A fleet of which a shard has no device is over from the start.
        let over =
            sums().next().is_some() && sums().all(|fleet| fleet.sums.is_over() || fleet.sums.meant == 0);
        let late = asked.is_cancelled() || end.is_some_and(|end| Instant::now() + EVERY > end);
        if over || late {
            sums().for_each(|fleet| say::line(format_args!("{}: {}", fleet.fleet, words(&fleet.sums))));
            if sums().next().is_none() {
                say::line("no canary knows of devices that were meant: --token-file lets them be told");
            }
            return Ok(if over { Exit::Go } else { Exit::Hold });
        }
        asked.run_until_cancelled(sleep(EVERY)).await;
    }
}

/// What became of it in a fleet, in a line or three.
fn words(sums: &ResetSums) -> String {
    let of = if sums.meant > 0 { format!(" of {}", sums.meant) } else { String::new() };
    let mut text = format!(
        "{}{of} received it ({} on old, {} on new, {} on both; {} more than once), {} obeyed, {} are back ({} on new, {} on \
         old, {} elsewhere), the slowest after {:.1} s",
        sums.received,
        sums.on_old,
        sums.on_new,
        sums.on_both,
        sums.again,
        sums.obeyed,
        sums.returned(),
        sums.returned_new,
        sums.returned_old,
        sums.returned_other,
        f64::from(sums.slowest_ms) / 1e3,
    );
    text.push_str(&names("did not get it", &sums.missed));
    text.push_str(&names("not back", &sums.away));
    text
}

fn names(what: &str, stragglers: &Stragglers) -> String {
    if stragglers.count == 0 {
        return String::new();
    }
    let more = if stragglers.names.len() < stragglers.count as usize { ", .." } else { "" };
    format!("\n  {} {what}: {}{more}", stragglers.count, stragglers.names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_told_of_in_a_line_and_its_stragglers_by_name() {
        let missed = Stragglers { count: 1, names: vec!["lamps-000003".to_owned()] };
        let away =
            Stragglers { count: 30, names: vec!["lamps-000004".to_owned(), "lamps-000005".to_owned()] };
        let sums = ResetSums {
            meant: 200,
            received: 199,
            on_old: 100,
            on_new: 90,
            on_both: 9,
            again: 9,
            obeyed: 180,
            returned_new: 165,
            returned_old: 4,
            slowest_ms: 12_340,
            missed,
            away,
            ..ResetSums::default()
        };
        assert_eq!(
            words(&sums),
            "199 of 200 received it (100 on old, 90 on new, 9 on both; 9 more than once), 180 obeyed, 169 are back (165 on \
             new, 4 on old, 0 elsewhere), the slowest after 12.3 s\n  1 did not get it: lamps-000003\n  30 not back: \
             lamps-000004, lamps-000005, .."
        );
    }
}
