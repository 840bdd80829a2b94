//! What runs of journeys are told as: runs in, texts out. For people at a terminal, and for those who read reports.
//!
//! Pure: no file is read or written here, and no clock. A run is inert data; each format is a mapping of it, a file each.
//! Texts that came from outside are escaped in each format's own way.

mod curl;
mod excerpt;
mod failure;
mod format;
mod html;
mod json;
mod junit;
mod look;
mod performed;
mod results;
mod sources;
mod summary;
mod tally;
mod tap;
mod text;
mod words;

pub use format::Format;
pub use look::Look;
pub use performed::{Performed, Standing, Told, title};
pub use results::Results;
pub use sources::Sources;
pub use summary::summary;
pub use tally::Tally;
pub use text::{heading, run};
