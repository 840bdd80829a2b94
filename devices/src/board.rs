//! Where each device of a fleet stands, and what happened to all of them since the last count.
//!
//! A device writes one word for its standing and adds one to a counter for an event: no lock, no channel, nothing
//! that can be full. Whoever counts reads the words, so that every device is counted exactly once by construction,
//! and swaps the counters for zero, so that no event is counted twice or never.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cutover::{DeviceEvent, DeviceState, Personality, Side};
use tokio::time::Instant;

/// Where a device stands, as the device itself knows it: that it is lost, others conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In session with the old side only.
    Old,
    /// In session with the new side only.
    New,
    /// In session with both.
    Both,
    /// In session with an address of neither side.
    Other,
    /// Without a session since then.
    Without(Instant),
}

/// What a count of the fleet's standing gives.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// How many devices of each personality stand where.
    pub(crate) devices: BTreeMap<(Personality, DeviceState), u32>,
    /// The first devices in session with both sides, by index.
    pub(crate) split: Vec<u32>,
    /// The first devices that are lost, by index.
    pub(crate) lost: Vec<u32>,
}

/// What happened since the last count.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Happened {
    /// How often each event happened, by side.
    pub(crate) events: BTreeMap<(DeviceEvent, Option<Side>), u32>,
    /// From reset to first datapoint, in seconds, for each device that returned.
    pub(crate) returned_after: Vec<f64>,
    /// From sending a datapoint until it could be read, in seconds, with the side on which it was read.
    pub(crate) verified_after: Vec<(Option<Side>, f64)>,
}

/// How many names a count gives, for people.
const NAMES: usize = 20;
/// How many times of each kind are kept between two counts. Beyond it an event is still counted, only its time is not
/// kept.
const TIMES: usize = 200_000;

const EVENTS: [DeviceEvent; 17] = [
    DeviceEvent::Registered,
    DeviceEvent::RegisterFailed,
    DeviceEvent::Resolved,
    DeviceEvent::ResolveFailed,
    DeviceEvent::Connected,
    DeviceEvent::ConnectFailed,
    DeviceEvent::Disconnected,
    DeviceEvent::Datapoint,
    DeviceEvent::DatapointFailed,
    DeviceEvent::Reset,
    DeviceEvent::ResetAgain,
    DeviceEvent::Returned,
    DeviceEvent::Verified,
    DeviceEvent::DatapointLost,
    DeviceEvent::DatapointDuplicate,
    DeviceEvent::DatapointOutOfOrder,
    DeviceEvent::DatapointUnread,
];
const SIDES: [Option<Side>; 3] = [None, Some(Side::Old), Some(Side::New)];

/// The first word that means "without a session"; it and those above it hold the tenths of a second since the start.
const WITHOUT: u32 = 4;

/// The board of one fleet.
#[derive(Debug)]
pub(crate) struct Board {
    started: Instant,
    personalities: Box<[Personality]>,
    standings: Box<[AtomicU32]>,
    events: [[AtomicU32; SIDES.len()]; EVENTS.len()],
    returned_after: Mutex<Vec<f64>>,
    verified_after: Mutex<Vec<(Option<Side>, f64)>>,
}

impl Board {
    /// A board for devices of these personalities, by index: all without a session since `started`.
    pub(crate) fn new(personalities: Vec<Personality>, started: Instant) -> Self {
        Self {
            started,
            standings: personalities.iter().map(|_| AtomicU32::new(WITHOUT)).collect(),
            personalities: personalities.into(),
            events: Default::default(),
            returned_after: Mutex::default(),
            verified_after: Mutex::default(),
        }
    }

    /// The personality of a device.
    pub(crate) fn personality(&self, index: u32) -> Personality {
        self.personalities[index as usize]
    }

    /// A device says where it stands.
    pub(crate) fn stand(&self, index: u32, standing: Standing) {
        let word = match standing {
            Standing::Old => 0,
            Standing::New => 1,
            Standing::Both => 2,
            Standing::Other => 3,
            Standing::Without(since) => {
                let tenths = since.saturating_duration_since(self.started).as_millis() / 100;
                u32::try_from(tenths).unwrap_or(u32::MAX).saturating_add(WITHOUT)
            }
        };
        self.standings[index as usize].store(word, Ordering::Relaxed);
    }

