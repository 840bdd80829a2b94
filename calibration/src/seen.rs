//! What a soak shows: each journey, each of its variants, and all of them together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cutover::{Route, Scope};
use serde::Serialize;
use store::{RunsSample, Sample};

use crate::excess::Excess;
use crate::runs::{SideSeen, Sum};
use crate::wander::{Clip, Off, Series, WINDOW, Wander, together};
use crate::{Basis, Soak};

/// What was seen of one scope.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScopeSeen {
    /// Which one.
    pub scope: Scope,
    /// How many pairs there were: as many as the side with fewer runs has.
    pub pairs: u64,
    /// Its runs on old.
    pub old: SideSeen,
    /// Its runs on new, if it ran there.
    pub new: Option<SideSeen>,
    /// How many more fail on new.
    pub excess: Option<Excess>,
    /// The ratio of durations; none for all journeys together, which differ.
    pub ratio: Option<Ratio>,
    /// How far the ratio wanders, if there were windows enough.
    pub wander: Option<Wander>,
}

/// The ratio of durations, new / old.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// Of the medians.
    pub medians: f64,
    /// The standard deviation of ln t_new - ln t_old of a pair, if its two runs had nothing in common: an upper limit.
    pub spread: f64,
}

/// One scope's runs.
#[derive(Debug, Default)]
struct Heap {
    sums: [Sum; 2],
    series: Series,
    clips: [Option<Clip>; 2],
}

/// Works out what the samples of a soak show: all together first, then the journeys with their variants. Only journeys
/// that `counts` says yes to are looked at.
pub(crate) fn seen(
    soak: &Soak,
    samples: &[Sample],
    counts: impl Fn(&str) -> bool,
    margin: f64,
) -> Vec<ScopeSeen> {
    let lines = || {
        let windows = samples.iter().map(|sample| {
            let since = sample.at.signed_duration_since(soak.from).num_seconds() - 1;
            (since.div_euclid(WINDOW), &sample.runs)
        });
        let lines = windows.flat_map(|(window, runs)| runs.iter().map(move |line| (window, line)));
        lines.filter(|(_, line)| counts(&line.journey)).filter_map(|(window, line)| match line.route {
            Route::Old => Some((window, 0, line)),
            Route::New if soak.basis == Basis::OldAgainstNew => Some((window, 1, line)),
            Route::New | Route::Live => None,
        })
    };
    let scopes = scopes(lines().map(|(_, _, line)| line));
    let mut heaps: BTreeMap<Scope, Heap> = BTreeMap::new();
    for (_, side, line) in lines() {
        for scope in of(line, &scopes) {
            heaps.entry(scope).or_default().sums[side].add(line);
        }
    }
    for heap in heaps.values_mut() {
        heap.clips = [0, 1].map(|side| Clip::of(&heap.sums[side].took));
    }
    for (window, side, line) in lines() {
        for scope in of(line, &scopes) {
            let Some(heap) = heaps.get_mut(&scope) else { continue };
            if let Some(clip) = heap.clips[side] {
                heap.series.add(window, side, &line.took, clip);
            }
        }
    }
    if soak.basis == Basis::OldAgainstNew {
        // A journey that ran on one side only is no journey in pairs.
        heaps.retain(|_, heap| heap.sums.iter().all(|sum| sum.runs() > 0));
    }
    all(&heaps, soak.basis, margin)
        .into_iter()
        .chain(heaps.iter().map(|(scope, heap)| {
            let windows = |merged| heap.windows(merged, soak.basis).into_values().collect();
            heap.seen(scope.clone(), Wander::of(windows, soak.basis, margin), soak.basis)
        }))
        .collect()
}

/// The variants of the journeys that have more than one.
fn scopes<'a>(lines: impl Iterator<Item = &'a RunsSample>) -> BTreeMap<Arc<str>, BTreeSet<Arc<str>>> {
    let mut variants: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    for line in lines {
        variants.entry(line.journey.clone()).or_default().insert(line.variant.clone());
    }
    variants.retain(|_, variants| variants.len() > 1);
    variants
}

/// The scopes that a line belongs to.
fn of(line: &RunsSample, variants: &BTreeMap<Arc<str>, BTreeSet<Arc<str>>>) -> impl Iterator<Item = Scope> {
    let (journey, variant) = (line.journey.clone(), line.variant.clone());
    let variant =
        variants.contains_key(&journey).then(|| Scope::Variant { journey: journey.clone(), variant });
    [Some(Scope::Journey(journey)), variant].into_iter().flatten()
}

