//! When things happen: interval, jitter, stagger, timeout and cancellation, in one place.

mod cadence;
mod journeys;
mod names;
mod reporter;
mod under_way;

pub(crate) use cadence::Cadence;
pub(crate) use journeys::{Paces, Schedule, start};
pub(crate) use names::watch;
pub(crate) use reporter::Reporter;
