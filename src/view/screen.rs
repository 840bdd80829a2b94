//! The live picture as lines of text: pure, so that it can be looked at in tests.

use std::time::Duration;

use cutover::{DeviceState, FleetView, NameViewLine, Snapshot};

use super::bar::bar;
use super::paint::{loud, printable};
use super::table::{Row, fit, journeys};
use super::wrap::{cut, wrap};

/// Reasons shown, and lines of each; the page shows all.
const REASONS: usize = 4;
const REASON_LINES: usize = 3;
/// The width of the devices' bar.
const BAR: usize = 40;

/// The picture for a terminal of this size. What there is no room for is left out from the bottom: the names, then
/// journeys that never failed.
pub(super) fn picture(snapshot: &Snapshot, width: usize, height: usize, coloured: bool) -> Vec<String> {
    let mut lines = vec![head(snapshot), String::new()];
    let verdict = lines.len();
    lines.push(format!("{}  {}", loud(snapshot.verdict.decision, coloured), estimate(snapshot)));
    let reasons = snapshot.verdict.reasons.iter().take(REASONS);
    lines.extend(reasons.flat_map(|reason| set_in(&reason.text, width)));
    lines.push(String::new());
    lines.extend(snapshot.fleets.iter().flat_map(fleet));
    lines.extend(snapshot.alerts.iter().flat_map(|alert| {
        let ago = (snapshot.now - alert.since).to_std().unwrap_or_default();
        let text = format!("ALERT {} for {}: {}", alert.state.as_str(), brief(ago), alert.summary);
        wrap(&printable(&text), width, REASON_LINES)
    }));
    for part in [
        (|snapshot, room| journeys(&snapshot.journeys, snapshot.now, room)) as fn(&Snapshot, usize) -> _,
        names,
    ] {
        let part = part(snapshot, height.saturating_sub(lines.len() + 1));
        if !part.is_empty() {
            lines.push(String::new());
            lines.extend(part);
        }
    }
    lines.truncate(height);
    // The verdict's line holds escapes of our own, and is short.
    let fit = |(index, line): (usize, String)| {
        if index == verdict { line } else { cut(&printable(&line), width) }
    };
    lines.into_iter().enumerate().map(fit).collect()
}

/// A reason, below its decision.
fn set_in(text: &str, width: usize) -> Vec<String> {
    let lines = wrap(&printable(text), width.saturating_sub(2), REASON_LINES);
    lines.into_iter().map(|line| format!("  {line}")).collect()
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

/// What the resolvers say of the names, in at most `room` lines.
fn names(snapshot: &Snapshot, room: usize) -> Vec<String> {
    let row = |line: &NameViewLine| {
        let ttl = line.ttl.map_or(String::new(), |ttl| format!("ttl {} s", ttl.as_secs()));
        let text = format!("{:<34} at {:<12} {:<10} {ttl}", line.name, line.resolver, line.view);
        Row { text, dispensable: true }
    };
    fit(snapshot.names.iter().map(row).collect(), room)
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
