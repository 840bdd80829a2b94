//! From trials to figures.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::trial::{Healthy, Sight};
use crate::{Delays, Environment, FalseAlarms, Method, Must, NullRow, Row, Scenario};

const WEEK: f64 = 7.0 * 86_400.0;

/// The figures of a fault, from its trials.
pub(crate) fn row(scenario: Scenario, must: Must, sights: &[Sight]) -> Row {
    let of = |(at, method)| {
        let trials: Vec<_> = sights.iter().map(|sight| (sight.seen[at], sight.early[at])).collect();
        delays(method, &trials)
    };
    let delays: Vec<_> = Method::ALL.into_iter().enumerate().map(of).collect();
    let mut causes = BTreeMap::new();
    for cause in sights.iter().filter_map(|sight| sight.cause) {
        *causes.entry(cause).or_insert(0) += 1;
    }
    let old_failing = quantile(sights.iter().map(|sight| sight.old_unhealthy).collect(), 0.9);
    let ours = delays[0];
    let within = |time: Option<f64>, most: f64| time.is_some_and(|time| time <= most);
    let silent = sights.iter().all(|sight| sight.seen[0].is_none() && !sight.early[0]);
    let holds = match must {
        Must::Median(most) => Some(within(ours.median, most)),
        Must::NineOfTen(most) => Some(within(ours.p90, most)),
        Must::NoRollback => Some(silent),
        Must::OldFailing(most) => Some(silent && within(old_failing, most)),
        Must::Nothing => None,
    };
    let cause = causes.into_iter().max_by_key(|(_, count)| *count).map(|(cause, _)| cause);
    Row { scenario, must, holds, trials: sights.len() as u32, delays, cause, old_failing }
}

/// How soon a method saw a fault in its trials: in each, when it did, and whether it had cried wolf before.
pub(crate) fn delays(method: Method, trials: &[(Option<f64>, bool)]) -> Delays {
    let (early, fair): (Vec<_>, Vec<_>) = trials.iter().partition(|(_, early)| *early);
    let seen: Vec<_> = fair.iter().map(|(seen, _)| *seen).collect();
    let missed = seen.iter().filter(|seen| seen.is_none()).count() as u32;
    let (median, p90) = (quantile(seen.clone(), 0.5), quantile(seen, 0.9));
    Delays { method, median, p90, missed, early: early.len() as u32 }
}

/// The figures of one kind of healthy traffic, from its parts, of which the last one may be shorter.
pub(crate) fn null_row(name: &str, environment: Environment, lasted: Duration, parts: &[Healthy]) -> NullRow {
    let weeks = lasted.as_secs_f64() / WEEK;
    let of = |(at, method)| {
        let count = parts.iter().map(|part| part.alarms[at]).sum();
        FalseAlarms { method, count, per_week: count as f64 / weeks }
    };
    let false_alarms: Vec<_> = Method::ALL.into_iter().enumerate().map(of).collect();
    let sum = |of: fn(&Healthy) -> u64| parts.iter().map(of).sum::<u64>();
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    NullRow {
        name: name.to_owned(),
        environment,
        days: weeks * 7.0,
        holds: false_alarms[0].count == 0,
        false_alarms,
        time_to_go: quantile(parts.iter().map(|part| part.first_go).collect(), 0.5),
        go_share: share(sum(|part| part.go), sum(|part| part.blocks)),
        extra_pairs: share(sum(|part| part.pairs[1]), sum(|part| part.pairs[0])),
    }
}

/// The value within which the share `q` of all lies, by rank; what never came counts as for ever.
fn quantile(mut values: Vec<Option<f64>>, q: f64) -> Option<f64> {
    let of = |value: &Option<f64>| value.unwrap_or(f64::INFINITY);
    values.sort_unstable_by(|a, b| of(a).total_cmp(&of(b)));
    let rank = (q * values.len() as f64).ceil() as usize;
    values.get(rank.checked_sub(1)?).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cutover::Cause;

    fn sight(ours: Option<f64>) -> Sight {
        let cause = ours.map(|_| Cause::NewTail);
        Sight { seen: [ours, Some(7.0), None, None, None], cause, ..Sight::default() }
    }

    #[test]
    fn what_is_missed_counts_as_for_ever() {
        assert_eq!(quantile(vec![Some(3.0), None, Some(1.0), Some(2.0)], 0.5), Some(2.0));
        assert_eq!(quantile(vec![Some(3.0), None, Some(1.0), Some(2.0)], 0.9), None);
        assert_eq!(quantile(Vec::new(), 0.5), None);
    }

    #[test]
    fn a_promise_holds_by_our_own_figures_only() {
        let sights: Vec<_> = (1..=10).map(|n| sight((n < 10).then(|| f64::from(n) * 10.0))).collect();
        let row = |must| row(Scenario::default(), must, &sights);
        assert_eq!(row(Must::Median(50.0)).holds, Some(true));
        assert_eq!(row(Must::Median(49.0)).holds, Some(false));
        assert_eq!(row(Must::NineOfTen(90.0)).holds, Some(true));
        assert_eq!(row(Must::NoRollback).holds, Some(false));
        let row = row(Must::Nothing);
        assert_eq!((row.holds, row.cause), (None, Some(Cause::NewTail)));
        assert_eq!((row.delays[0].missed, row.delays[1].missed, row.delays[2].missed), (1, 0, 10));
    }

    #[test]
    fn a_false_alarm_before_the_onset_is_no_sight_of_the_fault() {
        let mut sights = vec![sight(Some(10.0)); 4];
        (sights[0].early[0], sights[0].seen[0]) = (true, Some(1.0));
        let row = row(Scenario::default(), Must::OldFailing(60.0), &sights);
        assert_eq!((row.delays[0].early, row.delays[0].median), (1, Some(10.0)));
        assert_eq!(row.holds, Some(false));
    }

    #[test]
    fn false_alarms_are_told_per_week() {
        let part =
            Healthy { alarms: [0, 3, 0, 0, 1], go: 60, first_go: Some(120.0), blocks: 100, pairs: [400, 8] };
        let fortnight = Duration::from_secs(14 * 86_400);
        let row = null_row("null", Environment::Blips, fortnight, &[part, part]);
        assert!(row.holds && (row.false_alarms[1].per_week - 3.0).abs() < 1e-9);
        assert!((row.go_share - 0.6).abs() < 1e-9 && row.time_to_go == Some(120.0));
        assert!((row.extra_pairs - 0.02).abs() < 1e-9);
    }
}
