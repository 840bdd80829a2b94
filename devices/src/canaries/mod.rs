//! The watch over real canaries: designated devices of the field, heard by what they publish on either side's broker.
//!
//! One MQTT session for each side and broker, pinned to that side as a journey's route is. What is heard leaves as
//! [`Observation::Canary`](cutover::Observation::Canary); whether anything can be heard, and until when that is certain, as
//! [`Observation::CanaryLink`](cutover::Observation::CanaryLink), so that nobody takes a deaf watch for a silent canary.

mod ear;
mod listen;
mod pick;
mod plan;
mod post;

pub use listen::Listener;
pub use pick::{Pick, PickError};
pub use plan::{CanaryContext, CanaryPlan, CanaryPlanError, CanaryTopic, WatchPlan};
pub use post::listeners;
