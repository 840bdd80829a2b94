//! How far the ratio of durations wanders, beyond what chance does.
//!
//! In each window the mean of ln x_new less that of ln x_old is compared with the whole soak's. Its error follows from
//! the spread of either side as if the two runs of a pair had nothing in common: an upper limit. Whether there is more
//! than chance is Cochran's Q; how much, is Paule and Mandel's variance (1982); each window's own excursion is then
//! shrunk towards none by what chance explains of it (Efron and Morris, 1975).
//!
//! What that is worth is shown by `calibration/nights.rs` on simulated traffic with blips and bursts, whose ratio
//! wanders as is known: soaks of one night with 8,640 pairs of one journey, sigma 0.15 and 0.5, 400 of each kind.
//! Without a wander none was shown. One that swings by 0.2 (22 %) in two hours was always shown; neither the soak nor
//! the night after it went beyond the margin, which was 1.3 and 1.7 times the largest excursion in windows as long as
//! those looked at. Of one at random (standard deviation 0.08, forgotten within an hour) the margin was 1.2 and 1.4
//! times as wide, and the soak's own largest excursion lay beyond it in 3 and 6 % of the soaks. The night after it
//! went beyond in 32 and 24 %, by 5 and 4 points: the limit is of what was seen, and of two nights that are alike
//! each is the wilder one as often as the other. After a soak of four nights it was 10 %, by 3 points. So the limits
//! err to the wide side by what chance adds to them, and of what is to come they promise no more than a long soak has
//! seen.

use std::collections::BTreeMap;

use serde::Serialize;
use store::Sketch;

use crate::Basis;
use crate::level::chi_squared;
use crate::runs::Times;

/// The shortest window, in seconds.
pub(crate) const WINDOW: i64 = 600;
/// With fewer windows nothing is said of what varies from one to the next.
pub(crate) const WINDOWS: usize = 6;
/// Windows are doubled so often less one: the longest has 21 hours.
const LENGTHS: u32 = 8;
/// A window with fewer runs on a side says nothing.
const RUNS: f64 = 20.0;
/// The 95th percentile of the normal distribution.
const UPPER: f64 = 1.644_854;

/// How far the ratio wanders. Shares: 0.1 is 1.1 times as long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Wander {
    /// How long a window is, in seconds.
    pub window: i64,
    /// How many windows there are.
    pub windows: usize,
    /// The standard error of the ratio in a window.
    pub error: f64,
    /// The largest excursion of the ratio, as it was seen: chance is in it.
    pub largest: f64,
    /// The standard deviation of the ratio beyond chance.
    pub beyond_chance: f64,
    /// How far the largest excursion went, at the most (95 %), if more than chance is shown.
    pub limit: Option<f64>,
}

/// Clipped logarithms of durations, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Logs {
    count: f64,
    sum: f64,
}

/// What is clipped, of one side: a run that took this much longer or shorter than usual counts as that much, as in the
/// judge's own score.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    middle: f64,
    half: f64,
    variance: f64,
}

/// The windows of one scope, by their number since the beginning.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series(BTreeMap<i64, [Logs; 2]>);

/// One window: how far the ratio is off, and the variance that chance gives it, both of logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Off {
    pub(crate) off: f64,
    pub(crate) variance: f64,
}

impl Clip {
    pub(crate) fn of(took: &Times) -> Option<Self> {
        let (middle, variance) = took.moments()?;
        Some(Self { middle, half: 2.0 * (2.0 * variance).sqrt(), variance })
    }
}

impl Series {
    /// Adds runs of the old (0) or the new side (1).
    pub(crate) fn add(&mut self, window: i64, side: usize, took: &Sketch, clip: Clip) {
        let logs = &mut self.0.entry(window).or_default()[side];
        for (ln, held) in Times::logs(took) {
            logs.count += held;
            logs.sum += held * (ln - clip.middle).clamp(-clip.half, clip.half);
        }
    }

    /// The windows, so many of the shortest taken as one.
    pub(crate) fn windows(&self, merged: i64, basis: Basis, clips: [Option<Clip>; 2]) -> BTreeMap<i64, Off> {
        let mut sums: BTreeMap<i64, [Logs; 2]> = BTreeMap::new();
        for (window, sides) in &self.0 {
            let into = sums.entry(window.div_euclid(merged)).or_default();
            for (into, logs) in into.iter_mut().zip(sides) {
                into.count += logs.count;
                into.sum += logs.sum;
            }
        }
        let mean = |logs: &Logs, clip: Option<Clip>| {
            let clip = clip.filter(|_| logs.count >= RUNS)?;
            Some(Off { off: logs.sum / logs.count, variance: clip.variance / logs.count })
        };
        let of = |(window, sides): (&i64, &[Logs; 2])| {
            let earlier = match basis {
                Basis::OldAgainstNew => mean(&sides[0], clips[0])?,
                Basis::OldAgainstOld => mean(&sums.get(&(window - 1))?[0], clips[0])?,
            };
            let later = match basis {
                Basis::OldAgainstNew => mean(&sides[1], clips[1])?,
                Basis::OldAgainstOld => mean(&sides[0], clips[0])?,
            };
            Some((*window, Off { off: later.off - earlier.off, variance: later.variance + earlier.variance }))
        };
        sums.iter().filter_map(of).filter(|(_, off)| off.variance > 0.0).collect()
    }
}

