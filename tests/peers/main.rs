//! Whole cutovers between processes: `serin` as its users start it, a world in a process of its own, and peers that
//! are not ours.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod conformance;
mod debian;
mod nats;
mod prometheus;
mod restart;
mod separate_process;
mod support;
mod sweep;
