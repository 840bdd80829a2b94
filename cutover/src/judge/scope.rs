//! One scope's evidence for and against the new side.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::words::{clock, counted, percent};
use crate::evidence::{
    Block, Detector, ERROR_BETS, NonInferiority, Settings, Ways, error_products, paired_difference,
};
use crate::{Cause, Decision, Evidence, EvidenceKind, Finding, Reason, Scope, Side};

/// Blocks kept to say how large an effect is and in which way it fails: an hour at 10 s.
const HISTORY: usize = 360;

/// An alarm closes at this level of a fresh non-inferiority test ...
const RESOLVE_LEVEL: f64 = 0.01;
/// ... and after at least so many clean blocks.
const RESOLVE_BLOCKS: u32 = 6;

/// The evidence of one scope.
#[derive(Debug)]
pub(crate) struct ScopeEvidence {
    scope: Scope,
    margin: f64,
    go_margin: f64,
    go_level: f64,
    open: Past,
    history: VecDeque<Past>,
    detector: Detector,
    test: NonInferiority,
    alarm: Option<Standing>,
}

/// A block that is over, with the new side's failures in it.
#[derive(Debug, Clone, Default)]
struct Past {
    at: Option<DateTime<Utc>>,
    block: Block,
    ways: Ways,
}

/// An alarm that was raised and is not yet resolved.
#[derive(Debug)]
struct Standing {
    since: DateTime<Utc>,
    blocks: usize,
    clean: u32,
    test: NonInferiority,
}

impl ScopeEvidence {
    pub(crate) fn new(scope: Scope, settings: &Settings, detectors: usize, scopes: usize) -> Self {
        let (go_margin, go_level) = match scope {
            Scope::All => (settings.go_margin, settings.go_level),
            Scope::Journey(_) => (settings.go_margin_journey, settings.go_level / scopes.max(1) as f64),
        };
        Self {
            scope,
            margin: settings.error_margin,
            go_margin,
            go_level,
            open: Past::default(),
            history: VecDeque::new(),
            detector: Detector::new(ERROR_BETS.len(), settings.ln_threshold(detectors)),
            test: NonInferiority::new(go_margin, go_level),
            alarm: None,
        }
    }

    /// Adds one pair to the open block.
    pub(crate) fn add(&mut self, old_failed: bool, new_failed: bool, new_ways: &Ways, now: DateTime<Utc>) {
        self.open.at.get_or_insert(now);
        self.open.block.add(old_failed, new_failed);
        if new_failed && !old_failed {
            self.open.ways.merge(new_ways);
        }
    }

    /// Closes the open block. One without pairs is no block: nothing was looked at.
    pub(crate) fn close_block(&mut self, now: DateTime<Utc>) {
        if self.open.block.pairs() == 0 {
            return;
        }
        let past = std::mem::take(&mut self.open);
        self.test.step(&past.block);
        if let Some(standing) = &mut self.alarm {
            standing.step(&past.block);
        }
        let alarm = self.detector.step(error_products(&past.block, self.margin));
        self.history.push_front(past);
        self.history.truncate(HISTORY);
        if let Some(alarm) = alarm {
            self.raise(usize::try_from(alarm.blocks_ago).unwrap_or(HISTORY), now);
        } else if self.alarm.as_ref().is_some_and(Standing::resolved) {
            self.alarm = None;
        }
    }

    fn raise(&mut self, blocks_ago: usize, now: DateTime<Utc>) {
        // What was shown before the change says nothing about what is there now.
        self.restart();
        let clearing = NonInferiority::new(self.go_margin, RESOLVE_LEVEL);
        if let Some(standing) = &mut self.alarm {
            (standing.clean, standing.test) = (0, clearing);
            return;
        }
        let blocks = blocks_ago.clamp(1, self.history.len().max(1));
        let since = self.history.get(blocks - 1).and_then(|past| past.at).unwrap_or(now);
        self.alarm = Some(Standing { since, blocks, clean: 0, test: clearing });
    }

    /// Starts the test for `go` anew: a phase began, or an alarm was raised.
    pub(crate) fn restart(&mut self) {
        self.test = NonInferiority::new(self.go_margin, self.go_level);
    }

    /// Whether `go` is earned here.
    pub(crate) fn shown(&self) -> bool {
        self.test.shown() && !self.smells() && self.alarm.is_none()
    }

    /// Whether something is suspected that is not yet shown: `go` is withheld, even where it was earned before.
    pub(crate) fn smells(&self) -> bool {
        self.detector.smells()
    }

    /// How many more pairs without a difference it takes until `go` is earned here.
    pub(crate) fn pairs_to_go(&self) -> u64 {
        self.test.pairs_to_go()
    }

    /// What was measured here.
    pub(crate) const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How far the evidence has come.
    pub(crate) fn evidence(&self) -> [Evidence; 2] {
        let one =
            |kind, ln: f64, ln_threshold| Evidence { scope: self.scope.clone(), kind, ln, ln_threshold };
        [
            one(EvidenceKind::Error, self.detector.ln().max(0.0), self.detector.ln_threshold()),
            one(EvidenceKind::NonInferiority, self.test.ln(), self.test.ln_threshold()),
        ]
    }

    /// The reason for a rollback, while the alarm stands.
    pub(crate) fn reason(&self) -> Option<Reason> {
        let standing = self.alarm.as_ref()?;
        let mut sum = Past::default();
        for past in self.history.iter().take(standing.blocks) {
            sum.block.merge(&past.block);
            sum.ways.merge(&past.ways);
        }
        let (way, interval) = (sum.ways.most(), paired_difference(&sum.block));
        let what = match (&self.scope, way) {
            (Scope::Journey(journey), _) => format!("{journey} on new"),
            (Scope::All, Some((journey, ..))) => format!("all journeys on new, {journey} most,"),
            (Scope::All, None) => "all journeys on new".to_owned(),
        };
        let verb = if self.scope == Scope::All { "fail" } else { "fails" };
        let by = way.map_or_else(String::new, |(_, step, kind)| format!("; step `{step}`, kind `{kind}`"));
        let text = format!(
            "{what} {verb} {:.1} pp more than on old (95 % interval {:.1} to {:.1}), since {}{by}; {}",
            interval.size * 100.0,
            interval.low * 100.0,
            interval.high * 100.0,
            clock(standing.since),
            counted(sum.block.pairs(), "pair"),
        );
        let finding = Finding {
            scope: self.scope.clone(),
            journey: way.map(|way| way.0.clone()),
            step: way.map(|way| way.1.clone()),
            side: Some(Side::New),
            kind: way.map(|way| way.2),
            size: interval.size,
            low: interval.low,
            high: interval.high,
            count: sum.block.pairs(),
        };
        let mut reason = Reason::plain(Cause::NewErrors, Decision::Rollback, text, Some(standing.since));
        reason.finding = Some(finding);
        Some(reason)
    }

    /// What is still missing for `go` here, in words.
    pub(crate) fn missing(&self) -> String {
        format!(
            "{}: not yet shown to fail at most {} more than on old ({} of evidence)",
            self.scope,
            percent(self.go_margin),
            percent((self.test.ln() / self.test.ln_threshold()).clamp(0.0, 0.999))
        )
    }
}

impl Standing {
    fn step(&mut self, block: &Block) {
        self.blocks = (self.blocks + 1).min(HISTORY);
        self.test.step(block);
        self.clean = if block.worse > block.better { 0 } else { self.clean + 1 };
    }

    const fn resolved(&self) -> bool {
        self.test.shown() && self.clean >= RESOLVE_BLOCKS
    }
}
