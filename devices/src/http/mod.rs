//! Devices that talk with an HTTP API.

mod line;

pub(crate) use line::HttpLine;
