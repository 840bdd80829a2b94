//! Pages in Debian's Chromium, against servers on loopback. Skipped, with a line that says so, where there is none.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod commands;
mod endings;
mod failures;
mod pool;
mod routes;
mod site;
mod support;
