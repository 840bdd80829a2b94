//! The pairs of runs themselves.

use std::time::Duration;

use cutover::Side;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::draw::{Random, mixed, normals, random};
use super::mix::Mix;
use super::weather::{Climate, Environment, Weather};
use super::{Fault, Own};

/// Healthy traffic: how much there is of it, and what its runs are like.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Traffic {
    /// How many journeys run in pairs.
    pub journeys: usize,
    /// How often each of them does.
    #[serde(with = "crate::span")]
    pub every: Duration,
    /// The share of runs that fail (0 to 1).
    pub errors: f64,
    /// The median duration of a run.
    #[serde(with = "crate::span")]
    pub median: Duration,
    /// The standard deviation of the logarithm of durations, which are lognormal.
    pub sigma: f64,
    /// What disturbs it.
    pub environment: Environment,
}

/// One side's run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Half {
    pub(crate) failed: bool,
    /// How long it took, in seconds.
    pub(crate) took: f64,
}

/// The two runs of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pair {
    /// The number of the journey.
    pub(crate) journey: usize,
    pub(crate) old: Half,
    pub(crate) new: Half,
}

/// Draws the pairs of one trial.
#[derive(Debug)]
pub(crate) struct Stream {
    journeys: Vec<Own>,
    /// What disturbs it; traffic of one's own is as it was seen.
    weather: Option<Weather>,
    fault: Fault,
    /// From when on the fault is there, in seconds.
    onset: f64,
    /// What is run because somebody asked for more is drawn apart, so that it does not change what is run anyway.
    regular: Random,
    extra: Random,
}

impl Default for Traffic {
    /// The traffic of the specification: 20 journeys, a pair each 5 s, errors 0.2 %, median 120 ms, sigma 0.5.
    fn default() -> Self {
        Self {
            journeys: 20,
            every: Duration::from_secs(5),
            errors: 0.002,
            median: Duration::from_millis(120),
            sigma: 0.5,
            environment: Environment::Steady,
        }
    }
}

impl Stream {
    /// A stream of this traffic in which `fault` begins `onset` seconds after the start.
    pub(crate) fn new(mix: &Mix, fault: Fault, onset: f64, seed: u64) -> Self {
        Self {
            weather: mix
                .weather()
                .map(|(environment, errors)| Weather::new(environment, errors, mixed(seed, 0))),
            journeys: mix.journeys().to_vec(),
            fault,
            onset,
            regular: random(mixed(seed, 1)),
            extra: random(mixed(seed, 2)),
        }
    }

    /// What either side is like at `seconds` after the start, if there is any weather.
    pub(crate) fn climate(&mut self, seconds: f64) -> Option<[Climate; 2]> {
        self.weather.as_mut().map(|weather| weather.at(seconds))
    }

