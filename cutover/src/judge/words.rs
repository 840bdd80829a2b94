//! Figures in words.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::evidence::Guard;

/// A fraction of 1 as a percentage with one decimal.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// A moment as the time of day, which may not be that of the wall: so it says which one it is.
pub(crate) fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S UTC").to_string()
}

/// A count with its noun.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// What a guard tolerates, and whether that is what it was given because it has learned too little.
pub(crate) fn tolerated(guard: &Guard, margin: f64) -> String {
    let unlearned = if guard.has_learned(margin) { "" } else { ", not learned" };
    format!("{}{unlearned}", percent(guard.tolerated(margin)))
}

/// A duration to be waited for.
pub(crate) fn lasting(time: Duration) -> String {
    match time.as_secs() {
        0 if !time.is_zero() => format!("{} ms", time.as_millis()),
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_says_whose_it_is() {
        assert_eq!(clock(DateTime::UNIX_EPOCH), "00:00:00 UTC");
    }
}
