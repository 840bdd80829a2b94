//! What became of the last reset instruction, device by device: eight bytes each.
//!
//! A device writes its word without a lock. One lock is taken for an instruction that comes to a device, to know its
//! number: that is once a device and reset, never for a message or a second.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cutover::{DeviceReset, ResetSums, Side};

/// How many instructions are told apart; an older one that still comes is a new one. A broker may send as many as it
/// likes.
const KNOWN: usize = 64;

/// It was meant to get the instruction.
const MEANT: u64 = 1;
/// Received on the old side, on the new one, at an address of neither.
const ON_OLD: u64 = 1 << 1;
const ON_NEW: u64 = 1 << 2;
const ON_OTHER: u64 = 1 << 3;
/// Received more than once.
const AGAIN: u64 = 1 << 4;
/// Obeyed.
const OBEYED: u64 = 1 << 5;
/// Came back on the old side, on the new one, at an address of neither.
const BACK_OLD: u64 = 1 << 6;
const BACK_NEW: u64 = 1 << 7;
const BACK_OTHER: u64 = 1 << 8;
/// Not there, by the fleet's shape.
const GONE: u64 = 1 << 9;
const HEARD: u64 = ON_OLD | ON_NEW | ON_OTHER;
const BACK: u64 = BACK_OLD | BACK_NEW | BACK_OTHER;
/// Above the flags stand the instruction's number, from 1, and the thousandths of a second until it was back.
const NUMBER_AT: u32 = 16;
const TIME_AT: u32 = 32;

/// The words of all devices of a fleet, by their place.
#[derive(Debug)]
pub(crate) struct Resets {
    words: Box<[AtomicU64]>,
    known: Mutex<Known>,
}

/// The instructions told apart, the last one last.
#[derive(Debug, Default)]
struct Known {
    ids: VecDeque<(u16, Arc<str>)>,
    last: u16,
}

impl Resets {
    pub(crate) fn new(devices: usize) -> Self {
        Self { words: (0..devices).map(|_| AtomicU64::new(0)).collect(), known: Mutex::default() }
    }

    /// The devices in these places are meant to get an instruction. Said again, it adds to them.
    pub(crate) fn meant(&self, id: &str, places: impl Iterator<Item = u32>) {
        let number = self.known().number(id);
        for place in places {
            self.change(place, |word| join(word, number).map(|word| word | MEANT));
        }
    }

    /// A device received an instruction on this side.
    pub(crate) fn received(&self, place: u32, id: &str, side: Option<Side>) {
        let number = self.known().number(id);
        self.change(place, |word| {
            let word = join(word, number)?;
            let again = if word & HEARD == 0 { 0 } else { AGAIN };
            Some(word | again | on(side, [ON_OLD, ON_NEW, ON_OTHER]))
        });
    }

    /// A device obeys the last instruction that it received.
    pub(crate) fn obeyed(&self, place: u32) {
        self.change(place, |word| (word & HEARD != 0).then_some(word | OBEYED));
    }

    /// A device is back, on this side.
    pub(crate) fn returned(&self, place: u32, after: Duration, side: Option<Side>) {
        self.change(place, |word| {
            let millis = u64::from(u32::try_from(after.as_millis()).unwrap_or(u32::MAX));
            let fresh = word & OBEYED != 0 && word & BACK == 0;
            fresh.then_some(word | on(side, [BACK_OLD, BACK_NEW, BACK_OTHER]) | millis << TIME_AT)
        });
    }

    /// A device is there from now on, or it is not. One that goes before the instruction has come is not meant any more;
    /// one that goes before it is back goes on when it is there again.
    pub(crate) fn present(&self, place: u32, present: bool) {
        self.change(place, |word| {
            Some(match (present, word & HEARD == 0) {
                (true, _) => word & !GONE,
                (false, true) => 0,
                (false, false) => word | GONE,
            })
        });
    }

