//! What outlives the canary, in one SQLite file: what happened ([`Event`]), how things stood every few seconds
//! ([`Sample`]), the notices that are still to be delivered, and the state from which the next life goes on.
//!
//! One thread writes. Whoever hands it something never waits: what was handed over together is committed together,
//! once a second, or at once when somebody asks to be told of it. When the file cannot be written (a full disk, say)
//! everything waits in memory within bounds, and that is said; it never stops the watching.
//!
//! | table | holds |
//! |---|---|
//! | `events` | changes of phase, alerts, deliveries, resets, changes of the verdict |
//! | `samples` | counts, durations and the last failure of each journey and route, fleets, names and the verdict, every few seconds |
//! | `outbox` | a row for each notice and channel, with what became of it |
//! | `ledger` | what runs have made and not yet taken away again |
//! | `state` | a JSON value for each [`Key`]: the last one wins |

mod batch;
mod commit;
mod desk;
mod error;
mod history;
mod ledger;
mod lock;
mod open;
mod record;
mod retention;
mod saved;
mod schema;
mod settings;
mod store;
mod writer;

pub use batch::{Batch, Fate, Key, Letter};
pub use error::StoreError;
pub use history::History;
pub use ledger::{Leaf, Ledger, leftovers, strike};
pub use open::set_aside;
pub use record::{Event, FailureSample, FleetSample, Lead, NameSample, RunsSample, Sample, Sketch, What};
pub use saved::Saved;
pub use settings::Settings;
pub use store::{Health, Store};
