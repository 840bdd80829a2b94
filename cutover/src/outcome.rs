//! How a run ended: the target's fault, the canary's own, or well.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a run, or a device's attempt, ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was expected came true.
    Passed,
    /// The target did not do what was expected of it.
    Failed {
        /// The step that failed.
        step: String,
        /// In which way.
        kind: FailureKind,
    },
    /// The canary's own fault, or a shutdown: counts against neither side.
    Aborted {
        /// What kept the run from saying anything about the target.
        cause: AbortCause,
    },
}

/// In which way the target failed: the only part of a failure that is a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The name has no address, or its server answered with an error.
    Resolve,
    /// The connection was refused.
    Refused,
    /// No way to the address.
    Unreachable,
    /// An answer did not come in time.
    Timeout,
    /// The peer cut an established connection.
    Reset,
    /// The TLS handshake or the certificate check failed.
    Tls,
    /// The peer did not keep to the protocol.
    Protocol,
    /// The peer answered with an error status (HTTP status, CONNACK or SUBACK code).
    Status,
    /// An answer came, and it was not the one expected.
    Assertion,
    /// The wrong side was reached, or answered.
    WrongSide,
    /// Something that was written is not there.
    Lost,
    /// Something that was written is there more than once.
    Duplicate,
}

/// Why a run says nothing about the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbortCause {
    /// The canary is being stopped.
    Shutdown,
    /// The canary's resolver does not answer at all.
    Resolver,
    /// The canary has no network, files or ports left.
    Local,
    /// The script itself is wrong (a template that fails at run time, say).
    Script,
}

impl Outcome {
    /// The word used in labels: `passed`, `failed`, `aborted`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed { .. } => "failed",
            Self::Aborted { .. } => "aborted",
        }
    }

    /// Whether the target failed: `None` when the run says nothing about it.
    pub const fn failed(&self) -> Option<bool> {
        match self {
            Self::Passed => Some(false),
            Self::Failed { .. } => Some(true),
            Self::Aborted { .. } => None,
        }
    }
}

impl FailureKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 12] = [
        Self::Resolve,
        Self::Refused,
        Self::Unreachable,
        Self::Timeout,
        Self::Reset,
        Self::Tls,
        Self::Protocol,
        Self::Status,
        Self::Assertion,
        Self::WrongSide,
        Self::Lost,
        Self::Duplicate,
    ];

    /// The word used in labels and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Tls => "tls",
            Self::Protocol => "protocol",
            Self::Status => "status",
            Self::Assertion => "assertion",
            Self::WrongSide => "wrong-side",
            Self::Lost => "lost",
            Self::Duplicate => "duplicate",
        }
    }
}

impl AbortCause {
    /// The word used in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shutdown => "shutdown",
            Self::Resolver => "resolver",
            Self::Local => "local",
            Self::Script => "script",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for AbortCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
