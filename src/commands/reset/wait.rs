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
        let reports = canaries.reports(id).await;
        let late = asked.is_cancelled() || end.is_some_and(|end| Instant::now() + EVERY > end);
        let reports = match reports {
            Ok(reports) => reports,
            Err(why) if late => return Err(Failure::canary(why)),
            // In the middle of a storm an answer may fail: the next one tells as much.
            Err(_) => {
                asked.run_until_cancelled(sleep(EVERY)).await;
                continue;
            }
        };
        let known: Vec<ResetReport> = reports.into_iter().filter_map(|(_, report)| report).collect();
        let sums = || known.iter().flat_map(|report| &report.fleets);
        let over = is_over(sums().map(|fleet| &fleet.sums));
        if over || late {
            sums().for_each(|fleet| say::line(format_args!("{}: {}", fleet.fleet, words(&fleet.sums))));
            if sums().all(|fleet| fleet.sums.meant == 0) {
                say::line("no canary knows of devices that were meant: --token-file lets them be told");
            }
            return Ok(if over { Exit::Go } else { Exit::Hold });
        }
        asked.run_until_cancelled(sleep(EVERY)).await;
    }
}

/// Whether every device that was meant is back. A fleet of which a shard has no device is over from the start; where
/// nobody was told who is meant, nothing ever is.
fn is_over<'a>(sums: impl Iterator<Item = &'a ResetSums>) -> bool {
    let mut meant = false;
    for fleet in sums {
        meant |= fleet.meant > 0;
        let over = if fleet.meant > 0 { fleet.is_over() } else { fleet.received == 0 };
        if !over {
            return false;
        }
    }
    meant
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
    fn a_reset_of_which_nobody_knows_whom_it_meant_is_never_over() {
        let unknown = ResetSums { received: 1, obeyed: 1, returned_new: 1, ..ResetSums::default() };
        let none = ResetSums::default();
        let back = ResetSums { meant: 1, ..unknown.clone() };
        assert!(!is_over([&unknown].into_iter()) && !is_over([&back, &unknown].into_iter()));
        assert!(!is_over([&none].into_iter()) && !is_over(std::iter::empty()));
        assert!(is_over([&back, &none].into_iter()));
    }

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
