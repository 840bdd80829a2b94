//! What settings will detect in traffic of one's own, and how soon.

use std::time::Duration;

use cutover::evidence::Settings;
use serde::Serialize;

use crate::traffic::{Mix, mixed};
use crate::trial::{alone, time_to_go};
use crate::{Delays, Fault, Method, Own, Plan, parallel, summary};

/// The seed of healthy trials is apart from those of the faults, which count from nothing.
const HEALTHY: u64 = 1_000;

/// What our judge does with traffic of one's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Foresight {
    /// How soon each fault leads to `rollback`, in the order in which they were given.
    pub faults: Vec<Delays>,
    /// The time from Go to the first `go` of healthy traffic; what took longer than was watched is missed.
    pub go: Delays,
}

/// Simulates `plan.trials` trials of each fault in traffic made of `journeys`, and as many of healthy traffic, each
/// watched for its first `go` for `patience` at most. A fault of one journey is one of the first. `progress` is called,
/// from any thread, with how many trials are done, of how many.
pub fn foresee(
    journeys: &[Own],
    faults: &[Fault],
    settings: &Settings,
    plan: &Plan,
    patience: Duration,
    progress: impl Fn(usize, usize) + Sync,
) -> Foresight {
    let mix = Mix::own(journeys);
    let trials = 0..u64::from(plan.trials);
    let healthy = trials.clone().map(|trial| (None, mixed(mixed(plan.seed, HEALTHY), trial)));
    let faulty = faults.iter().zip(0..).flat_map(|(fault, row)| {
        trials.clone().map(move |trial| (Some(*fault), mixed(mixed(plan.seed, row), trial)))
    });
    let jobs: Vec<_> = healthy.chain(faulty).collect();
    let work = |(fault, seed): &(Option<Fault>, u64)| match fault {
        Some(fault) => {
            let sight = alone(&mix, *fault, settings, plan, *seed);
            (sight.seen[0], sight.early[0])
        }
        None => (time_to_go(&mix, settings, plan, patience, *seed), false),
    };
    let seen = parallel::map(&jobs, plan.threads, work, |done| progress(done, jobs.len()));
    let mut rows = seen.chunks(plan.trials.max(1) as usize).map(|row| summary::delays(Method::Ours, row));
    let go = rows.next().unwrap_or_else(|| summary::delays(Method::Ours, &[]));
    Foresight { faults: rows.collect(), go }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Runs;

    fn journey(every: u64) -> Own {
        let runs = Runs { errors: 0.0, median: 0.1, sigma: 0.3 };
        Own { every: Duration::from_secs(every), old: runs, new: Runs { errors: 0.001, ..runs } }
    }

    #[test]
    fn journeys_that_differ_are_simulated_as_they_are_and_settings_decide() {
        let plan = Plan { trials: 4, soak: Duration::from_secs(1_800), ..Plan::quick() };
        let of = |journeys: &[Own], settings: &Settings| {
            let faults = [Fault::errors(1.0), Fault::errors(1.0).of_one()];
            foresee(journeys, &faults, settings, &plan, Duration::from_secs(7_200), |_, _| {})
        };
        let settings = Settings::default();
        let quick = of(&[journey(1), journey(2)], &settings);
        assert_eq!(quick, of(&[journey(1), journey(2)], &settings));
        assert_eq!(quick.faults.iter().map(|row| row.missed + row.early).sum::<u32>(), 0);
        assert!(quick.faults[0].p90.is_some_and(|p90| p90 <= 60.0), "{quick:?}");
        // A journey that runs seldom is looked at seldom.
        let seldom = of(&[journey(30), journey(1)], &settings);
        assert!(seldom.faults[1].median > quick.faults[1].median, "{seldom:?} {quick:?}");
        assert!(seldom.go.median > quick.go.median, "{seldom:?} {quick:?}");
        let wide = of(&[journey(1), journey(2)], &Settings { go_margin: 0.05, ..settings });
        assert!(wide.go.median < quick.go.median, "{wide:?} {quick:?}");
    }
}
