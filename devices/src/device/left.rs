//! What a device and the brokers that keep its session have not settled.

use std::net::IpAddr;

use cutover::Reached;
use probes::mqtt::Unfinished;
use tokio::time::Instant;

use super::link::Awaited;

/// Of so many brokers a device remembers what is not settled; beyond it forgets the one that it left first.
const BROKERS: usize = 8;

/// What a device and one broker have not settled when their connection ends: the broker keeps its part with the session,
/// however long the device is elsewhere (MQTT 3.1.1 section 4.1). It is there even if nothing is open: then it says that
/// the session is this device's, with the subscriptions that it made.
#[derive(Debug)]
pub(crate) struct Left {
    /// The broker's address. At another one nobody knows of the session.
    pub(crate) at: IpAddr,
    /// The side that it is on.
    pub(crate) reached: Reached,
    /// What the next session there needs.
    pub(crate) unfinished: Unfinished,
    /// The datapoint of which it still matters when it is acknowledged.
    pub(crate) awaited: Option<Awaited>,
    /// Packets that nobody waits for any more, with the numbers of their datapoints, in the order of sending. They go
    /// again nevertheless: an id is free only when the broker says so (section 4.3.3).
    pub(crate) given_up: Vec<(u16, u64)>,
}

impl Left {
    /// The numbers of the datapoints that go again, as often as they do.
    pub(crate) fn datapoints(&self) -> impl Iterator<Item = u64> {
        self.given_up.iter().map(|(_, seq)| *seq).chain(self.awaited.map(|awaited| awaited.seq))
    }

    /// Nobody waits for the datapoint on its way any more.
    pub(crate) fn give_up(&mut self) {
        self.given_up.extend(self.awaited.take().map(|awaited| (awaited.packet, awaited.seq)));
    }
}

/// What is not settled with any broker.
#[derive(Debug, Default)]
pub(crate) struct Leftovers(Vec<Left>);

impl Leftovers {
    /// Keeps what a session leaves, if its broker keeps it.
    pub(crate) fn keep(&mut self, left: Option<Left>) {
        if left.is_some() && self.0.len() == BROKERS {
            self.0.remove(0);
        }
        self.0.extend(left);
    }

    /// Whether the broker there has the device's session, as far as the device knows.
    pub(crate) fn knows(&self, at: IpAddr) -> bool {
        self.0.iter().any(|left| left.at == at)
    }

    /// Takes out what the next session there needs.
    pub(crate) fn take(&mut self, at: IpAddr) -> Option<Left> {
        let place = self.0.iter().position(|left| left.at == at)?;
        Some(self.0.remove(place))
    }

    /// Until when an acknowledgement is awaited.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(|left| left.awaited?.deadline).min()
    }

    /// Gives up a datapoint whose time is over. Gives the side on which it was sent.
    pub(crate) fn overdue(&mut self, now: Instant) -> Option<Reached> {
        let late = |left: &&mut Left| left.awaited.is_some_and(|awaited| awaited.is_late(now));
        let left = self.0.iter_mut().find(late)?;
        left.give_up();
        Some(left.reached)
    }

    /// Nobody waits for anything any more.
    pub(crate) fn give_up(&mut self) {
        self.0.iter_mut().for_each(Left::give_up);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    fn at(broker: u8) -> IpAddr {
        Ipv4Addr::new(127, 0, 1, broker).into()
    }

    fn left(broker: u8, awaited: Option<Awaited>) -> Option<Left> {
        let (unfinished, given_up) = (Unfinished::default(), vec![(3, 70)]);
        Some(Left { at: at(broker), reached: Reached::Old, unfinished, awaited, given_up })
    }

    #[test]
    fn each_broker_gets_back_what_is_its_own_and_time_changes_only_who_waits_for_it() {
        let now = Instant::now();
        let deadline = Some(now + Duration::from_secs(1));
        let mut leftovers = Leftovers::default();
        leftovers.keep(left(1, Some(Awaited { packet: 4, seq: 71, sent: now, deadline })));
        leftovers.keep(left(2, None));
        leftovers.keep(None);
        assert_eq!((leftovers.deadline(), leftovers.overdue(now)), (deadline, None));
        assert_eq!(leftovers.overdue(now + Duration::from_secs(1)), Some(Reached::Old));
        assert_eq!((leftovers.deadline(), leftovers.overdue(now + Duration::from_secs(9))), (None, None));
        assert!(leftovers.knows(at(1)) && leftovers.knows(at(2)) && !leftovers.knows(at(3)));
        let first = leftovers.take(at(1)).unwrap();
        assert_eq!(first.given_up, [(3, 70), (4, 71)]);
        assert_eq!(first.datapoints().collect::<Vec<_>>(), [70, 71]);
        assert!(leftovers.take(at(1)).is_none() && leftovers.take(at(2)).is_some());
    }

    #[test]
    fn a_device_remembers_so_many_brokers() {
        let mut leftovers = Leftovers::default();
        (0..=8).for_each(|broker| leftovers.keep(left(broker, None)));
        assert!(!leftovers.knows(at(0)) && leftovers.knows(at(1)) && leftovers.knows(at(8)));
        assert_eq!(leftovers.0.len(), BROKERS);
    }
}
