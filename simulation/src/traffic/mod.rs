//! Simulated traffic: what a pair of runs meets, on either side.

mod draw;
mod fault;
mod stream;
mod weather;

pub(crate) use draw::{mixed, random};
pub use fault::{Fault, Spread};
pub use stream::Traffic;
pub(crate) use stream::{Half, Pair, Stream};
pub use weather::Environment;
