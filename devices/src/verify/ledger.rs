//! What is known of one device's datapoints in one place. Pure: the time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// A datapoint is looked for again after a quarter of the time that it has needed so far, but not sooner and not later
/// than this: how long it took is known within a quarter.
const SOONEST: Duration = Duration::from_millis(50);
const LATEST: Duration = Duration::from_secs(5);
/// How many datapoints that were found stay in sight, for copies of them, and order, to be noticed.
const KEPT: usize = 4;

/// The datapoints of one device that are looked for in one place, by number.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    seq: u64,
    sent: Instant,
    /// How many copies are the device's own; each one more is blamed once.
    copies: usize,
    found: bool,
    late: bool,
}

/// What a look finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// A datapoint is there, so long after it was sent.
    There(Duration),
    /// It is not there, and its time is over.
    Lost,
    /// There is a copy that the device did not send.
    Duplicate,
    /// It stands behind one that was sent after it.
    OutOfOrder,
    /// Its time is over, and nobody answered whether it is there.
    Unread,
}

impl Ledger {
    /// A datapoint must be there.
    pub(super) fn claim(&mut self, seq: u64, sent: Instant, sends: u8) {
        let copies = usize::from(sends);
        match self.entries.iter_mut().find(|entry| entry.seq == seq) {
            // Acknowledged once more: it was sent more often than was known.
            Some(entry) => entry.copies = entry.copies.max(copies),
            None => {
                let place = self.entries.partition_point(|entry| entry.seq < seq);
                self.entries.insert(place, Entry { seq, sent, copies, found: false, late: false });
            }
        }
    }

    /// A datapoint goes once more. One that is not looked for any more, or not yet, is no concern of the ledger's.
    pub(super) fn again(&mut self, seq: u64) {
        let known = self.entries.iter_mut().find(|entry| entry.seq == seq);
        known.into_iter().for_each(|entry| entry.copies += 1);
    }

    /// The number after which datapoints are asked for.
    pub(super) fn after(&self) -> u64 {
        self.entries.front().map_or(0, |entry| entry.seq.saturating_sub(1))
    }

    /// When to look next; `None`: there is nothing to look for.
    pub(super) fn look_at(&self, now: Instant, within: Duration) -> Option<Instant> {
        let wanted = self.entries.iter().filter(|entry| !entry.found);
        let look = |entry: &Entry| {
            let waited = now.saturating_duration_since(entry.sent);
            let next = now + (waited / 4).clamp(SOONEST, LATEST);
            let due = entry.sent + within;
            if now < due { next.min(due) } else { next }
        };
        wanted.map(look).min()
    }

    /// These numbers were there, in this order, when it was asked at `asked`.
    pub(super) fn read(
        &mut self,
        numbers: &[u64],
        asked: Instant,
        now: Instant,
        within: Duration,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for entry in &mut self.entries {
            let copies = numbers.iter().filter(|seq| **seq == entry.seq).count();
            if copies > 0 && !entry.found {
                entry.found = true;
                findings.push(Finding::There(now.saturating_duration_since(entry.sent)));
            }
            let foreign = copies.saturating_sub(entry.copies);
            entry.copies += foreign;
            findings.extend(std::iter::repeat_n(Finding::Duplicate, foreign));
            // Its first copy counts: a later one is only a repetition.
            let before = numbers.iter().take_while(|seq| **seq != entry.seq);
            if copies > 0 && !entry.late && before.into_iter().any(|seq| *seq > entry.seq) {
                entry.late = true;
                findings.push(Finding::OutOfOrder);
            }
        }
        findings.extend(self.give_up(asked, within, Finding::Lost));
        let found = self.entries.iter().filter(|entry| entry.found).count();
        for _ in KEPT..found {
            let Some(oldest) = self.entries.iter().position(|entry| entry.found) else { break };
            self.entries.remove(oldest);
        }
        findings
    }

    /// Nobody answered.
    pub(super) fn unanswered(&mut self, asked: Instant, within: Duration) -> Vec<Finding> {
        self.give_up(asked, within, Finding::Unread)
    }

