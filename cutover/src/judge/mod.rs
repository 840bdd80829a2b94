//! The judge: folds observations and gives the verdict. One file for each kind of thing it looks at.

mod core;
mod fleets;
mod health;
mod names;
mod pairing;
mod scope;
mod unpaired;
mod words;

pub use core::{Judge, Watched};
