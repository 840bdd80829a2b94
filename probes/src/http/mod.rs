//! HTTP: one user's client, fresh for each run.
//!
//! The protocol is hyper's, one connection at a time; who connects whither, and what is a part of the exchange, is ours:
//! the parts are measured where they happen, and the peer is the one that was dialled along the [`Aim`](crate::Aim).

mod basic;
mod body;
mod connection;
mod cookies;
mod failure;
mod message;
mod redirect;
mod request;
mod response;
mod session;
mod target;
mod transcript;

pub use basic::basic;
pub use request::{HttpRequest, HttpVersion};
pub use response::{HttpResponse, Redirect};
pub use session::HttpSession;
pub use transcript::{SentMessage, Transcript};
