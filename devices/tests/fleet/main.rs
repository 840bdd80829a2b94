//! Fleets on real sockets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod cutover_day;
mod http;
mod scale;
mod sessions;
mod support;
mod trouble;
mod truth;
