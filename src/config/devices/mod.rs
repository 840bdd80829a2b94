//! `devices:` the fleets.

mod fleet;
mod login;
mod personality;
mod section;
mod talk;

pub(super) use section::{Around, read};
