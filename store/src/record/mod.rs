//! What is written down: inert data, the same for those who write it and for those who read it.

mod event;
mod sample;
mod sketch;

pub use event::{Event, What};
pub use sample::{FailureSample, FleetSample, Lead, NameSample, RunsSample, Sample};
pub use sketch::Sketch;
