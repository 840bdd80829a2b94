//! The journeys, old against new, and what room a small terminal leaves them.

use chrono::{DateTime, Utc};
use cutover::{DegradedStep, JourneyView};

use super::screen::brief;
use super::wrap::cut;

/// The widest that a journey's name is shown.
const NAME: usize = 34;

/// The columns beside the name, and how many more a failure needs to stand beside them.
const FIGURES: usize = 40;
const FAILURE: usize = 60;

/// One of a list, in one line or more, and whether it may be left out before the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) lines: Vec<String>,
    pub(super) dispensable: bool,
}

/// The journeys with their headings, in at most `room` lines: those that fail are left out last. Where the terminal is
/// not wide enough, the last failure has a line of its own: what it says at its end counts most.
pub(super) fn journeys(
    views: &[JourneyView],
    now: DateTime<Utc>,
    (width, room): (usize, usize),
) -> Vec<String> {
    let name = views.iter().map(|view| view.series().chars().count()).max().unwrap_or(0).min(NAME);
    let beside = width >= name + FIGURES + FAILURE;
    let row = |view: &JourneyView| {
        let figures = columns([
            (&*cut(&view.series(), name), name),
            (view.route.as_str(), 5),
            (&view.runs.to_string(), 6),
            (&view.failed.to_string(), 6),
            (&milliseconds(view.p50), 8),
            (&milliseconds(view.p99), 8),
        ]);
        let failure = view.last_failure.as_ref().map(|last| {
            let ago = (now - last.at).to_std().unwrap_or_default();
            (format!("{} ago: {}", brief(ago), last.detail), format!("trace {}", last.trace))
        });
        let mut lines = match failure {
            Some((failure, trace)) if beside => vec![format!("{figures}  {failure}, {trace}")],
            Some((failure, trace)) => vec![figures, format!("    {failure}"), format!("    {trace}")],
            None => vec![figures],
        };
        lines.extend(view.last_degraded.as_ref().map(|last| degraded(view.degraded, last, now)));
        Row { lines, dispensable: view.failed == 0 && view.degraded == 0 }
    };
    let rows = fit(views.iter().map(row).collect(), room.saturating_sub(1));
    if rows.is_empty() {
        return rows;
    }
    let title =
        columns([("journey", name), ("route", 5), ("runs", 6), ("failed", 6), ("p50", 8), ("p99", 8)]);
    let title = if beside { format!("{title}  last failure") } else { title };
    [vec![title], rows].concat()
}

/// The rows in their order, as far as there is room; the last line then counts those that are left out.
pub(super) fn fit(rows: Vec<Row>, room: usize) -> Vec<String> {
    let all = rows.len();
    if rows.iter().map(|row| row.lines.len()).sum::<usize>() <= room {
        return rows.into_iter().flat_map(|row| row.lines).collect();
    }
    let Some(mut left) = room.checked_sub(1) else { return Vec::new() };
    let mut order: Vec<_> = rows.into_iter().enumerate().collect();
    order.sort_by_key(|(index, row)| (row.dispensable, *index));
    order.retain(|(_, row)| {
        let fits = row.lines.len() <= left;
        left = if fits { left - row.lines.len() } else { 0 };
        fits
    });
    order.sort_by_key(|(index, _)| *index);
    let more = format!("  and {} more", all - order.len());
    order.into_iter().flat_map(|(_, row)| row.lines).chain([more]).collect()
}

/// How often a step was over its budget, and the last time that one was.
fn degraded(runs: u64, last: &DegradedStep, now: DateTime<Utc>) -> String {
    let ago = (now - last.at).to_std().unwrap_or_default();
    let [took, budget] = [last.took, last.budget].map(|time| milliseconds(Some(time.as_secs_f64())));
    let runs = format!("{runs} {}", if runs == 1 { "run" } else { "runs" });
    format!(
        "    DEGRADED in {runs}, {} ago: {} on {} took {took} of {budget}",
        brief(ago),
        last.step,
        last.route
    )
}

/// Texts to the left, figures to the right.
fn columns([name, route, figures @ ..]: [(&str, usize); 6]) -> String {
    let left = [name, route].map(|(text, width)| format!("{text:<width$}"));
    let right = figures.map(|(text, width)| format!("{text:>width$}"));
    [left.join(" "), right.join(" ")].join(" ")
}

fn milliseconds(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{:.0} ms", seconds * 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_can_be_spared_are_left_out_first_from_the_bottom() {
        let rows = |texts: &[&str]| -> Vec<Row> {
            let row = |text: &&str| Row {
                lines: text.split('/').map(str::to_owned).collect(),
                // In capitals: not to be spared.
                dispensable: text.chars().all(char::is_lowercase),
            };
            texts.iter().map(row).collect()
        };
        assert_eq!(fit(rows(&["a", "B", "c", "D"]), 4), ["a", "B", "c", "D"]);
        assert_eq!(fit(rows(&["a", "b", "C", "d", "E"]), 4), ["a", "C", "E", "  and 2 more"]);
        assert_eq!(fit(rows(&["a", "B", "c", "D"]), 2), ["B", "  and 3 more"]);
        assert_eq!(fit(rows(&["a", "B/why", "c", "D/why"]), 5), ["B", "why", "D", "why", "  and 2 more"]);
        assert_eq!(fit(rows(&["a", "B/why", "D/why"]), 4), ["B", "why", "  and 2 more"]);
        assert_eq!(fit(rows(&["a", "B"]), 1), ["  and 2 more"]);
        assert!(fit(rows(&["a", "B"]), 0).is_empty());
        assert!(fit(Vec::new(), 0).is_empty());
    }
}
