//! The charts, drawn as SVG that stands inside the page and takes its colours from the page's style.

mod axis;
mod canvas;
mod frame;
mod lines;
mod stack;
mod strip;

pub(crate) use frame::Frame;
pub(crate) use lines::{Curve, lines};
pub(crate) use stack::migration;
pub(crate) use strip::{Bar, Row, strip};