impl Wander {
    /// The wander in the windows that `windows` gives for a number of the shortest taken as one, against a margin: in
    /// the shortest that tell a quarter of the margin, if it is shown there. Else at the length at which it stands out
    /// from chance the most: longer windows would average it away, shorter ones drown it.
    pub(crate) fn of(windows: impl Fn(i64) -> Vec<Off>, basis: Basis, margin: f64) -> Option<Self> {
        let lengths = (0..LENGTHS).map(|doubled| 1 << doubled);
        let merged: Vec<_> = lengths.map(|merged| (merged, windows(merged))).collect();
        let enough = merged.iter().filter(|(_, offs)| offs.len() >= WINDOWS);
        let all: Vec<_> = enough.map(|(merged, offs)| Excursions::of(*merged, offs, basis)).collect();
        let fine = all.iter().find(|one| one.error() <= margin.ln_1p() / 4.0);
        let shown = |one: &&Excursions<'_>| one.q(0.0) > chi_squared(one.degrees());
        let clearest =
            || all.iter().filter(shown).max_by(|a, b| a.significance().total_cmp(&b.significance()));
        match fine.filter(shown).or_else(clearest) {
            Some(one) => Some(one.wander(true)),
            None => fine.or(all.last()).map(|one| one.wander(false)),
        }
    }
}

/// The windows of one length.
struct Excursions<'a> {
    merged: i64,
    offs: &'a [Off],
    usual: f64,
    basis: Basis,
}

impl<'a> Excursions<'a> {
    fn of(merged: i64, offs: &'a [Off], basis: Basis) -> Self {
        // Against old alone there is no ratio to begin with.
        let usual = if basis == Basis::OldAgainstOld { 0.0 } else { weighted(offs) };
        Self { merged, offs, usual, basis }
    }

    fn degrees(&self) -> f64 {
        self.offs.len() as f64 - 1.0
    }

    /// Cochran's Q, if the windows vary by `between` beyond chance.
    fn q(&self, between: f64) -> f64 {
        self.offs.iter().map(|off| (off.off - self.usual).powi(2) / (off.variance + between)).sum()
    }

    /// By how many standard deviations there is more than chance, about.
    fn significance(&self) -> f64 {
        (self.q(0.0) - self.degrees()) / (2.0 * self.degrees()).sqrt()
    }

    /// The median of the standard errors.
    fn error(&self) -> f64 {
        let mut variances: Vec<_> = self.offs.iter().map(|off| off.variance).collect();
        variances.sort_unstable_by(f64::total_cmp);
        variances.get(variances.len() / 2).map_or(0.0, |variance| variance.sqrt())
    }

    /// How much longer the runs of a window took than usual; against old alone both directions are alike.
    fn excursion(&self, off: &Off) -> f64 {
        match self.basis {
            Basis::OldAgainstNew => off.off - self.usual,
            Basis::OldAgainstOld => off.off.abs(),
        }
    }

    fn wander(&self, shown: bool) -> Wander {
        let between = between(|between| self.q(between), self.degrees());
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max).exp_m1();
        let mut limits = self.offs.iter().map(|off| {
            let share = between / (between + off.variance);
            self.excursion(off) * share + UPPER * (share * off.variance).sqrt()
        });
        Wander {
            window: self.merged * WINDOW,
            windows: self.offs.len(),
            error: self.error().exp_m1(),
            largest: most(&mut self.offs.iter().map(|off| self.excursion(off))),
            beyond_chance: between.sqrt().exp_m1(),
            limit: shown.then(|| most(&mut limits)),
        }
    }
}

/// The variance between windows at which what remains is what chance gives.
fn between(q: impl Fn(f64) -> f64, degrees: f64) -> f64 {
    if q(0.0) <= degrees {
        return 0.0;
    }
    let mut high = 1e-6;
    while q(high) > degrees && high < 1e6 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        *(if q(middle) > degrees { &mut low } else { &mut high }) = middle;
    }
    high
}

/// Their mean, each by how much it knows.
fn weighted(offs: &[Off]) -> f64 {
    let weight = |off: &Off| 1.0 / off.variance;
    offs.iter().map(|off| off.off * weight(off)).sum::<f64>() / offs.iter().map(weight).sum::<f64>()
}

