//! The statistics of the verdict: bets, detectors, non-inferiority, intervals.
//!
//! Everything is a *bet against a hypothesis*: a factor with mean <= 1 while the hypothesis holds, multiplied up.
//! A product that has grown to 1 / a is evidence at level a, however often it was looked at (Ville's inequality;
//! Ramdas, Gruenwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid inference", 2023).

mod block;
mod detector;
mod errors;
mod guard;
mod interval;
mod noninferiority;
mod settings;

pub use block::Block;
pub(crate) use block::Ways;
pub use detector::{Alarm, Detector};
pub(crate) use errors::BETS as ERROR_BETS;
pub use errors::error_products;
pub use guard::Guard;
pub use interval::{Interval, paired_difference, rate};
pub use noninferiority::NonInferiority;
pub use settings::{Settings, SettingsError};
