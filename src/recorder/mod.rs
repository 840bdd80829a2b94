//! The recorder: the sole owner of the state. It folds observations, obeys commands, raises alerts, and publishes an
//! immutable snapshot. Everybody else reads that.

mod fleets;
mod health;
mod journal;
mod journeys;
mod letters;
mod memory;
mod names;
mod notes;
mod outcomes;
mod phases;
mod quantiles;
mod resets;
mod sampler;
mod state;
mod task;

pub(crate) use journal::Journal;
pub(crate) use memory::Memory;
pub(crate) use state::Watch;
pub(crate) use task::{Ended, Inbox, Outlets, Recorder};
