//! What may be wrong with one side.

use cutover::Side;
use serde::{Deserialize, Serialize};

/// A fault that begins at its onset and stays. The default is none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Fault {
    /// The share of runs that fail on top of those that fail anyway (0 to 1): 1 is an outage.
    pub errors: f64,
    /// By how much longer every run takes: 0.2 is 1.2 times as long.
    pub slower: f64,
    /// The share of runs that take `tail-times` as long (0 to 1).
    pub tail: f64,
    /// How many times as long those take.
    pub tail_times: f64,
    /// The side that has the fault.
    pub side: Side,
    /// The journeys that meet it.
    pub journeys: Spread,
}

/// How far a fault spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// The first journey only.
    One,
    /// All journeys.
    All,
}

impl Default for Fault {
    fn default() -> Self {
        Self { errors: 0.0, slower: 0.0, tail: 0.0, tail_times: 5.0, side: Side::New, journeys: Spread::All }
    }
}

impl Fault {
    /// A fault of the new side in which this share of all runs fails, on top of those that fail anyway.
    pub fn errors(share: f64) -> Self {
        Self { errors: share, ..Self::default() }
    }

    /// The same fault, met by the first journey only.
    #[must_use]
    pub const fn of_one(self) -> Self {
        Self { journeys: Spread::One, ..self }
    }

    /// The same fault on the old side.
    #[must_use]
    pub const fn of_old(self) -> Self {
        Self { side: Side::Old, ..self }
    }

    /// Whether the journey of this number meets it.
    pub(crate) fn meets(&self, journey: usize) -> bool {
        self.journeys == Spread::All || journey == 0
    }
}
