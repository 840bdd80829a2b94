//! What can be made to go wrong in the world, how much of it, and from which moment on.

mod active;
mod fault;
mod moment;
mod parse;
mod share;

pub(crate) use active::Active;
pub use fault::{Fault, FaultInfo, Verdict};
pub use moment::{Mark, Moment, Timed};
pub use parse::FaultError;
pub use share::Share;
pub(crate) use share::Turns;
