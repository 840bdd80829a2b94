//! Fleets on real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod cutover_day;
mod support;
mod trouble;
