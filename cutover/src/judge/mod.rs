//! The judge: folds observations and gives the verdict. One file for each kind of thing it looks at.

mod core;
mod fleets;
mod health;
mod names;
mod pairing;
mod scope;
mod unpaired;
mod words;
mod wrong_name;

pub use core::{Judge, Watched};
