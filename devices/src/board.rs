//! Where each device of a fleet stands, and what happened to all of them since the last count.
//!
//! A device writes one word for its standing and adds one to a counter for an event: no lock, no channel, nothing
//! that can be full. Whoever counts reads the words, so that every device is counted exactly once by construction,
//! and swaps the counters for zero, so that no event is counted twice or never. Devices are named by their index in the
//! fleet; the board has a place for each of those that are in this process.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cutover::{DeviceEvent, DeviceState, Personality, Side};
use tokio::time::Instant;

use crate::Shard;
use crate::resets::Resets;
use crate::times::Times;

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
    /// Not there: the fleet's shape leaves it out for now.
    Away,
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
    /// The first devices in session with the old side only, by index.
    pub(crate) old: Vec<u32>,
}

/// What happened since the last count.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Happened {
    /// How often each event happened, by side.
    pub(crate) events: BTreeMap<(DeviceEvent, Option<Side>), u32>,
    /// From reset to first datapoint, in seconds, for each device that returned, with the side on which it did.
    pub(crate) returned_after: Vec<(Option<Side>, f64)>,
    /// From sending a datapoint until it could be read, in seconds, with the side on which it was read.
    pub(crate) verified_after: Vec<(Option<Side>, f64)>,
    /// How long lookups took, in seconds, and how many took so long.
    pub(crate) lookups: Vec<(f64, u32)>,
}

/// How many names a count gives, for people.
pub(crate) const NAMES: usize = 20;
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

/// The word of a device that is not there.
const AWAY: u32 = 4;
/// The first word that means "without a session"; it and those above it hold the tenths of a second since the start.
const WITHOUT: u32 = 5;

/// The board of one fleet.
#[derive(Debug)]
pub(crate) struct Board {
    started: Instant,
    shard: Shard,
    personalities: Box<[Personality]>,
    standings: Box<[AtomicU32]>,
    events: [[AtomicU32; SIDES.len()]; EVENTS.len()],
    returned_after: Mutex<Vec<(Option<Side>, f64)>>,
    verified_after: Mutex<Vec<(Option<Side>, f64)>>,
    lookups: Times,
    resets: Resets,
}

impl Board {
    /// A board for the devices of a fleet that are in this `shard`; `personalities` are those of the whole fleet, by
    /// index. All are without a session since `started`.
    pub(crate) fn new(personalities: &[Personality], shard: Shard, started: Instant) -> Self {
        let own = (0..).zip(personalities).filter(|(index, _)| shard.place(*index).is_some());
        let personalities: Box<[_]> = own.map(|(_, personality)| *personality).collect();
        Self {
            started,
            shard,
            standings: personalities.iter().map(|_| AtomicU32::new(WITHOUT)).collect(),
            resets: Resets::new(personalities.len()),
            personalities,
            events: [const { [const { AtomicU32::new(0) }; SIDES.len()] }; EVENTS.len()],
            returned_after: Mutex::default(),
            verified_after: Mutex::default(),
            lookups: Times::new(),
        }
    }

