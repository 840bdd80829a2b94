//! The recorder: the sole owner of the state. It folds observations, obeys commands, raises alerts, and publishes an
//! immutable snapshot. Everybody else reads that.

mod fleets;
mod health;
mod journeys;
mod names;
mod phases;
mod quantiles;
mod state;
mod task;

pub(crate) use state::Watch;
pub(crate) use task::{Ended, Inbox, Outlets, Recorder};
