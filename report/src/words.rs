//! Numbers in words.

use chrono::{DateTime, TimeDelta, Utc};
use cutover::Stragglers;
use figures::thousands;

/// `2027-01-15 22:47:10`
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `22:47:10`
pub(crate) fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

/// `8 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`
pub(crate) fn lasted(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => both(minutes, "min", seconds % 60, "s"),
        (0, ..) => both(hours, "h", minutes % 60, "min"),
        _ => both(days, "d", hours % 24, "h"),
    }
}

fn both(large: i64, unit: &str, small: i64, smaller: &str) -> String {
    if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {smaller}") }
}

/// A share: `0 %`, `0.25 %`, `4.8 %`, `37 %`.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0 %".to_owned(),
        p if p < 1.0 => format!("{p:.2} %"),
        p if p < 10.0 => format!("{p:.1} %"),
        p => format!("{p:.0} %"),
    }
}

/// The first of them by name: `lamps-000003, lamps-000004, ..`
pub(crate) fn names(stragglers: &Stragglers) -> String {
    let more = if stragglers.names.len() < stragglers.count as usize { ", .." } else { "" };
    format!("{}{more}", stragglers.names.join(", "))
}

/// How many they are, and the first of them: `12,000 (lamps-000003, ..)`
pub(crate) fn told(stragglers: &Stragglers) -> String {
    format!("{} ({})", thousands(u64::from(stragglers.count)), names(stragglers))
}

/// `1 device`, `12,000 devices`
pub(crate) fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        assert_eq!([0.0, 0.0025, 0.048, 0.37].map(percent), ["0 %", "0.25 %", "4.8 %", "37 %"]);
        let times = [8, 60, 200, 7500, 273_600].map(|seconds| lasted(TimeDelta::seconds(seconds)));
        assert_eq!(times, ["8 s", "1 min", "3 min 20 s", "2 h 5 min", "3 d 4 h"]);
        let two = Stragglers { count: 3, names: vec!["a".to_owned(), "b".to_owned()] };
        assert_eq!((names(&two), told(&two)), ("a, b, ..".to_owned(), "3 (a, b, ..)".to_owned()));
        assert_eq!([1, 12_000].map(|number| count(number, "device")), ["1 device", "12,000 devices"]);
    }
}
