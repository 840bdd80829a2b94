//! A soak in, margins out, with what they will detect and how fast.
//!
//! Pure: no file is read here, and no clock. [`Calibration::of`] works out what a store's history shows of a soak, what
//! follows from it for the settings of the evidence, and what cannot be told; [`Calibration::forecast`] simulates what
//! those settings will do with this very traffic. How it is written down is a mapping beside it.

mod basis;
mod calibration;
mod excess;
#[cfg(test)]
mod fixture;
mod forecast;
mod format;
mod go;
mod level;
mod propose;
mod runs;
mod seen;
mod wander;
mod words;
mod written;

pub use basis::{Basis, Soak};
pub use calibration::{Calibration, Wanted};
pub use excess::Excess;
pub use forecast::{Effort, Forecast, ForecastRow};
pub use format::Format;
pub use propose::Proposal;
pub use runs::SideSeen;
pub use seen::{Ratio, ScopeSeen};
pub use wander::Wander;
