//! Everything that is known, and how an observation changes it. No task, no channel: `now` is an argument.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use alerts::{Delivery, Event, Notice, Rule};
use chrono::{DateTime, Utc};
use cutover::evidence::Settings;
use cutover::{
    AlertState, Decision, DeliveryView, Judge, NoteView, Observation, PairsView, Phase, PhaseError, Saved,
    Series, Sides, Snapshot, StoreView, Watched,
};
use dashboards::Metrics;

use super::fleets::Fleets;
use super::health::Health;
use super::journeys::Journeys;
use super::memory::Memory;
use super::names::Names;
use super::notes::Notes;
use super::phases::Phases;

/// Attempts of delivery that are shown.
const DELIVERIES: usize = 20;

/// What is watched, and by which rules.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The cutover's name.
    pub name: Arc<str>,
    /// Its sides.
    pub sides: Arc<Sides>,
    /// The phase in which the canary begins.
    pub phase: Phase,
    /// What the verdict depends on.
    pub settings: Settings,
    /// What is judged.
    pub watched: Watched,
    /// The alert rules.
    pub rules: Vec<Rule>,
}

/// The state.
#[derive(Debug)]
pub(super) struct State {
    name: Arc<str>,
    sides: Arc<Sides>,
    started: DateTime<Utc>,
    phases: Phases,
    judge: Judge,
    paired: Vec<Series>,
    journeys: Journeys,
    fleets: Fleets,
    names: Names,
    health: Health,
    rules: Vec<(Rule, alerts::State)>,
    /// Whether an alert was taken up from an earlier life, and the evidence for it not yet gathered again.
    blind: bool,
    deliveries: VecDeque<DeliveryView>,
    notes: Notes,
    store: Option<StoreView>,
    metrics: Arc<Metrics>,
}

impl State {
    pub(super) fn new(
        watch: Watch,
        memory: Memory,
        metrics: Arc<Metrics>,
        waits: Arc<AtomicU64>,
        now: DateTime<Utc>,
    ) -> Self {
        let remembers = memory.judge.is_some();
        let same = memory.phase() == Some(watch.phase);
        let mut judge = match memory.judge {
            Some(saved) => Judge::restore(watch.settings, watch.sides.clone(), &watch.watched, saved),
            None => Judge::new(watch.settings, watch.sides.clone(), &watch.watched),
        };
        if !(remembers && same) {
            judge.enter(watch.phase);
        }
        judge.observe(&Observation::CanaryWatch, now);
        let mut alerts = memory.alerts;
        let remembered = watch.rules.into_iter().map(|rule| {
            let state = alerts.remove(rule.name()).unwrap_or_default();
            (rule, state)
        });
        let rules: Vec<_> = remembered.collect();
        let fires = |(rule, state): &(Rule, alerts::State)| {
            state.view(rule).is_some_and(|alert| alert.state == AlertState::Firing)
        };
        Self {
            name: watch.name,
            sides: watch.sides,
            started: now,
            phases: Phases::resume(memory.phases, watch.phase, now),
            judge,
            paired: watch.watched.series(),
            journeys: Journeys::default(),
            fleets: Fleets::default(),
            names: Names::default(),
            health: Health::new(waits),
            blind: !remembers && rules.iter().any(fires),
            rules,
            deliveries: VecDeque::new(),
            notes: memory.notes,
            store: None,
            metrics,
        }
    }

    /// The journeys that are to run more often than usual, and how many times as often.
    pub(super) fn paces(&self) -> BTreeMap<Series, u32> {
        let paced = self.paired.iter().map(|series| (series.clone(), self.judge.pace(series)));
        paced.filter(|(_, pace)| *pace > 1).collect()
    }

    /// Folds one observation.
    pub(super) fn fold(&mut self, observation: &Observation, now: DateTime<Utc>) {
        self.judge.observe(observation, now);
        self.health.folded();
        match observation {
            Observation::Run(run) => {
                self.journeys.run(run, now);
                self.health.run(run);
                self.metrics.run(run);
            }
            Observation::Fleet(tally) => {
                self.fleets.tally(tally);
                self.metrics.fleet(tally);
            }
            Observation::Name(answer) => {
                self.names.answer(answer, &self.sides);
                self.metrics.name(answer, &self.sides);
            }
            Observation::Skipped(skipped) => {
                self.journeys.skipped(skipped);
                self.metrics.skipped(skipped);
            }
            // What is shown of real canaries is the judge's own picture of them.
            Observation::CanaryWatch | Observation::Canary(_) | Observation::CanaryLink(_) => {}
        }
    }

    /// Takes note of an attempt to deliver a notice.
    pub(super) fn delivered(&mut self, delivery: Delivery) {
        self.metrics.delivery(&delivery.channel, delivery.result);
        self.deliveries.push_back(delivery.into());
        if self.deliveries.len() > DELIVERIES {
            self.deliveries.pop_front();
        }
    }

    /// Takes note of what somebody did.
    pub(super) fn note(&mut self, note: NoteView) {
        self.notes.push(note);
    }

    /// The last notes, for the next life.
    pub(super) const fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Changes the phase.
    pub(super) fn advance(&mut self, to: Phase, by: String, now: DateTime<Utc>) -> Result<Phase, PhaseError> {
        let before = self.snapshot(0, now);
        let phase = self.phases.advance(to, by, &before, now)?;
        self.judge.enter(phase);
        Ok(phase)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn phases(&self) -> &Phases {
        &self.phases
    }

    /// The judge with all its evidence, for the next life.
    pub(super) fn evidence(&self) -> Saved {
        self.judge.save()
    }

    /// Takes note of how the store fares.
    pub(super) fn store(&mut self, view: Option<StoreView>) {
        self.store = view;
    }

    /// What the alert rules remember, by their names.
    pub(super) fn alerts(&self) -> BTreeMap<&'static str, &alerts::State> {
        self.rules.iter().map(|(rule, state)| (rule.name(), state)).collect()
    }

