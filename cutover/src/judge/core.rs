//! The judge itself.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::canaries::Canaries;
use super::consistency::Consistency;
use super::pairing::{Pair, Pairing};
use super::saved::{Memory, Saved};
use super::scopes::Scopes;
use super::summary::Summary;
use crate::evidence::Settings;
use crate::{BeforeAfter, CanaryView, Observation, Phase, RealCanary, RunSeen, Series, Sides};

/// What will be watched: it decides how many detectors share the false alarms that are tolerated.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// The journeys that run in pairs.
    pub paired: Vec<Arc<str>>,
    /// Their variants, as journey and variant, of the journeys that have more than one. Each is a scope of its own.
    pub variants: Vec<(Arc<str>, Arc<str>)>,
    /// Their steps, of the journeys that have more than one, and of each variant by itself: how long each takes is compared.
    pub steps: Vec<(Series, Arc<str>)>,
    /// How many DNS names are looked up.
    pub names: usize,
    /// How many pairs a second they make together, for estimates until it is seen.
    pub pairs_per_second: f64,
    /// How many journeys and routes run without a counterpart.
    pub unpaired: usize,
    /// How many fleets there are.
    pub fleets: usize,
    /// Which share of the devices is watched here, in words, where nothing but devices is; `None`: everything is.
    pub shard: Option<Arc<str>>,
    /// The real canaries.
    pub canaries: Vec<RealCanary>,
    /// The share of the devices on the new side (0 to 1) from which on there is no way back.
    pub point_of_no_return: Option<f64>,
}

impl Watched {
    /// What runs in pairs, and may be asked to run more often: each variant, or the journey where it has none.
    pub fn series(&self) -> Vec<Series> {
        let has_none = |journey: &&Arc<str>| self.variants.iter().all(|(of, _)| of != *journey);
        let plain = self.paired.iter().filter(has_none);
        let plain = plain.map(|journey| Series { journey: journey.clone(), variant: Arc::default() });
        let of = |(journey, variant): &(Arc<str>, Arc<str>)| Series {
            journey: journey.clone(),
            variant: variant.clone(),
        };
        plain.chain(self.variants.iter().map(of)).collect()
    }
}

/// Folds observations into evidence, and evidence into a verdict. Never reads a clock.
#[derive(Debug)]
pub struct Judge {
    pub(super) settings: Settings,
    sides: Arc<Sides>,
    pairs_per_second: f64,
    point_of_no_return: Option<f64>,
    pub(super) shard: Option<Arc<str>>,
    /// The threshold of what may only hold: a family of its own, with as many false alarms tolerated.
    ln_hold: f64,
    pairing: Pairing,
    pub(super) scopes: Scopes,
    pub(super) memory: Memory,
    pub(super) summary: Summary,
}

impl Judge {
    /// A judge that has seen nothing yet.
    pub fn new(settings: Settings, sides: Arc<Sides>, watched: &Watched) -> Self {
        let mut judge = Self {
            scopes: Scopes::new(&settings, watched),
            // Of each fleet its heartbeats and its trouble.
            ln_hold: settings
                .ln_threshold(watched.unpaired + watched.names + 2 * watched.fleets + watched.canaries.len()),
            pairs_per_second: watched.pairs_per_second,
            point_of_no_return: watched.point_of_no_return,
            shard: watched.shard.clone(),
            settings,
            sides,
            pairing: Pairing::default(),
            memory: Memory::default(),
            summary: Summary::default(),
        };
        judge.memory.canaries = Canaries::default().configured(&watched.canaries);
        judge.sum_up(None);
        judge
    }

    /// The judge that was saved, in the phase in which it was: it need not be told to enter it.
    pub fn restore(settings: Settings, sides: Arc<Sides>, watched: &Watched, saved: Saved) -> Self {
        let mut judge = Self::new(settings, sides, watched);
        judge.memory = saved.into_scopes(&judge.settings, &mut judge.scopes);
        let known = std::mem::take(&mut judge.memory.canaries);
        judge.memory.canaries = known.configured(&watched.canaries);
        judge.sum_up(judge.memory.now);
        judge
    }

    /// All evidence, for [`restore`](Self::restore) after a restart.
    pub fn save(&self) -> Saved {
        Saved::new(&self.settings, &self.scopes, &self.memory)
    }

    /// Takes one observation, at the time at which it is folded.
    pub fn observe(&mut self, observation: &Observation, now: DateTime<Utc>) {
        if *observation == Observation::CanaryWatch {
            // Before the time passes in which nobody listened.
            self.memory.canaries.begin(now);
        }
        self.tick(now);
        let memory = &mut self.memory;
        match observation {
            Observation::Run(run) => self.run(run, now),
            // What its devices miss then is the canary's own fault as well.
            Observation::Fleet(_) if memory.health.is_cut_off(memory.names.silent()) => {}
            Observation::Fleet(tally) => {
                memory.fleets.observe(tally, &self.settings, memory.phase);
                self.note_point_of_no_return();
            }
            Observation::Name(answer) => {
                memory.names.observe(answer, &self.sides);
                memory.lookups.observe(answer, memory.phase, now);
            }
            Observation::Canary(seen) => memory.canaries.heard(seen, memory.phase, now),
            Observation::CanaryLink(link) => memory.canaries.link(link, now),
            // A run that did not happen says nothing about either side.
            Observation::CanaryWatch | Observation::Skipped(_) => {}
        }
    }

    fn note_point_of_no_return(&mut self) {
        let memory = &mut self.memory;
        let share = memory.fleets.share_on_new();
        let passed = memory.phase == Phase::Go && self.point_of_no_return.is_some_and(|point| share >= point);
        if passed && memory.passed_it.is_none() {
            memory.passed_it = Some(share);
        }
    }

