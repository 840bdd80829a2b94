//! The report as Markdown: tables, for issues and wikis.

use std::fmt::Write;

use cutover::Series;
use figures::{seconds, thousands};

use crate::journeys::{Figures, JourneyPart, Quantile};
use crate::resets::{self, Cell, HEADS};
use crate::words::{clock, lasted, moment, percent, told};
use crate::{Report, Share};

/// Writes the text.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    head(report, &mut out);
    if !report.decisions.is_empty() {
        table(&mut out, "Verdicts", &["from", "verdict", "for", "leading reason when it began"], |rows| {
            for span in &report.decisions {
                let lasted = lasted(span.to - span.from);
                rows.add(&[&clock(span.from), span.decision.as_str(), &lasted, &span.reason]);
            }
        });
    }
    if !report.canaries.is_empty() {
        table(&mut out, "Real canaries", &["canary", "from", "stood"], |rows| {
            for part in &report.canaries {
                for span in &part.states {
                    rows.add(&[&part.canary, &clock(span.from), span.state.as_str()]);
                }
            }
        });
    }
    for fleet in &report.fleets {
        let Some(last) = fleet.points.last() else { continue };
        let title = format!("Devices of {} ({})", plain(&fleet.fleet), thousands(fleet.total));
        table(&mut out, &title, &["at the end", "devices"], |rows| {
            for (state, count) in &last.states {
                rows.add(&[state.as_str(), &thousands(u64::from(*count))]);
            }
        });
        if fleet.still_old.count > 0 {
            // Writing into a String cannot fail, here and below.
            let _ = writeln!(out, "\nStill on the old side: {}", plain(&told(&fleet.still_old)));
        }
    }
    resets(report, &mut out);
    journeys(report, &mut out);
    failures(report, &mut out);
    if !report.names.is_empty() {
        table(&mut out, "DNS", &["name", "resolver", "from", "answer"], |rows| {
            for part in &report.names {
                for view in &part.views {
                    rows.add(&[&part.name, &part.resolver, &clock(view.from), &view.view]);
                }
            }
        });
    }
    if !report.alerts.is_empty() {
        table(&mut out, "Alerts", &["when", "state", "notice", "delivered"], |rows| {
            for line in &report.alerts {
                let told = line.deliveries.iter().map(|delivery| {
                    format!("{}: {} at {}", delivery.channel, delivery.result.as_str(), clock(delivery.at))
                });
                let told: Vec<_> = told.collect();
                rows.add(&[&moment(line.at), &line.state, &line.subject, &told.join(", ")]);
            }
        });
    }
    table(&mut out, "What happened, and who did it", &["when (UTC)", "what", "who", ""], |rows| {
        for entry in &report.timeline {
            rows.add(&[&moment(entry.at), entry.kind.as_str(), &entry.by, &entry.text]);
        }
    });
    out
}

fn head(report: &Report, out: &mut String) {
    let (from, to) = (moment(report.covers.from), moment(report.covers.to));
    let time = lasted(report.covers.to - report.covers.from);
    let _ =
        writeln!(out, "# Report of the cutover {}\n\n{from} to {to} UTC, {time}\n", plain(&report.cutover));
    if let Some(standing) = &report.standing {
        let (word, reason) = (standing.decision.as_str().to_uppercase(), plain(&standing.reason));
        let _ = writeln!(out, "**{word}**: {reason} (phase {})\n", standing.phase);
    }
    let (runs, failed) = report.runs();
    let _ =
        writeln!(out, "- {} runs that say something, {} of them failed", thousands(runs), thousands(failed));
    let (devices, moved) = report.devices();
    if devices > 0 {
        let share = percent(moved as f64 / devices as f64);
        let _ = writeln!(out, "- {share} of {} devices on the new side", thousands(devices));
    }
    for span in &report.phases {
        let by = span.by.as_ref().map_or_else(String::new, |by| format!(", entered by {}", plain(by)));
        let _ = writeln!(
            out,
            "- phase {} from {} for {}{by}",
            span.phase,
            clock(span.from),
            lasted(span.to - span.from)
        );
    }
}

