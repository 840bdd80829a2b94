//! What the pairs say, made once when a block is over: with ten thousand scopes it is too long for every question.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::scope::ScopeEvidence;
use super::scopes::Scopes;
use super::steps::StepEvidence;
use super::track::Standing;
use super::words::percent;
use crate::evidence::{Mixture, pairs_to_non_inferior, pairs_to_not_slower};
use crate::{Cause, Decision, Evidence, EvidenceKind, Reason, Scope};

/// Scopes that are named beside the pooled one; the page and a mail are no list of ten thousand.
const NAMED: usize = 20;

/// Fewer pairs than this do not show how often they are run.
const PAIRS: u64 = 20;

/// What the pairs say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Summary {
    /// Against the new side, the gravest first.
    pub(crate) reasons: Vec<Reason>,
    /// What is missing for `go` in the scope that is furthest behind, in words.
    pub(crate) missing: Option<String>,
    /// Whether something is suspected that is not yet shown.
    pub(crate) smells: bool,
    /// How long until nothing is missing, if that can be said.
    pub(crate) estimate: Option<Duration>,
    /// The strongest evidence against the new side, over all scopes.
    pub(crate) strongest: Option<Evidence>,
    /// The evidence for `go` that is furthest behind.
    pub(crate) behind: Option<Evidence>,
    /// The scope of the gravest alarm that stands, with its strongest evidence, and how far the evidence has come that
    /// all is well again.
    pub(crate) gravest: Option<(Evidence, f64)>,
    /// How far each piece has come.
    pub(crate) evidence: Arc<[Evidence]>,
}

impl Summary {
    /// Sums up; `pairs_per_second` is what all journeys together were said to make.
    pub(crate) fn of(
        scopes: &Scopes,
        others: Vec<Evidence>,
        pairs_per_second: f64,
        now: Option<DateTime<Utc>>,
    ) -> Self {
        let mut evidence = Vec::with_capacity(6 * (scopes.own.len() + 1) + others.len());
        evidence.extend(scopes.all().flat_map(ScopeEvidence::evidence));
        evidence.extend(scopes.steps.all().map(StepEvidence::evidence));
        let most = |kinds: &[EvidenceKind], sign: f64| {
            let of = evidence.iter().filter(|one| kinds.contains(&one.kind));
            let share = |one: &Evidence| sign * one.ln / one.ln_threshold;
            of.max_by(|a, b| share(a).total_cmp(&share(b))).cloned()
        };
        let strongest = most(&[EvidenceKind::Error, EvidenceKind::Location, EvidenceKind::Tail], 1.0);
        let behind = most(&[EvidenceKind::NonInferiority, EvidenceKind::NotSlower], -1.0);
        evidence.extend(others);
        let (missing, estimate) = missing(scopes, pairs_per_second, now);
        let (reasons, gravest) = against(scopes);
        Self {
            reasons,
            missing,
            smells: scopes.all().any(ScopeEvidence::smells) || scopes.steps.all().any(StepEvidence::smells),
            estimate,
            strongest,
            behind,
            gravest,
            evidence: evidence.into(),
        }
    }
}

fn against(scopes: &Scopes) -> (Vec<Reason>, Option<(Evidence, f64)>) {
    let mut standing: Vec<_> = scopes.own.iter().filter(|scope| scope.stands()).collect();
    standing.sort_by(|a, b| b.strength().total_cmp(&a.strength()));
    let gravest = standing.first().copied().or_else(|| scopes.pooled.stands().then_some(&scopes.pooled));
    let mut steps: Vec<_> = scopes.steps.all().filter_map(|step| Some((step, step.standing()?))).collect();
    steps.sort_by(|a, b| b.1.sum.mean().total_cmp(&a.1.sum.mean()));
    let gravest = gravest.map(|scope| {
        let [error, location, tail, guard, ..] = scope.evidence();
        let most = [location, tail, guard]
            .into_iter()
            .fold(error, |most, one| if one.share() > most.share() { one } else { most });
        (most, scope.cleared())
    });
    let gravest =
        gravest.or_else(|| steps.first().map(|(step, standing)| (step.evidence(), standing.cleared())));
    let mut reasons = scopes.pooled.reasons();
    reasons.extend(standing.iter().take(NAMED).flat_map(|scope| scope.reasons()));
    reasons.extend(steps.iter().take(NAMED).map(|(step, standing)| step.reason(standing)));
    let beyond = |all: usize| all.saturating_sub(NAMED);
    let more = beyond(standing.len()) + beyond(steps.len());
    if more > 0 {
        let text = format!("and {more} more journeys, variants or steps are worse on new");
        reasons.push(Reason::plain(Cause::NewErrors, Decision::Hold, text, None));
    }
    (reasons, gravest)
}

