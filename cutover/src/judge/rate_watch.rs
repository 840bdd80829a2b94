//! A guard over something that has no counterpart on the other side, with its alarm while it stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Window;
use crate::evidence::{Counts, Guard};

/// An alarm stands until so many tries have passed since the last minute with more failures than tolerated: what is not
/// tried for a minute is not well.
const PASSED: u32 = 3;

/// How often it fails, against how often it used to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct RateWatch {
    guard: Guard,
    window: Window,
    open: Counts,
    began: Option<DateTime<Utc>>,
    since: Option<DateTime<Utc>>,
    passed: u32,
    smells: bool,
}

impl RateWatch {
    /// Learns from a try at a time that counts as healthy.
    pub(super) fn learn(&mut self, failed: bool) {
        self.guard.learn(one(failed));
    }

    /// Takes one try.
    pub(super) fn observe(&mut self, failed: bool, now: DateTime<Utc>) {
        self.window.add(now, failed);
        self.began.get_or_insert(now);
        let seen = one(failed);
        (self.open.failed, self.open.trials) =
            (self.open.failed + seen.failed, self.open.trials + seen.trials);
        self.passed = if failed { self.passed } else { self.passed.saturating_add(1) };
    }

    /// Closes the open block. One without tries is no block.
    pub(super) fn close_block(&mut self, now: DateTime<Utc>, margin: f64, ln_threshold: f64) {
        let q0 = self.guard.tolerated(margin);
        if let Some(began) = self.began.take() {
            let seen = std::mem::take(&mut self.open);
            if self.guard.step(began, seen, q0, ln_threshold).is_some() {
                (self.passed, self.since) = (0, self.since.or(Some(now)));
            }
            self.smells = self.guard.detector().smells();
        }
        let (failed, tries) = self.window.counts(now);
        if failed as f64 > q0 * tries as f64 {
            self.passed = 0;
        }
        self.since.take_if(|_| self.passed >= PASSED);
    }

    /// One that has learned the same and suspects nothing.
    pub(super) fn renewed(&self) -> Self {
        Self { guard: self.guard.renewed(), ..Self::default() }
    }

    /// Since when the alarm stands, if it does.
    pub(super) const fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// Whether something is suspected that is not yet shown.
    pub(super) const fn smells(&self) -> bool {
        self.smells
    }

    /// Failures and tries of the last minute.
    pub(super) fn counts(&self, now: DateTime<Utc>) -> (u64, u64) {
        self.window.counts(now)
    }

    /// What is known of the usual rate, and the evidence as it stands.
    pub(super) const fn guard(&self) -> &Guard {
        &self.guard
    }
}

fn one(failed: bool) -> Counts {
    Counts { failed: f64::from(u8::from(failed)), trials: 1.0 }
}
