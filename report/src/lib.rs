//! The report of a cutover: the rows of a store in, one file out, that people mail around.
//!
//! Pure: no file is read or written here, and no clock. [`Report::of`] works out what there is to say, once; the
//! three formats only write it down. The HTML needs nothing beside itself, no script either, and prints well. Texts
//! that came from outside are escaped in each format's own way.

mod alerts;
mod bins;
mod canaries;
mod failures;
mod fleets;
mod format;
mod html;
mod interval;
mod journeys;
mod markdown;
mod names;
mod report;
mod resets;
mod spans;
mod svg;
mod timeline;
mod words;

pub use alerts::{AlertLine, DeliveryLine};
pub use canaries::{CanaryPart, StateSpan};
pub use fleets::{FleetPart, FleetPoint};
pub use format::Format;
pub use interval::Share;
pub use journeys::{Figures, JourneyPart, Point, Quantile, RoutePart};
pub use names::NamePart;
pub use report::{Report, Standing};
pub use resets::ResetPart;
pub use spans::{DecisionSpan, PhaseSpan, Span};
pub use timeline::{Entry, Kind};
