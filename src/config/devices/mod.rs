//! `devices:` the fleets.

mod accounts;
mod data;
mod fleet;
mod http;
mod login;
mod mqtt;
mod personality;
mod section;
mod table;
mod verify;

pub(super) use section::{Around, read};
