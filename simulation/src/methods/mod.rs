//! The methods that are compared: ours, and four in common use.
//!
//! The others look at all journeys together: none of them has enough runs of one journey for its own rule. Where a
//! parameter must be chosen it is the one of the documentation, else the one that favours the method.

mod bin;
mod burn_rate;
mod failed_checks;
mod mann_whitney;
mod ours;
mod peer;
mod ranks;
mod rates;
mod threshold;

pub(crate) use bin::{BIN, Bin};
pub(crate) use ours::Ours;
pub(crate) use peer::{PEERS, Peer};

use serde::{Serialize, Serializer};

/// A method of telling whether the new side is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// The judge of this project.
    Ours,
    /// An error rate above a threshold over five minutes.
    Threshold,
    /// Multiwindow, multi-burn-rate alerts.
    BurnRate,
    /// Mann-Whitney, repeated.
    MannWhitney,
    /// A number of failed checks.
    FailedChecks,
}

impl Method {
    /// Every method, ours first.
    pub const ALL: [Self; 5] =
        [Self::Ours, Self::Threshold, Self::BurnRate, Self::MannWhitney, Self::FailedChecks];

    /// A short name, for the head of a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "serin",
            Self::Threshold => "threshold",
            Self::BurnRate => "burn rate",
            Self::MannWhitney => "Mann-Whitney",
            Self::FailedChecks => "failed checks",
        }
    }

    /// What it does and with which parameters, in one line, with their source.
    pub const fn parameters(self) -> &'static str {
        match self {
            Self::Ours => ours::PARAMETERS,
            Self::Threshold => threshold::PARAMETERS,
            Self::BurnRate => burn_rate::PARAMETERS,
            Self::MannWhitney => mann_whitney::PARAMETERS,
            Self::FailedChecks => failed_checks::PARAMETERS,
        }
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
