//! Samples whose truth is known, for the tests of this room.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Decision, Phase, Route};
use store::{History, RunsSample, Sample, Sketch};

/// A number of seconds after the beginning.
pub(crate) fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(second)
}

/// A sample of ten seconds that ends then.
pub(crate) fn sample(second: i64, phase: Phase, runs: Vec<RunsSample>) -> Sample {
    let (fleets, names) = (Vec::new(), Vec::new());
    Sample {
        at: at(second),
        over: 10.0,
        phase,
        decision: Decision::Hold,
        lead: None,
        runs,
        fleets,
        names,
        canaries: BTreeMap::new(),
    }
}

/// Runs of one route of which those that passed are spread evenly over the quantiles of a lognormal of sigma 0.3.
pub(crate) fn line(journey: &str, route: Route, passed: u64, failed: u64, median: f64) -> RunsSample {
    let mut took = Sketch::default();
    for run in 0..passed {
        // The logistic stands in for the normal: its quantiles have a closed form. Its sigma is scale x pi / sqrt(3).
        let q = (run as f64 + 0.5) / passed as f64;
        let ln = (q / (1.0 - q)).ln() * 0.3 * 3.0_f64.sqrt() / std::f64::consts::PI;
        took.record(Duration::from_secs_f64(median * ln.exp()));
    }
    let (journey, variant) = (journey.into(), "".into());
    RunsSample { journey, variant, route, passed, failed, aborted: 0, degraded: 0, took, last_failure: None }
}

/// A history of these samples.
pub(crate) fn history(samples: Vec<Sample>) -> History {
    History { cutover: "acme".to_owned(), events: Vec::new(), samples, unknown: 0 }
}

/// So many hours of phase `set` in which one journey runs 10 times every ten seconds on both sides: `failed` says how
/// many fail and `ratio` how many times as long new takes, by the number of the sample.
pub(crate) fn soak(hours: i64, failed: impl Fn(i64) -> [u64; 2], ratio: impl Fn(i64) -> f64) -> History {
    let one = |n: i64| {
        let [old, new] = failed(n);
        let lines = vec![
            line("sign in", Route::Old, 10 - old, old, 0.1),
            line("sign in", Route::New, 10 - new, new, 0.1 * ratio(n)),
        ];
        sample(10 * (n + 1), Phase::Set, lines)
    };
    history((0..hours * 360).map(one).collect())
}
