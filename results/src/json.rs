//! Everything that is known of the runs, for programs. docs/journeys.md describes it; what is there keeps its name and
//! its meaning as long as `schema` is 1, further fields may come.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{Part, Vitals};
use journeys::{At, Attempt, Hop, Miss, StepRun, Unmet};
use probes::Fault;
use serde::Serialize;

use crate::text::requests;
use crate::words::took;
use crate::{Performed, Results, Standing, Tally, Told};

/// Changed when something is no longer what it was.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    schema: u32,
    serin: &'static str,
    started: DateTime<Utc>,
    took: f64,
    summary: Summary,
    runs: Vec<RunPart<'r>>,
}

#[derive(Serialize)]
struct Summary {
    runs: BTreeMap<&'static str, usize>,
    steps: BTreeMap<&'static str, usize>,
    left_out: usize,
}

#[derive(Serialize)]
struct RunPart<'r> {
    journey: &'r str,
    variant: &'r str,
    route: &'static str,
    row: Option<usize>,
    file: &'r str,
    id: String,
    trace: String,
    intended: DateTime<Utc>,
    started: DateTime<Utc>,
    took: f64,
    outcome: &'static str,
    standing: &'static str,
    decided_by: Option<&'r str>,
    detail: &'r str,
    steps: Vec<StepPart<'r>>,
}

#[derive(Serialize)]
struct StepPart<'r> {
    name: &'r str,
    standing: &'static str,
    finally: Option<bool>,
    route: Option<&'static str>,
    at: Option<Place<'r>>,
    took: Option<f64>,
    skipped: Option<&'r str>,
    requests: Vec<String>,
    kept: Option<Cow<'r, str>>,
    visible: Option<f64>,
    budget: Option<f64>,
    attempts: Vec<AttemptPart<'r>>,
}

#[derive(Serialize)]
struct AttemptPart<'r> {
    after: f64,
    parts: BTreeMap<&'static str, f64>,
    peer: Option<String>,
    reached: Option<&'static str>,
    answered: &'static str,
    redirects: Vec<RedirectPart<'r>>,
    vitals: Option<VitalsPart>,
    miss: Option<MissPart<'r>>,
    each: Vec<AttemptPart<'r>>,
}

#[derive(Serialize)]
struct RedirectPart<'r> {
    url: &'r str,
    status: u16,
    peer: String,
    reached: &'static str,
}

#[derive(Serialize)]
struct VitalsPart {
    ttfb: Option<f64>,
    fcp: Option<f64>,
    lcp: Option<f64>,
    cls: Option<f64>,
}

#[derive(Serialize)]
struct MissPart<'r> {
    fault: &'static str,
    kind: &'static str,
    message: &'r str,
    at: Option<Place<'r>>,
    said: Option<&'r str>,
    unmet: Vec<UnmetPart<'r>>,
}

#[derive(Serialize)]
struct UnmetPart<'r> {
    text: &'r str,
    at: Place<'r>,
    expected: &'r str,
    actual: &'r str,
    diff: Vec<String>,
}

#[derive(Serialize)]
struct Place<'r> {
    file: &'r str,
    line: usize,
    column: usize,
}

/// Writes the report.
pub(crate) fn write(results: &Results) -> serde_json::Result<String> {
    let tally = Tally::of(&results.performed);
    let counted = |of: &dyn Fn(Standing) -> usize| {
        Standing::ALL.into_iter().map(|standing| (standing.as_str(), of(standing))).collect()
    };
    let document = Document {
        schema: SCHEMA,
        serin: env!("CARGO_PKG_VERSION"),
        started: results.started,
        took: results.took.as_secs_f64(),
        summary: Summary {
            runs: counted(&|standing| tally.runs(standing)),
            steps: counted(&|standing| tally.steps(standing)),
            left_out: results.left_out,
        },
        runs: results
            .performed
            .iter()
            .map(|performed| run(performed, results.authority.as_deref()))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn run<'r>(performed: &'r Performed, authority: Option<&str>) -> RunPart<'r> {
    let run = &performed.run;
    RunPart {
        journey: &run.journey,
        variant: &run.variant,
        route: run.route.as_str(),
        row: run.row,
        file: &performed.file,
        id: run.id.to_string(),
        trace: run.id.simple().to_string(),
        intended: run.intended,
        started: run.started,
        took: run.took.as_secs_f64(),
        outcome: run.outcome.as_str(),
        standing: performed.standing().as_str(),
        decided_by: run.deciding().map(|step| &*step.name),
        detail: &run.detail,
        steps: performed.steps().map(|told| step(told, authority)).collect(),
    }
}

