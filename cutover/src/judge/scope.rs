//! One scope's evidence for and against the new side.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::track::{Seen, Track};
use crate::evidence::{
    Decayed, ERROR_BETS, Failures, GUARD_BETS, LOCATION_BETS, Learned, LocationBlock, LocationMargins,
    Mixture, Moments, Settings, Slow, TAIL_BETS, TailBlock, Tally, Usual, Ways, error_products,
    guard_products, non_inferior_products, tolerated,
};
use crate::{Evidence, EvidenceKind, Phase, Scope};

/// How fast the old side's failures are forgotten, of a scope.
const LONG: TimeDelta = TimeDelta::hours(4);

/// One scope is sampled harder from this suspicion on, all of them from a higher one; until it is below the last.
///
/// The suspicion is the mean over the bets, as specified; the specified 3.0 is not kept. With it a journey that fails 5
/// points more was seen after 575 s in the median, with 2.0 after 396 to 460 s, and 390 s are promised. It costs runs
/// and never a false alarm: the pace follows from past blocks only, and the detector's bound holds at any pace.
pub(super) const LN_HURRY: f64 = 2.0;
const LN_HURRY_ALL: f64 = 4.0;
const LN_CALM: f64 = 1.0;

/// What the evidence of a scope is measured against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) error_margin: f64,
    pub(crate) go_margin: f64,
    pub(crate) go_level: f64,
    pub(crate) location: LocationMargins,
    pub(crate) ln_threshold: f64,
}

/// The evidence of one scope.
#[derive(Debug)]
pub(crate) struct ScopeEvidence {
    pub(crate) scope: Scope,
    pub(crate) terms: Terms,
    pub(crate) state: ScopeState,
}

/// All of it that must outlive a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ScopeState {
    open: Open,
    pub(crate) learned: Learned,
    /// Failures of the old side, over hours.
    long: Decayed,
    pub(crate) errors: Track<Failures>,
    pub(crate) location: Track<Moments>,
    pub(crate) tail: Track<TailBlock>,
    pub(crate) guard: Track<Failures>,
    /// That it fails no more, since the phase began or the last alarm was raised.
    pub(crate) non_inferior: Mixture,
    /// That it takes no longer, since then.
    pub(crate) not_slower: Mixture,
    /// The scaled log-ratios since then.
    pub(crate) scaled: Moments,
    /// Pairs since then of which at least one side passed, and when the first of them, or a block without any, was seen.
    pub(crate) pairs: u64,
    pub(crate) began: Option<DateTime<Utc>>,
    pub(crate) hurried: bool,
}

/// The block that is not over yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Open {
    at: Option<DateTime<Utc>>,
    failures: Failures,
    old_failed: u64,
    location: LocationBlock,
    tail: TailBlock,
}

/// One pair, with what was expected of it before it was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored<'a> {
    pub(crate) old_failed: bool,
    pub(crate) new_failed: bool,
    pub(crate) new_ways: &'a Ways,
    /// How long each side took, in seconds, if both passed.
    pub(crate) took: Option<(f64, f64)>,
    pub(crate) usual: Usual,
    pub(crate) slow: Option<Slow>,
}

/// What a block's end brings to every scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Closing {
    pub(crate) now: DateTime<Utc>,
    /// Whether the old side is itself failing: then the guard looks away.
    pub(crate) old_fails: bool,
    /// An upper limit of the old side's failure rate in the last minutes, over all journeys.
    pub(crate) short_rate: f64,
}

impl Terms {
    /// The terms of `scope`, one of `scopes` beside the pooled one.
    pub(crate) fn new(scope: &Scope, settings: &Settings, ln_threshold: f64, scopes: usize) -> Self {
        let (go_margin, go, go_level) = match scope {
            Scope::All => (settings.go_margin, settings.go_location, settings.go_level),
            _ => {
                let level = settings.go_level / scopes.max(1) as f64;
                (settings.go_margin_journey, settings.go_location_journey, level)
            }
        };
        let location = LocationMargins { slower: 1.0 + settings.location_margin, go: 1.0 + go };
        Self { error_margin: settings.error_margin, go_margin, go_level, location, ln_threshold }
    }
}