    /// What became of an instruction, or of the last one; and the places of the devices that did not get it, and of
    /// those that are not back, as far as each has still room for a name. `None` if it is not known. Who is not there, and
    /// was not back before, is left out.
    pub(crate) fn sums(&self, id: Option<&str>, most: usize) -> Option<(ResetSums, [Vec<u32>; 2])> {
        let (number, id) = self.known().find(id)?;
        let (mut sums, mut missed, mut away) =
            (ResetSums { id, ..ResetSums::default() }, Vec::new(), Vec::new());
        for (place, word) in (0_u32..).zip(&self.words) {
            let word = word.load(Ordering::Relaxed);
            let waits = word & GONE != 0 && word & BACK == 0;
            if number_of(word) != number || waits {
                continue;
            }
            let one = |flag: u64| u32::from(word & flag != 0);
            sums.meant += one(MEANT);
            sums.received += one(HEARD);
            match (word & ON_OLD != 0, word & ON_NEW != 0) {
                (true, true) => sums.on_both += 1,
                (true, false) => sums.on_old += 1,
                (false, true) => sums.on_new += 1,
                (false, false) => {}
            }
            sums.again += one(AGAIN);
            sums.obeyed += one(OBEYED);
            sums.returned_old += one(BACK_OLD);
            sums.returned_new += one(BACK_NEW);
            sums.returned_other += one(BACK_OTHER);
            sums.slowest_ms = sums.slowest_ms.max(time_of(word));
            if word & HEARD == 0 {
                sums.missed.count += 1;
                push(&mut missed, place, most);
            } else if word & BACK == 0 {
                sums.away.count += 1;
                push(&mut away, place, most);
            }
        }
        Some((sums, [missed, away]))
    }

    /// What became of the last instruction on one device.
    pub(crate) fn of(&self, place: u32) -> Option<DeviceReset> {
        let word = self.words.get(place as usize)?.load(Ordering::Relaxed);
        let id = self.known().id(number_of(word))?;
        let has = |flag: u64| word & flag != 0;
        let sides = [(ON_OLD, Side::Old), (ON_NEW, Side::New)];
        Some(DeviceReset {
            id,
            meant: has(MEANT),
            received: sides.into_iter().filter_map(|(flag, side)| has(flag).then_some(side)).collect(),
            heard: has(HEARD),
            again: has(AGAIN),
            obeyed: has(OBEYED),
            returned_ms: has(BACK).then(|| time_of(word)),
            returned_on: match (has(BACK_OLD), has(BACK_NEW)) {
                (true, _) => Some(Side::Old),
                (_, true) => Some(Side::New),
                _ => None,
            },
        })
    }

