//! Why a plan is none.

use std::time::Duration;

use super::{HttpError, VerifyError};
use crate::{GeneratorError, TopicError};

/// Why a plan is none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The name cannot be part of a topic or of a client id.
    #[error("`{0}` is no fleet's name: it has 1 to 64 letters, digits, `-`, `_` or `.`")]
    Name(String),
    /// Too many devices for one process.
    #[error("a fleet of {0} devices: one process holds at most {MOST_DEVICES}")]
    Count(u32),
    /// More devices than there are accounts.
    #[error("`credentials` has accounts for {accounts} of {count} devices: each needs its own")]
    Accounts {
        /// The devices.
        count: u32,
        /// The accounts.
        accounts: usize,
    },
    /// A time is too short or too long.
    #[error("`{what}` is {given:?}: it must be from {least:?} to {most:?}")]
    Time {
        /// Which one.
        what: &'static str,
        /// What was given.
        given: Duration,
        /// The shortest allowed.
        least: Duration,
        /// The longest allowed.
        most: Duration,
    },
    /// No device would ever start.
    #[error("`ramp` is 0 per second: no device would ever start")]
    Ramp,
    /// A datapoint could be due before the one before it.
    #[error("`jitter` must be below 100 %")]
    Jitter,
    /// The values come from nowhere.
    #[error("datapoint: {0}")]
    Generator(#[from] GeneratorError),
    /// The topic of the datapoints, or of the will, is none to publish on.
    #[error("{what}: {why}")]
    Topic {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        why: TopicError,
    },
    /// Too many command topics.
    #[error("{0} command topics: a device listens on at most {MOST_COMMANDS}")]
    Commands(usize),
    /// What is asked over HTTP cannot be.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// What is read back cannot be.
    #[error("verify: {0}")]
    Verify(#[from] VerifyError),
}

/// The most devices in one process; the file limit is reached long before.
pub(super) const MOST_DEVICES: u32 = 1_000_000;
/// The most command topics of a device.
pub(super) const MOST_COMMANDS: usize = 8;
