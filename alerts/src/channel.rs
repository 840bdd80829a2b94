//! The closed set of ways on which a notice leaves.

use std::sync::Arc;

use crate::email::Email;
use crate::notice::Notice;

/// A way on which a notice leaves. A new one is a file of its own and a line in each `match` here.
#[derive(Debug)]
pub enum Channel {
    /// Mail.
    Email(Email),
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The other end took it over; in its words.
    Sent(String),
    /// Not now: another attempt may succeed. Why.
    Retry(String),
    /// Never: the other end refused it for good. Why.
    Rejected(String),
}

impl Channel {
    /// The name by which deliveries and metrics call it.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Email(email) => email.name(),
        }
    }

    /// Sends `notice` once. It ends within the channel's own timeout, whatever the other end does.
    pub async fn send(&self, notice: &Notice) -> Attempt {
        match self {
            Self::Email(email) => email.send(notice).await,
        }
    }
}