    /// Steps the alert rules with the verdict of `snapshot`; gives the notices that they cause.
    pub(super) fn alert(&mut self, snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<Notice> {
        // After a restart a verdict holds for want of evidence: that is no reason to call an alert off.
        let ignorant = snapshot.verdict.decision == Decision::Hold && snapshot.phase != Phase::RolledBack;
        self.blind &= ignorant;
        if self.blind {
            return Vec::new();
        }
        let no_return = self.judge.past_no_return();
        let event = Event::Judged { phase: snapshot.phase, verdict: &snapshot.verdict, no_return };
        self.rules.iter_mut().filter_map(|(rule, state)| rule.step(state, &event, now)).collect()
    }

    /// The picture of the moment; `depth` observations are waiting.
    pub(super) fn snapshot(&mut self, depth: usize, now: DateTime<Utc>) -> Snapshot {
        self.judge.tick(now);
        let (total, forwarded) = self.judge.pairs();
        let snapshot = Snapshot {
            name: self.name.clone(),
            phase: self.phases.phase(),
            phase_since: self.phases.since(),
            now,
            started: self.started,
            verdict: self.judge.verdict(now),
            past_no_return: self.judge.past_no_return(),
            journeys: self.journeys.view(now),
            canaries: self.judge.canaries(now),
            fleets: self.fleets.view(matches!(self.phases.phase(), Phase::Go | Phase::Settled)),
            names: self.names.view(),
            pairs: PairsView { total, forwarded },
            alerts: self.rules.iter().filter_map(|(rule, state)| state.view(rule)).collect(),
            deliveries: self.deliveries.iter().cloned().collect(),
            health: self.health.view(depth, self.journeys.skipped_total(), self.store.clone()),
            phase_log: self.phases.log().to_vec(),
            notes: self.notes.view(),
        };
        self.metrics.snapshot(&snapshot);
        snapshot
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use alerts::VerdictRule;
    use chrono::TimeDelta;
    use cutover::{CanarySeen, CanaryState, RealCanary, Verdict};

    use super::*;

    fn judged(alerts: &mut alerts::State, rule: &Rule, decision: Decision, now: DateTime<Utc>) -> usize {
        let verdict = Verdict::bare(decision, now);
        let event = Event::Judged { phase: Phase::Go, verdict: &verdict, no_return: false };
        usize::from(rule.step(alerts, &event, now).is_some())
    }

    fn state(memory: Memory, rule: Rule, canaries: Vec<RealCanary>, now: DateTime<Utc>) -> State {
        let net = |text: &str| vec![text.parse().unwrap()];
        let watch = Watch {
            name: "acme".into(),
            sides: Arc::new(Sides::new(net("192.0.2.1/32"), net("198.51.100.1/32")).unwrap()),
            phase: Phase::Go,
            settings: Settings::default(),
            watched: Watched { canaries, ..Watched::default() },
            rules: vec![rule],
        };
        State::new(watch, memory, Arc::new(Metrics::new().unwrap()), Arc::default(), now)
    }

    #[test]
    fn an_alert_that_was_taken_up_without_its_evidence_is_not_called_off_for_want_of_it() {
        let now = DateTime::UNIX_EPOCH;
        let rule = || Rule::Verdict(VerdictRule::on_rollback("acme".into(), None));
        let mut firing = alerts::State::default();
        assert_eq!(judged(&mut firing, &rule(), Decision::Rollback, now), 1);
        let mut memory = Memory::default();
        memory.alerts.insert("verdict".to_owned(), firing);
        let mut state = state(memory, rule(), Vec::new(), now);

        let mut snapshot = state.snapshot(0, now);
        assert_eq!(snapshot.verdict.decision, Decision::Hold);
        assert_eq!(state.alert(&snapshot, now), []);
        assert_eq!(snapshot.alerts[0].state, AlertState::Firing);
        // What is known by itself ends it: the way back, or a `go` that was earned.
        snapshot.phase = Phase::RolledBack;
        assert_eq!(state.alert(&snapshot, now).len(), 1);
    }
    #[test]
    fn a_canary_is_not_silent_for_what_it_said_while_nobody_was_there() {
        let every = std::time::Duration::from_secs(2);
        let canary = RealCanary { name: "lobby".into(), every, grace: every, subscribed: false };
        let rule = || Rule::Verdict(VerdictRule::on_rollback("acme".into(), None));
        let life = |memory, now| state(memory, rule(), vec![canary.clone()], now);
        let mut now = DateTime::UNIX_EPOCH;
        let mut first = life(Memory::default(), now);
        for _ in 0..30 {
            now += TimeDelta::seconds(2);
            let seen = CanarySeen { at: now, canary: "lobby".into(), side: None, told_at: None };
            first.fold(&Observation::Canary(seen), now);
        }
        now += TimeDelta::seconds(5);
        let mut memory = Memory::default();
        memory.judge = Some(first.evidence());
        let mut second = life(memory, now);
        let view = second.snapshot(0, now).canaries.remove(0);
        assert_ne!(view.state, CanaryState::Silent);
        assert_eq!((view.kept, view.intervals), (20, 20));
        // The one that has lived on was there.
        assert_eq!(first.snapshot(0, now).canaries[0].state, CanaryState::Silent);
    }
}
