//! What is said at the end of a rehearsal.

use std::fmt::Write;
use std::sync::Arc;

use cutover::{DeviceState, FleetView, Personality, Snapshot};
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
    let mut text = String::new();
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
    text.push('\n');
    text
}
