//! The intervals of one canary: kept or missed, and what follows from it.
//!
//! Interval and grace after a canary was heard it is overdue, and each further interval is one more that it missed.
//! A missed interval is Z of the guard: how often that happens is learned before Go. A flood of messages is no flood of
//! kept intervals: one is over after half of it at the earliest.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::Phase;
use crate::evidence::{Counts, Guard};

/// Intervals that are shown.
pub(super) const SHOWN: u32 = 20;
/// An alarm stands until so many intervals in a row were kept.
const CLEAN: u32 = 3;

/// One canary's intervals.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Intervals {
    /// When the open interval began, and when it is overdue; `None`: nothing is expected.
    open: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Intervals missed one after the other, until now.
    missed: u32,
    /// A bit for each interval, the latest is the lowest; set: it was missed.
    course: u32,
    known: u32,
    block: Counts,
    began: Option<DateTime<Utc>>,
    guard: Guard,
    since: Option<DateTime<Utc>>,
    kept: u32,
}

impl Intervals {
    /// From `now` on it is expected, however long it was not heard before.
    pub(super) fn expect(&mut self, now: DateTime<Utc>, due: TimeDelta) {
        (self.open, self.missed) = (Some((now, after(now, due))), 0);
    }

    /// Nothing could be heard before `since`: if it was expected earlier, it is expected from then on.
    pub(super) fn expect_since(&mut self, since: DateTime<Utc>, due: TimeDelta) {
        if self.open.is_none_or(|(began, _)| began < since) {
            self.expect(since, due);
        }
    }

    /// It was heard.
    pub(super) fn heard(&mut self, at: DateTime<Utc>, every: TimeDelta, due: TimeDelta, phase: Phase) {
        let (began, _) = self.open.unwrap_or((at, at));
        let over = at - began >= every / 2;
        if over && self.missed == 0 {
            self.count(at, 0, 1, phase);
        }
        let began = if over || self.missed > 0 { at } else { began };
        (self.open, self.missed) = (Some((began, after(at, due))), 0);
    }

    /// Time has passed without a word: counts what was missed.
    pub(super) fn pass(&mut self, now: DateTime<Utc>, every: TimeDelta, phase: Phase) {
        let Some((began, overdue)) = self.open.filter(|(_, overdue)| now >= *overdue) else { return };
        let every = every.num_milliseconds().max(1);
        let count = 1 + (now - overdue).num_milliseconds() / every;
        let next = TimeDelta::try_milliseconds(every.saturating_mul(count)).unwrap_or(TimeDelta::MAX);
        self.open = Some((began, after(overdue, next)));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.missed = self.missed.saturating_add(count);
        self.count(now, count, 0, phase);
    }

    fn count(&mut self, at: DateTime<Utc>, missed: u32, kept: u32, phase: Phase) {
        let all = missed.saturating_add(kept);
        let pushed = all.min(SHOWN);
        let bits = if missed > 0 { (1 << pushed) - 1 } else { 0 };
        self.course = (self.course << pushed | bits) & ((1 << SHOWN) - 1);
        self.known = (self.known + pushed).min(SHOWN);
        self.kept = if missed > 0 { 0 } else { self.kept.saturating_add(kept) };
        self.since.take_if(|_| self.kept >= CLEAN);
        let seen = Counts { failed: missed.into(), trials: all.into() };
        match phase {
            Phase::Ready | Phase::Set => self.guard.learn(seen),
            Phase::Go | Phase::Settled => {
                self.began.get_or_insert(at);
                self.block.failed += seen.failed;
                self.block.trials += seen.trials;
            }
            // The way back: where it is to be is nobody's guess.
            Phase::RolledBack => {}
        }
    }

    /// A block is over. One in which nothing was due is none.
    pub(super) fn close_block(&mut self, margin: f64, ln_threshold: f64) {
        let Some(began) = self.began.take() else { return };
        let (seen, q0) = (std::mem::take(&mut self.block), self.guard.tolerated(margin));
        if let Some(alarm) = self.guard.step(began, seen, q0, ln_threshold) {
            self.since.get_or_insert(alarm.since);
            self.kept = 0;
        }
    }

    /// A phase begins: before a new attempt what was suspected is void.
    pub(super) fn enter(&mut self, phase: Phase) {
        (self.block, self.began) = (Counts::default(), None);
        if matches!(phase, Phase::Ready | Phase::Set) {
            (self.guard, self.since) = (self.guard.renewed(), None);
        }
    }

    /// How many it missed one after the other, until now.
    pub(super) const fn missed(&self) -> u32 {
        self.missed
    }

    /// Of its latest intervals those that it kept, and how many those are.
    pub(super) const fn course(&self) -> (u32, u32) {
        (self.known - self.course.count_ones(), self.known)
    }

    /// Since when it misses more than it used to, while that stands.
    pub(super) const fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// The logarithm of the evidence so far.
    pub(super) fn ln(&self) -> f64 {
        self.guard.detector().ln().max(0.0)
    }
}

pub(super) fn after(at: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: TimeDelta = TimeDelta::seconds(60);
    const DUE: TimeDelta = TimeDelta::seconds(90);

    fn moment(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_flood_is_no_more_than_the_intervals_that_it_fills() {
        let mut intervals = Intervals::default();
        intervals.expect(moment(0), DUE);
        (0..600).for_each(|second| intervals.heard(moment(second), EVERY, DUE, Phase::Go));
        let (kept, known) = intervals.course();
        assert!(kept == known && (10..=20).contains(&known), "{known} of ten minutes");
    }

    #[test]
    fn what_is_late_within_its_grace_is_kept_and_each_interval_after_it_is_missed() {
        let mut intervals = Intervals::default();
        intervals.expect(moment(0), DUE);
        intervals.heard(moment(89), EVERY, DUE, Phase::Go);
        assert_eq!((intervals.course(), intervals.missed()), ((1, 1), 0));
        intervals.pass(moment(89 + 89), EVERY, Phase::Go);
        assert_eq!(intervals.missed(), 0);
        intervals.pass(moment(89 + 90), EVERY, Phase::Go);
        assert_eq!(intervals.missed(), 1);
        intervals.pass(moment(89 + 90 + 180), EVERY, Phase::Go);
        assert_eq!((intervals.course(), intervals.missed()), ((1, 5), 4));
        intervals.heard(moment(400), EVERY, DUE, Phase::Go);
        assert_eq!((intervals.course(), intervals.missed()), ((1, 5), 0));
        intervals.pass(DateTime::<Utc>::MAX_UTC, EVERY, Phase::Go);
        assert_eq!(intervals.course(), (0, SHOWN));
    }
}
