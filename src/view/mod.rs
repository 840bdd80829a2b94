//! What a person sees in a terminal: a live picture; what a pipe gets: plain lines.

mod bar;
mod lines;
mod live;
mod look;
mod paint;
mod screen;
mod table;
mod wrap;

pub(crate) use live::View;
pub(crate) use look::look;
pub(crate) use paint::{complaint, printable, verdict};
