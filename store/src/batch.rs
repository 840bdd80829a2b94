//! What waits to be written, within bounds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::{Event, Leaf, Sample};

/// Samples that may wait: an hour of them at the usual pace. Beyond that the oldest are given up.
const SAMPLES: usize = 360;
/// Events that may wait while nothing can be written. They are few: this is days of an ordinary cutover.
const EVENTS: usize = 10_000;
/// Notices, and what became of them, that may wait.
const LETTERS: usize = 1_000;
/// Lines of the ledger, written or struck out, that may wait.
const LEAVES: usize = 10_000;

/// Under what a part of the state is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The name of the cutover that the store belongs to.
    Cutover,
    /// The phase, since when, and the log of its changes.
    Phase,
    /// What the alert rules remember, by the rule's name.
    Alerts,
    /// The last notes.
    Notes,
    /// The judge with all its evidence, in a form that only it knows.
    Judge,
}

/// A notice for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The notice's id.
    pub notice: String,
    /// The channel's name.
    pub channel: Arc<str>,
    /// When the notice was made.
    pub at: DateTime<Utc>,
    /// The notice, in a form that only its sender knows.
    pub data: Value,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The channel acknowledged it.
    Sent,
    /// The channel refused it for good.
    Rejected,
    /// It was given up.
    Undelivered,
}

/// What belongs together: it is committed in one transaction, or waits together.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) events: VecDeque<Event>,
    pub(crate) samples: VecDeque<Sample>,
    pub(crate) state: BTreeMap<Key, Value>,
    pub(crate) letters: VecDeque<(Letter, Option<Fate>)>,
    pub(crate) settled: VecDeque<(String, Arc<str>, Fate)>,
    /// Lines of the ledger by their run; `None`: struck out.
    pub(crate) ledger: BTreeMap<String, Option<Leaf>>,
}

impl Key {
    pub(crate) const ALL: [Self; 5] = [Self::Cutover, Self::Phase, Self::Alerts, Self::Notes, Self::Judge];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Cutover => "cutover",
            Self::Phase => "phase",
            Self::Alerts => "alerts",
            Self::Notes => "notes",
            Self::Judge => "judge",
        }
    }
}

impl Fate {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Rejected => "rejected",
            Self::Undelivered => "undelivered",
        }
    }
}

impl Batch {
    /// Something happened.
    pub fn event(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// How things stand.
    pub fn sample(&mut self, sample: Sample) {
        self.samples.push_back(sample);
    }

    /// What the next life must know; it replaces what was kept under `key`.
    pub fn state(&mut self, key: Key, value: &impl Serialize) {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.state.insert(key, value);
            }
            Err(error) => {
                tracing::error!(key = key.as_str(), %error, "a part of the state has no form in JSON");
            }
        }
    }

    /// A notice that one channel has to deliver.
    pub fn post(&mut self, letter: Letter) {
        self.letters.push_back((letter, None));
    }

    /// What became of it.
    pub fn settle(&mut self, notice: String, channel: Arc<str>, fate: Fate) {
        let waiting = self.letters.iter_mut();
        let mut same = waiting.filter(|(letter, _)| letter.notice == notice && letter.channel == channel);
        match same.next() {
            Some((_, known)) => *known = Some(fate),
            None => self.settled.push_back((notice, channel, fate)),
        }
    }

    /// A run has made something; its line replaces an earlier one.
    pub(crate) fn write_leaf(&mut self, leaf: Leaf) {
        self.ledger.insert(leaf.run.clone(), Some(leaf));
    }

    /// It was taken away again.
    pub(crate) fn strike_leaf(&mut self, run: String) {
        self.ledger.insert(run, None);
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.samples.is_empty()
            && self.state.is_empty()
            && self.letters.is_empty()
            && self.settled.is_empty()
            && self.ledger.is_empty()
    }

    /// Takes over what came `later`, and gives up the oldest beyond the bounds; says how many records that were.
    pub(crate) fn absorb(&mut self, later: Self) -> u64 {
        self.events.extend(later.events);
        self.samples.extend(later.samples);
        self.state.extend(later.state);
        self.letters.extend(later.letters);
        for (notice, channel, fate) in later.settled {
            self.settle(notice, channel, fate);
        }
        self.ledger.extend(later.ledger);
        let mut beyond = 0;
        while self.ledger.len() > LEAVES && self.ledger.pop_first().is_some() {
            beyond += 1;
        }
        beyond
            + shed(&mut self.events, EVENTS)
            + shed(&mut self.samples, SAMPLES)
            + shed(&mut self.letters, LETTERS)
            + shed(&mut self.settled, LETTERS)
    }
}

fn shed<T>(queue: &mut VecDeque<T>, most: usize) -> u64 {
    let beyond = queue.len().saturating_sub(most);
    queue.drain(..beyond);
    beyond as u64
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use cutover::{Decision, Phase};

    use super::*;
    use crate::What;

    fn sample(second: i64) -> Sample {
        Sample {
            at: DateTime::from_timestamp(second, 0).unwrap(),
            over: 10.0,
            phase: Phase::Ready,
            decision: Decision::Hold,
            lead: None,
            runs: vec![],
            fleets: vec![],
            names: vec![],
            canaries: BTreeMap::new(),
        }
    }

    fn batch(fill: impl FnOnce(&mut Batch)) -> Batch {
        let mut batch = Batch::default();
        fill(&mut batch);
        batch
    }

    #[test]
    fn what_waits_is_bounded_the_newest_stay_and_the_last_state_wins() {
        let mut waiting = Batch::default();
        let mut shed = 0;
        for second in 0..1000 {
            shed += waiting.absorb(batch(|batch| {
                batch.sample(sample(second));
                batch.state(Key::Phase, &second);
            }));
        }
        assert_eq!((shed, waiting.samples.len()), (640, 360));
        assert_eq!(waiting.samples.back().map(|sample| sample.at.timestamp()), Some(999));
        assert_eq!(waiting.state[&Key::Phase], 999);
        let event = || {
            let what = What::Note { by: "ann".to_owned(), text: String::new() };
            Event { at: DateTime::UNIX_EPOCH, what }
        };
        let many = batch(|batch| (0..10_001).for_each(|_| batch.event(event())));
        assert_eq!(waiting.absorb(many), 1);
    }

    #[test]
    fn a_letter_that_was_settled_before_it_was_written_is_written_as_settled() {
        let letter = Letter {
            notice: "n1".to_owned(),
            channel: "room".into(),
            at: DateTime::UNIX_EPOCH,
            data: Value::Null,
        };
        let mut waiting = batch(|batch| batch.post(letter));
        waiting.absorb(batch(|batch| batch.settle("n1".to_owned(), "room".into(), Fate::Sent)));
        waiting.absorb(batch(|batch| batch.settle("n0".to_owned(), "room".into(), Fate::Rejected)));
        assert_eq!(waiting.letters[0].1, Some(Fate::Sent));
        assert_eq!(waiting.settled.len(), 1);
    }
}
