//! Alert rules, alert state, notices and their deliveries.
//!
//! Two halves that share only the [`Notice`]. The first decides: [`Rule::step`] is pure, takes `now` as an argument,
//! and says whether a condition began, changed or ended. The second delivers: an [`Outbox`] hands notices to
//! [`Channel`]s, each in a task of its own, so that a dead mail server delays nobody, and reports each attempt.

mod backoff;
mod channel;
mod email;
mod measure;
mod notice;
mod outbox;
mod rule;
mod server;
mod verdict_rule;
mod wording;

pub use backoff::Backoff;
pub use channel::{Attempt, Channel};
pub use email::{Email, EmailError, EmailSettings};
pub use notice::{Notice, NoticeKind, Why};
pub use outbox::{Delivery, Outbox, Pending};
pub use rule::{Event, Rule, State};
pub use server::{Credentials, ServerError};
pub use verdict_rule::VerdictRule;
