//! The picture of the cutover that is shown: immutable, and published whole.
//!
//! The recorder makes one after each fold; the page, the exporter, the gate and the terminal only read. In JSON,
//! times are RFC 3339, durations are seconds, and the members of closed sets are their words.

mod alerts;
mod fleets;
mod health;
mod journeys;
mod log;
mod names;
mod whole;

pub use alerts::{AlertState, AlertView, DeliveryResult, DeliveryView};
pub use fleets::{BySide, CurvePoint, FleetView, Lookups, Returned, VerifiedOn};
pub use health::{HealthView, StoreView};
pub use journeys::{DegradedStep, JourneyView, LastRun, PairsView};
pub use log::{NoteView, PhaseChange};
pub use names::NameViewLine;
pub use whole::Snapshot;
