//! What becomes of resets, written down when it has come to rest: a storm changes it every second.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{FleetReset, FleetTally, ResetSums};
use store::{Event, What};

/// What has not changed for so long is written down.
const QUIET: TimeDelta = TimeDelta::seconds(5);
/// What changes all the time is written down so often all the same.
const LONGEST: TimeDelta = TimeDelta::seconds(60);

/// What became of the last reset of each fleet.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    fleets: BTreeMap<Arc<str>, Outcome>,
    /// Of resets that another one followed before they came to rest.
    past: Vec<Event>,
}

#[derive(Debug)]
struct Outcome {
    sums: ResetSums,
    changed: DateTime<Utc>,
    /// Since when it is not as it was last written down.
    unwritten: Option<DateTime<Utc>>,
}

impl Outcomes {
    /// Takes what a second of a fleet says of its last reset.
    pub(super) fn tally(&mut self, tally: &FleetTally) {
        let (Some(sums), at) = (&tally.reset, tally.at) else { return };
        if let Some(outcome) = self.fleets.get_mut(&tally.fleet) {
            if outcome.sums == *sums {
                return;
            }
            if outcome.sums.id != sums.id {
                self.past.extend(outcome.take(&tally.fleet));
            }
            let unwritten = outcome.unwritten.or(Some(at));
            *outcome = Outcome { sums: sums.clone(), changed: at, unwritten };
        } else {
            let outcome = Outcome { sums: sums.clone(), changed: at, unwritten: Some(at) };
            self.fleets.insert(Arc::clone(&tally.fleet), outcome);
        }
    }

    /// What has come to rest by `now`, or was not written down for too long.
    pub(super) fn due(&mut self, now: DateTime<Utc>) -> Vec<Event> {
        let over = |since: DateTime<Utc>| now - since >= LONGEST;
        self.take(|outcome| now - outcome.changed >= QUIET || outcome.unwritten.is_some_and(over))
    }

    /// All of it: nothing more comes.
    pub(super) fn rest(&mut self) -> Vec<Event> {
        self.take(|_| true)
    }

    fn take(&mut self, which: impl Fn(&Outcome) -> bool) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.past);
        let due = self.fleets.iter_mut().filter(|(_, outcome)| which(outcome));
        events.extend(due.filter_map(|(fleet, outcome)| outcome.take(fleet)));
        events
    }
}

impl Outcome {
    /// The event, unless it was written down already.
    fn take(&mut self, fleet: &Arc<str>) -> Option<Event> {
        self.unwritten.take()?;
        let (fleet, sums) = (Arc::clone(fleet), self.sums.clone());
        Some(Event { at: self.changed, what: What::ResetSums(FleetReset { fleet, sums }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn tally(second: i64, id: &str, obeyed: u32) -> FleetTally {
        let sums = ResetSums { id: id.into(), meant: 9, obeyed, ..ResetSums::default() };
        FleetTally { at: at(second), fleet: "lamps".into(), reset: Some(sums), ..FleetTally::default() }
    }

    fn written(events: Vec<Event>) -> Vec<(i64, String, u32)> {
        let line = |event: Event| match event.what {
            What::ResetSums(of) => (event.at.timestamp(), of.sums.id.to_string(), of.sums.obeyed),
            _ => unreachable!("only sums are written here"),
        };
        events.into_iter().map(line).collect()
    }

    #[test]
    fn what_came_to_rest_is_written_once_and_again_when_it_changes() {
        let mut outcomes = Outcomes::default();
        for (second, obeyed) in [(1, 0), (2, 5), (3, 8), (4, 8), (5, 8)] {
            outcomes.tally(&tally(second, "go", obeyed));
        }
        assert_eq!(outcomes.due(at(7)), []);
        assert_eq!(written(outcomes.due(at(8))), [(3, "go".to_owned(), 8)]);
        outcomes.tally(&tally(9, "go", 8));
        assert_eq!(outcomes.due(at(30)), []);
        outcomes.tally(&tally(31, "go", 9));
        assert_eq!(written(outcomes.rest()), [(31, "go".to_owned(), 9)]);
        assert_eq!(outcomes.rest(), []);
    }

    #[test]
    fn what_never_rests_and_what_is_followed_by_another_is_written_too() {
        let mut outcomes = Outcomes::default();
        let mut lines = Vec::new();
        for second in 0..100 {
            outcomes.tally(&tally(second, "go", u32::try_from(second).unwrap_or(0)));
            lines.extend(written(outcomes.due(at(second))));
        }
        assert_eq!(lines, [(60, "go".to_owned(), 60)]);
        outcomes.tally(&tally(100, "back", 1));
        assert_eq!(written(outcomes.due(at(100))), [(99, "go".to_owned(), 99)]);
        assert_eq!(written(outcomes.rest()), [(100, "back".to_owned(), 1)]);
    }
}
