//! What `serin.yaml` may hold, as a table: what editors know, and what the loader beside it reads.

mod alerts;
mod cutover;
mod devices;
mod evidence;
mod fleet;
mod root;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use root::CONFIGURATION;
