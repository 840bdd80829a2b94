//! Simulated traffic: what a pair of runs meets, on either side.

mod draw;
mod fault;
mod mix;
mod pairs;
mod stream;
mod weather;

pub(crate) use draw::{mixed, random};
pub use fault::{Fault, Spread};
pub(crate) use mix::Mix;
pub use mix::{Own, Runs};
pub use pairs::Ran;
pub use stream::Traffic;
pub(crate) use stream::{Half, Pair, Stream};
pub use weather::Environment;
