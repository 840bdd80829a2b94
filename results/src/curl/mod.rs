//! A request as a curl line that makes it again.

mod line;
mod shell;

pub(crate) use line::{Way, line};
