//! The HTTP surface: what may be asked, who may command, and how much anybody may take of it.

mod api;
mod assets;
mod checkin;
mod command;
mod fleets;
mod gate;
mod health;
mod inquiry;
mod notes;
mod server;
mod surface;
mod token;

pub use checkin::CheckIns;
pub use command::Command;
pub use inquiry::{Inquiry, ResetOrder};
pub use server::serve;
pub use surface::Surface;
pub use token::Token;
