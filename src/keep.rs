//! The store, opened as the configuration says, and what an earlier life left in it.

use std::sync::Arc;

use chrono::Utc;
use store::{Store, StoreError};

use crate::config::{Config, StorePlan};
use crate::failure::Failure;
use crate::ledger::Ledger;
use crate::recorder::{Journal, Memory};

/// A store that is open, or none.
#[derive(Debug)]
pub(crate) struct Opened {
    /// Where the recorder writes.
    pub journal: Journal,
    /// What an earlier life left.
    pub memory: Memory,
    /// Where runs write down what they make; `None` where nothing is kept.
    pub ledger: Option<Arc<dyn journeys::Ledger>>,
    /// What is to be said of it.
    pub said: String,
}

/// Opens the store; `fresh` moves aside what is there.
///
/// # Errors
/// When it is of another cutover, damaged, in use, or cannot be written.
pub(crate) fn open(config: &Config, fresh: bool) -> Result<Opened, Failure> {
    let now = Utc::now();
    let Some(StorePlan { path, sample_every, settings }) = &config.store else {
        let journal = Journal::new(Store::none(), std::time::Duration::MAX, now);
        let said = "nothing is kept beyond this run: there is no `store:` in the configuration".to_owned();
        return Ok(Opened { journal, memory: Memory::default(), ledger: None, said });
    };
    let failed = |error: StoreError| Failure::canary(error.to_string());
    let aside = if fresh { store::set_aside(path, now).map_err(failed)? } else { None };
    let (store, saved) = Store::open(path, *settings).map_err(failed)?;
    let place = path.display();
    let memory = Memory::read(&saved, &config.cutover.name)
        .map_err(|why| Failure::canary(format!("the store {place}: {why}")))?;
    let said = match (memory.phase(), memory.pending(), aside) {
        (_, _, Some(aside)) => {
            format!("store {place}: begun anew; what was there is now {}", aside.display())
        }
        (None, _, None) => format!("store {place}: new"),
        (Some(phase), 0, None) => format!("store {place}: going on in phase {phase}"),
        (Some(phase), pending, None) => {
            format!("store {place}: going on in phase {phase}; {pending} notices are still to be delivered")
        }
    };
    let said = match store::leftovers(path).map_or(0, |(leaves, _)| leaves.len()) {
        0 => said,
        left => format!("{said}; {left} runs have left something over, which `serin sweep` takes away"),
    };
    let ledger: Option<Arc<dyn journeys::Ledger>> = Some(Arc::new(Ledger(store.ledger())));
    Ok(Opened { journal: Journal::new(store, *sample_every, now), memory, ledger, said })
}