    fn change(&self, place: u32, change: impl Fn(u64) -> Option<u64>) {
        if let Some(word) = self.words.get(place as usize) {
            // An error is the word that was left as it is.
            let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The number of an instruction, which it has from now on.
    fn number(&mut self, id: &str) -> u16 {
        // Most ask for the last one.
        if let Some((number, _)) = self.ids.iter().rev().find(|(_, known)| **known == *id) {
            return *number;
        }
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.ids.push_back((self.last, id.into()));
        if self.ids.len() > KNOWN {
            self.ids.pop_front();
        }
        self.last
    }

    fn find(&self, id: Option<&str>) -> Option<(u16, Arc<str>)> {
        let mut newest_first = self.ids.iter().rev();
        newest_first.find(|(_, known)| id.is_none_or(|id| **known == *id)).cloned()
    }

    fn id(&self, number: u16) -> Option<Arc<str>> {
        self.ids.iter().find(|(known, _)| *known == number).map(|(_, id)| Arc::clone(id))
    }
}

/// The word of a device with the instruction `number`: its own, or an empty one if it had an earlier instruction. `None`
/// for an instruction that came before the device's last one: that one is past.
fn join(word: u64, number: u16) -> Option<u64> {
    match number_of(word) {
        0 => Some(u64::from(number) << NUMBER_AT),
        present if present == number => Some(word),
        // Numbers begin again after 65,535 of them.
        present => (number.wrapping_sub(present) < u16::MAX / 2).then_some(u64::from(number) << NUMBER_AT),
    }
}

const fn number_of(word: u64) -> u16 {
    (word >> NUMBER_AT) as u16
}

const fn time_of(word: u64) -> u32 {
    (word >> TIME_AT) as u32
}

fn on(side: Option<Side>, [old, new, other]: [u64; 3]) -> u64 {
    match side {
        Some(Side::Old) => old,
        Some(Side::New) => new,
        None => other,
    }
}

fn push(places: &mut Vec<u32>, place: u32, most: usize) {
    if places.len() < most {
        places.push(place);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const OLD: Option<Side> = Some(Side::Old);
    const NEW: Option<Side> = Some(Side::New);

    #[test]
    fn each_device_counts_once_however_often_the_instruction_comes() {
        let resets = Resets::new(6);
        assert_eq!(resets.sums(None, 20), None);
        resets.meant("wave-1", 0..5);
        for (place, side) in [(0, OLD), (0, NEW), (1, NEW), (2, OLD), (2, OLD), (3, None)] {
            resets.received(place, "wave-1", side);
        }
        for place in [0, 1, 2] {
            resets.obeyed(place);
        }
        resets.returned(0, Duration::from_millis(1500), NEW);
        resets.returned(0, Duration::from_secs(9), OLD);
        resets.returned(1, Duration::from_millis(700), NEW);
        resets.returned(4, Duration::from_millis(700), NEW);
        let (sums, [missed, away]) = resets.sums(Some("wave-1"), 20).unwrap();
        assert_eq!((sums.meant, sums.received, sums.again, sums.obeyed), (5, 4, 2, 3));
        assert_eq!((sums.on_old, sums.on_new, sums.on_both), (1, 1, 1));
        assert_eq!((sums.returned_old, sums.returned_new, sums.returned()), (0, 2, 2));
        assert_eq!(sums.slowest_ms, 1500);
        assert_eq!((missed, away), (vec![4], vec![2, 3]));
        assert_eq!((sums.missed.count, sums.away.count, sums.is_over()), (1, 2, false));

        let one = resets.of(0).unwrap();
        assert_eq!((one.received, one.again, one.obeyed), (vec![Side::Old, Side::New], true, true));
        assert_eq!((one.returned_ms, one.returned_on), (Some(1500), NEW));
        assert!(resets.of(3).unwrap().heard && resets.of(5).is_none());
    }

    #[test]
    fn a_later_instruction_replaces_the_earlier_one_and_a_belated_one_does_not() {
        let resets = Resets::new(2);
        resets.received(0, "go", OLD);
        resets.received(1, "go", OLD);
        resets.received(0, "back", OLD);
        resets.received(0, "go", NEW);
        assert_eq!(&*resets.of(0).unwrap().id, "back");
        assert_eq!(resets.sums(Some("go"), 9).unwrap().0.received, 1);
        assert_eq!(&*resets.sums(None, 9).unwrap().0.id, "back");
        for n in 0..KNOWN {
            resets.received(1, &format!("{n}"), OLD);
        }
        assert_eq!(resets.sums(Some("go"), 9), None, "the oldest is forgotten");
        assert!(resets.of(0).is_none_or(|reset| &*reset.id == "back"));
    }

    #[test]
    fn who_goes_is_left_out_until_it_is_there_again() {
        let resets = Resets::new(4);
        resets.meant("go", 0..4);
        for place in [0, 1, 2] {
            resets.received(place, "go", OLD);
            resets.obeyed(place);
        }
        resets.returned(0, Duration::from_millis(700), NEW);
        (0..4).for_each(|place| resets.present(place, false));
        let (sums, [missed, away]) = resets.sums(Some("go"), 9).unwrap();
        assert_eq!((sums.meant, sums.received, sums.returned(), sums.is_over()), (1, 1, 1, true));
        assert_eq!((missed, away), (vec![], vec![]));
        (1..4).for_each(|place| resets.present(place, true));
        resets.returned(1, Duration::from_millis(900), NEW);
        let (sums, [missed, away]) = resets.sums(Some("go"), 9).unwrap();
        assert_eq!((sums.meant, sums.returned()), (3, 2));
        assert_eq!((missed, away), (vec![], vec![2]), "the fourth did not get it, and nobody was to blame");
    }

    #[test]
    fn numbers_that_begin_again_are_still_later_ones() {
        let resets = Resets::new(1);
        resets.known().last = u16::MAX - 1;
        resets.received(0, "a", OLD);
        resets.received(0, "b", OLD);
        assert_eq!(&*resets.of(0).unwrap().id, "b");
    }
}
