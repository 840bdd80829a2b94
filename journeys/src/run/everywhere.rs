//! `addresses: each`: one try of a step at every address that its host has.

use std::net::IpAddr;
use std::time::Duration;

use cutover::FailureKind;
use tokio::time::{Instant, timeout};

use super::attempt::Tried;
use super::execution::Execution;
use super::record::Attempt;
use crate::action::Trouble;
use crate::journey::Step;

/// A name with more addresses than this has a fault of its own, and a run that went to all of them would not end.
const MOST_ADDRESSES: usize = 32;

/// Where the host of a step is.
struct Found {
    host: String,
    addresses: Vec<IpAddr>,
    /// How long the lookup took, if anybody was asked.
    took: Option<Duration>,
}

impl Execution<'_> {
    /// One try, at each address in its turn. It passes when it passes at every one of them; what is saved is the first
    /// one's.
    pub(super) async fn everywhere(&mut self, step: &Step) -> Attempt {
        let (begun, after) = (Instant::now(), self.clock());
        let found = match self.find(step).await {
            Ok(found) => found,
            Err(trouble) => return self.troubled(step, &trouble, after, begun.elapsed()),
        };
        let (mut each, mut answers, mut first) = (Vec::new(), Vec::new(), None);
        for address in &found.addresses {
            let tried = self.exchange(step, Some((&found.host, *address))).await;
            each.push(tried.attempt);
            answers.extend(tried.answer);
            first.get_or_insert(tried.saved);
        }
        let failed = each.iter().find(|attempt| attempt.miss.is_some());
        let slowest = || each.iter().max_by_key(|attempt| attempt.parts.total);
        let Some(mut attempt) = failed.or_else(slowest).cloned() else {
            let none = format!("{} has no address", found.host);
            let trouble = Trouble::failed(FailureKind::Resolve, none, None);
            return self.troubled(step, &trouble, after, begun.elapsed());
        };
        if let (Some(miss), Some(peer)) = (&mut attempt.miss, attempt.peer) {
            let missed = each.iter().filter(|attempt| attempt.miss.is_some()).count();
            let message = format!("at {peer}, {missed} of {} addresses: {}", each.len(), miss.message);
            miss.message = self.vars.clean(&message);
        }
        if attempt.miss.is_none() {
            attempt.miss = self.compare(step, &answers.iter().collect::<Vec<_>>());
        }
        attempt.after = after;
        if let Some(took) = found.took {
            attempt.parts.resolve = Some(took);
            attempt.parts.total += took;
        }
        // Each has its own.
        attempt.asked = Vec::new();
        attempt.each = each;
        self.kept(step, Tried { attempt, answer: None, saved: first.unwrap_or_default() })
    }

    /// Asks where the host is, along the step's route.
    async fn find(&self, step: &Step) -> Result<Found, Trouble> {
        let host = step.action.host(&self.vars)?;
        let (aim, limit) = (self.world.aims.get(self.route_of(step)), self.timeouts(step).resolve);
        let Ok(found) = timeout(limit, aim.resolve(&host)).await else {
            return Err(Trouble::silent_resolver(&host, limit));
        };
        let found = found?;
        let mut addresses = Vec::new();
        for address in found.addresses {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if addresses.len() > MOST_ADDRESSES {
            let message = format!(
                "{host} has {} addresses; a step goes to {MOST_ADDRESSES} of them at most",
                addresses.len()
            );
            return Err(Trouble::failed(FailureKind::Resolve, message, None));
        }
        Ok(Found { host, addresses, took: found.ttl.map(|_| found.took) })
    }
}
