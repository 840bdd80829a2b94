//! Numbers as people read them, the same wherever they stand: in a table, a report, an error. Pure.

mod seconds;
mod span;
mod thousands;

pub use seconds::seconds;
pub use span::span;
pub use thousands::thousands;
