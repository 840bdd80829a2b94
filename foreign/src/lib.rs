//! Programs that are not ours, for the tests: found, started at ports of their own, and ended with the test.
//!
//! What is not installed is told, and the test that needs it does nothing; but where `SERIN_PEERS` is set, as
//! `tests/run` sets it when all of them are there, it fails.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod program;
mod server;

pub use program::command;
pub use server::{Server, free};
