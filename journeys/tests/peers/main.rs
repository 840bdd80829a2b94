//! Journeys against servers that others wrote: Debian's memcached, unbound and mosquitto. Skipped, with a line that says
//! so, where they are not installed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod memcached;
mod mosquitto;
mod support;
mod unbound;
