//! What a failed step in a browser leaves for people: a picture, the document, the console, what was loaded.

mod folder;
mod kept;

pub use folder::Artifacts;
pub(crate) use kept::Kept;
