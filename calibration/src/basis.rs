//! Which part of a history is the soak.

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{Phase, Route};
use serde::Serialize;
use store::Sample;

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Old against new, in pairs: phase `set`, with both sides up.
    OldAgainstNew,
    /// Old against old: each window against the one before it, since the new side was not up.
    OldAgainstOld,
}

/// The soak.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Soak {
    /// What is compared with what.
    pub basis: Basis,
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// How many seconds of it were watched: what the canary slept through is no soak.
    pub watched: f64,
}

impl Soak {
    /// The last soak in the history, with its samples: the last time in phase `set` if the new side ran in it, else the
    /// last time in `ready`, else nothing.
    pub(crate) fn find(samples: &[Sample]) -> Option<(Self, &[Sample])> {
        let of = |phase| last(samples, phase).filter(|samples| !samples.is_empty());
        let both = of(Phase::Set).filter(|samples| ran(samples, Route::New) && ran(samples, Route::Old));
        let old = || of(Phase::Set).or_else(|| of(Phase::Ready)).filter(|samples| ran(samples, Route::Old));
        let (basis, samples) = match both {
            Some(samples) => (Basis::OldAgainstNew, samples),
            None => (Basis::OldAgainstOld, old()?),
        };
        let (first, last) = (samples.first()?, samples.last()?);
        let from = first.at.checked_sub_signed(TimeDelta::milliseconds((covered(first) * 1e3) as i64));
        let watched = samples.iter().map(covered).sum();
        Some((Self { basis, from: from.unwrap_or(first.at), to: last.at, watched }, samples))
    }
}

/// How many seconds a sample covers; what no canary would write counts as nothing.
pub(crate) fn covered(sample: &Sample) -> f64 {
    if (0.0..=3600.0).contains(&sample.over) { sample.over } else { 0.0 }
}

/// The last uninterrupted time in `phase`. Its first sample, if another phase came before, began in that one.
fn last(samples: &[Sample], phase: Phase) -> Option<&[Sample]> {
    let end = samples.iter().rposition(|sample| sample.phase == phase)? + 1;
    let begin = samples[..end].iter().rposition(|sample| sample.phase != phase).map_or(0, |other| other + 2);
    samples.get(begin..end)
}

fn ran(samples: &[Sample], route: Route) -> bool {
    samples.iter().flat_map(|sample| &sample.runs).any(|line| line.route == route && line.passed > 0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::fixture::{at, line, sample};

    fn both(second: i64, phase: Phase) -> Sample {
        sample(second, phase, vec![line("a", Route::Old, 5, 0, 0.1), line("a", Route::New, 5, 0, 0.1)])
    }

    #[test]
    fn the_last_set_counts_without_the_sample_that_began_before_it() {
        let phases = [(Phase::Set, 3), (Phase::RolledBack, 2), (Phase::Set, 5), (Phase::Go, 4)];
        let phases = phases.iter().flat_map(|(phase, times)| std::iter::repeat_n(*phase, *times));
        let samples: Vec<_> = phases.zip(1..).map(|(phase, n)| both(10 * n, phase)).collect();
        let (soak, used) = Soak::find(&samples).unwrap();
        assert_eq!((soak.basis, soak.from, soak.to), (Basis::OldAgainstNew, at(60), at(100)));
        assert_eq!((soak.watched, used.len()), (40.0, 4));
    }

    #[test]
    fn without_a_new_side_the_old_one_is_compared_with_itself() {
        let old = |n: i64| sample(10 * n, Phase::Ready, vec![line("a", Route::Old, 5, 0, 0.1)]);
        let refused = |n: i64| {
            let lines = vec![line("a", Route::Old, 5, 0, 0.1), line("a", Route::New, 0, 5, 0.1)];
            sample(10 * n, Phase::Set, lines)
        };
        let ready: Vec<_> = (1..5).map(old).collect();
        assert_eq!(Soak::find(&ready).unwrap().0.basis, Basis::OldAgainstOld);
        let down: Vec<_> = (1..5).map(refused).collect();
        assert_eq!(Soak::find(&down).unwrap().0.basis, Basis::OldAgainstOld);
        let gone: Vec<_> = (1..5).map(|n: i64| both(10 * n, Phase::Go)).collect();
        assert_eq!(Soak::find(&gone), None);
        assert_eq!(Soak::find(&[]), None);
    }

    #[test]
    fn absurd_times_count_as_nothing() {
        for over in [f64::NAN, f64::INFINITY, -5.0, 1e300] {
            let samples = [Sample { over, ..both(10, Phase::Set) }];
            assert_eq!(Soak::find(&samples).unwrap().0.watched, 0.0);
        }
    }
}