fn step<'r>(told: Told<'r>, authority: Option<&str>) -> StepPart<'r> {
    StepPart {
        name: told.name,
        standing: told.standing.as_str(),
        finally: told.step.map(|step| step.finally),
        route: told.step.map(|step| step.route.as_str()),
        at: told.step.map(|step| place(&step.at)),
        took: told.step.filter(|step| step.last().is_some()).map(took),
        skipped: told.step.and_then(|step| step.skipped.as_deref()),
        requests: told.step.map(|step| requests(step, authority)).unwrap_or_default(),
        kept: told.step.and_then(|step| Some(step.kept.as_ref()?.to_string_lossy())),
        visible: told.step.and_then(|step| step.visible).map(|visible| visible.as_secs_f64()),
        budget: told.step.and_then(|step| step.degraded).map(|degraded| degraded.budget.as_secs_f64()),
        attempts: told.step.map(attempts).unwrap_or_default(),
    }
}

fn attempts(step: &StepRun) -> Vec<AttemptPart<'_>> {
    step.attempts.iter().map(attempt).collect()
}

fn attempt(attempt: &Attempt) -> AttemptPart<'_> {
    let parts = attempt.parts.iter().map(|(part, took): (Part, _)| (part.as_str(), took.as_secs_f64()));
    AttemptPart {
        after: attempt.after.as_secs_f64(),
        parts: parts.collect(),
        peer: attempt.peer.map(|peer| peer.to_string()),
        reached: attempt.reached.map(cutover::Reached::as_str),
        answered: attempt.answered.as_str(),
        redirects: attempt.redirects.iter().map(redirect).collect(),
        vitals: attempt.vitals.as_ref().map(vitals),
        miss: attempt.miss.as_ref().map(miss),
        each: attempt.each.iter().map(self::attempt).collect(),
    }
}

fn redirect(hop: &Hop) -> RedirectPart<'_> {
    let Hop { url, status, peer, reached } = hop;
    RedirectPart { url, status: *status, peer: peer.to_string(), reached: reached.as_str() }
}

fn vitals(vitals: &Vitals) -> VitalsPart {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    let Vitals { ttfb, fcp, lcp, cls } = *vitals;
    VitalsPart { ttfb: seconds(ttfb), fcp: seconds(fcp), lcp: seconds(lcp), cls }
}

fn miss(miss: &Miss) -> MissPart<'_> {
    MissPart {
        fault: match miss.fault {
            Fault::Failed(_) => "target",
            Fault::Aborted(_) => "canary",
        },
        kind: crate::words::kind(miss),
        message: &miss.message,
        at: miss.at.as_ref().map(place),
        said: miss.said.as_deref(),
        unmet: miss.unmet.iter().map(unmet).collect(),
    }
}

fn unmet(unmet: &Unmet) -> UnmetPart<'_> {
    UnmetPart {
        text: &unmet.text,
        at: place(&unmet.at),
        expected: &unmet.expected,
        actual: &unmet.actual,
        diff: unmet.diff.iter().map(ToString::to_string).collect(),
    }
}

fn place(at: &At) -> Place<'_> {
    Place { file: &at.file, line: at.line, column: at.column }
}
