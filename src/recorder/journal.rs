//! What the recorder writes down. It hands everything over at once and never waits for the disk.

use std::sync::Arc;
use std::time::Duration;

use alerts::{Delivery, Notice};
use chrono::{DateTime, TimeDelta, Utc};
use cutover::{
    AlertState, Decision, DeliveryResult, NoteView, Observation, PhaseChange, Saved, Snapshot, StoreView,
};
use store::{Batch, Event, Fate, Key, Letter, Sample, Store, What};
use tokio::time::Instant;

use super::notes::Notes;
use super::outcomes::Outcomes;
use super::phases::Phases;
use super::resets::Resets;
use super::sampler::Sampler;

/// A text in an event is kept up to this length: it may quote what a peer wrote.
const TEXT_CHARS: usize = 600;
/// How often the judge's evidence is saved: what was seen since is lost in a crash, and seen again soon.
const SAVE_EVERY: TimeDelta = TimeDelta::seconds(10);
/// So many times as long as one saving took pass before the next: with ten thousand journeys it is half a second, and
/// the recorder has observations to fold.
const SAVE_PAUSE: i32 = 50;

/// The store, and what is being made ready for it.
#[derive(Debug)]
pub(crate) struct Journal {
    store: Store,
    every: TimeDelta,
    sampled: DateTime<Utc>,
    saved: DateTime<Utc>,
    save_every: TimeDelta,
    sampler: Sampler,
    resets: Resets,
    outcomes: Outcomes,
    /// What the verdict was when it was last written down.
    decision: Option<Decision>,
}

impl Journal {
    /// A journal in `store`, with a sample `every` so often.
    pub(crate) fn new(store: Store, every: Duration, now: DateTime<Utc>) -> Self {
        let every = TimeDelta::from_std(every).unwrap_or(TimeDelta::MAX);
        let (sampler, resets, outcomes) = (Sampler::default(), Resets::default(), Outcomes::default());
        let (sampled, saved, save_every) = (now, now, SAVE_EVERY);
        Self { store, every, sampled, saved, save_every, sampler, resets, outcomes, decision: None }
    }

    /// A life begins.
    pub(super) fn started(&self, cutover: &str, phases: &Phases, resumed: bool, now: DateTime<Utc>) {
        let mut batch = Batch::default();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        batch.event(Event { at: now, what: What::Started { version, phase: phases.phase(), resumed } });
        batch.state(Key::Cutover, &cutover);
        batch.state(Key::Phase, phases);
        self.store.write(batch);
    }

    /// Counts what an observation says, for the next sample.
    pub(super) fn observe(&mut self, observation: &Observation) {
        match observation {
            Observation::Run(run) => self.sampler.run(run),
            Observation::Fleet(tally) => {
                self.resets.tally(tally);
                self.outcomes.tally(tally);
            }
            Observation::Name(_)
            | Observation::Skipped(_)
            | Observation::CanaryWatch
            | Observation::Canary(_)
            | Observation::CanaryLink(_) => {}
        }
    }

    /// The phase has changed.
    pub(super) fn phase(&self, phases: &Phases, judge: &Saved) {
        let mut batch = Batch::default();
        batch.state(Key::Judge, judge);
        if let Some(change) = phases.log().last() {
            let change: PhaseChange = change.clone();
            batch.event(Event { at: change.at, what: What::Phase(change) });
        }
        batch.state(Key::Phase, phases);
        self.store.write(batch);
    }

    /// Notices were made: they, what the rules remember, and the evidence for it are committed together.
    pub(super) fn notices(
        &self,
        notices: &[Notice],
        channels: &[Arc<str>],
        alerts: &impl serde::Serialize,
        judge: &Saved,
    ) {
        let mut batch = Batch::default();
        batch.state(Key::Judge, judge);
        batch.state(Key::Alerts, alerts);
        for notice in notices {
            let state = match notice.kind {
                alerts::NoticeKind::Firing => AlertState::Firing,
                alerts::NoticeKind::Resolved => AlertState::Resolved,
            };
            let what = What::Notice {
                id: notice.id.clone(),
                state: state.as_str().to_owned(),
                why: notice.why.as_str().to_owned(),
                subject: notice.subject.clone(),
            };
            batch.event(Event { at: notice.at, what });
            let data = serde_json::to_value(notice).unwrap_or_default();
            for channel in channels {
                let (notice, at) = (notice.id.clone(), notice.at);
                batch.post(Letter { notice, channel: channel.clone(), at, data: data.clone() });
            }
        }
        self.store.write(batch);
    }

