//! One device: its life (`life.rs`), how it comes to its sessions (`sessions.rs`), what it says and hears in them
//! (`talk.rs`), and what it decides about DNS (`personality.rs`).

mod backoff;
mod left;
mod life;
mod line;
mod link;
mod personality;
mod reset;
mod sessions;
mod talk;
mod trouble;
mod work;

pub(crate) use backoff::Backoff;
pub(crate) use life::Device;
pub(crate) use line::Heard;
pub(crate) use trouble::{own, refused};
