//! The domain, pure: sides, phases, observations, pairing, evidence, verdict.
//!
//! Nothing here performs I/O, reads a clock or is asynchronous: whoever calls passes `now` in, so that the same
//! observations always give the same verdict. The statistics follow the project's specification of evidence;
//! each file names its part of it.

mod before_after;
mod canary;
mod entries;
pub mod evidence;
mod finding;
mod fleet;
mod judge;
mod name;
mod outcome;
mod parts;
mod phase;
mod reset;
mod roster;
mod run;
mod scope;
mod seconds;
mod series;
mod side;
mod sides;
mod snapshot;
mod verdict;
mod vitals;
mod window;

pub use before_after::{BeforeAfter, Period, Quantile, Span};
pub use canary::{CanaryLink, CanarySeen, CanaryState, CanaryView, DeafSide, Hearing, RealCanary};
pub use finding::{Finding, Measure};
pub use fleet::{DeviceEvent, DeviceState, FleetTally, Personality};
pub use judge::{Judge, Saved, Watched};
pub use name::{NameAnswer, NameView};
pub use outcome::{AbortCause, FailureKind, Outcome};
pub use parts::{Part, Parts};
pub use phase::{Phase, PhaseError};
pub use reset::{FleetReset, ResetReport, ResetSums, Stragglers};
pub use roster::{Behind, DeviceLine, DevicePage, DeviceQuery, DeviceReset};
pub use run::{Degraded, Observation, PairId, RunSeen, StartsSkipped, StepSeen};
pub use scope::Scope;
pub use series::Series;
pub use side::{Answered, Reached, Route, Side, UnknownWord};
pub use sides::{Sides, SidesError};
pub use snapshot::{
    AlertState, AlertView, BySide, CurvePoint, DegradedStep, DeliveryResult, DeliveryView, FleetView,
    HealthView, JourneyView, LastRun, Lookups, NameViewLine, NoteView, PairsView, PhaseChange, Returned,
    Snapshot, StoreView, VerifiedOn,
};
pub use verdict::{Cause, Decision, Evidence, EvidenceKind, Reason, Verdict};
pub use vitals::Vitals;
pub use window::Window;
