//! The runs as a page for people: complete in itself, without scripts, light or dark as its reader likes it.

use figures::seconds;
use journeys::StepRun;
use minijinja::{AutoEscape, Environment, Value, context};

use crate::failure::Failure;
use crate::words::{kind, took, what, whom};
use crate::{Look, Performed, Results, Standing, Tally, Told, text};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// Writes the page. Every text is escaped by the template.
pub(crate) fn page(results: &Results) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", PAGE)?;
    let tally = Tally::of(&results.performed);
    let counts = Standing::ALL.into_iter().filter(|standing| tally.runs(*standing) > 0);
    let bad = tally.runs(Standing::Failed) + tally.runs(Standing::Aborted);
    let page = environment.get_template("page")?.render(context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        title => match (bad, tally.all_runs()) {
            (0, 1) => "the run passed".to_owned(),
            (0, runs) => format!("all {runs} runs passed"),
            (bad, runs) => format!("{bad} of {runs} runs did not pass"),
        },
        tone => tone(Standing::ALL.into_iter().filter(|it| tally.runs(*it) > 0).max_by_key(|it| severity(*it))),
        started => results.started.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        took => seconds(results.took.as_secs_f64()),
        left_out => results.left_out,
        counts => counts.map(|standing| context! {
            count => tally.runs(standing),
            word => standing.as_str(),
            tone => tone(Some(standing)),
        }).collect::<Vec<_>>(),
        steps => tally.all_steps(),
        runs => results.performed.iter().map(|performed| run(performed, results)).collect::<Vec<_>>(),
    })?;
    // What commands a terminal or ends a page early is no text; no element of ours needs it.
    Ok(page.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}"))
}

/// What decides the page's colour: the worst of what there was.
const fn severity(standing: Standing) -> u8 {
    match standing {
        Standing::Failed => 4,
        Standing::Aborted => 3,
        Standing::Degraded => 2,
        _ => 1,
    }
}

/// The class that has a standing's colour.
const fn tone(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Passed) => "passed",
        Some(Standing::Degraded) => "degraded",
        Some(Standing::Failed) => "failed",
        Some(Standing::Aborted) => "aborted",
        Some(Standing::Skipped | Standing::Unreached) | None => "skipped",
    }
}

fn run(performed: &Performed, results: &Results) -> Value {
    let run = &performed.run;
    // Where the time went: each step's bar stands on the run's own time.
    let whole = run.took.as_secs_f64().max(f64::MIN_POSITIVE);
    context! {
        title => &*run.journey,
        variant => &*run.variant,
        row => run.row,
        route => run.route.as_str(),
        file => &*performed.file,
        word => performed.standing().as_str(),
        tone => tone(Some(performed.standing())),
        took => seconds(run.took.as_secs_f64()),
        trace => run.id.simple().to_string(),
        detail => run.steps.is_empty().then(|| run.detail.to_string()),
        open => !matches!(performed.standing(), Standing::Passed),
        steps => performed.steps().map(|told| step(told, whole, performed, results)).collect::<Vec<_>>(),
    }
}

fn step(told: Told<'_>, whole: f64, performed: &Performed, results: &Results) -> Value {
    let tried = told.step.filter(|step| step.last().is_some());
    let last = tried.and_then(StepRun::last);
    let miss = last.and_then(|last| last.miss.as_ref());
    let look = Look { sided: results.sided, ..Look::PLAIN };
    let failure = tried.and_then(|step| Failure::of(performed, step, &results.sources, look));
    context! {
        name => told.name,
        word => told.standing.as_str(),
        tone => tone(Some(told.standing)),
        took => tried.map(|step| seconds(took(step))),
        attempts => tried.map(|step| step.attempts.len()).filter(|count| *count > 1),
        budget => tried.and_then(|step| step.degraded).map(|degraded| seconds(degraded.budget.as_secs_f64())),
        whom => last.and_then(|last| whom(last, results.sided)),
        why => told.step.and_then(|step| step.skipped.clone()),
        bar => tried.and_then(|step| Some(bar(step.attempts.first()?.after.as_secs_f64(), took(step), whole))),
        requests => told.step.map(|step| text::requests(step, results.authority.as_deref())).unwrap_or_default(),
        kind => miss.map(kind),
        what => miss.map(what),
        excerpt => failure.as_ref().map(|failure| failure.excerpt.join("\n")),
        notes => failure.map(|failure| failure.notes),
    }
}

/// Where a step's bar stands on that of its run, and how long it is: never beyond its end.
fn bar(after: f64, took: f64, whole: f64) -> Value {
    let share = |time: f64| (time / whole).clamp(0.0, 1.0);
    let (from, to) = (share(after), share(after + took));
    let percent = |share: f64| format!("{:.2}%", share * 100.0);
    context! { from => percent(from), width => percent(to - from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bar_goes_beyond_the_run() {
        for (after, took, from, width) in
            [(0.25, 0.5, "25.00%", "50.00%"), (0.75, 0.5, "75.00%", "25.00%"), (1.5, 1.0, "100.00%", "0.00%")]
        {
            let bar = bar(after, took, 1.0);
            let of = |name: &str| bar.get_attr(name).map(|value| value.to_string()).unwrap_or_default();
            assert_eq!((of("from").as_str(), of("width").as_str()), (from, width));
        }
    }
}
