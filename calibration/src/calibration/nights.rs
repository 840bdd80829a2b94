//! The margin that a soak proposes, held against what truly was in it and in the healthy night that follows: simulated
//! traffic, blips and bursts in it, whose ratio wanders as is known.

use std::time::Duration;

use cutover::evidence::Settings;
use cutover::{Phase, Route};
use simulation::{Environment, Traffic};
use store::{RunsSample, Sample, Sketch};

use super::{Calibration, Wanted};
use crate::fixture::{history, sample};
use crate::wander::WINDOW;

/// A night of twelve hours, in windows of ten minutes.
const NIGHT: usize = 72;

/// How the logarithm of the ratio wanders.
#[derive(Debug, Clone, Copy)]
enum Wanders {
    Not,
    /// Up and down in two hours, by so much.
    Swings(f64),
    /// At random, with this standard deviation: a stationary Gaussian process that forgets within an hour (Uhlenbeck
    /// and Ornstein, 1930).
    Drifts(f64),
}

/// What came of many soaks: how many of them, and by how much.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// In those a wander was shown.
    shown: u32,
    /// The largest excursion of those, as it truly was, lies beyond their margin.
    beyond: u32,
    /// The night after those goes beyond their margin.
    exceeded: u32,
    /// By how much such a night does, on average, as a share.
    by: f64,
    /// How many times the largest true excursion the margin is, on average over those in which a wander was shown.
    wide: f64,
}

impl Wanders {
    /// The wander in each window.
    fn windows(self, count: usize, seed: u64) -> Vec<f64> {
        // Durations whose logarithm is standard normal.
        let unit = Duration::from_secs(1);
        let normals = Traffic { journeys: 1, errors: 0.0, median: unit, sigma: 1.0, ..Traffic::default() };
        let mut normals = normals.pairs(seed ^ 0xd1ce).filter_map(|ran| ran.took[0]).map(f64::ln);
        let mut normal = || normals.next().unwrap_or_default();
        let (begin, mut drift, kept) = (normal(), normal(), (-WINDOW as f64 / 3_600.0).exp());
        let one = |window| match self {
            Self::Not => 0.0,
            Self::Swings(by) => by * (std::f64::consts::TAU * (begin + window as f64 / 12.0)).sin(),
            Self::Drifts(by) => {
                drift = drift * kept + normal() * (1.0 - kept * kept).sqrt();
                by * drift
            }
        };
        (0..count).map(one).collect()
    }
}

/// A journey each 5 s: 8,640 pairs in a night.
fn traffic(sigma: f64) -> Traffic {
    Traffic { journeys: 1, sigma, environment: Environment::Blips, ..Traffic::default() }
}

/// What is calibrated from a soak in which the ratio wanders so.
fn calibrated(traffic: Traffic, wander: &[f64], seed: u64) -> Calibration {
    let mut windows = vec![([Sketch::default(), Sketch::default()], [0, 0]); wander.len()];
    for ran in traffic.pairs(seed) {
        let window = (ran.at / WINDOW as f64) as usize;
        let Some((sketches, failed)) = windows.get_mut(window) else { break };
        for (side, times) in [1.0, wander[window].exp()].into_iter().enumerate() {
            match ran.took[side] {
                Some(took) => sketches[side].record(Duration::from_secs_f64(took * times)),
                None => failed[side] += 1,
            }
        }
    }
    let line = |route, took: Sketch, failed| {
        let (journey, variant, passed) = ("a".into(), "".into(), took.count());
        RunsSample {
            journey,
            variant,
            route,
            passed,
            failed,
            aborted: 0,
            degraded: 0,
            took,
            last_failure: None,
        }
    };
    let one = |(window, ([old, new], failed)): (i64, ([Sketch; 2], [u64; 2]))| {
        let lines = vec![line(Route::Old, old, failed[0]), line(Route::New, new, failed[1])];
        Sample { over: WINDOW as f64, ..sample((window + 1) * WINDOW, Phase::Set, lines) }
    };
    let samples = (0..).zip(windows).map(one).collect();
    Calibration::of(&history(samples), &Wanted { settings: Settings::default(), paired: None })
}

/// So many soaks of so many nights, each with the night after it.
fn seen(traffic: Traffic, wanders: Wanders, nights: usize, soaks: u32) -> Seen {
    let mut seen = Seen::default();
    for seed in 0..u64::from(soaks) {
        let truth = wanders.windows((nights + 1) * NIGHT, seed);
        let (soak, night) = truth.split_at(nights * NIGHT);
        let calibration = calibrated(traffic, soak, seed);
        let Some(wander) = calibration.seen[0].wander else { unreachable!("{:?}", calibration.missing) };
        let margin = calibration.settings.location_margin;
        // The truth in windows as long as those that were looked at.
        let merged = (wander.window / WINDOW) as usize;
        let mean = |windows: &[f64]| windows.iter().sum::<f64>() / windows.len() as f64;
        let largest =
            |windows: &[f64]| (windows.chunks(merged).map(mean).fold(0.0, f64::max) - mean(soak)).exp_m1();
        seen.beyond += u32::from(largest(soak) > margin);
        if largest(night) > margin {
            seen.exceeded += 1;
            seen.by += largest(night) - margin;
        }
        if wander.limit.is_some() {
            seen.shown += 1;
            seen.wide += margin / largest(soak);
        }
    }
    seen.by /= f64::from(seen.exceeded.max(1));
    seen.wide /= f64::from(seen.shown.max(1));
    println!("{soaks} soaks of {nights} nights, sigma {}, {wanders:?}: {seen:?}", traffic.sigma);
    seen
}

/// Durations that differ little, so that windows of ten or twenty minutes tell, and as much as in the specification.
const SIGMAS: [f64; 2] = [0.15, 0.5];
const SOAKS: u32 = 40;

#[test]
fn blips_and_bursts_are_no_wander() {
    for sigma in SIGMAS {
        let seen = seen(traffic(sigma), Wanders::Not, 1, SOAKS);
        assert_eq!((seen.shown, seen.beyond, seen.exceeded), (0, 0, 0), "{seen:?}");
    }
}

#[test]
fn a_wander_that_comes_back_each_night_stays_within_the_margin_and_that_is_not_twice_as_wide() {
    for sigma in SIGMAS {
        let seen = seen(traffic(sigma), Wanders::Swings(0.2), 1, SOAKS);
        assert_eq!((seen.shown, seen.beyond, seen.exceeded), (SOAKS, 0, 0), "{seen:?}");
        assert!((1.0..2.0).contains(&seen.wide), "{seen:?}");
    }
}

#[test]
fn of_a_wander_at_random_the_margin_holds_what_the_soak_had_and_a_longer_soak_more_of_what_follows() {
    for sigma in SIGMAS {
        let seen = seen(traffic(sigma), Wanders::Drifts(0.08), 1, SOAKS);
        // 5 %, and what chance adds to it among 40 in 1 of 200 cases.
        assert!(seen.beyond <= SOAKS * 15 / 100, "{seen:?}");
        // Of two nights that are alike each has the larger excursion as often as the other.
        assert!(seen.exceeded <= SOAKS / 2, "{seen:?}");
        assert!((1.0..2.0).contains(&seen.wide), "{seen:?}");
    }
    let long = seen(traffic(SIGMAS[0]), Wanders::Drifts(0.08), 4, SOAKS / 2);
    assert!(long.exceeded <= SOAKS / 2 / 4, "{long:?}");
}