impl ScopeEvidence {
    pub(crate) fn new(scope: Scope, terms: Terms) -> Self {
        let state = ScopeState {
            open: Open::default(),
            learned: Learned::default(),
            long: Decayed::default(),
            errors: Track::new(ERROR_BETS.len()),
            location: Track::new(LOCATION_BETS.len()),
            tail: Track::new(TAIL_BETS),
            guard: Track::new(GUARD_BETS.len()),
            non_inferior: Mixture::new(terms.go_level, ERROR_BETS.len()),
            not_slower: Mixture::new(terms.go_level, LOCATION_BETS.len()),
            scaled: Moments::default(),
            pairs: 0,
            began: None,
            hurried: false,
        };
        Self { scope, terms, state }
    }

    /// Adds one pair to the open block.
    pub(crate) fn add(&mut self, pair: &Scored<'_>, now: DateTime<Utc>) {
        let open = &mut self.state.open;
        open.at.get_or_insert(now);
        open.failures.block.add(pair.old_failed, pair.new_failed);
        open.old_failed += u64::from(pair.old_failed);
        if pair.new_failed && !pair.old_failed {
            open.failures.ways.merge(pair.new_ways);
        }
        if let Some((old, new)) = pair.took {
            open.location.add(new.ln() - old.ln(), pair.usual, self.terms.location);
            if let Some(slow) = pair.slow {
                open.tail.add(old, new, slow, pair.usual.highest());
            }
        }
        self.state.pairs += u64::from(!(pair.old_failed && pair.new_failed));
        self.state.began.get_or_insert(now);
    }

    /// Closes the open block. One without pairs is no block: nothing was looked at.
    pub(crate) fn close_block(&mut self, closing: Closing) {
        let (terms, state) = (self.terms, &mut self.state);
        state.learned.close_block();
        state.began.get_or_insert(closing.now);
        let Some(at) = state.open.at else { return };
        let Open { failures, old_failed, location, tail, .. } = std::mem::take(&mut state.open);
        let (block, ln_threshold) = (&failures.block, terms.ln_threshold);
        let well = non_inferior_products(block, terms.go_margin);
        state.non_inferior.step(&well);
        let against = error_products(block, terms.error_margin);
        let clean = block.worse <= block.better;
        let seen = Seen { at, tally: &failures, against: &against, well: &well, clean };
        let mut raised = state.errors.step(&seen, ln_threshold);
        if location.ratios.count() > 0 {
            state.not_slower.step(&location.not_slower);
            state.scaled.merge(&location.scaled);
            let (against, well, clean) = (&location.slower, &location.not_slower, location.score <= 0.0);
            let seen = Seen { at, tally: &location.ratios, against, well, clean };
            raised |= state.location.step(&seen, ln_threshold);
        }
        let [slow, _] = &tail.0;
        if slow.pairs() > 0 {
            let (against, well) =
                (tail.products(terms.error_margin), non_inferior_products(slow, terms.go_margin));
            let clean = slow.worse <= slow.better;
            let seen = Seen { at, tally: &tail, against: &against, well: &well, clean };
            raised |= state.tail.step(&seen, ln_threshold);
        }
        let (worse, pairs) = (block.worse as f64, block.pairs() as f64);
        if !closing.old_fails {
            let q0 = tolerated(closing.short_rate.max(state.long.upper_rate()), terms.error_margin);
            let against = guard_products(worse, pairs - worse, q0);
            let seen =
                Seen { at, tally: &failures, against: &against, well: &well, clean: worse <= q0 * pairs };
            raised |= state.guard.step(&seen, ln_threshold);
        }
        // Only now: what a block is measured against was known before it.
        state.long.add(old_failed as f64, pairs, closing.now, LONG);
        if raised {
            // What was shown before the change says nothing about what is there now.
            self.restart();
        }
        self.pace();
    }