    /// A pair of the journey of this number, run because it is its time or because it is run harder.
    pub(crate) fn pair(
        &mut self,
        journey: usize,
        climate: Option<[Climate; 2]>,
        seconds: f64,
        regular: bool,
    ) -> Pair {
        let random = if regular { &mut self.regular } else { &mut self.extra };
        let normals = normals(random);
        let fault = Some(self.fault).filter(|fault| seconds >= self.onset && fault.meets(journey));
        let own = self.journeys[journey];
        let mut half = |side: Side| {
            let runs = if side == Side::Old { own.old } else { own.new };
            let usual = Climate { errors: runs.errors, times: 1.0 };
            let Climate { mut errors, times } = climate.map_or(usual, |sides| sides[side as usize]);
            let mut took = runs.median * times * (runs.sigma * normals[side as usize]).exp();
            if let Some(fault) = fault.filter(|fault| fault.side == side) {
                errors += fault.errors;
                took *= 1.0 + fault.slower;
                if fault.tail > 0.0 && random.random::<f64>() < fault.tail {
                    took *= fault.tail_times;
                }
            }
            Half { failed: random.random::<f64>() < errors, took }
        };
        let (old, new) = (half(Side::Old), half(Side::New));
        Pair { journey, old, new }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    struct Seen {
        failed: f64,
        ln_median: f64,
        sigma: f64,
        slow: f64,
    }

    /// What `n` pairs of the first journey look like, on both sides.
    fn seen(fault: Fault, n: u32) -> [Seen; 2] {
        let mut stream = Stream::new(&Traffic::default().into(), fault, 0.0, 3);
        let climate = stream.climate(0.0);
        let pairs: Vec<_> = (0..n).map(|_| stream.pair(0, climate, 0.0, true)).collect();
        let of = |half: fn(&Pair) -> Half| {
            let n = f64::from(n);
            let logs: Vec<_> = pairs.iter().map(|pair| half(pair).took.ln()).collect();
            let mean = logs.iter().sum::<f64>() / n;
            Seen {
                failed: pairs.iter().filter(|pair| half(pair).failed).count() as f64 / n,
                ln_median: mean,
                sigma: (logs.iter().map(|ln| (ln - mean).powi(2)).sum::<f64>() / n).sqrt(),
                slow: logs.iter().filter(|ln| **ln > 0.12_f64.ln() + 1.5).count() as f64 / n,
            }
        };
        [of(|pair| pair.old), of(|pair| pair.new)]
    }

    #[test]
    fn healthy_traffic_has_the_moments_of_the_specification_on_both_sides() {
        for side in seen(Fault::default(), 200_000) {
            // Four standard errors each.
            assert!((side.failed - 0.002).abs() < 0.0004, "{}", side.failed);
            assert!((side.ln_median - 0.12_f64.ln()).abs() < 0.0045, "{}", side.ln_median);
            assert!((side.sigma - 0.5).abs() < 0.0032, "{}", side.sigma);
        }
    }

    #[test]
    fn a_fault_shows_on_its_side_only_and_is_as_large_as_it_says() {
        let fault = Fault { errors: 0.05, slower: 0.2, tail: 0.02, ..Fault::default() };
        let [old, new] = seen(fault, 200_000);
        assert!((old.failed - 0.002).abs() < 0.0004 && (new.failed - 0.052).abs() < 0.002);
        let moved = 1.2_f64.ln() + 0.02 * 5.0_f64.ln();
        assert!((new.ln_median - old.ln_median - moved).abs() < 0.008, "{}", new.ln_median - old.ln_median);
        assert!(new.slow > old.slow + 0.015, "{} {}", new.slow, old.slow);
        let [old, new] = seen(fault.of_old(), 50_000);
        assert!(old.failed > 0.04 && new.failed < 0.01);
    }

    #[test]
    fn a_fault_waits_for_its_onset_and_for_its_journeys_and_an_outage_fails_every_run() {
        let mut stream = Stream::new(&Traffic::default().into(), Fault::errors(1.0).of_one(), 100.0, 3);
        let climate = stream.climate(0.0);
        let failed = |stream: &mut Stream, journey, seconds| {
            (0..200).filter(|_| stream.pair(journey, climate, seconds, true).new.failed).count()
        };
        assert!(failed(&mut stream, 0, 99.0) < 10);
        assert!(failed(&mut stream, 1, 101.0) < 10);
        assert_eq!(failed(&mut stream, 0, 101.0), 200);
    }

    #[test]
    fn what_is_run_harder_does_not_change_what_is_run_anyway() {
        let pairs = |extra: bool| {
            let mut stream = Stream::new(&Traffic::default().into(), Fault::default(), 0.0, 8);
            let climate = stream.climate(0.0);
            (0..50)
                .map(|_| {
                    if extra {
                        stream.pair(3, climate, 0.0, false);
                    }
                    stream.pair(3, climate, 0.0, true)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(pairs(false), pairs(true));
        assert_eq!(serde_json::to_value(Traffic::default()).unwrap()["every"], 5.0);
    }
}
