//! The live picture as lines of text: pure, so that it can be looked at in tests.

use std::time::Duration;

use cutover::{DeviceState, FleetView, JourneyView, Route, Snapshot};

use super::bar::bar;
use super::paint::{loud, printable};

/// Reasons shown; the page shows all.
const REASONS: usize = 4;
/// The width of the devices' bar.
const BAR: usize = 40;

/// The picture for a terminal of this size.
pub(super) fn picture(snapshot: &Snapshot, width: usize, height: usize, coloured: bool) -> Vec<String> {
    let mut lines = vec![head(snapshot), String::new()];
    lines.push(format!("{}  {}", loud(snapshot.verdict.decision, coloured), estimate(snapshot)));
    lines.extend(snapshot.verdict.reasons.iter().take(REASONS).map(|reason| format!("  {}", reason.text)));
    lines.push(String::new());
    lines.extend(snapshot.fleets.iter().flat_map(fleet));
    if !snapshot.journeys.is_empty() {
        lines.push(String::new());
        lines.extend(journeys(&snapshot.journeys));
    }
    if !snapshot.names.is_empty() {
        lines.push(String::new());
        lines.extend(names(snapshot));
    }
    lines.extend(
        snapshot.alerts.iter().map(|alert| format!("alert {}: {}", alert.state.as_str(), alert.summary)),
    );
    lines.truncate(height);
    // The verdict's line holds escapes of our own, and is short.
    let fit = |(index, line): (usize, String)| if index == 2 { line } else { cut(&printable(&line), width) };
    lines.into_iter().enumerate().map(fit).collect()
}

fn head(snapshot: &Snapshot) -> String {
    let held = (snapshot.now - snapshot.phase_since).to_std().unwrap_or_default();
    format!(
        "{}   phase {} for {}   pairs {}",
        snapshot.name,
        snapshot.phase.as_str().to_uppercase(),
        brief(held),
        snapshot.pairs.total
    )
}

fn estimate(snapshot: &Snapshot) -> String {
    let text = |time| format!("`go` can be earned in about {}", brief(time));
    snapshot.verdict.estimate.map_or_else(String::new, text)
}

fn fleet(fleet: &FleetView) -> [String; 2] {
    let count = |state| u64::from(fleet.states.get(&state).copied().unwrap_or(0));
    let parts = [
        (count(DeviceState::Old), 'o'),
        (count(DeviceState::Both), 'B'),
        (count(DeviceState::New), 'N'),
        (count(DeviceState::Other), '?'),
        (count(DeviceState::Connecting), '.'),
        (count(DeviceState::Lost), 'X'),
    ];
    let figures: Vec<_> = DeviceState::ALL
        .into_iter()
        .filter(|state| count(*state) > 0 || matches!(state, DeviceState::Old | DeviceState::New))
        .map(|state| format!("{} {}", state.as_str(), count(state)))
        .collect();
    [
        format!("{:<24} [{}] {}", fleet.fleet, bar(&parts, BAR), figures.join("  ")),
        format!("{:<24}  returned after reset: {}", "", returned(fleet)),
    ]
}

fn returned(fleet: &FleetView) -> String {
    match (fleet.returned.p50, fleet.returned.p99) {
        (Some(p50), Some(p99)) => {
            format!("{}, half within {p50:.1} s, 99 % within {p99:.1} s", fleet.returned.count)
        }
        _ => "none yet".to_owned(),
    }
}

fn journeys(views: &[JourneyView]) -> Vec<String> {
    let title = format!(
        "{:<34} {:<5} {:>6} {:>6} {:>9} {:>9}  last failure",
        "journey", "route", "runs", "failed", "p50", "p99"
    );
    let ms = |seconds: Option<f64>| {
        seconds.map_or("-".to_owned(), |seconds| format!("{:.0} ms", seconds * 1000.0))
    };
    let line = |view: &JourneyView| {
        let failure = view.last_failure.as_ref().map_or("", |last| last.detail.as_str());
        let (runs, failed) = (view.runs, view.failed);
        let (p50, p99) = (ms(view.p50), ms(view.p99));
        let name = if view.route == Route::Old || view.skipped > 0 || views.len() < 40 {
            &*view.journey
        } else {
            ""
        };
        format!("{:<34} {:<5} {runs:>6} {failed:>6} {p50:>9} {p99:>9}  {failure}", cut(name, 34), view.route)
    };
    std::iter::once(title).chain(views.iter().map(line)).collect()
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    let line = |line: &cutover::NameViewLine| {
        let ttl = line.ttl.map_or(String::new(), |ttl| format!("ttl {} s", ttl.as_secs()));
        format!("{:<34} at {:<12} {:<10} {ttl}", line.name, line.resolver, line.view)
    };
    snapshot.names.iter().map(line).collect()
}

/// A duration for people: `8 s`, `3 min 20 s`.
pub(super) fn brief(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// At most `width` characters.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
