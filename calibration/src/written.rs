//! The calibration as people read it, once for both forms.

mod page;

use figures::{seconds, span, thousands};
use page::Page;
use simulation::Delays;

use crate::words::{name, percent, yaml};
use crate::{Basis, Calibration, Forecast, ScopeSeen, SideSeen, Soak};

/// Writes all of it down.
pub(crate) fn document(calibration: &Calibration) -> Page {
    let mut page = Page::default();
    if let Some(soak) = &calibration.soak {
        page.heading("What was seen");
        page.paragraph(soaked(soak));
        if !calibration.seen.is_empty() {
            page.table(&HEADS, calibration.seen.iter().map(row).collect());
            page.paragraph(
                "wander: the largest excursion of the ratio from one window to another, as seen, and at the most what \
                 is more than chance (95 %); spread: of ln t within a pair, an upper limit, since what both sides \
                 share cancels.",
            );
        }
    }
    page.list("Wrong with the new side already", &calibration.findings);
    page.list("Not told by this soak", &calibration.remarks);
    page.list("Missing, so that nothing is proposed", &calibration.missing);
    page.list("Beyond any margin", &calibration.beyond);
    if calibration.missing.is_empty() {
        settings(&mut page, calibration);
    }
    if let Some(forecast) = &calibration.forecast {
        detected(&mut page, forecast);
    }
    page
}

const HEADS: [&str; 9] =
    ["journey", "pairs", "old fails", "new fails", "old p50", "new p50", "ratio", "wander", "spread"];

fn soaked(soak: &Soak) -> String {
    let basis = match soak.basis {
        Basis::OldAgainstNew => "old against new, in phase `set`",
        Basis::OldAgainstOld => {
            "old against old, each window against the one before: the new side was not up"
        }
    };
    let [from, to] = [soak.from, soak.to].map(|at| at.format("%Y-%m-%d %H:%M:%S"));
    format!("Soak: {from} to {to} UTC, {} of it watched; {basis}.", span(soak.watched))
}

fn row(seen: &ScopeSeen) -> Vec<String> {
    let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let median = |side: Option<SideSeen>| or(side.and_then(|side| side.median).map(seconds));
    let wander = seen.wander.map(|wander| {
        let limit =
            wander.limit.map_or_else(|| "chance".to_owned(), |limit| format!("<= {}", percent(limit)));
        format!("{} in {}; {limit}", percent(wander.largest), span(wander.window as f64))
    });
    vec![
        name(&seen.scope),
        thousands(seen.pairs),
        percent(seen.old.errors),
        or(seen.new.map(|new| percent(new.errors))),
        median(Some(seen.old)),
        median(seen.new),
        or(seen.ratio.map(|ratio| format!("{:.2}", ratio.medians))),
        or(wander),
        or(seen.ratio.map(|ratio| format!("{:.2}", ratio.spread))),
    ]
}

fn settings(page: &mut Page, calibration: &Calibration) {
    page.heading("Settings");
    if calibration.proposals.is_empty() {
        page.paragraph("What is configured fits: nothing in `evidence` needs to change.");
        return;
    }
    page.paragraph("In serin.yaml:");
    let lines = calibration.proposals.iter().map(|proposal| {
        let (key, to, from) = (proposal.key, yaml(proposal.proposed), yaml(proposal.configured));
        format!("  {key}: {to}    # was {from}")
    });
    page.code(std::iter::once("evidence:".to_owned()).chain(lines).collect());
    let reasons: Vec<_> = calibration
        .proposals
        .iter()
        .map(|proposal| format!("{}: {}", proposal.key, proposal.reason))
        .collect();
    page.list("Why", &reasons);
}

fn detected(page: &mut Page, forecast: &Forecast) {
    page.heading("What they will detect, and how fast");
    let Forecast { trials, seed, soak, watched, .. } = forecast;
    page.paragraph(format!(
        "Simulated with this traffic ({:.2} pairs a second, each journey at its own pace, with its own failures and \
         spread): {trials} trials each, seed {seed}, soak {}, faults watched for {}. Time from onset to `rollback`; \
         what is missed counts as for ever.",
        forecast.pairs_per_second,
        span(*soak),
        span(*watched)
    ));
    let rows = forecast.faults.iter().map(|row| delays(row.name.clone(), &row.delays));
    let go = delays("healthy: from Go to `go`".to_owned(), &forecast.go);
    page.table(&["fault on new", "median", "p90", "missed", "false"], rows.chain([go]).collect());
    let bound = forecast.false_alarms_per_week;
    page.paragraph(format!(
        "Missed: of a fault, not seen while it was watched; of `go`, not earned within {}. False: trials with an alarm \
         before the fault. False `rollback`s: at most {bound} a week in expectation, over all detectors together; that \
         is a bound, whatever the traffic, as long as the margins lie above what is healthy.",
        span(forecast.patience)
    ));
}

fn delays(name: String, delays: &Delays) -> Vec<String> {
    let time = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), span);
    let Delays { median, p90, missed, early, .. } = delays;
    vec![name, time(*median), time(*p90), missed.to_string(), early.to_string()]
}
