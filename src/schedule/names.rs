//! Asks every resolver, again and again, for every name that moves.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use cutover::{NameAnswer, NameView, Observation};
use probes::dns::LookupError;
use probes::{Fault, Resolver};

use super::{Cadence, Reporter};
use crate::life::Life;

/// Starts the watch of `name` at `resolver`.
pub(crate) fn watch(
    name: Arc<str>,
    (resolver, authoritative): (Resolver, bool),
    every: Duration,
    stagger: Duration,
    reporter: Reporter,
    life: &Life,
) {
    let (who, cancel) = (format!("the watch over {name} at {}", resolver.name()), life.cancel.clone());
    life.spawn(who, async move {
        let mut cadence = Cadence::new(every, stagger);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = cadence.due(1) => {}
            }
            let started = tokio::time::Instant::now();
            let answer = tokio::select! {
                () = cancel.cancelled() => return,
                answer = resolver.lookup(&name) => answer,
            };
            let view = match answer {
                Ok(answer) => NameView::Addresses { addresses: answer.addresses, ttl: answer.ttl },
                Err(error) => failed(&error),
            };
            let answer = NameAnswer {
                at: Utc::now(),
                name: name.clone(),
                resolver: resolver.name().clone(),
                authoritative,
                took: started.elapsed(),
                view,
            };
            reporter.report(Observation::Name(answer)).await;
        }
    });
}

fn failed(error: &LookupError) -> NameView {
    match error.fault() {
        Fault::Failed(_) => NameView::Failed(error.in_short()),
        Fault::Aborted(_) => NameView::Silent(error.in_short()),
    }
}
