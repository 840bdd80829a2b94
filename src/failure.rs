//! How a command ends, and what it says when it cannot go on.

use std::fmt;
use std::process::ExitCode;

use cutover::{Cause, Decision, Verdict};

/// The exit codes of every subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// `go`, or all is well.
    Go,
    /// `rollback`.
    Rollback,
    /// Wrong usage or configuration.
    Usage,
    /// `hold`.
    Hold,
    /// The canary's own fault.
    Canary,
}

/// Why a command ends early: one clear message, and whose fault it was.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code to exit with.
    pub exit: Exit,
    message: String,
}

impl Failure {
    /// The user's to mend: usage or configuration.
    pub(crate) const fn usage(message: String) -> Self {
        Self { exit: Exit::Usage, message }
    }

    /// The canary's own.
    pub(crate) const fn canary(message: String) -> Self {
        Self { exit: Exit::Canary, message }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<document::Rejected> for Failure {
    fn from(rejected: document::Rejected) -> Self {
        Self::usage(rejected.to_string())
    }
}

impl From<&Verdict> for Exit {
    /// The code of a verdict. To hold because of the canary itself is the canary's fault.
    fn from(verdict: &Verdict) -> Self {
        let canary = verdict.reasons.first().is_some_and(|reason| reason.cause == Cause::Canary);
        match verdict.decision {
            Decision::Go => Self::Go,
            Decision::Hold if canary => Self::Canary,
            Decision::Hold => Self::Hold,
            Decision::Rollback => Self::Rollback,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Go => 0,
            Exit::Rollback => 1,
            Exit::Usage => 2,
            Exit::Hold => 3,
            Exit::Canary => 4,
        })
    }
}
