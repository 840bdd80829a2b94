//! The report as a page: complete in itself, without scripts, ready for print.

use cutover::{CanaryState, Decision, DeliveryResult, DeviceState, Route};
use figures::{seconds, thousands};
use minijinja::{AutoEscape, Environment, Value, context};

use crate::journeys::{Figures, JourneyPart, Point, Quantile, RoutePart};
use crate::resets::{self, Cell, HEADS};
use crate::svg::{Bar, Curve, Frame, Row, lines, migration, strip};
use crate::words::{clock, lasted, moment, percent, told};
use crate::{AlertLine, FleetPart, Report, ResetPart, StateSpan};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// Entries of the timeline that are shown; the JSON has all of them.
const ENTRIES: usize = 400;

/// Writes the page. Every text is escaped by the template; the charts escape their own.
pub(crate) fn page(report: &Report) -> Result<String, minijinja::Error> {
    let frame = Frame { span: report.covers, phases: &report.phases, gaps: &report.gaps };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", PAGE)?;
    let (runs, failed) = report.runs();
    let (devices, moved) = report.devices();
    let shown = &report.timeline[report.timeline.len().saturating_sub(ENTRIES)..];
    let page = environment.get_template("report")?.render(context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        cutover => &*report.cutover,
        made => moment(report.made),
        from => moment(report.covers.from),
        to => moment(report.covers.to),
        lasted => lasted(report.covers.to - report.covers.from),
        resolution => report.resolution,
        unknown => report.unknown,
        standing => report.standing.as_ref().map(|standing| context! {
            decision => standing.decision.as_str(),
            phase => standing.phase.as_str(),
            reason => &*standing.reason,
        }),
        word => report.standing.as_ref().map(|standing| standing.decision.as_str().to_uppercase()),
        warned => warned(report),
        runs => thousands(runs),
        failed => thousands(failed),
        devices => thousands(devices),
        moved => (devices > 0).then(|| percent(moved as f64 / devices as f64)),
        overview => Value::from_safe_string(overview(report, frame)),
        decisions => report.decisions.iter().map(|span| context! {
            at => clock(span.from),
            decision => span.decision.as_str(),
            lasted => lasted(span.to - span.from),
            reason => &*span.reason,
        }).collect::<Vec<_>>(),
        fleets => report.fleets.iter().map(|fleet| fleet_part(fleet, frame)).collect::<Vec<_>>(),
        journeys => report.journeys.iter().map(|part| journey(part, frame)).collect::<Vec<_>>(),
        canaries => (!report.canaries.is_empty()).then(|| Value::from_safe_string(standing(report, frame))),
        reset_heads => HEADS,
        resets => resets::shown(&report.resets).iter().map(reset).collect::<Vec<_>>(),
        names => (!report.names.is_empty()).then(|| Value::from_safe_string(propagation(report, frame))),
        alerts => report.alerts.iter().map(alert).collect::<Vec<_>>(),
        left_out => report.timeline.len() - shown.len(),
        timeline => shown.iter().map(|entry| context! {
            at => moment(entry.at),
            kind => entry.kind.as_str(),
            by => &*entry.by,
            text => &*entry.text,
        }).collect::<Vec<_>>(),
    })?;
    // What commands a terminal or ends a page early is no text; no element of ours needs it.
    Ok(page.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}"))
}

/// When the verdict was `rollback`, for a page that ends with another one.
fn warned(report: &Report) -> Option<String> {
    let ended = report.standing.as_ref().map(|standing| standing.decision);
    let first = report.decisions.iter().find(|span| span.decision == Decision::Rollback);
    let first = first.filter(|_| ended != Some(Decision::Rollback))?;
    Some(format!("it was rollback at {}: {}", clock(first.from), first.reason))
}

/// Phases and verdicts over the whole time.
fn overview(report: &Report, frame: Frame<'_>) -> String {
    let phases = report.phases.iter().map(|span| Bar {
        class: format!("phase-{}", span.phase),
        from: span.from,
        to: span.to,
        text: span.phase.to_string(),
        title: format!("{}, from {} for {}", span.phase, moment(span.from), lasted(span.to - span.from)),
    });
    let verdicts = report.decisions.iter().map(|span| Bar {
        class: span.decision.as_str().to_owned(),
        from: span.from,
        to: span.to,
        text: span.decision.to_string(),
        title: format!("{}, from {}: {}", span.decision, moment(span.from), span.reason),
    });
    let rows = [
        Row { name: "phase".to_owned(), bars: phases.collect() },
        Row { name: "verdict".to_owned(), bars: verdicts.collect() },
    ];
    // The phases stand in their own row here.
    strip("phases and verdicts over time", Frame { phases: &[], ..frame }, &rows)
}

fn propagation(report: &Report, frame: Frame<'_>) -> String {
    let rows: Vec<_> = report
        .names
        .iter()
        .map(|part| Row {
            name: format!("{} @ {}", part.name, part.resolver),
            bars: part
                .views
                .iter()
                .map(|view| Bar {
                    class: match view.view.as_str() {
                        side @ ("old" | "new" | "other") => side.to_owned(),
                        "old+new" => "both".to_owned(),
                        _ => "lost".to_owned(),
                    },
                    from: view.from,
                    to: view.to,
                    text: view.view.clone(),
                    title: format!("{}, from {} to {}", view.view, moment(view.from), moment(view.to)),
                })
                .collect(),
        })
        .collect();
    strip("the answers of each resolver for each name, over time", frame, &rows)
}

