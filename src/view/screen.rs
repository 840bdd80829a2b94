//! The live picture as lines of text: pure, so that it can be looked at in tests.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cutover::{CanaryState, CanaryView, DeviceState, FleetView, NameViewLine, Snapshot, Stragglers};
use figures::thousands;

use super::bar::bar;
use super::paint::{loud, printable};
use super::table::{Row, fit, journeys};
use super::wrap::{cut, wrap};

/// Reasons shown, and lines of each; the page shows all.
const REASONS: usize = 4;
const REASON_LINES: usize = 3;
/// Real canaries shown; the page shows all.
const CANARIES: usize = 8;
/// The widest devices' bar, and what its name and its figures take beside it.
const BAR: usize = 40;
/// The longest that a reset's id is shown: it may have 128 characters.
const ID: usize = 30;
const BESIDE_BAR: usize = 62;

/// The picture for a terminal of this size. What there is no room for is left out from the bottom: the names, then
/// journeys that never failed.
pub(super) fn picture(snapshot: &Snapshot, width: usize, height: usize, coloured: bool) -> Vec<String> {
    let mut lines = vec![head(snapshot), String::new()];
    let verdict = lines.len();
    lines.push(format!("{}  {}", loud(snapshot.verdict.decision, coloured), estimate(snapshot)));
    let reasons = snapshot.verdict.reasons.iter().take(REASONS);
    lines.extend(reasons.flat_map(|reason| set_in(&reason.text, width)));
    append(
        &mut lines,
        snapshot.canaries.iter().take(CANARIES).map(|view| canary(view, snapshot.now)).collect(),
    );
    append(&mut lines, snapshot.fleets.iter().flat_map(|view| fleet(view, width)).collect());
    let alerts = snapshot.alerts.iter().flat_map(|alert| {
        let ago = (snapshot.now - alert.since).to_std().unwrap_or_default();
        let text = format!("ALERT {} for {}: {}", alert.state.as_str(), brief(ago), alert.summary);
        wrap(&printable(&text), width, REASON_LINES)
    });
    append(&mut lines, alerts.collect());
    let room = |lines: &[String]| height.saturating_sub(lines.len() + 1);
    let table = journeys(&snapshot.journeys, snapshot.now, (width, room(&lines)));
    append(&mut lines, table);
    let names = names(snapshot, room(&lines));
    append(&mut lines, names);
    lines.truncate(height);
    // The verdict's line holds escapes of our own, and is short.
    let fit = |(index, line): (usize, String)| {
        if index == verdict { line } else { cut(&printable(&line), width) }
    };
    lines.into_iter().enumerate().map(fit).collect()
}