fn missing(
    scopes: &Scopes,
    pairs_per_second: f64,
    now: Option<DateTime<Utc>>,
) -> (Option<String>, Option<Duration>) {
    let mut worst: Option<(f64, &ScopeEvidence)> = None;
    for scope in scopes.all() {
        let said = match scope.scope {
            Scope::All => pairs_per_second,
            _ => pairs_per_second / scopes.journeys().max(1) as f64,
        };
        let seconds = scope.seconds_to_go(said, now);
        // Of equals the first one: the pooled one speaks for all.
        if seconds > 0.0 && worst.is_none_or(|(most, _)| seconds > most) {
            worst = Some((seconds, scope));
        }
    }
    let seconds = worst.map_or(0.0, |(seconds, _)| seconds);
    let estimate = Duration::try_from_secs_f64(seconds).ok();
    (worst.map(|(_, scope)| scope.missing()), estimate.filter(|_| !scopes.own.is_empty()))
}

impl ScopeEvidence {
    /// How many more pairs it takes until each test for `go` is passed, if they are as those before: failures, times.
    fn pairs_to_go(&self) -> (u64, Option<u64>) {
        let (state, margins) = (&self.state, self.terms.location);
        let usual = state.learned.usual();
        let slows = pairs_to_not_slower(&state.not_slower, &state.scaled, usual, margins.go);
        (pairs_to_non_inferior(&state.non_inferior, self.terms.go_margin), slows)
    }

    /// How long that takes, in seconds, at the rate seen here; before enough was seen, at the one that was `said`, unless
    /// the journey has already been slower than that. Endless if it leads nowhere.
    fn seconds_to_go(&self, said: f64, now: Option<DateTime<Utc>>) -> f64 {
        let (fails, slows) = self.pairs_to_go();
        let pairs = slows.map_or(f64::INFINITY, |slows| slows.max(fails) as f64);
        if pairs <= 0.0 {
            return 0.0;
        }
        let elapsed = now.zip(self.state.began).map(|(now, began)| (now - began).as_seconds_f64());
        let seen = self.state.pairs;
        let rate = match elapsed.filter(|elapsed| *elapsed > 1.0) {
            Some(elapsed) if seen >= PAIRS => seen as f64 / elapsed,
            Some(elapsed) => said.min((seen + 1) as f64 / elapsed),
            None => said,
        };
        if rate > 0.0 { pairs / rate } else { f64::INFINITY }
    }

    /// What is still missing for `go` here, in words.
    fn missing(&self) -> String {
        let (fails, slows) = self.pairs_to_go();
        let so_far = |test: &Mixture| percent((test.ln() / test.ln_threshold()).clamp(0.0, 0.999));
        if slows.is_some_and(|slows| slows <= fails) {
            let (margin, so_far) = (percent(self.terms.go_margin), so_far(&self.state.non_inferior));
            return format!(
                "{}: not yet shown to fail at most {margin} more than on old ({so_far} of evidence)",
                self.scope
            );
        }
        let (margin, so_far) = (self.terms.location.go, so_far(&self.state.not_slower));
        let never = if slows.is_none() { "; as it is, it will not be" } else { "" };
        format!(
            "{}: not yet shown to take less than {margin:.1} times as long as usual ({so_far} of evidence{never})",
            self.scope
        )
    }

    /// How far the evidence has come that what stands here is over: 1 at enough.
    fn cleared(&self) -> f64 {
        let state = &self.state;
        let tests = [
            state.errors.standing().map(Standing::cleared),
            state.location.standing().map(Standing::cleared),
            state.tail.standing().map(Standing::cleared),
            state.guard.standing().map(Standing::cleared),
        ];
        tests.into_iter().flatten().fold(1.0, f64::min)
    }
}
