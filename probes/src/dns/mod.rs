//! DNS: raw messages to one server. Nothing is cached and nothing merged: ten thousand devices that ask are ten
//! thousand questions, as they would be in the field.

mod answer;
mod error;
mod lane;
mod resolver;
mod system;

pub use answer::Answer;
pub use error::LookupError;
pub use resolver::Resolver;