    /// How many devices are here.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.standings.len()).unwrap_or(u32::MAX)
    }

    /// The place of a device, counted here from 0. One that is in another process has none, and is never asked for.
    pub(crate) fn place(&self, index: u32) -> Option<u32> {
        self.shard.place(index).filter(|place| (*place as usize) < self.standings.len())
    }

    /// The index of the device in this place.
    pub(crate) const fn index(&self, place: u32) -> u32 {
        self.shard.index(place)
    }

    /// The personality of a device.
    pub(crate) fn personality(&self, index: u32) -> Personality {
        let known = self.place(index).and_then(|place| self.personalities.get(place as usize));
        known.copied().unwrap_or(Personality::ResetOnly)
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
            Standing::Away => AWAY,
        };
        let Some(held) = self.standing(index) else { return };
        if matches!(standing, Standing::Without(_)) {
            // A grace that was put off is not taken back by a device that goes on waiting.
            let later = |present: u32| Some(if present >= WITHOUT { present.max(word) } else { word });
            let _ = held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        } else {
            held.store(word, Ordering::Relaxed);
        }
    }

    /// A device without a session is kept from connecting until `turn`: it is the canary that makes it wait, so its grace
    /// begins then.
    pub(crate) fn held_back(&self, index: u32, turn: Instant) {
        let tenths = turn.saturating_duration_since(self.started).as_millis() / 100;
        let word = u32::try_from(tenths).unwrap_or(u32::MAX).saturating_add(WITHOUT);
        let later = |present: u32| (present >= WITHOUT).then_some(present.max(word));
        if let Some(standing) = self.standing(index) {
            // An error is a device that has a session, and does not wait for one.
            let _ = standing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        }
    }

    fn standing(&self, index: u32) -> Option<&AtomicU32> {
        self.standings.get(self.place(index)? as usize)
    }

    /// A device says that something happened, and on which side.
    pub(crate) fn happened(&self, event: DeviceEvent, side: Option<Side>) {
        let row = EVENTS.iter().position(|known| *known == event);
        let column = SIDES.iter().position(|known| *known == side);
        if let (Some(row), Some(column)) = (row, column) {
            self.events[row][column].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A device received a reset instruction on this side; `again`: one that it knows already.
    pub(crate) fn instructed(&self, index: u32, id: &str, side: Option<Side>, again: bool) {
        self.happened(if again { DeviceEvent::ResetAgain } else { DeviceEvent::Reset }, side);
        self.place(index).into_iter().for_each(|place| self.resets.received(place, id, side));
    }

    /// A device obeys the reset that it received.
    pub(crate) fn obeyed(&self, index: u32) {
        self.place(index).into_iter().for_each(|place| self.resets.obeyed(place));
    }

    /// A device is there from now on, or it is not.
    pub(crate) fn present(&self, index: u32, present: bool) {
        self.place(index).into_iter().for_each(|place| self.resets.present(place, present));
    }

    /// The devices in these places are meant to get a reset instruction, as far as they are there.
    pub(crate) fn meant(&self, id: &str, places: impl Iterator<Item = u32>) {
        let there = |place: &u32| {
            let word = self.standings.get(*place as usize).map(|word| word.load(Ordering::Relaxed));
            word.is_some_and(|word| word != AWAY)
        };
        self.resets.meant(id, places.filter(there));
    }

    /// What became of reset instructions.
    pub(crate) const fn resets(&self) -> &Resets {
        &self.resets
    }

    /// A lookup of a device was answered with an address on this side, after so long.
    pub(crate) fn resolved(&self, took: Duration, side: Option<Side>) {
        self.happened(DeviceEvent::Resolved, side);
        self.lookups.count(took);
    }

    /// A device says that it returned on this side, so long after its reset.
    pub(crate) fn returned(&self, index: u32, after: Duration, side: Option<Side>) {
        self.happened(DeviceEvent::Returned, side);
        self.place(index).into_iter().for_each(|place| self.resets.returned(place, after, side));
        let mut times = self.returned_after.lock().unwrap_or_else(PoisonError::into_inner);
        if times.len() < TIMES {
            times.push((side, after.as_secs_f64()));
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

    /// Counts where the devices stand. Who has been without a session for longer than `grace` is lost; who is not there
    /// is not counted.
    pub(crate) fn census(&self, now: Instant, grace: Duration) -> Census {
        let mut census = Census::default();
        let mut counts = [[0_u32; DeviceState::ALL.len()]; Personality::ALL.len()];
        for (place, (personality, word)) in (0_u32..).zip(self.personalities.iter().zip(&self.standings)) {
            let Some(state) = self.state_of(word.load(Ordering::Relaxed), now, grace) else { continue };
            counts[*personality as usize][state as usize] += 1;
            let first = match state {
                DeviceState::Old => &mut census.old,
                DeviceState::Both => &mut census.split,
                DeviceState::Lost => &mut census.lost,
                DeviceState::New | DeviceState::Other | DeviceState::Connecting => continue,
            };
            if first.len() < NAMES {
                first.push(self.index(place));
            }
        }
        for (personality, counts) in Personality::ALL.into_iter().zip(counts) {
            let there = DeviceState::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0);
            census.devices.extend(there.map(|(state, count)| ((personality, state), count)));
        }
        census
    }

    /// Where the device in this place stands; `None` if it is not there.
    pub(crate) fn state(&self, place: u32, now: Instant, grace: Duration) -> Option<DeviceState> {
        let word = self.standings.get(place as usize)?.load(Ordering::Relaxed);
        self.state_of(word, now, grace)
    }

    fn state_of(&self, word: u32, now: Instant, grace: Duration) -> Option<DeviceState> {
        Some(match word {
            0 => DeviceState::Old,
            1 => DeviceState::New,
            2 => DeviceState::Both,
            3 => DeviceState::Other,
            AWAY => return None,
            word => {
                let since = self.started + Duration::from_millis(u64::from(word - WITHOUT) * 100);
                let lost = now.saturating_duration_since(since) > grace;
                if lost { DeviceState::Lost } else { DeviceState::Connecting }
            }
        })
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
            lookups: self.lookups.take(),
        }
    }
}

fn taken<T>(times: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut times.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests;
