//! Healthy traffic, pair by pair, for those who measure what they make of it.

use super::{Fault, Stream, Traffic};

/// A pair of runs of healthy traffic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ran {
    /// When it was started, in seconds since the beginning.
    pub at: f64,
    /// The number of its journey.
    pub journey: usize,
    /// How long it took on old and on new, in seconds; `None`: it failed.
    pub took: [Option<f64>; 2],
}

impl Traffic {
    /// Its pairs, without an end: each journey runs at its time. The same `seed` gives the same pairs.
    pub fn pairs(self, seed: u64) -> impl Iterator<Item = Ran> {
        let mut stream = Stream::new(&self.into(), Fault::default(), f64::INFINITY, seed);
        let every = self.every.as_secs_f64();
        (0_u32..).flat_map(move |round| {
            let at = f64::from(round) * every;
            let climate = stream.climate(at);
            let ran = |journey| {
                let pair = stream.pair(journey, climate, at, true);
                let took = [pair.old, pair.new].map(|half| (!half.failed).then_some(half.took));
                Ran { at, journey, took }
            };
            (0..self.journeys).map(ran).collect::<Vec<_>>()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_journey_runs_at_its_time_and_the_same_seed_gives_the_same() {
        let pairs = |seed| Traffic::default().pairs(seed).take(2_000).collect::<Vec<_>>();
        assert!(pairs(7) == pairs(7) && pairs(7) != pairs(8));
        let last = pairs(7)[1_999];
        assert_eq!((last.at, last.journey), (495.0, 19));
        let failed = pairs(7).iter().flat_map(|ran| ran.took).filter(Option::is_none).count();
        assert!((1..20).contains(&failed), "{failed} of 4,000 at 0.2 %");
    }
}