/// The windows of several scopes, taken together: each by how much it knows.
pub(crate) fn together<'a>(scopes: impl Iterator<Item = &'a BTreeMap<i64, Off>>) -> Vec<Off> {
    let mut all: BTreeMap<i64, Vec<Off>> = BTreeMap::new();
    for scope in scopes {
        let offs: Vec<_> = scope.values().copied().collect();
        let usual = weighted(&offs);
        for (window, off) in scope {
            all.entry(*window).or_default().push(Off { off: off.off - usual, ..*off });
        }
    }
    let pooled = |offs: Vec<Off>| Off {
        off: weighted(&offs),
        variance: 1.0 / offs.iter().map(|off| 1.0 / off.variance).sum::<f64>(),
    };
    all.into_values().map(pooled).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    /// Offsets that only chance made, from a fixed sequence, on top of `truth`.
    fn offs(count: i64, error: f64, truth: impl Fn(i64) -> f64) -> Vec<Off> {
        let mut state = 7_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        // Twelve uniform values less six are nearly normal.
        let mut normal = move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        let one = |n| Off { off: truth(n) + error * normal(), variance: error * error };
        (0..count).map(one).collect()
    }

    fn wander(offs: &[Off]) -> Option<Wander> {
        Wander::of(|merged| if merged == 1 { offs.to_vec() } else { Vec::new() }, Basis::OldAgainstNew, 0.1)
    }

    #[test]
    fn chance_is_no_wander() {
        for error in [0.01, 0.05, 0.2] {
            let seen = wander(&offs(144, error, |_| 0.3)).unwrap();
            assert_eq!(seen.limit, None, "{error}: {seen:?}");
            assert!(seen.beyond_chance < error * 0.5, "{error}: {seen:?}");
        }
    }

    #[test]
    fn a_ratio_that_wanders_by_15_percent_is_told_whatever_chance_adds() {
        for error in [0.005, 0.02, 0.04] {
            let swing = |n: i64| 1.15_f64.ln() * (n as f64 * 0.3).sin();
            let limit = wander(&offs(144, error, swing)).unwrap().limit.unwrap();
            assert!((0.145..0.15 + 4.0 * error).contains(&limit), "{error}: {limit}");
        }
    }

    #[test]
    fn a_single_hour_is_told_and_too_few_windows_tell_nothing() {
        let hour = |n: i64| if (60..66).contains(&n) { 1.3_f64.ln() } else { 0.0 };
        let limit = wander(&offs(144, 0.02, hour)).unwrap().limit.unwrap();
        assert!((0.25..0.4).contains(&limit), "{limit}");
        assert_eq!(wander(&offs(5, 0.02, hour)), None);
        assert_eq!(wander(&[]), None);
    }

    #[test]
    fn windows_grow_until_they_tell_the_margin() {
        let windows = |merged: i64| offs(144 / merged, 0.1 / (merged as f64).sqrt(), |_| 0.0);
        let seen = Wander::of(windows, Basis::OldAgainstNew, 0.1).unwrap();
        assert_eq!(seen.limit, None);
        assert_eq!((seen.window, seen.windows), (16 * WINDOW, 9));
        assert!(seen.error < 0.026, "{seen:?}");
    }

    #[test]
    fn a_wander_that_long_windows_average_away_is_told_in_shorter_ones() {
        // A swing of 14 % in two hours, of a journey whose windows of ten minutes are known to 11 %.
        let swing = |n: i64| 0.13 * (n as f64 * std::f64::consts::PI / 6.0).sin();
        let shortest = offs(144, 0.11, swing);
        let windows = |merged: i64| {
            let mean = |part: &[Off]| Off {
                off: part.iter().map(|off| off.off).sum::<f64>() / part.len() as f64,
                variance: part[0].variance / part.len() as f64,
            };
            shortest.chunks(merged as usize).map(mean).collect::<Vec<_>>()
        };
        let seen = Wander::of(windows, Basis::OldAgainstNew, 0.1).unwrap();
        assert!(seen.window < 7_200, "{seen:?}");
        assert!((0.12..0.3).contains(&seen.limit.unwrap()), "{seen:?}");
    }

    #[test]
    fn journeys_together_tell_finer_than_each_alone() {
        let swing = |n: i64| 0.03 * (n as f64 * 0.3).sin();
        let scopes: Vec<BTreeMap<i64, Off>> =
            (0..16).map(|scope| (0..).zip(offs(144 + scope, 0.06, swing)).collect()).collect();
        let pooled = together(scopes.iter());
        assert!((pooled[0].variance.sqrt() - 0.015).abs() < 1e-9);
        assert_eq!(pooled.len(), 159);
    }
}
