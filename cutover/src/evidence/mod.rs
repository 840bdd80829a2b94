//! The statistics of the verdict: bets, detectors, non-inferiority, intervals.
//!
//! Everything is a *bet against a hypothesis*: a factor with mean <= 1 while the hypothesis holds, multiplied up.
//! A product that has grown to 1 / a is evidence at level a, however often it was looked at (Ville's inequality;
//! Ramdas, Gruenwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference", 2023).

mod block;
mod decayed;
mod detector;
mod errors;
mod guard;
mod histogram;
mod interval;
mod learned;
mod location;
mod mixture;
mod moments;
mod noninferiority;
mod settings;
mod share;
mod soak;
mod tail;
mod ways;

pub use block::Block;
pub use decayed::Decayed;
pub use detector::{Alarm, Detector, Tally};
pub(crate) use errors::BETS as ERROR_BETS;
pub use errors::error_products;
pub(crate) use guard::BETS as GUARD_BETS;
pub use guard::{Counts, Guard, guard_products, tolerated};
pub use histogram::Histogram;
pub use interval::{Interval, difference, paired_difference, rate, ratio};
pub use learned::Learned;
pub(crate) use location::BETS as LOCATION_BETS;
pub use location::{LocationBlock, LocationMargins, Usual, pairs_to_not_slower};
pub use mixture::Mixture;
pub use moments::Moments;
pub use noninferiority::{non_inferior_products, pairs_to_non_inferior};
pub use settings::{Settings, SettingsError};
pub use share::share_products;
pub use soak::Soak;
pub(crate) use tail::TAIL_BETS;
pub use tail::{Slow, TailBlock, slow};
pub(crate) use ways::{Failures, Way, Ways};
