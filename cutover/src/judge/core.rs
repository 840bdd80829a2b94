//! The judge itself.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::fleets::Fleets;
use super::health::Health;
use super::names::Names;
use super::pairing::{Pair, Pairing};
use super::scope::ScopeEvidence;
use super::unpaired::Unpaired;
use super::words::percent;
use crate::evidence::Settings;
use crate::{Cause, Decision, Observation, Phase, Reason, RunSeen, Scope, Sides, Verdict};

/// What will be watched: it decides how many detectors share the false alarms that are tolerated.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// The journeys that run in pairs.
    pub paired: Vec<Arc<str>>,
    /// How many pairs a second they make together, for estimates.
    pub pairs_per_second: f64,
    /// How many journeys and routes run without a counterpart.
    pub unpaired: usize,
    /// The share of the devices on the new side (0 to 1) from which on there is no way back.
    pub point_of_no_return: Option<f64>,
}

/// Folds observations into evidence, and evidence into a verdict. Never reads a clock.
#[derive(Debug)]
pub struct Judge {
    settings: Settings,
    sides: Arc<Sides>,
    phase: Phase,
    pairs_per_second: f64,
    point_of_no_return: Option<f64>,
    /// The share at which the point was passed. It stays passed: nothing syncs back.
    passed_it: Option<f64>,
    pairs: u64,
    crossed: u64,
    block_ends: Option<DateTime<Utc>>,
    pairing: Pairing,
    pooled: ScopeEvidence,
    scopes: Vec<ScopeEvidence>,
    unpaired: Unpaired,
    health: Health,
    names: Names,
    fleets: Fleets,
    decided: Option<(Decision, DateTime<Utc>)>,
}

impl Judge {
    /// A judge that has seen nothing yet.
    pub fn new(settings: Settings, sides: Arc<Sides>, watched: &Watched) -> Self {
        let journeys = watched.paired.len();
        // One journey alone needs no pooled detector of its own, but a bound that is a little too strict harms nobody.
        let scope = |scope| ScopeEvidence::new(scope, &settings, journeys + 1, journeys);
        let scopes = watched.paired.iter().map(|name| scope(Scope::Journey(name.clone()))).collect();
        Self {
            pooled: scope(Scope::All),
            scopes,
            unpaired: Unpaired::new(&settings, settings.ln_threshold(watched.unpaired)),
            pairs_per_second: watched.pairs_per_second,
            point_of_no_return: watched.point_of_no_return,
            passed_it: None,
            settings,
            sides,
            phase: Phase::Ready,
            pairs: 0,
            crossed: 0,
            block_ends: None,
            pairing: Pairing::default(),
            health: Health::default(),
            names: Names::default(),
            fleets: Fleets::default(),
            decided: None,
        }
    }

    /// Takes one observation, at the time at which it is folded.
    pub fn observe(&mut self, observation: &Observation, now: DateTime<Utc>) {
        self.tick(now);
        match observation {
            Observation::Run(run) => self.run(run, now),
            Observation::Fleet(tally) => {
                self.fleets.observe(tally, &self.settings);
                self.note_point_of_no_return();
            }
            Observation::Name(answer) => self.names.observe(answer, &self.sides),
            // A run that did not happen says nothing about either side.
            Observation::Skipped(_) => {}
        }
    }

    fn note_point_of_no_return(&mut self) {
        let share = self.fleets.share_on_new();
        let passed = self.phase == Phase::Go && self.point_of_no_return.is_some_and(|point| share >= point);
        if passed && self.passed_it.is_none() {
            self.passed_it = Some(share);
        }
    }

    fn run(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        self.health.observe(run, now);
        self.unpaired.observe(run, self.phase, now);
        if let Some(pair) = self.pairing.add(run) {
            self.pair(&pair, now);
        }
    }

    fn pair(&mut self, pair: &Pair, now: DateTime<Utc>) {
        let (Some(old_failed), Some(new_failed)) = (pair.old.failed, pair.new.failed) else { return };
        if pair.old.crossed || pair.new.crossed {
            self.crossed += 1;
            return;
        }
        self.pairs += 1;
        // In `ready` the new side is not up yet: its failures say nothing.
        if self.phase == Phase::Ready {
            return;
        }
        self.pooled.add(old_failed, new_failed, &pair.new.ways, now);
        let own = self.scopes.iter_mut().find(|own| *own.scope() == Scope::Journey(pair.journey.clone()));
        if let Some(own) = own {
            own.add(old_failed, new_failed, &pair.new.ways, now);
        }
    }

