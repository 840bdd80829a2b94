//! `devices:` the fleets.

mod accounts;
mod data;
mod fleet;
mod http;
mod login;
mod mqtt;
mod personality;
mod reset;
mod scale;
mod section;
mod table;
mod verify;

pub(super) use scale::{connects_per_second, sources};
pub(super) use section::{Around, read};
