//! The judge: folds observations and gives the verdict. One file for each kind of thing it looks at.

mod accuse;
mod before_after;
mod consistency;
mod core;
mod decide;
mod fleets;
mod health;
mod heartbeats;
mod names;
mod pairing;
mod saved;
mod scope;
mod scopes;
mod summary;
mod track;
mod trouble;
mod unpaired;
mod words;
mod wrong_name;

pub use core::{Judge, Watched};
pub use saved::Saved;