    /// What was not found when it was asked for after its time is found no more.
    fn give_up(&mut self, asked: Instant, within: Duration, finding: Finding) -> Vec<Finding> {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.found || asked < entry.sent + within);
        vec![finding; before - self.entries.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Finding::{Duplicate, Lost, OutOfOrder, There, Unread};

    const WITHIN: Duration = Duration::from_secs(10);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_datapoint_is_there_once_it_is_seen_and_the_time_it_took_is_from_its_sending() {
        let (start, mut ledger) = (Instant::now(), Ledger::default());
        ledger.claim(7, start, 1);
        assert_eq!((ledger.after(), ledger.look_at(start, WITHIN)), (6, Some(start + SOONEST)));
        assert_eq!(ledger.read(&[], start + ms(50), start + ms(60), WITHIN), []);
        assert_eq!(ledger.look_at(start + ms(400), WITHIN), Some(start + ms(500)));
        assert_eq!(ledger.read(&[7], start + ms(500), start + ms(510), WITHIN), [There(ms(510))]);
        assert_eq!(ledger.look_at(start + ms(600), WITHIN), None);
        assert_eq!(ledger.read(&[7], start + ms(900), start + ms(910), WITHIN), []);
    }

    #[test]
    fn lost_is_what_an_answer_does_not_have_that_was_asked_for_after_its_time() {
        let (start, mut ledger) = (Instant::now(), Ledger::default());
        ledger.claim(1, start, 1);
        assert_eq!(ledger.look_at(start + ms(9900), WITHIN), Some(start + WITHIN));
        assert_eq!(
            ledger.read(&[], start + ms(9999), start + ms(10_500), WITHIN),
            [],
            "asked before its time"
        );
        assert_eq!(ledger.read(&[], start + WITHIN, start + ms(10_100), WITHIN), [Lost]);
        assert_eq!(ledger.read(&[1], start + ms(11_000), start + ms(11_000), WITHIN), [], "it stays lost");
        ledger.claim(2, start, 1);
        assert_eq!(ledger.unanswered(start + ms(9999), WITHIN), []);
        assert_eq!(ledger.unanswered(start + WITHIN, WITHIN), [Unread]);
    }

    #[test]
    fn a_copy_that_the_device_sent_is_none_and_each_other_one_is_blamed_once() {
        let (start, mut ledger) = (Instant::now(), Ledger::default());
        ledger.claim(1, start, 2);
        ledger.claim(2, start, 1);
        let now = start + ms(100);
        assert_eq!(ledger.read(&[1, 1, 2, 2], now, now, WITHIN), [There(ms(100)), There(ms(100)), Duplicate]);
        assert_eq!(ledger.read(&[1, 1, 2, 2], now, now, WITHIN), []);
        assert_eq!(ledger.read(&[1, 1, 1, 2, 2, 2, 2], now, now, WITHIN), [Duplicate, Duplicate, Duplicate]);
        // The acknowledgement of the second session says that it was sent twice.
        ledger.claim(3, start, 1);
        ledger.claim(3, start, 2);
        assert_eq!(ledger.read(&[3, 3], now, now, WITHIN), [There(ms(100))]);
        // And again after it was found.
        ledger.again(3);
        ledger.again(4);
        assert_eq!(ledger.read(&[3, 3, 3], now, now, WITHIN), []);
    }

    #[test]
    fn who_stands_behind_a_later_one_is_out_of_order_and_a_repetition_is_not() {
        let (start, mut ledger) = (Instant::now(), Ledger::default());
        for seq in 1..=3 {
            ledger.claim(seq, start, 2);
        }
        let there = There(Duration::ZERO);
        let all = [there, there, OutOfOrder, there];
        assert_eq!(ledger.read(&[1, 3, 2, 3, 1], start, start, WITHIN), all);
        assert_eq!(ledger.read(&[1, 3, 2, 3, 1], start, start, WITHIN), []);
    }

    #[test]
    fn a_ledger_stays_short() {
        let (start, mut ledger) = (Instant::now(), Ledger::default());
        for seq in 1..=1000 {
            ledger.claim(seq, start, 1);
            ledger.read(&[seq], start, start, WITHIN);
        }
        assert_eq!((ledger.entries.len(), ledger.after()), (KEPT, 996));
    }
}
