//! The verdict: all reasons, the gravest first, and what would change it.

use chrono::{DateTime, Utc};

use super::core::Judge;
use super::words::{clock, counted, lasting, percent};
use crate::{Cause, Decision, Evidence, Phase, Reason, Verdict};

impl Judge {
    /// The verdict as of `now`.
    pub fn verdict(&mut self, now: DateTime<Utc>) -> Verdict {
        let mut reasons = self.reasons(now);
        for finding in reasons.iter_mut().filter_map(|reason| reason.finding.as_mut()) {
            finding.trace = self.memory.traces.of(finding);
        }
        // Stable: reasons of equal urgency keep the order in which they were looked at.
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.raises));
        let decision = reasons.first().map_or(Decision::Hold, |reason| reason.raises);
        let since = match self.memory.decided {
            Some((same, since)) if same == decision => since,
            _ => now,
        };
        self.memory.decided = Some((decision, since));
        let cause = reasons.first().map(|reason| reason.cause);
        // Whatever else holds is not over when enough was seen.
        let waits = decision == Decision::Hold && cause == Some(Cause::TooLittle);
        // The block in which it is shown must be over.
        let estimate = self.summary.estimate.filter(|time| waits && !time.is_zero());
        let would_change = self.would_change(decision, cause);
        Verdict {
            decision,
            since,
            reasons,
            evidence: self.summary.evidence.clone(),
            weakest: self.weakest(decision),
            would_change,
            estimate: estimate.map(|time| time + self.settings.block),
        }
    }

    fn reasons(&self, now: DateTime<Utc>) -> Vec<Reason> {
        let (memory, margin) = (&self.memory, self.settings.error_margin);
        let mut reasons = Vec::new();
        if memory.phase == Phase::RolledBack {
            let text = "rolled back: the new side is watched, and nothing is asked of it".to_owned();
            reasons.push(Reason::plain(Cause::Phase, Decision::Hold, text, None));
        }
        reasons.extend(self.summary.reasons.iter().map(|reason| self.advised(reason.clone())));
        let names = memory.names.reasons(memory.phase, memory.entered, now, self.settings.stale_grace);
        if let Some(cut_off) = memory.health.cut_off(memory.names.silent()) {
            // What else was seen just now was seen by nobody.
            reasons.push(cut_off);
            reasons.extend(names);
            return reasons;
        }
        reasons.extend(memory.health.reasons(now));
        reasons.extend(memory.consistency.reasons(now));
        reasons.extend(names);
        reasons.extend(memory.lookups.reasons(now, margin));
        reasons.extend(memory.fleets.reasons(margin));
        reasons.extend(memory.canaries.reasons(memory.phase, now));
        reasons.extend(memory.unpaired.reasons(now, margin));
        if reasons.is_empty() {
            reasons.push(self.for_go(now));
        }
        reasons
    }

    /// A reason for a rollback, as it is to be read where the cutover stands.
    fn advised(&self, mut reason: Reason) -> Reason {
        if self.memory.phase == Phase::RolledBack {
            // There is nothing left to roll back.
            reason.raises = Decision::Hold;
        } else if let Some(why) = self.no_way_back().filter(|_| reason.raises == Decision::Rollback) {
            reason.text = format!("{}; {why}: fix forward", reason.text);
        }
        reason
    }

    /// Why there is no way back, if there is none.
    fn no_way_back(&self) -> Option<String> {
        let passed = self.memory.passed_it.map(percent);
        let passed =
            passed.map(|share| format!("past the point of no return ({share} of the devices were on new)"));
        passed.or_else(|| (self.memory.phase == Phase::Settled).then(|| "the cutover is settled".to_owned()))
    }

    /// `go`, if nothing speaks against it and it is earned; else what is missing.
    fn for_go(&self, now: DateTime<Utc>) -> Reason {
        let hold = |cause, text: &str| Reason::plain(cause, Decision::Hold, text.to_owned(), None);
        if let Some(shard) = &self.shard {
            let text = format!(
                "shard {shard} judges its devices only, and nothing speaks against them: ask the first shard"
            );
            return hold(Cause::TooLittle, &text);
        }
        if self.memory.phase == Phase::Ready {
            return hold(Cause::Phase, "in phase `ready` the new side is not judged yet");
        }
        if self.scopes.own.is_empty() {
            return hold(Cause::TooLittle, "no journey runs on both sides: nothing can be compared");
        }
        if let Some(suspect) = self.memory.canaries.suspect(now) {
            return hold(Cause::TooLittle, &format!("{suspect}; not explained yet"));
        }
        if self.memory.unpaired.smells() || self.summary.smells {
            return hold(Cause::TooLittle, "something was seen on new that is not explained yet");
        }
        if let Some(missing) = &self.summary.missing {
            return hold(Cause::TooLittle, missing);
        }
        let (settings, pooled) = (&self.settings, &self.scopes.pooled.state);
        let text = format!(
            "no worse than the old side: within {} of failures over all journeys and {} on each, and within {:.1} and \
             {:.1} times the usual ratio of durations, shown on {} pairs{}{}",
            percent(settings.go_margin),
            percent(settings.go_margin_journey),
            1.0 + settings.go_location,
            1.0 + settings.go_location_journey,
            pooled.pairs,
            pooled.began.map_or_else(String::new, |began| format!(" since {}", clock(began))),
            self.left_on_old(now),
        );
        Reason::plain(Cause::NonInferior, Decision::Go, text, None)
    }

    /// How many devices have not come over, in words: the new side being well does not mean that it is used.
    fn left_on_old(&self, now: DateTime<Utc>) -> String {
        if !matches!(self.memory.phase, Phase::Go | Phase::Settled) {
            return String::new();
        }
        let are = |count: u64| if count == 1 { "is" } else { "are" };
        let devices = match self.memory.fleets.on_old() {
            (0, _) => String::new(),
            (on_old, all) => {
                format!("; {on_old} of {} {} still on old", counted(all, "device"), are(on_old))
            }
        };
        let canaries = self.memory.canaries.on_old(now);
        if canaries.is_empty() {
            return devices;
        }
        let (noun, are) =
            (if canaries.len() == 1 { "canary" } else { "canaries" }, are(canaries.len() as u64));
        format!("{devices}; {noun} {} {are} still on old", canaries.join(", "))
    }

    /// Against the new side while it is accused; otherwise the test for `go` that is furthest behind.
    fn weakest(&self, decision: Decision) -> Option<Evidence> {
        if self.memory.phase == Phase::Ready || self.scopes.own.is_empty() {
            return None;
        }
        let accused = self.summary.gravest.as_ref().filter(|_| decision != Decision::Go);
        accused.map(|(evidence, _)| evidence).or(self.summary.behind.as_ref()).cloned()
    }

    fn would_change(&self, decision: Decision, cause: Option<Cause>) -> String {
        let against = self.summary.strongest.as_ref().map_or_else(String::new, |one| {
            let (scope, kind, share) = (&one.scope, one.kind.as_str(), percent(one.share()));
            format!("rollback, once evidence against new is enough (most so far: {kind} of {scope}, {share})")
        });
        match (decision, cause) {
            (_, Some(Cause::Phase)) => "another phase: nothing else is asked of the new side now".to_owned(),
            (Decision::Rollback, _) => {
                let (scope, share) = self.summary.gravest.as_ref().map_or_else(
                    || ("the new side".to_owned(), percent(0.0)),
                    |(of, share)| (of.scope.to_string(), percent(*share)),
                );
                format!(
                    "hold, once {scope} is shown to be well again on new ({share} of that evidence is there)"
                )
            }
            (Decision::Hold, Some(Cause::TooLittle)) => {
                let time = self.summary.estimate.filter(|time| !time.is_zero());
                let time = time.map_or_else(String::new, |time| {
                    format!(", in about {} if nothing fails", lasting(time))
                });
                format!("go, once what is missing is shown{time}; {against}")
            }
            (Decision::Hold, _) => {
                format!("go, once what is named is over and nothing is missing; {against}")
            }
            (Decision::Go, _) => format!("hold, as soon as something speaks against new; {against}"),
        }
    }
}
