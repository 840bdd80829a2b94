//! Simulated devices: personalities, the session of one device, fleets.
//!
//! A device registers over HTTP, resolves the broker's name, opens an MQTT session, listens for commands and sends
//! datapoints. When it obeys a reset it drops its session, resolves again in the way of its [`Personality`] and comes
//! back. What it does about DNS is decided by a pure state machine (`device/personality.rs`); the rest is one small task a
//! device (`device/life.rs`), because a fleet has thousands of them.
//!
//! What happens goes onto the fleet's board (`board.rs`), which is read once a second and leaves as one
//! [`Observation::Fleet`](cutover::Observation::Fleet). The room knows no YAML and no metrics.
//!
//! [`Personality`]: cutover::Personality

mod board;
mod data;
mod device;
mod fleet;
mod plan;
mod shares;
mod tally;
mod topic;

pub use data::{Generator, GeneratorError, Slot, Template, TemplateError};
pub use fleet::{FleetHandle, start};
pub use plan::{Account, FleetContext, FleetPlan, Login, PlanError};
pub use shares::{Shares, SharesError};
pub use topic::{TopicError, TopicPattern};
