//! The promises: which faults are simulated, and what must come of them.

use figures::span;
use serde::Serialize;

use crate::{Environment, Fault, Scenario};

/// A fault, and what must come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Promise {
    /// What is simulated.
    pub scenario: Scenario,
    /// What must come of it.
    pub must: Must,
}

/// What must come of a scenario. Times are in seconds since the onset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Must {
    /// Half of all trials end in `rollback` within this time.
    Median(f64),
    /// Nine of ten trials do.
    NineOfTen(f64),
    /// No trial ends in `rollback`.
    NoRollback,
    /// No trial does, and in nine of ten it is said within this time that the old side is failing.
    OldFailing(f64),
    /// Nothing is promised: the figures are for information.
    Nothing,
}

impl Must {
    /// The promise in a few words.
    pub fn words(self) -> String {
        match self {
            Self::Median(within) => format!("median <= {}", span(within)),
            Self::NineOfTen(within) => format!("p90 <= {}", span(within)),
            Self::NoRollback => "no rollback".to_owned(),
            Self::OldFailing(within) => format!("hold, old blamed; p90 <= {}", span(within)),
            Self::Nothing => "nothing promised".to_owned(),
        }
    }
}

/// The faults of the specification, with their promises.
pub fn promises() -> Vec<Promise> {
    let slow = Fault { slower: 0.2, ..Fault::default() };
    let tail = Fault { tail: 0.02, tail_times: 5.0, ..Fault::default() };
    let minutes = |n: f64| 60.0 * n;
    let rows = [
        ("outage, one journey", Fault::errors(1.0).of_one(), Must::NineOfTen(60.0)),
        ("outage, all", Fault::errors(1.0), Must::NineOfTen(60.0)),
        ("errors +5 pp, all", Fault::errors(0.05), Must::Median(minutes(2.0))),
        ("errors +1 pp, all", Fault::errors(0.01), Must::Median(minutes(11.0))),
        ("errors +5 pp, one journey", Fault::errors(0.05).of_one(), Must::Median(minutes(6.5))),
        ("p50 +20 %, all", slow, Must::Median(minutes(8.0))),
        ("tail, 2 % of runs x5, all", tail, Must::Median(minutes(17.0))),
        ("errors +1 pp, one journey", Fault::errors(0.01).of_one(), Must::Nothing),
        ("old side: errors +5 pp, all", Fault::errors(0.05).of_old(), Must::OldFailing(minutes(2.0))),
        ("sides swapped: outage, all", Fault::errors(1.0).of_old(), Must::OldFailing(60.0)),
        ("sides swapped: p50 +20 %, all", slow.of_old(), Must::NoRollback),
        ("sides swapped: tail, all", tail.of_old(), Must::NoRollback),
    ];
    rows.map(|(name, fault, must)| Promise { scenario: Scenario::of(name, fault), must }).into()
}

/// The kinds of healthy traffic of the specification, with their names.
pub const fn nulls() -> [(&'static str, Environment); 3] {
    [
        ("steady", Environment::Steady),
        ("shared daily swing and bursts", Environment::Diurnal),
        ("that, and blips of either side", Environment::Blips),
    ]
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_makes_sense_and_has_a_name_of_its_own() {
        let mut names: Vec<_> =
            promises().into_iter().map(|promise| promise.scenario.checked().unwrap().name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(Must::Median(390.0).words(), "median <= 6.5 min");
    }
}
