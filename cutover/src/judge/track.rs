//! One detector, and its alarm while it stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::evidence::{Detector, Mixture, Tally};

/// An alarm closes at this level of a fresh test that all is well ...
const RESOLVE_LEVEL: f64 = 0.01;
/// ... and after at least so many clean blocks.
const RESOLVE_BLOCKS: u32 = 6;

/// A detector with its standing alarm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Track<T> {
    detector: Detector<T>,
    standing: Option<Standing<T>>,
}

/// An alarm that was raised and is not yet resolved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Standing<T> {
    /// When the change most likely began.
    pub(crate) since: DateTime<Utc>,
    /// What was seen since then.
    pub(crate) sum: T,
    clean: u32,
    clearing: Mixture,
}

/// One block, as one detector sees it.
pub(crate) struct Seen<'a, T> {
    /// When the block began.
    pub(crate) at: DateTime<Utc>,
    /// What was seen in it.
    pub(crate) tally: &'a T,
    /// The logarithm of its product for each bet of the detector.
    pub(crate) against: &'a [f64],
    /// The same for each bet that all is well.
    pub(crate) well: &'a [f64],
    /// Whether nothing in it speaks against the new side.
    pub(crate) clean: bool,
}

impl<T: Tally> Track<T> {
    pub(crate) fn new(bets: usize) -> Self {
        Self { detector: Detector::new(bets), standing: None }
    }

    /// Takes one block; says whether it raised the alarm, anew or again.
    pub(crate) fn step(&mut self, seen: &Seen<'_, T>, ln_threshold: f64) -> bool {
        if let Some(standing) = &mut self.standing {
            standing.sum.merge(seen.tally);
            standing.clearing.step(seen.well);
            standing.clean = if seen.clean { standing.clean.saturating_add(1) } else { 0 };
        }
        let Some(alarm) = self.detector.step(seen.at, seen.tally, seen.against, ln_threshold) else {
            self.standing.take_if(|standing| standing.clearing.shown() && standing.clean >= RESOLVE_BLOCKS);
            return false;
        };
        let (clean, clearing) = (0, Mixture::new(RESOLVE_LEVEL, seen.well.len()));
        let (since, sum) = self.standing.take().map_or((alarm.since, alarm.sum), |old| (old.since, old.sum));
        self.standing = Some(Standing { since, sum, clean, clearing });
        true
    }

    pub(crate) const fn detector(&self) -> &Detector<T> {
        &self.detector
    }

    pub(crate) const fn standing(&self) -> Option<&Standing<T>> {
        self.standing.as_ref()
    }
}

impl<T> Standing<T> {
    /// How far the evidence has come that it is over: 1 at enough.
    pub(crate) fn cleared(&self) -> f64 {
        let test = &self.clearing;
        if test.shown() { 1.0 } else { (test.ln() / test.ln_threshold()).clamp(0.0, 1.0) }
    }
}
