//! What can be asked of the owner of the state.

use cutover::{CanarySeen, Phase, PhaseError};
use tokio::sync::oneshot;

/// A request to change something. Only the recorder does; it answers through `reply`.
#[derive(Debug)]
pub enum Command {
    /// Move on to another phase.
    Phase {
        /// The phase to move to.
        to: Phase,
        /// Who says so, for the log.
        by: String,
        /// The phase it is in then, or why it could not move there.
        reply: oneshot::Sender<Result<Phase, PhaseError>>,
    },
    /// Take a sign of life of a real canary, which checked in.
    CheckIn(CanarySeen),
    /// Write down what somebody did: for the report.
    Note {
        /// Who.
        by: String,
        /// What.
        text: String,
    },
}
