//! A stage for fleets: a broker on each of two sides, a name that moves between them, and an ear for the tallies.

mod api;
mod broker;
mod dns;
mod stage;

pub(crate) use api::Api;
pub(crate) use broker::Broker;
pub(crate) use stage::{Stage, each};
