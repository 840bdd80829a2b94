//! A browser: the Chromium that is there, told what to do by its own debugging protocol (chromiumoxide).
//!
//! One Chromium runs for each route, for its resolver rules belong to the process; it is started when it is first
//! needed and shared by all runs, each of which has a context of its own: no cookie, cache or storage is another's.
//! [`Browsers`] keeps them, [`Page`] is one user's page, a [`Command`] one thing that the user does.
//!
//! - Where a page is led to is not believed but read: `reached` comes from the connection that Chromium says it made,
//!   and one that is not where the route leads is the canary's own fault.
//! - Whom to trust is decided where it is decided for all probes: what Chromium does not accept by itself is shown to
//!   [`Trust`](crate::Trust).
//! - No process outlives us: each Chromium holds the end of a pipe whose other end is ours, and ends when that closes,
//!   however we do.

mod browsers;
mod certificate;
mod command;
mod engine;
mod evidence;
mod har;
mod locate;
mod mapping;
mod net_error;
mod page;
mod process;
mod profile;
mod script;
mod seen;
mod settings;
mod tab;
mod visit;
mod watch;

pub use browsers::{Browsers, Visitor};
pub use command::{Command, Wait, is_key};
pub use evidence::Evidence;
pub use locate::locate;
pub use page::{Limit, Page};
pub use settings::BrowserSettings;
pub use visit::Visit;
