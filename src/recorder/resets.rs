//! Resets that devices obey, summed up: one event for a fleet, not one for each device.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cutover::{DeviceEvent, FleetTally};
use store::{Event, What};

/// A fleet in which no device obeyed for so long is through with it.
const QUIET: TimeDelta = TimeDelta::seconds(5);

/// The resets under way, by fleet.
#[derive(Debug, Default)]
pub(super) struct Resets(BTreeMap<Arc<str>, Burst>);

#[derive(Debug)]
struct Burst {
    began: DateTime<Utc>,
    last: DateTime<Utc>,
    devices: u64,
}

impl Resets {
    /// Counts the devices that obeyed in one second.
    pub(super) fn tally(&mut self, tally: &FleetTally) {
        let obeyed = tally.events.iter().filter(|((event, _), _)| *event == DeviceEvent::Reset);
        let devices: u64 = obeyed.map(|(_, count)| u64::from(*count)).sum();
        if devices == 0 {
            return;
        }
        let new = Burst { began: tally.at, last: tally.at, devices: 0 };
        let burst = self.0.entry(tally.fleet.clone()).or_insert(new);
        burst.last = tally.at;
        burst.devices += devices;
    }

    /// The resets that are over by `now`.
    pub(super) fn over(&mut self, now: DateTime<Utc>) -> Vec<Event> {
        self.take(|burst| now - burst.last >= QUIET)
    }

    /// All of them: nothing more comes.
    pub(super) fn rest(&mut self) -> Vec<Event> {
        self.take(|_| true)
    }

    fn take(&mut self, which: impl Fn(&Burst) -> bool) -> Vec<Event> {
        let over = self.0.extract_if(.., |_, burst| which(burst));
        over.map(|(fleet, Burst { began, last, devices })| Event {
            at: began,
            what: What::Reset { fleet, devices, until: last },
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_that_takes_seconds_is_one_event() {
        let mut resets = Resets::default();
        let at = |second| DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        for (second, count) in [(0, 0), (1, 3), (2, 40), (3, 0), (4, 7), (5, 0)] {
            resets.tally(&FleetTally {
                at: at(second),
                fleet: "thermostats".into(),
                devices: BTreeMap::new(),
                events: BTreeMap::from([((DeviceEvent::Reset, None), count)]),
                ..FleetTally::default()
            });
        }
        assert_eq!(resets.over(at(8)), []);
        let what = What::Reset { fleet: "thermostats".into(), devices: 50, until: at(4) };
        assert_eq!(resets.over(at(9)), [Event { at: at(1), what }]);
        assert_eq!(resets.rest(), []);
    }
}
