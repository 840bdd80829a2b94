//! The journeys, old against new, and what room a small terminal leaves them.

use chrono::{DateTime, Utc};
use cutover::JourneyView;

use super::screen::brief;
use super::wrap::cut;

/// The widest that a journey's name is shown.
const NAME: usize = 34;

/// A line of a list, and whether it may be left out before the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) dispensable: bool,
}

/// The journeys with their headings, in at most `room` lines: those that fail are left out last.
pub(super) fn journeys(views: &[JourneyView], now: DateTime<Utc>, room: usize) -> Vec<String> {
    let wide = views.iter().map(|view| view.journey.chars().count()).max().unwrap_or(0).min(NAME);
    let title = format!(
        "{:<wide$} {:<5} {:>6} {:>6} {:>8} {:>8}  last failure",
        "journey", "route", "runs", "failed", "p50", "p99"
    );
    let row = |view: &JourneyView| {
        let failure = view.last_failure.as_ref().map_or_else(String::new, |last| {
            let ago = (now - last.at).to_std().unwrap_or_default();
            format!("{} ago: {}", brief(ago), last.detail)
        });
        let text = format!(
            "{:<wide$} {:<5} {:>6} {:>6} {:>8} {:>8}  {failure}",
            cut(&view.journey, wide),
            view.route,
            view.runs,
            view.failed,
            milliseconds(view.p50),
            milliseconds(view.p99)
        );
        Row { text, dispensable: view.failed == 0 }
    };
    let rows = fit(views.iter().map(row).collect(), room.saturating_sub(1));
    if rows.is_empty() { rows } else { [vec![title], rows].concat() }
}

/// The rows in their order, as far as there is room; the last line then counts those that are left out.
pub(super) fn fit(rows: Vec<Row>, room: usize) -> Vec<String> {
    let all = rows.len();
    if all <= room {
        return rows.into_iter().map(|row| row.text).collect();
    }
    let Some(room) = room.checked_sub(1) else { return Vec::new() };
    let mut order: Vec<_> = rows.into_iter().enumerate().collect();
    order.sort_by_key(|(index, row)| (row.dispensable, *index));
    order.truncate(room);
    order.sort_by_key(|(index, _)| *index);
    let more = format!("  and {} more", all - order.len());
    order.into_iter().map(|(_, row)| row.text).chain([more]).collect()
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
            // In capitals: not to be spared.
            let row =
                |text: &&str| Row { text: (*text).to_owned(), dispensable: text.chars().all(char::is_lowercase) };
            texts.iter().map(row).collect()
        };
        assert_eq!(fit(rows(&["a", "B", "c", "D"]), 4), ["a", "B", "c", "D"]);
        assert_eq!(fit(rows(&["a", "b", "C", "d", "E"]), 4), ["a", "C", "E", "  and 2 more"]);
        assert_eq!(fit(rows(&["a", "B", "c", "D"]), 2), ["B", "  and 3 more"]);
        assert_eq!(fit(rows(&["a", "B"]), 1), ["  and 2 more"]);
        assert!(fit(rows(&["a", "B"]), 0).is_empty());
        assert!(fit(Vec::new(), 0).is_empty());
    }
}
