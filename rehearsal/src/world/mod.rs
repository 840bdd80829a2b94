//! The world: what it is made of, how it is started, steered and ended.

mod build;
mod certificates;
mod control;
mod error;
mod handle;
mod places;
mod plan;
mod servers;
mod sockets;
mod stage;
mod timeline;

pub use error::WorldError;
pub use handle::World;
pub use places::{Names, Operator, Places, Resolvers};
pub use plan::{Plan, Ports};
pub use stage::Mails;
