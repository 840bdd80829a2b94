//! What must not be seen: the secrets that a journey is given or comes to know, and what keeps them out of every text
//! that leaves a run.
//!
//! A text about a run is a [`Clean`] one or it does not leave: only a [`Redactor`] makes one, and it knows every secret
//! of the run in all its usual forms.

mod clean;
mod decode;
mod needles;
mod redactor;
mod secrets;

pub use clean::Clean;
pub use redactor::Redactor;
pub use secrets::Secrets;
