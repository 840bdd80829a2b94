//! The four methods in common use, as one.

use super::bin::Bin;
use super::burn_rate::BurnRate;
use super::failed_checks::FailedChecks;
use super::mann_whitney::MannWhitney;
use super::threshold::Threshold;

/// How many there are.
pub(crate) const PEERS: usize = 4;

/// A method in common use, and what it has seen.
#[derive(Debug)]
pub(crate) enum Peer {
    /// An error rate above a threshold.
    Threshold(Threshold),
    /// Burn rates.
    BurnRate(BurnRate),
    /// Mann-Whitney, repeated.
    MannWhitney(MannWhitney),
    /// Failed checks.
    FailedChecks(FailedChecks),
}

impl Peer {
    /// All of them, in the order of [`Method::ALL`](super::Method::ALL) after ours.
    pub(crate) fn all() -> [Self; PEERS] {
        [
            Self::Threshold(Threshold::default()),
            Self::BurnRate(BurnRate::default()),
            Self::MannWhitney(MannWhitney::default()),
            Self::FailedChecks(FailedChecks::default()),
        ]
    }

    /// Takes the next bin; says whether the method says that the new side is worse.
    pub(crate) fn step(&mut self, bin: &Bin) -> bool {
        match self {
            Self::Threshold(rule) => rule.step(bin),
            Self::BurnRate(rules) => rules.step(bin),
            Self::MannWhitney(judge) => judge.step(bin),
            Self::FailedChecks(checks) => checks.step(bin),
        }
    }
}
