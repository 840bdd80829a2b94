//! What a datapoint says: its value (`generator.rs`), and how it is written (`template.rs`).

mod generator;
mod reading;
mod template;

pub use generator::{Generator, GeneratorError};
pub(crate) use reading::Reading;
pub(crate) use template::Fill;
pub use template::{Slot, Template, TemplateError};
