//! The application of one side: what its API, its console and its broker stand on.
//!
//! It is a small IoT platform: users sign up and post datapoints, devices register and send theirs over MQTT. Every
//! change is a [`Write`]; what is written on the old side flows to the new one, later and in order, as in a migration.

mod application;
mod bounded;
mod conduct;
mod passwords;
mod replication;
mod store;

pub(crate) use application::{Application, Refusal};
pub(crate) use conduct::{Conduct, TAIL};
pub(crate) use passwords::Passwords;
pub(crate) use replication::{Outflow, replicate};
