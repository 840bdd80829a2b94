//! One execution of a journey, from its start to its record.

mod asked;
mod attempt;
mod browsing;
mod context;
mod course;
mod everywhere;
mod execution;
mod observe;
mod record;
mod unmet;

pub use asked::{Asked, Piece, Sent};
pub use context::{Aims, RunContext};
pub use record::{Attempt, Hop, Miss, Run, StepRun};
pub use unmet::{At, DiffLine, Unmet};
