//! What a metrics database would hold of ten seconds.

use crate::traffic::{Half, Pair};

/// How long a bin is, in seconds: a common scrape interval, and the block of our own evidence.
pub(crate) const BIN: u64 = 10;

/// The runs of ten seconds, of both sides and all journeys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bin {
    pub(crate) old: SideBin,
    pub(crate) new: SideBin,
}

/// The runs of one side.
#[derive(Debug, Clone, Default)]
pub(crate) struct SideBin {
    pub(crate) runs: u32,
    pub(crate) failed: u32,
    /// How long those took that passed, in seconds.
    pub(crate) took: Vec<f64>,
}

impl Bin {
    pub(crate) fn add(&mut self, pair: &Pair) {
        self.old.add(pair.old);
        self.new.add(pair.new);
    }

    /// Empties it for the next ten seconds.
    pub(crate) fn clear(&mut self) {
        for side in [&mut self.old, &mut self.new] {
            (side.runs, side.failed) = (0, 0);
            side.took.clear();
        }
    }
}

impl SideBin {
    pub(crate) fn add(&mut self, half: Half) {
        self.runs += 1;
        if half.failed {
            self.failed += 1;
        } else {
            self.took.push(half.took);
        }
    }

    /// The share of runs that failed; `None` without any.
    pub(crate) fn failed_share(&self) -> Option<f64> {
        (self.runs > 0).then(|| f64::from(self.failed) / f64::from(self.runs))
    }

    /// The mean duration of those that passed, in seconds; `None` without any.
    pub(crate) fn mean_took(&self) -> Option<f64> {
        (!self.took.is_empty()).then(|| self.took.iter().sum::<f64>() / self.took.len() as f64)
    }
}

/// Bins for tests of the methods.
#[cfg(test)]
pub(crate) mod fixture {
    use super::{Bin, Half};

    /// Ten seconds of 40 pairs: so many failures on either side, all others taking so long, in seconds.
    pub(crate) fn bin(failed: (u32, u32), took: (f64, f64)) -> Bin {
        let mut bin = Bin::default();
        for run in 0..40 {
            bin.old.add(Half { failed: run < failed.0, took: took.0 });
            bin.new.add(Half { failed: run < failed.1, took: took.1 });
        }
        bin
    }

    /// The number of bins after which `step` first says yes, among `bins`.
    pub(crate) fn first(
        mut step: impl FnMut(&Bin) -> bool,
        bins: impl Iterator<Item = Bin>,
    ) -> Option<usize> {
        bins.enumerate().find_map(|(i, bin)| step(&bin).then_some(i + 1))
    }
}
