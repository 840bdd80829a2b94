//! One real canary.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::ears::Ears;
use super::intervals::Intervals;
use super::told::Told;
use crate::judge::words::{clock, lasting};
use crate::{
    CanaryLink, CanarySeen, CanaryState, CanaryView, Cause, Decision, Phase, RealCanary, Reason, Side,
};

/// So many intervals missed one after the other withhold `go`, whatever the guard has shown yet.
const SUSPECT: u32 = 2;

/// One real canary, and what was heard of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) canary: RealCanary,
    told: Told,
    intervals: Intervals,
    /// When it was last heard of, and where it said to be.
    last: Option<(DateTime<Utc>, Option<Side>)>,
    /// When it was last heard on each side.
    on: [Option<DateTime<Utc>>; 2],
    /// On both sides at once: since when, and until when that stands.
    both: Option<(DateTime<Utc>, DateTime<Utc>)>,
    stale: u64,
    ears: Ears,
    /// Whether it could be somewhere where nobody listens.
    blind: bool,
    /// Until when it is known what was said.
    known: DateTime<Utc>,
    /// Since when it is watched without a gap.
    watched: DateTime<Utc>,
}

impl Row {
    pub(super) fn new(canary: RealCanary) -> Self {
        Self {
            ears: Ears::of(&canary),
            told: Told::default(),
            intervals: Intervals::default(),
            last: None,
            on: [None; 2],
            both: None,
            stale: 0,
            blind: true,
            known: DateTime::UNIX_EPOCH,
            watched: DateTime::UNIX_EPOCH,
            canary,
        }
    }

    /// The same canary as it is configured now: what was learned of another interval is void.
    pub(super) fn reconfigured(self, canary: RealCanary) -> Self {
        if self.canary.subscribed != canary.subscribed || self.canary.every != canary.every {
            let (told, last, on) = (self.told, self.last, self.on);
            return Self { told, last, on, ..Self::new(canary) };
        }
        Self { canary, ..self }
    }

    fn every(&self) -> TimeDelta {
        TimeDelta::from_std(self.canary.every).unwrap_or(TimeDelta::MAX)
    }

    fn due(&self) -> TimeDelta {
        TimeDelta::from_std(self.canary.due()).unwrap_or(TimeDelta::MAX)
    }