/// A part below the others, if there is any of it.
fn append(lines: &mut Vec<String>, part: Vec<String>) {
    if !part.is_empty() {
        lines.push(String::new());
        lines.extend(part);
    }
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

fn canary(canary: &CanaryView, now: DateTime<Utc>) -> String {
    let seen = canary.last_seen.map_or_else(
        || "never seen".to_owned(),
        |at| format!("last seen {} ago", brief((now - at).to_std().unwrap_or_default())),
    );
    let (state, kept, of) = (canary.state, canary.kept, canary.intervals);
    // Below the fleets' bars what is silent must catch the eye.
    let state = if state == CanaryState::Silent { "SILENT" } else { state.as_str() };
    let deaf: Vec<_> =
        canary.deaf.iter().map(|deaf| format!("  not heard on {}: {}", deaf.side, deaf.why)).collect();
    format!("canary {:<20} {state:<9} {seen}, {kept} of {of} intervals kept{}", canary.canary, deaf.concat())
}

fn fleet(fleet: &FleetView, width: usize) -> Vec<String> {
    let wide = width.saturating_sub(BESIDE_BAR).clamp(10, BAR);
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
    let mut lines = vec![format!("{:<24} [{}] {}", fleet.fleet, bar(&parts, wide), figures.join("  "))];
    lines.extend(set_in(&reset(fleet), width));
    let Stragglers { count, names } = &fleet.still_old;
    if *count > 0 {
        let more = if names.len() < *count as usize { ", .." } else { "" };
        lines.push(format!("  STILL OLD {}: {}{more}", thousands(u64::from(*count)), names.join(", ")));
    }
    lines
}

/// What became of the last reset; what is not as it should be only where it is so.
fn reset(fleet: &FleetView) -> String {
    let Some(sums) = &fleet.reset else { return "no reset since the start".to_owned() };
    let count = |count: u32| thousands(u64::from(count));
    let meant = if sums.meant > 0 { format!("{} meant, ", count(sums.meant)) } else { String::new() };
    let mut text = format!(
        "reset {}: {meant}{} obeyed, back: {} on new, {} on old",
        cut(&sums.id, ID),
        count(sums.obeyed),
        count(sums.returned_new),
        count(sums.returned_old),
    );
    let behind =
        [(sums.returned_other, "elsewhere"), (sums.away.count, "NOT BACK"), (sums.missed.count, "MISSED it")];
    for (devices, what) in behind.into_iter().filter(|(devices, _)| *devices > 0) {
        text.push_str(&format!(", {} {what}", count(devices)));
    }
    if let (Some(p50), Some(p99)) = (fleet.returned.p50, fleet.returned.p99) {
        text.push_str(&format!("; half within {p50:.1} s, 99 % within {p99:.1} s"));
    }
    text
}

/// What the resolvers say of the names, in at most `room` lines.
fn names(snapshot: &Snapshot, room: usize) -> Vec<String> {
    let row = |line: &NameViewLine| {
        let ttl = line.ttl.map_or(String::new(), |ttl| format!("ttl {} s", ttl.as_secs()));
        let line = format!("{:<34} at {:<12} {:<10} {ttl}", line.name, line.resolver, line.view);
        Row { lines: vec![line], dispensable: true }
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use cutover::{
        AlertState, AlertView, Answered, Cause, Decision, FailureKind, JourneyView, LastRun, Outcome, Phase,
        Reason, ResetSums, Returned, Route, Verdict,
    };

    use super::*;

    /// Fifty journeys on two routes, the last of which fails on new, and a verdict with much to say.
    fn snapshot() -> Snapshot {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut verdict = Verdict::bare(Decision::Rollback, now);
        verdict.reasons = vec![Reason {
            cause: Cause::NewErrors,
            raises: Decision::Rollback,
            text: format!("sign in fails on new {}to the end", "far more often than on old ".repeat(5)),
            since: None,
            finding: None,
        }];
        let mut snapshot = Snapshot::first("acme".into(), Phase::Go, verdict, now);
        snapshot.alerts.push(AlertView {
            name: "verdict".into(),
            state: AlertState::Firing,
            since: now - TimeDelta::seconds(90),
            summary: "ROLLBACK acme".to_owned(),
        });
        let failure = LastRun {
            at: now - TimeDelta::seconds(12),
            took: Duration::from_millis(80),
            outcome: Outcome::Failed { step: "sign in".to_owned(), kind: FailureKind::Status },
            detail: "sign in: expected status == 200, got 500".to_owned(),
            trace: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
            reached: None,
            answered: Answered::New,
        };
        for number in 1..=50 {
            for route in [Route::Old, Route::New] {
                let failed = u64::from(number == 50 && route == Route::New);
                snapshot.journeys.push(JourneyView {
                    journey: format!("journey {number}").into(),
                    variant: "".into(),
                    route,
                    runs: 9,
                    passed: 9 - failed,
                    failed,
                    aborted: 0,
                    skipped: 0,
                    degraded: 0,
                    last: None,
                    last_failure: (failed > 0).then(|| failure.clone()),
                    last_degraded: None,
                    p50: Some(0.08),
                    p99: None,
                    error_rate_60s: None,
                });
            }
        }
        snapshot
    }

    #[test]
    fn a_small_terminal_shows_what_fails_and_whole_reasons() {
        let lines = picture(&snapshot(), 80, 24, false);
        assert_eq!(lines.len(), 24);
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
        assert!(at("ROLLBACK") < at("sign in fails") && at("to the end") < at("ALERT firing for 1 min 30 s"));
        assert!(at("ALERT") < at("journey 1 ") && at("journey 1 ") < at("journey 50"));
        assert_eq!(lines[at("journey 50") + 1], "    12 s ago: sign in: expected status == 200, got 500");
        assert_eq!(lines[23], "  and 89 more");
    }

    #[test]
    fn what_became_of_the_reset_is_read_at_a_glance_and_who_is_left_by_name() {
        let of = |fleet: FleetView| {
            let mut snapshot = snapshot();
            snapshot.fleets.push(fleet);
            let lines = picture(&snapshot, 100, 60, false);
            let first = lines.iter().position(|line| line.starts_with("lamps")).unwrap();
            lines[first + 1..].iter().take_while(|line| !line.is_empty()).cloned().collect::<Vec<_>>()
        };
        let lamps = FleetView { fleet: "lamps".into(), total: 1_200, ..FleetView::default() };
        assert_eq!(of(lamps.clone()), ["  no reset since the start"]);
        let well = ResetSums {
            id: "go-1".into(),
            meant: 1_200,
            received: 1_200,
            obeyed: 1_200,
            returned_new: 1_200,
            ..ResetSums::default()
        };
        let returned = Returned { count: 1_200, p50: Some(2.14), p99: Some(8.4) };
        let moved = FleetView { reset: Some(well.clone()), returned, ..lamps };
        assert_eq!(
            of(moved.clone()),
            [
                "  reset go-1: 1,200 meant, 1,200 obeyed, back: 1,200 on new, 0 on old; half within 2.1 s, 99 %",
                "    within 8.4 s",
            ]
        );
        let stragglers = |count, name: &str| Stragglers { count, names: vec![name.to_owned()] };
        let ill = ResetSums {
            obeyed: 1_190,
            returned_new: 1_180,
            returned_old: 3,
            away: stragglers(9, "lamps-000004"),
            missed: stragglers(8, "lamps-000005"),
            ..well
        };
        let left = FleetView { reset: Some(ill), still_old: stragglers(12, "lamps-000003"), ..moved };
        assert_eq!(
            of(left),
            [
                "  reset go-1: 1,200 meant, 1,190 obeyed, back: 1,180 on new, 3 on old, 9 NOT BACK, 8 MISSED it; half",
                "    within 2.1 s, 99 % within 8.4 s",
                "  STILL OLD 12: lamps-000003, ..",
            ]
        );
    }

    #[test]
    fn a_large_terminal_shows_everything_with_its_name() {
        let lines = picture(&snapshot(), 160, 120, false);
        for number in 1..=50 {
            let name = format!("journey {number} ");
            assert_eq!(lines.iter().filter(|line| line.starts_with(&name)).count(), 2, "{name}");
        }
        let failing = lines.iter().find(|line| line.contains("12 s ago")).unwrap();
        assert!(
            failing.starts_with("journey 50 new ")
                && failing.ends_with("got 500, trace 4bf92f3577b34da6a3ce929d0e0e4736"),
            "{failing}"
        );
    }
}
