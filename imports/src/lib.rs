//! What other tools record or describe in, a journey that runs out: text in, YAML out.
//!
//! Pure: no file is read or written here, and nothing is known of how a journey is run. A format's own file makes a
//! `Draft` of it; what is the same for all of them follows:
//!
//! - `noise` leaves out what is no part of a user's way: analytics, fonts, images, beacons, preflights.
//! - `tokens` finds what an answer gave and a later request sent, and turns it into `save` and `{{ name }}`.
//! - `secrets` moves what nobody may read into `secrets:`.
//! - `hosts` makes variables of the hosts, so that the journey can be aimed elsewhere.
//! - `yaml` writes values in the shape of the journeys that ship, `journey` the whole of it.

mod bodies;
mod browser;
mod curl;
mod doc;
mod draft;
mod error;
mod format;
mod har;
mod hosts;
mod journey;
mod names;
mod noise;
mod openapi;
mod postman;
mod secrets;
mod target;
mod text;
mod tokens;
mod yaml;

pub use error::ImportError;
pub use format::{Format, Imported, MOST_BYTES};