    /// Lets time pass: closes the block that is over.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        let block = TimeDelta::from_std(self.settings.block).unwrap_or(TimeDelta::MAX);
        let ends = *self.block_ends.get_or_insert(now + block);
        // A clock that was set back would otherwise keep this block open until it has caught up.
        if now < ends && ends - now <= block {
            return;
        }
        self.block_ends = Some(now + block);
        self.pooled.close_block(now);
        self.scopes.iter_mut().for_each(|scope| scope.close_block(now));
        self.unpaired.close_block(now);
        self.health.tick(now);
    }

    /// The cutover has entered `phase`: what must be shown for `go` must be shown again.
    pub fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.pooled.restart();
        self.scopes.iter_mut().for_each(ScopeEvidence::restart);
    }

    /// Pairs counted, and pairs that were answered by the wrong application and count for nothing.
    pub const fn pairs(&self) -> (u64, u64) {
        (self.pairs, self.crossed)
    }

    /// Whether the point of no return was passed.
    pub const fn past_no_return(&self) -> bool {
        self.passed_it.is_some()
    }

    /// Whether every name that moves is seen on the new side by every resolver.
    pub fn names_moved(&self) -> bool {
        self.names.all_moved()
    }

    /// The verdict as of `now`.
    pub fn verdict(&mut self, now: DateTime<Utc>) -> Verdict {
        let mut reasons = self.reasons(now);
        // Stable: reasons of equal urgency keep the order in which they were looked at.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.raises));
        let decision = reasons.first().map_or(Decision::Hold, |reason| reason.raises);
        let since = match self.decided {
            Some((same, since)) if same == decision => since,
            _ => now,
        };
        self.decided = Some((decision, since));
        let all = std::iter::once(&self.pooled).chain(&self.scopes);
        let mut evidence: Vec<_> = all.flat_map(ScopeEvidence::evidence).collect();
        evidence.extend(self.unpaired.evidence());
        let estimate = self.estimate().filter(|_| decision == Decision::Hold);
        Verdict { decision, since, reasons, evidence, estimate }
    }

    fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.phase == Phase::RolledBack {
            let text = "rolled back: the new side is watched, and nothing is asked of it".to_owned();
            reasons.push(Reason::plain(Cause::Phase, Decision::Hold, text, None));
        }
        let against = std::iter::once(&self.pooled).chain(&self.scopes).filter_map(ScopeEvidence::reason);
        reasons.extend(against.map(|reason| self.advised(reason)));
        reasons.extend(self.health.reasons(now));
        reasons.extend(self.names.reasons(self.phase, now, self.settings.stale_grace));
        reasons.extend(self.fleets.reasons());
        reasons.extend(self.unpaired.reasons(now));
        if reasons.is_empty() {
            reasons.push(self.for_go());
        }
        reasons
    }

    /// A reason for a rollback, as it is to be read where the cutover stands.
    fn advised(&self, mut reason: Reason) -> Reason {
        if self.phase == Phase::RolledBack {
            // There is nothing left to roll back.
            reason.raises = Decision::Hold;
        } else if let Some(share) = self.passed_it {
            let share = percent(share);
            let advice =
                format!("past the point of no return ({share} of the devices were on new): fix forward");
            reason.text = format!("{}; {advice}", reason.text);
        }
        reason
    }

    /// `go`, if nothing speaks against it and it is earned; else what is missing.
    fn for_go(&self) -> Reason {
        let hold = |cause, text: &str| Reason::plain(cause, Decision::Hold, text.to_owned(), None);
        if self.phase == Phase::Ready {
            return hold(Cause::Phase, "in phase `ready` the new side is not judged yet");
        }
        if self.scopes.is_empty() {
            return hold(Cause::TooLittle, "no journey runs on both sides: nothing can be compared");
        }
        if self.unpaired.smells() || self.pooled.smells() || self.scopes.iter().any(ScopeEvidence::smells) {
            return hold(Cause::TooLittle, "failures were seen that are not explained yet");
        }
        let all = std::iter::once(&self.pooled).chain(&self.scopes);
        let missing = all.filter(|scope| !scope.shown()).max_by_key(|scope| scope.pairs_to_go());
        if let Some(weakest) = missing {
            return hold(Cause::TooLittle, &weakest.missing());
        }
        let text = format!(
            "no worse than the old side: within {} of failures over all journeys and {} on each, shown on {} pairs",
            percent(self.settings.go_margin),
            percent(self.settings.go_margin_journey),
            self.pairs,
        );
        Reason::plain(Cause::NonInferior, Decision::Go, text, None)
    }

    fn estimate(&self) -> Option<Duration> {
        if self.phase == Phase::Ready || self.pairs_per_second <= 0.0 || self.scopes.is_empty() {
            return None;
        }
        let per_scope = self.pairs_per_second / self.scopes.len() as f64;
        let pooled = self.pooled.pairs_to_go() as f64 / self.pairs_per_second;
        let scopes = self.scopes.iter().map(|scope| scope.pairs_to_go() as f64 / per_scope);
        let seconds = scopes.fold(pooled, f64::max);
        // The block in which it is shown must be over.
        Duration::try_from_secs_f64(seconds).ok().map(|time| time + self.settings.block)
    }
}

#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod tests;
