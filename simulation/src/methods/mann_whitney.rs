//! Kayenta's default judge, asked again each minute.
//!
//! After the source of `NetflixACAJudge` and its `MannWhitneyClassifier` (spinnaker/kayenta): a metric is `High` when
//! the lower end of the 98 % confidence interval of the shift is above a quarter of the shift's own estimate
//! (`tolerance = 0.25, confLevel = 0.98`). Two metrics, both to `increase`, so that one of them being `High` halves the
//! score and fails the canary. Its documentation asks for at least 50 points a metric; we give it 60, of ten seconds
//! each rather than of a minute, because that is six times as fast. It corrects nothing for being asked again.

use std::collections::VecDeque;

use super::bin::Bin;
use super::ranks::shift;

pub(super) const PARAMETERS: &str = "Kayenta's NetflixACAJudge on error rate and mean latency, new against old: \
    confidence 98 %, tolerance 0.25, the last 60 points of 10 s; asked each minute";

/// The normal quantile of 99 %: a two-sided interval of 98 %.
const Z: f64 = 2.326_347_874;
const TOLERANCE: f64 = 0.25;
const POINTS: usize = 60;
const MINUTE: usize = 6;

/// The judge and the points that it looks at.
#[derive(Debug, Default)]
pub(crate) struct MannWhitney {
    errors: [VecDeque<f64>; 2],
    times: [VecDeque<f64>; 2],
    bins: usize,
    fails: bool,
}

impl MannWhitney {
    /// Takes one bin; says whether the canary failed when it was last judged.
    pub(crate) fn step(&mut self, bin: &Bin) -> bool {
        for (side, at) in [(&bin.old, 0), (&bin.new, 1)] {
            keep(&mut self.errors[at], side.failed_share());
            keep(&mut self.times[at], side.mean_took());
        }
        self.bins += 1;
        if self.bins.is_multiple_of(MINUTE) {
            self.fails = high(&mut self.errors) || high(&mut self.times);
        }
        self.fails
    }
}

fn keep(points: &mut VecDeque<f64>, point: Option<f64>) {
    points.extend(point);
    if points.len() > POINTS {
        points.pop_front();
    }
}

/// Whether a metric of the new side is classified as `High`.
fn high([old, new]: &mut [VecDeque<f64>; 2]) -> bool {
    if old.len() < POINTS || new.len() < POINTS {
        return false;
    }
    shift(new.make_contiguous(), old.make_contiguous(), Z)
        .is_some_and(|shift| shift.low > TOLERANCE * shift.estimate.abs())
}

#[cfg(test)]
mod tests {
    use super::super::bin::fixture::{bin, first};
    use super::*;

    /// Latencies that wander, so that no two points are alike.
    fn wandering(i: usize, by: f64) -> f64 {
        0.12 + 0.01 * (i as f64 * 0.7).sin() + by
    }

    #[test]
    fn alike_sides_pass_and_a_clear_shift_of_latency_fails_within_the_window() {
        let mut judge = MannWhitney::default();
        let alike = (0..200).map(|i| bin((0, 0), (wandering(i, 0.0), wandering(i + 3, 0.0))));
        assert_eq!(first(|bin| judge.step(bin), alike), None);
        let slow = (0..200).map(|i| bin((0, 0), (wandering(i, 0.0), wandering(i + 3, 0.05))));
        let bins = first(|bin| judge.step(bin), slow);
        assert!(bins.is_some_and(|bins| (12..=60).contains(&bins)), "{bins:?}");
    }

    #[test]
    fn an_error_rate_that_rises_fails_and_one_of_the_old_side_does_not() {
        let (mut judge, mut mirrored) = (MannWhitney::default(), MannWhitney::default());
        let bins = |old, new| (0..120_u32).map(move |i| bin((old + i % 2, new + i % 2), (0.1, 0.1)));
        assert!(first(|bin| judge.step(bin), bins(0, 4)).is_some());
        assert_eq!(first(|bin| mirrored.step(bin), bins(4, 0)), None);
    }

    #[test]
    fn it_waits_for_its_points() {
        let mut judge = MannWhitney::default();
        let worse = (0..59).map(|i| bin((0, 20), (wandering(i, 0.0), wandering(i, 0.1))));
        assert_eq!(first(|bin| judge.step(bin), worse), None);
    }
}
