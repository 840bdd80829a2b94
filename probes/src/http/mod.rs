//! HTTP: one user's client, fresh for each run.
//!
//! The client is reqwest, whose connecting is one step to those who use it. Three of its hooks tell the parts apart:
//! its resolver (ours, along the [`Aim`](crate::Aim)), a layer around its connector, and rustls' session store, which
//! is asked for tickets at the moment a handshake starts.

mod exchange;
mod failure;
mod hooks;
mod request;
mod session;

pub use request::{HttpRequest, HttpResponse};
pub use session::HttpSession;