    /// Decides whether the next blocks are sampled harder: by past blocks only, so that every bet stays fair.
    fn pace(&mut self) {
        let state = &mut self.state;
        let suspicions = [
            state.errors.detector().ln_suspicion(),
            state.location.detector().ln_suspicion(),
            state.tail.detector().ln_suspicion(),
            // The guard suspects first: it knows how seldom the old side fails.
            state.guard.detector().ln_suspicion(),
        ];
        let most = suspicions.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let hurry = if self.scope == Scope::All { LN_HURRY_ALL } else { LN_HURRY };
        state.hurried = most >= hurry || (state.hurried && most >= LN_CALM);
    }

    /// A phase begins. A block belongs to one phase: the open one is dropped.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.state.open = Open::default();
        match phase {
            // A new attempt: what was seen of the new side before was another one.
            Phase::Ready | Phase::Set => {
                let (learned, long) = (self.state.learned.clone(), self.state.long.clone());
                *self = Self::new(self.scope.clone(), self.terms);
                (self.state.learned, self.state.long) = (learned, long);
                self.state.learned.soak.begin();
            }
            // From here on the soak is what durations are compared with: another hypothesis.
            Phase::Go => {
                self.state.learned.soak.end();
                self.state.location = Track::new(LOCATION_BETS.len());
                self.state.tail = Track::new(TAIL_BETS);
            }
            Phase::Settled | Phase::RolledBack => {}
        }
        self.restart();
    }

    /// Starts the tests for `go` anew: a phase began, or an alarm was raised.
    pub(crate) fn restart(&mut self) {
        let state = &mut self.state;
        state.non_inferior = Mixture::new(self.terms.go_level, ERROR_BETS.len());
        state.not_slower = Mixture::new(self.terms.go_level, LOCATION_BETS.len());
        (state.scaled, state.pairs, state.began) = (Moments::default(), 0, None);
    }

    /// Whether something is suspected that is not yet shown: `go` is withheld, even where it was earned before. Times
    /// wander more than failures do, so their detectors, and the guard, must be half-way to an alarm.
    pub(crate) fn smells(&self) -> bool {
        let (state, half) = (&self.state, self.terms.ln_threshold / 2.0);
        state.errors.detector().smells()
            || state.location.detector().ln_suspicion() > half
            || state.tail.detector().ln_suspicion() > half
            || state.guard.detector().ln_suspicion() > half
    }

    /// Whether an alarm stands.
    pub(crate) const fn stands(&self) -> bool {
        let state = &self.state;
        state.errors.standing().is_some()
            || state.location.standing().is_some()
            || state.tail.standing().is_some()
            || state.guard.standing().is_some()
    }

    /// How far the evidence has come: three kinds for `rollback`, one for `hold`, two for `go`.
    pub(crate) fn evidence(&self) -> [Evidence; 6] {
        let (state, against) = (&self.state, self.terms.ln_threshold);
        let one = |kind, ln: f64, ln_threshold| Evidence {
            scope: self.scope.clone(),
            kind,
            ln: ln.max(-1e6),
            ln_threshold,
        };
        let (fails, slows) = (&state.non_inferior, &state.not_slower);
        [
            one(EvidenceKind::Error, state.errors.detector().ln().max(0.0), against),
            one(EvidenceKind::Location, state.location.detector().ln().max(0.0), against),
            one(EvidenceKind::Tail, state.tail.detector().ln().max(0.0), against),
            one(EvidenceKind::Guard, state.guard.detector().ln().max(0.0), against),
            one(EvidenceKind::NonInferiority, fails.ln(), fails.ln_threshold()),
            one(EvidenceKind::NotSlower, slows.ln(), slows.ln_threshold()),
        ]
    }
}

#[cfg(test)]
mod tests;
