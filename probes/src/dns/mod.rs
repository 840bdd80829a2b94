//! DNS: raw messages to one server. Nothing is cached and nothing merged: ten thousand devices that ask are ten
//! thousand questions, as they would be in the field.

mod answer;
mod error;
mod kind;
mod lane;
mod name;
mod query;
mod rcode;
mod record;
mod resolver;
mod server;
mod system;

pub use answer::Answer;
pub use error::LookupError;
pub use kind::RecordKind;
pub use query::{Question, Response};
pub use record::{Data, Record};
pub use resolver::Resolver;
pub use server::{Server, ServerError, Transport};
