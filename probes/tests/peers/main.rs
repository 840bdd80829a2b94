//! The MQTT session against brokers that others wrote: Debian's mosquitto and nats-server. Skipped, with a line that says
//! so, where they are not installed.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod broker;
mod mosquitto;
mod nats;
