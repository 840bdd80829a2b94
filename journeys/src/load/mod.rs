//! From a file to a journey: everything is compiled and cross-checked here, and all that is wrong is said at once.

mod body;
mod browser;
mod certificates;
mod creation;
mod data;
mod dns;
mod expect;
mod flow;
mod http;
mod include;
mod journey;
mod loader;
mod long_form;
mod mqtt;
mod pause;
mod remarks;
mod step;
mod tcp;
mod undefined;
mod variants;
mod websocket;

pub use journey::Known;
pub(crate) use loader::Loader;
