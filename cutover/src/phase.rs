//! The phases of a cutover, as a state machine.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::side::UnknownWord;

/// Where the cutover stands. `ready -> set -> go -> settled`, and `rolled-back` from `set` or `go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Data migration; the new side is not yet up for users.
    Ready,
    /// The new side is brought up and validated.
    Set,
    /// Traffic is re-routed.
    Go,
    /// All is on the new side, and it stays so.
    Settled,
    /// Traffic was sent back to the old side.
    RolledBack,
}

/// A change of phase that the state machine does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cutover is in phase `{from}`: from there it can go to {ways}, not to `{to}`")]
pub struct PhaseError {
    from: Phase,
    to: Phase,
    ways: String,
}

impl Phase {
    /// All phases, in the order of a good cutover.
    pub const ALL: [Self; 5] = [Self::Ready, Self::Set, Self::Go, Self::Settled, Self::RolledBack];

    /// The word used in configuration, labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Set => "set",
            Self::Go => "go",
            Self::Settled => "settled",
            Self::RolledBack => "rolled-back",
        }
    }

    /// The phases that may follow this one. After a rollback the cutover can be prepared again.
    pub const fn ways(self) -> &'static [Self] {
        match self {
            Self::Ready => &[Self::Set],
            Self::Set => &[Self::Ready, Self::Go, Self::RolledBack],
            Self::Go => &[Self::Settled, Self::RolledBack],
            Self::Settled => &[],
            Self::RolledBack => &[Self::Ready, Self::Set],
        }
    }

    /// Moves on to `to`.
    ///
    /// # Errors
    /// When `to` may not follow this phase; the message names those that may.
    pub fn advance(self, to: Self) -> Result<Self, PhaseError> {
        if self.ways().contains(&to) {
            return Ok(to);
        }
        let ways = match self.ways() {
            [] => "no other".to_owned(),
            ways => ways.iter().map(|way| format!("`{way}`")).collect::<Vec<_>>().join(" or "),
        };
        Err(PhaseError { from: self, to, ways })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Phase {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = "ready, set, go, settled, rolled-back";
        let found = Self::ALL.into_iter().find(|phase| phase.as_str() == text);
        found.ok_or_else(|| UnknownWord { given: text.to_owned(), what: "phase", words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_cutover_passes_and_a_leap_is_refused_with_the_ways_out() {
        assert_eq!(Phase::Ready.advance(Phase::Set), Ok(Phase::Set));
        assert_eq!(Phase::Set.advance(Phase::Go), Ok(Phase::Go));
        assert_eq!(Phase::Go.advance(Phase::Settled), Ok(Phase::Settled));
        let error = Phase::Ready.advance(Phase::Go).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("the cutover is in phase `ready`: from there it can go to `set`, not to `go`".to_owned())
        );
        let error = Phase::Settled.advance(Phase::Ready).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("the cutover is in phase `settled`: from there it can go to no other, not to `ready`"
                .to_owned())
        );
    }

    #[test]
    fn every_phase_is_read_back_from_its_word() {
        for phase in Phase::ALL {
            assert_eq!(phase.as_str().parse(), Ok(phase));
        }
        assert!("gone".parse::<Phase>().is_err());
    }
}