/// All journeys together, if there are several.
fn all(heaps: &BTreeMap<Scope, Heap>, basis: Basis, margin: f64) -> Option<ScopeSeen> {
    let journeys = || heaps.iter().filter(|(scope, _)| matches!(scope, Scope::Journey(_)));
    let mut all = Heap::default();
    for (_, heap) in journeys() {
        for (into, sum) in all.sums.iter_mut().zip(&heap.sums) {
            into.passed = into.passed.saturating_add(sum.passed);
            into.failed = into.failed.saturating_add(sum.failed);
        }
    }
    let windows = |merged| {
        let each: Vec<_> = journeys().map(|(_, heap)| heap.windows(merged, basis)).collect();
        together(each.iter().filter(|windows| !windows.is_empty()))
    };
    let wander = Wander::of(windows, basis, margin);
    (journeys().count() > 1).then(|| all.seen(Scope::All, wander, basis))
}

impl Heap {
    fn windows(&self, merged: i64, basis: Basis) -> BTreeMap<i64, Off> {
        self.series.windows(merged, basis, self.clips)
    }

    fn seen(&self, scope: Scope, wander: Option<Wander>, basis: Basis) -> ScopeSeen {
        let [old, new] = self.sums.each_ref().map(Sum::seen);
        let both = basis == Basis::OldAgainstNew;
        let ratio = || {
            let spread = old.sigma?.hypot(new.sigma?);
            Some(Ratio { medians: new.median? / old.median?, spread })
        };
        ScopeSeen {
            scope,
            pairs: if both { old.runs.min(new.runs) } else { old.runs },
            excess: Excess::of(&self.sums[0], &self.sums[1]).filter(|_| both),
            ratio: ratio(),
            old,
            new: both.then_some(new),
            wander,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::fixture::{history, line, sample, soak};
    use cutover::Phase;
    use store::History;

    fn seen_of(history: &History) -> Vec<ScopeSeen> {
        let (soak, samples) = Soak::find(&history.samples).unwrap();
        seen(&soak, samples, |_| true, 0.1)
    }

    #[test]
    fn a_healthy_soak_has_the_figures_that_it_was_made_of() {
        let seen = seen_of(&soak(6, |n| [u64::from(n % 100 == 0); 2], |_| 1.2));
        let [journey] = &seen[..] else { unreachable!("{seen:?}") };
        assert_eq!((journey.pairs, journey.old.failed), (21_600, 22));
        let ratio = journey.ratio.unwrap();
        assert!((ratio.medians - 1.2).abs() < 0.02 && (ratio.spread - 0.4).abs() < 0.04, "{ratio:?}");
        let wander = journey.wander.unwrap();
        assert!(wander.limit.is_none() && wander.windows >= 6, "{wander:?}");
        assert!(!journey.excess.unwrap().shown);
    }

    #[test]
    fn a_ratio_that_wanders_is_seen_with_its_size() {
        // An hour up, an hour down.
        let ratio = |n: i64| 1.0 + 0.15 * (n as f64 / 360.0 * std::f64::consts::PI).sin();
        let wander = seen_of(&soak(12, |_| [0, 0], ratio))[0].wander.unwrap();
        assert!((0.13..0.2).contains(&wander.limit.unwrap()), "{wander:?}");
    }

    #[test]
    fn a_journey_on_one_side_is_none_in_pairs_and_variants_are_scopes_of_their_own() {
        let lines = || {
            let variant =
                |name: &str, route| RunsSample { variant: name.into(), ..line("b", route, 10, 0, 0.2) };
            let both = [Route::Old, Route::New];
            let pairs = both
                .into_iter()
                .flat_map(|route| [line("a", route, 10, 0, 0.1), variant("x", route), variant("y", route)]);
            pairs.chain([line("c", Route::Old, 10, 0, 0.1), line("a", Route::Live, 99, 0, 9.0)]).collect()
        };
        let samples = (1..400).map(|n| sample(10 * n, Phase::Set, lines())).collect();
        let seen = seen_of(&history(samples));
        let names: Vec<_> = seen.iter().map(|seen| seen.scope.to_string()).collect();
        assert_eq!(names, ["all", "a", "b", "b [x]", "b [y]"]);
        assert_eq!(
            seen.iter().map(|seen| seen.pairs).collect::<Vec<_>>(),
            [11_970, 3_990, 7_980, 3_990, 3_990]
        );
        assert!(seen[0].ratio.is_none() && seen[0].wander.is_some());
    }

    #[test]
    fn old_alone_is_compared_with_itself() {
        let swing = |n: i64| 0.1 * (1.0 + 0.2 * (n as f64 / 200.0).sin());
        let one = |n: i64| sample(10 * n, Phase::Ready, vec![line("a", Route::Old, 40, 0, swing(n))]);
        let seen = seen_of(&history((1..4_000).map(one).collect()));
        assert!(seen[0].new.is_none() && seen[0].excess.is_none() && seen[0].ratio.is_none());
        // 0.2 sin moves by at most 0.2 x 60 / 200 in ten minutes.
        let wander = seen[0].wander.unwrap();
        assert!((0.04..0.1).contains(&wander.limit.unwrap()), "{wander:?}");
    }
}
