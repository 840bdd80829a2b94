//! The judge: folds observations and gives the verdict. One file for each kind of thing it looks at.

mod accuse;
mod before_after;
mod canaries;
mod consistency;
mod core;
mod cut;
mod decide;
mod fleets;
mod health;
mod heartbeats;
mod latest;
mod lookups;
mod names;
mod not_up;
mod pairing;
mod rate_watch;
mod recent;
mod saved;
mod scope;
mod scopes;
mod steps;
mod summary;
mod traces;
mod track;
mod tries;
mod trouble;
mod truth;
mod unpaired;
mod words;
mod wrong_name;

pub use core::{Judge, Watched};
pub use saved::Saved;
