//! A whole world on loopback: two sides, a DNS server with a zone that moves, faults on demand.
//!
//! Each side has loopback addresses of its own and the same ports: an HTTPS API with a console page, and an MQTT
//! broker. What is written on the old side reaches the new one after a lag. [`World::start`] binds everything and
//! then starts it; [`World::flip`] moves the names; a [`Fault`] can be injected at any [`Moment`].
//!
//! This room knows nothing of who watches the world.

mod api;
mod app;
pub mod broker;
mod canaries;
mod dns;
mod faults;
mod gate;
pub mod mail;
mod service;
mod side;
mod world;

pub use faults::{Fault, FaultError, FaultInfo, Mark, Moment, Share, Timed, Verdict};
pub use side::Side;
pub use world::{Mails, Names, Operator, Places, Plan, Ports, Resolvers, World, WorldError};