    /// The watch begins: whoever listened before listens no more.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) {
        (self.ears, self.blind) = (Ears::of(&self.canary), true);
        self.again(now);
    }

    /// Nobody looked until `now`, or the clock was set: it is expected anew.
    pub(super) fn again(&mut self, now: DateTime<Utc>) {
        let due = self.due();
        self.watched = now;
        self.intervals.expect(now, due);
        // Of a clock that was set back nothing may lie in the future.
        let past = |at: DateTime<Utc>| at.min(now);
        self.last = self.last.map(|(at, side)| (past(at), side));
        self.on = self.on.map(|at| at.map(past));
        self.both = self.both.filter(|(since, until)| *since <= now && *until - now <= due);
        self.known = past(self.known);
        self.ears.past(now);
    }

    /// Time passes; `cut`: nothing at all can be heard by this machine.
    pub(super) fn tick(&mut self, now: DateTime<Utc>, phase: Phase, cut: bool) {
        let Some((since, until)) = self.ears.known(phase, now).filter(|_| !cut) else {
            self.blind = true;
            return;
        };
        let (every, due) = (self.every(), self.due());
        let since = if std::mem::take(&mut self.blind) { now } else { since };
        self.intervals.expect_since(since, due);
        self.known = until;
        self.intervals.pass(until, every, phase);
    }

    pub(super) fn heard(&mut self, seen: &CanarySeen, phase: Phase) {
        let (every, due) = (self.every(), self.due());
        if !self.told.is_news(seen, due) {
            self.stale = self.stale.saturating_add(1);
            return;
        }
        let at = seen.at;
        if let Some(side) = seen.side {
            let (own, other) = (self.on[side as usize], self.on[side.other() as usize]);
            // It was heard here, then there, and here again: it did not move, it is on both.
            let between = own.zip(other).filter(|(own, other)| other > own);
            if between.is_some_and(|(own, other)| at - other <= due && other - own <= due) {
                let since = self.both.filter(|(_, until)| at < *until).map_or(at, |(since, _)| since);
                self.both = Some((since, super::intervals::after(at, due)));
            }
            self.on[side as usize] = Some(at);
        }
        self.last = Some((at, seen.side));
        self.intervals.heard(at, every, due, phase);
    }

    pub(super) fn link(&mut self, link: &CanaryLink, now: DateTime<Utc>) {
        self.ears.link(link, now);
    }

    pub(super) fn close_block(&mut self, margin: f64, ln_threshold: f64) {
        self.intervals.close_block(margin, ln_threshold);
    }

    pub(super) fn enter(&mut self, phase: Phase) {
        self.intervals.enter(phase);
    }

    pub(super) fn ln(&self) -> f64 {
        self.intervals.ln()
    }

    /// Where it stands.
    pub(super) fn state(&self, now: DateTime<Utc>) -> CanaryState {
        let heard = self.last.map_or(self.watched, |(at, _)| at.max(self.watched));
        if self.blind {
            if now - heard >= self.due() {
                return CanaryState::Unwatched;
            }
        } else if self.intervals.missed() > 0 {
            return CanaryState::Silent;
        }
        match self.last {
            // Heard of long ago, and expected again only since somebody listens again.
            Some((at, _)) if self.known - at >= self.due() => CanaryState::Waiting,
            Some(_) if self.both.is_some_and(|(_, until)| now < until) => CanaryState::Both,
            Some((_, Some(side))) => side.into(),
            Some((_, None)) => CanaryState::Alive,
            None => CanaryState::Waiting,
        }
    }

    /// Whether `go` is withheld, and why.
    pub(super) fn suspect(&self, now: DateTime<Utc>) -> Option<String> {
        let suspect = self.state(now) == CanaryState::Silent && self.intervals.missed() >= SUSPECT;
        suspect.then(|| self.silence(now))
    }

    /// The reasons to hold.
    pub(super) fn reasons(&self, phase: Phase, now: DateTime<Utc>) -> Vec<Reason> {
        let hold = |cause, text, since| Reason::plain(cause, Decision::Hold, text, since);
        let (state, name) = (self.state(now), &self.canary.name);
        let mut reasons = Vec::new();
        if let (CanaryState::Both, Some((since, _)), [Some(old), Some(new)]) = (state, self.both, self.on) {
            let text = format!(
                "canary {name}: on both sides at once, on old at {} and on new at {}",
                clock(old),
                clock(new)
            );
            reasons.push(hold(Cause::RealCanary, text, Some(since)));
        }
        if state == CanaryState::Unwatched && matches!(phase, Phase::Go | Phase::Settled) {
            let text = format!(
                "canary {name}: {}; whether it is silent cannot be said{}",
                self.unheard(now),
                self.ears.deafness()
            );
            reasons.push(hold(Cause::RealCanaryUnwatched, text, None));
        } else if let Some(since) = self.intervals.since() {
            let text = if state == CanaryState::Silent { self.silence(now) } else { self.gaps() };
            reasons.push(hold(Cause::RealCanary, text, Some(since)));
        }
        reasons
    }

    fn silence(&self, now: DateTime<Utc>) -> String {
        let every = lasting(self.canary.every);
        format!("canary {}: {}; expected each {every}", self.canary.name, self.unheard(now))
    }

    fn unheard(&self, now: DateTime<Utc>) -> String {
        let lasted = |since: DateTime<Utc>| lasting((now - since).to_std().unwrap_or_default());
        match self.last {
            Some((at, side)) => {
                let on = side.map_or_else(String::new, |side| format!(" on {side}"));
                format!("silent for {}, last seen{on} at {}", lasted(at), clock(at))
            }
            None => format!("never seen, though awaited for {}", lasted(self.watched)),
        }
    }

    /// What is to be said of one that is heard again, and not as often as it used to be.
    fn gaps(&self) -> String {
        let ((kept, known), every) = (self.intervals.course(), lasting(self.canary.every));
        let name = &self.canary.name;
        format!("canary {name}: missed {} of its latest {known} intervals of {every}", known - kept)
    }

    pub(super) fn view(&self, now: DateTime<Utc>) -> CanaryView {
        let (state, (kept, intervals)) = (self.state(now), self.intervals.course());
        CanaryView {
            canary: self.canary.name.clone(),
            state,
            every: self.canary.every,
            grace: self.canary.grace,
            last_seen: self.last.map(|(at, _)| at),
            last_side: self.last.and_then(|(_, side)| side),
            on_old: self.on[Side::Old as usize],
            on_new: self.on[Side::New as usize],
            silent_since: (state == CanaryState::Silent)
                .then(|| self.last.map_or(self.watched, |(at, _)| at)),
            kept,
            intervals,
            stale: self.stale,
            deaf: self.ears.deaf().collect(),
        }
    }
}