fn resets(report: &Report, out: &mut String) {
    if report.resets.is_empty() {
        return;
    }
    let heads: Vec<_> = ["reset", "fleet", "as of"].into_iter().chain(HEADS).collect();
    table(out, "Resets, a device once in each figure", &heads, |rows| {
        for part in resets::shown(&report.resets) {
            let at = clock(part.at);
            let cells = part.cells().map(|Cell { value, names }| match &*names {
                "" => value,
                names => format!("{value} ({names})"),
            });
            let mut row: Vec<&str> = vec![&part.sums.id, &part.fleet, &at];
            row.extend(cells.iter().map(String::as_str));
            rows.add(&row);
        }
    });
}

fn journeys(report: &Report, out: &mut String) {
    if report.journeys.is_empty() {
        return;
    }
    let heads =
        ["journey", "route", "phase", "runs", "failed", "degraded", "error rate", "median", "90 %", "99 %"];
    table(out, "Journeys, with 95 % intervals", &heads, |rows| {
        for part in &report.journeys {
            let name = name(part);
            for route in &part.routes {
                let stages = [
                    ("ready", &route.before),
                    ("set", &route.during),
                    ("go and after", &route.after),
                    ("rolled back", &route.rolled_back),
                ];
                for (stage, figures) in stages {
                    let Some(figures) = figures else { continue };
                    let cells = cells(figures);
                    let mut row: Vec<&str> = vec![&name, route.route.as_str(), stage];
                    row.extend(cells.iter().map(String::as_str));
                    rows.add(&row);
                }
            }
        }
    });
}

fn failures(report: &Report, out: &mut String) {
    let of = |part: &JourneyPart| part.routes.iter().any(|route| !route.failures.is_empty());
    if !report.journeys.iter().any(of) {
        return;
    }
    let heads = ["journey", "route", "step", "kind", "last (UTC)", "trace"];
    table(out, "Failures, the last of each step and kind", &heads, |rows| {
        for part in &report.journeys {
            for route in &part.routes {
                for last in &route.failures {
                    let (name, at) = (name(part), moment(last.at));
                    let kind = last.kind.as_str();
                    rows.add(&[&name, route.route.as_str(), &last.step, kind, &at, &last.trace]);
                }
            }
        }
    });
}

/// The journey in its variant.
fn name(part: &JourneyPart) -> String {
    Series { journey: part.journey.clone(), variant: part.variant.clone() }.to_string()
}

fn cells(figures: &Figures) -> [String; 7] {
    let share = |known: Option<Share>| {
        known.map_or_else(String::new, |share| {
            format!("{} ({} to {})", percent(share.value), percent(share.low), percent(share.high))
        })
    };
    let quantile = |known: Option<Quantile>| {
        known.map_or_else(String::new, |time| {
            format!("{} ({} to {})", seconds(time.value), seconds(time.low), seconds(time.high))
        })
    };
    [
        thousands(figures.runs),
        thousands(figures.failed),
        thousands(figures.degraded),
        share(figures.errors),
        quantile(figures.p50),
        quantile(figures.p90),
        quantile(figures.p99),
    ]
}

struct Rows<'o>(&'o mut String);

impl Rows<'_> {
    fn add(&mut self, cells: &[&str]) {
        for cell in cells {
            let _ = write!(self.0, "| {} ", plain(cell));
        }
        self.0.push_str("|\n");
    }
}

fn table(out: &mut String, title: &str, heads: &[&str], fill: impl FnOnce(&mut Rows<'_>)) {
    let _ = writeln!(out, "\n## {title}\n");
    let mut rows = Rows(out);
    rows.add(heads);
    rows.add(&vec!["---"; heads.len()]);
    fill(&mut rows);
}

/// The text on one line, in which nothing is a mark of Markdown or of HTML.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' => {
                safe.push('\\');
                safe.push(c);
            }
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