/// Where each real canary stood.
fn standing(report: &Report, frame: Frame<'_>) -> String {
    let bar = |span: &StateSpan| Bar {
        class: match span.state {
            CanaryState::Silent => "lost".to_owned(),
            CanaryState::Waiting | CanaryState::Alive | CanaryState::Unwatched => "connecting".to_owned(),
            state => state.as_str().to_owned(),
        },
        from: span.from,
        to: span.to,
        text: span.state.to_string(),
        title: format!("{}, from {} to {}", span.state, moment(span.from), moment(span.to)),
    };
    let rows: Vec<_> = report
        .canaries
        .iter()
        .map(|part| Row { name: part.canary.to_string(), bars: part.states.iter().map(bar).collect() })
        .collect();
    strip("where each real canary stood, over time", frame, &rows)
}

fn fleet_part(fleet: &FleetPart, frame: Frame<'_>) -> Value {
    let last = fleet.points.last();
    let counts = DeviceState::ALL.map(|state| (state, last.map_or(0, |point| point.of(state))));
    context! {
        name => &*fleet.fleet,
        total => thousands(fleet.total),
        still_old => (fleet.still_old.count > 0).then(|| told(&fleet.still_old)),
        chart => Value::from_safe_string(migration(fleet, frame)),
        states => counts.into_iter().filter(|(state, count)| {
            *count > 0 || matches!(state, DeviceState::Old | DeviceState::New)
        }).map(|(state, count)| context! {
            state => state.as_str(),
            count => thousands(u64::from(count)),
            share => percent(f64::from(count) / fleet.total.max(1) as f64),
        }).collect::<Vec<_>>(),
    }
}

fn reset(part: &ResetPart) -> Value {
    let cells = part.cells().into_iter().zip(HEADS);
    context! {
        id => &*part.sums.id,
        fleet => &*part.fleet,
        at => clock(part.at),
        cells => cells.map(|(Cell { value, names }, head)| context! {
            bad => matches!(head, "not back" | "missed") && value != "0",
            value => value,
            names => names,
        }).collect::<Vec<_>>(),
    }
}

fn journey(part: &JourneyPart, frame: Frame<'_>) -> Value {
    let curves = |class: &str, value: fn(&Point) -> Option<f64>| {
        let curve = |route: &RoutePart| Curve {
            class: format!("{} {class}", route.route.as_str()),
            points: route.points.iter().map(|point| (point.at, value(point))).collect(),
        };
        part.routes.iter().map(curve).collect::<Vec<_>>()
    };
    let rate = |point: &Point| (point.runs > 0).then(|| point.failed as f64 / point.runs as f64);
    let errors = curves("", rate);
    let mut times = curves("tail", |point| point.p99);
    times.extend(curves("", |point| point.p50));
    let rows = part.routes.iter().flat_map(|route| {
        let stages = [
            ("ready", &route.before),
            ("set", &route.during),
            ("go and after", &route.after),
            ("rolled back", &route.rolled_back),
        ];
        stages.into_iter().filter_map(|(stage, figures)| Some(row(route.route, stage, figures.as_ref()?)))
    });
    let label = |what: &str| format!("{what} of {} over time", part.journey);
    context! {
        name => &*part.journey,
        variant => &*part.variant,
        routes => part.routes.iter().map(|route| route.route.as_str()).collect::<Vec<_>>(),
        errors => Value::from_safe_string(lines(&label("error rates"), frame, &errors, percent)),
        times => Value::from_safe_string(lines(&label("durations"), frame, &times, seconds)),
        rows => rows.collect::<Vec<_>>(),
        failures => part.routes.iter().flat_map(failures).collect::<Vec<_>>(),
    }
}

fn failures(route: &RoutePart) -> impl Iterator<Item = Value> {
    route.failures.iter().map(|last| {
        context! {
            route => route.route.as_str(),
            step => &*last.step,
            kind => last.kind.as_str(),
            at => moment(last.at),
            trace => &*last.trace,
        }
    })
}

fn row(route: Route, stage: &str, figures: &Figures) -> Value {
    let quantile = |known: Option<Quantile>| {
        known.map(|quantile| {
            context! {
                value => seconds(quantile.value),
                range => format!("{} to {}", seconds(quantile.low), seconds(quantile.high)),
            }
        })
    };
    context! {
        route => route.as_str(),
        stage => stage,
        runs => thousands(figures.runs),
        failed => thousands(figures.failed),
        aborted => thousands(figures.aborted),
        degraded => thousands(figures.degraded),
        bad => figures.failed > 0,
        errors => figures.errors.map(|share| context! {
            value => percent(share.value),
            range => format!("{} to {}", percent(share.low), percent(share.high)),
        }),
        p50 => quantile(figures.p50),
        p90 => quantile(figures.p90),
        p99 => quantile(figures.p99),
    }
}

fn alert(line: &AlertLine) -> Value {
    context! {
        at => moment(line.at),
        state => &*line.state,
        why => &*line.why,
        subject => &*line.subject,
        deliveries => line.deliveries.iter().map(|delivery| context! {
            channel => &*delivery.channel,
            result => delivery.result.as_str(),
            well => delivery.result == DeliveryResult::Sent,
            at => clock(delivery.at),
            attempts => delivery.attempts,
            detail => &*delivery.detail,
        }).collect::<Vec<_>>(),
    }
}