    /// A channel told of an attempt to deliver a notice. What it gave up only because it was `stopped` stays to be
    /// delivered by the next life.
    pub(super) fn delivered(&self, delivery: &Delivery, stopped: bool) {
        let Delivery { channel, notice, subject, result, at, attempt, detail } = delivery.clone();
        let mut batch = Batch::default();
        let fate = match result {
            DeliveryResult::Sent => Some(Fate::Sent),
            DeliveryResult::Rejected => Some(Fate::Rejected),
            DeliveryResult::Undelivered if !stopped => Some(Fate::Undelivered),
            DeliveryResult::Undelivered | DeliveryResult::Retry => None,
        };
        if let Some(fate) = fate {
            batch.settle(notice.clone(), channel.clone(), fate);
        }
        let detail = cut(&detail);
        batch.event(Event { at, what: What::Delivery { channel, notice, subject, result, attempt, detail } });
        self.store.write(batch);
    }

    /// Somebody did something; it is among the last `notes` by now.
    pub(super) fn note(&self, note: NoteView, notes: &Notes) {
        let mut batch = Batch::default();
        batch.state(Key::Notes, notes);
        let NoteView { at, by, text } = note;
        batch.event(Event { at, what: What::Note { by, text } });
        self.store.write(batch);
    }

    /// Writes down what a new picture shows: another verdict, resets that are over, and when they are due, a sample
    /// and the judge's evidence.
    pub(super) fn look(&mut self, snapshot: &Snapshot, judge: impl FnOnce() -> Saved) {
        let mut batch = Batch::default();
        self.verdict(snapshot, &mut batch);
        let resets = self.resets.over(snapshot.now).into_iter().chain(self.outcomes.due(snapshot.now));
        resets.for_each(|event| batch.event(event));
        if due(self.sampled, self.every, snapshot.now) {
            self.sample(snapshot, &mut batch);
        }
        if due(self.saved, self.save_every, snapshot.now) && self.store.health().is_some() {
            let start = Instant::now();
            batch.state(Key::Judge, &judge());
            self.saved = snapshot.now;
            self.save_every = pause_after(start.elapsed());
        }
        self.store.write(batch);
    }

    fn verdict(&mut self, snapshot: &Snapshot, batch: &mut Batch) {
        let decision = snapshot.verdict.decision;
        if self.decision.replace(decision) == Some(decision) {
            return;
        }
        let lead = snapshot.verdict.reasons.first();
        let reason = lead.map(|reason| cut(&reason.text)).unwrap_or_default();
        let trace = lead.and_then(|reason| reason.finding.as_ref()?.trace.clone());
        batch.event(Event { at: snapshot.now, what: What::Verdict { decision, reason, trace } });
    }

    fn sample(&mut self, snapshot: &Snapshot, batch: &mut Batch) {
        let over = (snapshot.now - self.sampled).max(TimeDelta::zero());
        self.sampled = snapshot.now;
        batch.sample(Sample::of(snapshot, over.as_seconds_f64(), self.sampler.take()));
    }

    /// When everything handed over so far is safe; `false` when it could not be written.
    pub(super) fn committed(&self) -> impl Future<Output = bool> + Send + use<> {
        self.store.committed()
    }

    /// How the store fares.
    pub(super) fn view(&self) -> Option<StoreView> {
        let health = self.store.health()?;
        Some(StoreView { trouble: health.trouble, dropped: health.dropped })
    }

    /// Whether nothing will be written any more, though it should.
    pub(super) fn broke_off(&self) -> bool {
        self.store.broke_off()
    }

    /// The life ends with `last`, which must be written `by` then.
    pub(super) async fn end(mut self, last: &Snapshot, judge: &Saved, by: Instant) {
        let mut batch = Batch::default();
        batch.state(Key::Judge, judge);
        self.verdict(last, &mut batch);
        let resets = self.resets.rest().into_iter().chain(self.outcomes.rest());
        resets.for_each(|event| batch.event(event));
        self.sample(last, &mut batch);
        let (phase, decision) = (last.phase, last.verdict.decision);
        batch.event(Event { at: last.now, what: What::Stopped { phase, decision } });
        self.store.write(batch);
        if !self.store.close(by.saturating_duration_since(Instant::now())).await {
            tracing::error!("the last records may be missing in the store");
        }
    }
}

/// A clock that was set back must not keep the next one away.
fn due(last: DateTime<Utc>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    now - last >= every || now < last
}

/// How long nothing is saved after a saving that took so long.
fn pause_after(took: Duration) -> TimeDelta {
    TimeDelta::from_std(took).map_or(SAVE_EVERY, |took| (took * SAVE_PAUSE).max(SAVE_EVERY))
}

/// What is kept of a text.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_to_save_is_saved_less_often() {
        assert_eq!(pause_after(Duration::from_millis(5)), SAVE_EVERY);
        assert_eq!(pause_after(Duration::from_millis(530)), TimeDelta::milliseconds(26_500));
    }
}