    /// A device says that something happened, and on which side.
    pub(crate) fn happened(&self, event: DeviceEvent, side: Option<Side>) {
        let row = EVENTS.iter().position(|known| *known == event);
        let column = SIDES.iter().position(|known| *known == side);
        if let (Some(row), Some(column)) = (row, column) {
            self.events[row][column].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A device says that it returned, so long after its reset.
    pub(crate) fn returned(&self, after: Duration, side: Option<Side>) {
        self.happened(DeviceEvent::Returned, side);
        let mut times = self.returned_after.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() < TIMES {
            times.push(after.as_secs_f64());
        }
    }

    /// A datapoint was read back on this side, so long after it was sent.
    pub(crate) fn verified(&self, after: Duration, side: Option<Side>) {
        self.happened(DeviceEvent::Verified, side);
        let mut times = self.verified_after.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() < TIMES {
            times.push((side, after.as_secs_f64()));
        }
    }

    /// Counts where the devices stand. Who has been without a session for longer than `grace` is lost.
    pub(crate) fn census(&self, now: Instant, grace: Duration) -> Census {
        let mut census = Census::default();
        for (index, (personality, word)) in (0_u32..).zip(self.personalities.iter().zip(&self.standings)) {
            let state = match word.load(Ordering::Relaxed) {
                0 => DeviceState::Old,
                1 => DeviceState::New,
                2 => DeviceState::Both,
                3 => DeviceState::Other,
                word => {
                    let since = self.started + Duration::from_millis(u64::from(word - WITHOUT) * 100);
                    let lost = now.saturating_duration_since(since) > grace;
                    if lost { DeviceState::Lost } else { DeviceState::Connecting }
                }
            };
            *census.devices.entry((*personality, state)).or_default() += 1;
            match state {
                DeviceState::Both if census.split.len() < NAMES => census.split.push(index),
                DeviceState::Lost if census.lost.len() < NAMES => census.lost.push(index),
                _ => {}
            }
        }
        census
    }

    /// Takes what happened since the last call.
    pub(crate) fn take(&self) -> Happened {
        let mut events = BTreeMap::new();
        for (event, row) in EVENTS.into_iter().zip(&self.events) {
            for (side, counter) in SIDES.into_iter().zip(row) {
                let count = counter.swap(0, Ordering::Relaxed);
                if count > 0 {
                    events.insert((event, side), count);
                }
            }
        }
        Happened {
            events,
            returned_after: taken(&self.returned_after),
            verified_after: taken(&self.verified_after),
        }
    }
}

fn taken<T>(times: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut times.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use Personality::{Eager, ResetOnly};

    use super::*;

    #[test]
    fn every_device_is_counted_once_where_it_stands() {
        let now = Instant::now();
        let board = Board::new(vec![ResetOnly, ResetOnly, Eager, Eager, Eager], now);
        let second = Duration::from_secs(1);
        board.stand(0, Standing::Old);
        board.stand(1, Standing::New);
        board.stand(1, Standing::Both);
        board.stand(2, Standing::Other);
        board.stand(3, Standing::Without(now + second * 8));
        let census = board.census(now + second * 10, second * 5);
        let expected = [
            ((ResetOnly, DeviceState::Old), 1),
            ((ResetOnly, DeviceState::Both), 1),
            ((Eager, DeviceState::Other), 1),
            ((Eager, DeviceState::Connecting), 1),
            ((Eager, DeviceState::Lost), 1),
        ];
        assert_eq!(census.devices, BTreeMap::from(expected));
        assert_eq!((census.split, census.lost), (vec![1], vec![4]));
        assert_eq!(board.personality(2), Eager);
    }

    #[test]
    fn names_are_the_first_few_and_counts_are_all() {
        let now = Instant::now();
        let board = Board::new(vec![ResetOnly; 50], now);
        let census = board.census(now + Duration::from_secs(2), Duration::from_secs(1));
        assert_eq!(census.lost, (0..20).collect::<Vec<_>>());
        assert_eq!(census.devices, BTreeMap::from([((ResetOnly, DeviceState::Lost), 50)]));
        assert_eq!(board.census(now, Duration::from_secs(1)).lost, Vec::<u32>::new());
    }

    #[test]
    fn events_are_taken_once_also_from_many_threads() {
        let board = Board::new(vec![ResetOnly], Instant::now());
        let mut seen = 0;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        board.happened(DeviceEvent::Datapoint, Some(Side::Old));
                    }
                });
            }
            for _ in 0..100 {
                seen += board.take().events.values().sum::<u32>();
            }
        });
        seen += board.take().events.values().sum::<u32>();
        assert_eq!(seen, 4000);
        assert_eq!(board.take(), Happened::default());
    }

    #[test]
    fn a_return_is_an_event_and_a_time() {
        let board = Board::new(vec![ResetOnly], Instant::now());
        board.returned(Duration::from_millis(1500), Some(Side::New));
        board.happened(DeviceEvent::ResolveFailed, None);
        let happened = board.take();
        let expected =
            [((DeviceEvent::ResolveFailed, None), 1), ((DeviceEvent::Returned, Some(Side::New)), 1)];
        assert_eq!(happened.events, BTreeMap::from(expected));
        assert_eq!(happened.returned_after, [1.5]);
        for event in EVENTS {
            board.happened(event, None);
        }
        assert_eq!(board.take().events.len(), EVENTS.len());
    }
}