    fn run(&mut self, run: &RunSeen, now: DateTime<Utc>) {
        let memory = &mut self.memory;
        if memory.health.observe(run, memory.names.silent(), now) {
            return;
        }
        memory.consistency.observe(run, now);
        memory.baseline.observe(run);
        memory.traces.observe(run);
        // A run belongs to the phase in which it was started; one that outlives it says nothing about the next.
        if run.phase == memory.phase {
            memory.unpaired.observe(run, now);
        }
        if run.pair.is_some() {
            self.scopes.learn(run);
        }
        if let Some(pair) = self.pairing.add(run) {
            self.pair(&pair, now);
        }
    }

    fn pair(&mut self, pair: &Pair, now: DateTime<Utc>) {
        let Some(failed) = pair.old.failed.zip(pair.new.failed).filter(|_| pair.is_of(self.memory.phase))
        else {
            return;
        };
        if pair.old.crossed || pair.new.crossed {
            self.memory.crossed += 1;
            return;
        }
        self.memory.pairs += 1;
        // In `ready` the new side is not up yet: its failures say nothing.
        if self.memory.phase != Phase::Ready {
            self.scopes.add(pair, failed, self.memory.phase, now);
        }
    }

    /// Lets time pass: closes the block that is over.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        let memory = &mut self.memory;
        memory.now = Some(now);
        // Of a clock that was set back the phase must not begin in the future.
        memory.entered = Some(memory.entered.map_or(now, |entered| entered.min(now)));
        let (health, names) = (&memory.health, &memory.names);
        memory.canaries.tick(now, memory.phase, || health.is_cut_off(names.silent()));
        let block = TimeDelta::from_std(self.settings.block).unwrap_or(TimeDelta::MAX);
        let ends = *memory.block_ends.get_or_insert(after(now, block));
        // A clock that was set back would otherwise keep this block open until it has caught up.
        if now >= ends || ends - now > block {
            self.close_block(now);
            self.memory.block_ends = Some(after(now, block));
            self.sum_up(Some(now));
        }
    }

    fn close_block(&mut self, now: DateTime<Utc>) {
        let (memory, margin) = (&mut self.memory, self.settings.error_margin);
        // First, so that nothing is compared with a journey that is known to fail on the old side.
        memory.health.tick(now);
        self.scopes.close_block(now, &memory.health);
        memory.unpaired.close_block(now, margin, self.ln_hold);
        memory.lookups.close_block(now, margin, self.ln_hold);
        memory.fleets.close_block(&self.settings, memory.phase, self.ln_hold);
        memory.canaries.close_block(margin, self.ln_hold);
    }

    /// The cutover has entered `phase`, at the time that was told last: what must be shown for `go` must be shown again.
    /// To enter the phase in which it is changes nothing.
    pub fn enter(&mut self, phase: Phase) {
        if phase == self.memory.phase {
            return;
        }
        // What was seen until now belongs to the phase that ends.
        let now = self.memory.now;
        if let Some(now) = now {
            self.close_block(now);
        }
        // Runs under way were started in another phase, and so were the halves of pairs that wait for them.
        self.pairing = Pairing::default();
        let memory = &mut self.memory;
        (memory.phase, memory.entered, memory.block_ends) = (phase, now, None);
        memory.unpaired.enter(phase);
        memory.fleets.enter(phase);
        memory.canaries.enter(phase);
        memory.baseline.enter(phase);
        memory.names.enter(phase, now);
        memory.lookups.enter(phase);
        if matches!(phase, Phase::Ready | Phase::Set) {
            // A new attempt: nothing is past no return, and what was answered wrongly was so in another one.
            (memory.passed_it, memory.consistency) = (None, Consistency::default());
        }
        self.scopes.enter(phase);
        self.sum_up(now);
    }

    fn sum_up(&mut self, now: Option<DateTime<Utc>>) {
        let mut others = self.memory.unpaired.evidence(self.ln_hold);
        others.extend(self.memory.lookups.evidence(self.ln_hold));
        others.extend(self.memory.fleets.evidence(self.ln_hold));
        others.extend(self.memory.canaries.evidence(self.ln_hold));
        self.summary = Summary::of(&self.scopes, others, self.pairs_per_second, now);
    }

    /// How many times as often as usual the pairs of `series` should be run: 1, or 10 where it smells there, or 4
    /// where it smells over all journeys together. It follows from blocks that are over, never from the one that is
    /// open, so that whoever obeys it keeps every bet fair. It is a wish: evidence is sound at any pace.
    pub fn pace(&self, series: &Series) -> u32 {
        self.scopes.pace(series)
    }

    /// Every journey and step since Go, beside the baseline that was frozen before: data for a report.
    pub fn before_after(&self) -> Vec<BeforeAfter> {
        self.memory.baseline.view()
    }

    /// Pairs counted, and pairs that were answered by the wrong application and count for nothing.
    pub const fn pairs(&self) -> (u64, u64) {
        (self.memory.pairs, self.memory.crossed)
    }

    /// The real canaries as they stand at `now`, sorted by name.
    pub fn canaries(&self, now: DateTime<Utc>) -> Vec<CanaryView> {
        self.memory.canaries.view(now)
    }

    /// Whether the point of no return was passed.
    pub const fn past_no_return(&self) -> bool {
        self.memory.passed_it.is_some()
    }

    /// Whether every name that moves is seen on the new side by every resolver.
    pub fn names_moved(&self) -> bool {
        self.memory.names.all_moved()
    }
}

fn after(now: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
    now.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod adversity;
#[cfg(test)]
mod faults;
#[cfg(test)]
pub(super) mod fixture;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod phases;
#[cfg(test)]
mod restart;
#[cfg(test)]
pub(super) mod stage;
#[cfg(test)]
mod tests;
