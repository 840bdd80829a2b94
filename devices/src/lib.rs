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
mod canaries;
mod data;
mod delay;
mod device;
mod fleet;
mod handle;
mod http;
mod identity;
mod instruction;
mod openings;
mod pace;
mod pass;
mod plan;
mod resets;
mod shape;
mod shard;
mod shares;
mod sources;
mod tally;
mod times;
mod topic;
mod verify;

pub use canaries::{
    CanaryContext, CanaryPlan, CanaryPlanError, CanaryTopic, Listener, Pick, PickError, WatchPlan, listeners,
};
pub use data::{Generator, GeneratorError, Slot, Template, TemplateError};
pub use delay::{Delay, DelayError, Delays};
pub use fleet::start;
pub use handle::FleetHandle;
pub use identity::{Authority, IdentityError};
pub use instruction::{Instruction, InstructionError};
pub use openings::Openings;
pub use pace::Pace;
pub use plan::{
    Account, Accounts, AccountsError, FleetContext, FleetPlan, HttpError, HttpPlan, Identities, Login,
    MqttPlan, PlanError, Process, Protocol, ReadOn, Request, ResetPlan, SESSION_EXPIRY, Scale, Session,
    VerifyError, VerifyPlan, WillPlan,
};
pub use shape::{Shape, ShapeError, Step};
pub use shard::{Shard, ShardError};
pub use shares::{Shares, SharesError};
pub use sources::Sources;
pub use topic::{TopicError, TopicPattern};
