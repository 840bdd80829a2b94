//! The metrics: what they are ([`families`]), how they are counted (`record`), and the labelled kind (`family`).

mod families;
mod family;
mod record;

pub use families::Metrics;
