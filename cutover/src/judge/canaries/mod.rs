//! The watch over real canaries: what is heard of each, folded.

mod ears;
mod intervals;
mod row;
mod told;
mod watch;

pub(crate) use watch::Canaries;

#[cfg(test)]
mod tests;
