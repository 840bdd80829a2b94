//! What is said at the end of a rehearsal.

use std::fmt::Write;
use std::sync::Arc;

use cutover::{CanaryView, DeviceEvent, DeviceState, FleetView, Personality, Side, Snapshot};
use rehearsal::mail::Mail;
use rehearsal::{Fault, Timed};

use crate::config::Config;
use crate::view;

/// The margins within which `go` must be earned, and how often pairs are run for it: a rehearsal has no shortcut.
pub(super) fn margins(config: &Config) -> String {
    let paired = config.journeys.iter().filter(|plan| plan.paired());
    let pairs: f64 = paired.map(|plan| plan.every.as_secs_f64().recip()).sum();
    let (all, each) = (config.evidence.go_margin * 100.0, config.evidence.go_margin_journey * 100.0);
    format!(
        "{pairs:.0} pairs a second; `go` is earned by showing that new fails at most {all} pp more than old over all \
         journeys, and {each} pp on each"
    )
}

/// The whole ending: every device's way, the mails, the verdict, and whether it is the one that the faults lead to.
pub(super) fn report(decided: &Snapshot, mails: &[Arc<Mail>], faults: &[Timed<Fault>]) -> String {
    let mut text = canaries(decided);
    for fleet in &decided.fleets {
        text.push_str(&ways(fleet));
    }
    for mail in mails {
        let body = mail.body.trim_end().replace("\r\n", "\n").replace('\n', "\n  | ");
        // Writing into a String cannot fail.
        let _ = write!(text, "\nmail to {}: {}\n  | {body}\n", mail.to.join(", "), mail.subject);
    }
    let _ = write!(text, "\npairs judged: {}\n{}", decided.pairs.total, view::verdict(&decided.verdict));
    for fault in faults {
        let (must, is) = (fault.what.info().verdict.as_str(), decided.verdict.decision.as_str());
        let word = if must == is { "as it must" } else { "WRONGLY" };
        let _ = write!(text, "\n{fault} must lead to {must}: it led to {is}, {word}");
    }
    text
}

/// Where the real canaries ended.
fn canaries(decided: &Snapshot) -> String {
    let mut text = String::new();
    for canary in &decided.canaries {
        let CanaryView { canary, state, kept, intervals, .. } = canary;
        let _ = write!(text, "\ncanary {canary}: {state}, {kept} of its latest {intervals} intervals kept");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Where the devices of each personality ended.
fn ways(fleet: &FleetView) -> String {
    let mut text = format!("\nfleet {}, {} devices:\n  {:<14}", fleet.fleet, fleet.total, "personality");
    for state in DeviceState::ALL {
        let _ = write!(text, "{:>12}", state.as_str());
    }
    for personality in Personality::ALL {
        let Some(states) = fleet.by_personality.get(&personality) else { continue };
        let count = |state| states.get(&state).copied().unwrap_or(0);
        let total: u32 = states.values().sum();
        let _ = write!(text, "\n  {:<14}", personality.as_str());
        for state in DeviceState::ALL {
            let _ = write!(text, "{:>12}", count(state));
        }
        let moved = f64::from(count(DeviceState::New)) / f64::from(total.max(1)) * 100.0;
        let _ = write!(text, "   {moved:.1} % on new");
    }
    let returned = &fleet.returned;
    if let (Some(p50), Some(p99)) = (returned.p50, returned.p99) {
        let _ = write!(
            text,
            "\n  {} came back after the reset, half of them within {p50:.1} s, 99 % within {p99:.1} s",
            returned.count
        );
    }
    text += &verified(fleet);
    text.push('\n');
    text
}

/// What became of the datapoints that were read back, a line for each side.
fn verified(fleet: &FleetView) -> String {
    let mut text = String::new();
    for verified in &fleet.verified {
        let (Some(side), Some(p99)) = (verified.side, verified.p99) else { continue };
        let on = |event| {
            let counts = fleet.events.get(&event).copied().unwrap_or_default();
            if side == Side::Old { counts.old } else { counts.new }
        };
        let (lost, copies) = (on(DeviceEvent::DatapointLost), on(DeviceEvent::DatapointDuplicate));
        let _ = write!(
            text,
            "\n  on {side}, {} datapoints were read back, 99 % within {p99:.1} s; {lost} were lost, {copies} copies too many",
            verified.count
        );
    }
    text
}
