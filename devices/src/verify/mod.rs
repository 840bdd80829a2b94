//! The truth about data: what devices were told has arrived is read back, where it must be.
//!
//! `ledger.rs` decides (pure), `answer.rs` reads what an application says, `reader.rs` asks it.

mod answer;
mod claim;
mod ledger;
mod reader;

pub(crate) use claim::{Claim, WAITING, Word};
pub(crate) use reader::read_back;
