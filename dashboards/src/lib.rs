//! What is shown: the exporter, the snapshot as JSON, the live page.
//!
//! Nothing here decides anything. The recorder writes the [`Metrics`] and publishes snapshots; [`serve`] shows both,
//! and hands a [`Command`] to whoever owns the state.

mod http;
mod metrics;

pub use http::{CheckIns, Command, Inquiry, ResetOrder, Surface, Token, serve};
pub use metrics::Metrics;
