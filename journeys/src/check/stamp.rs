//! Time stamps, as APIs write them.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;

/// From here on a number of seconds would be a time thousands of years ahead: it counts milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// The time that a text tells: RFC 3339, the same without a zone (it is UTC then) or without a time of day, or an HTTP
/// date (RFC 9110, section 5.6.7).
pub(super) fn of_text(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(stamp) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(stamp.to_utc());
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    if let Some(stamp) = naive.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) {
        return Some(stamp.and_utc());
    }
    let midnight = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?;
    Some(midnight.and_utc())
}

/// The time that a value tells: a text, or the seconds or milliseconds since 1970.
fn of(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Number(number) => of_number(number.as_f64()?),
        Value::String(text) => of_text(text).or_else(|| of_number(text.trim().parse().ok()?)),
        _ => None,
    }
}

fn of_number(number: f64) -> Option<DateTime<Utc>> {
    let milliseconds = if number.abs() < MILLISECONDS_FROM { number * 1000.0 } else { number };
    // Out of an integer's range it is out of the calendar's too; the cast stays at the range's end.
    DateTime::from_timestamp_millis(milliseconds as i64).filter(|_| number.is_finite())
}

/// Whether a value tells a time that is at most so far from `now`, before it or after.
pub(super) fn is_within(value: &Value, limit: Duration, now: DateTime<Utc>) -> bool {
    of(value).is_some_and(|stamp| (now - stamp).abs().to_std().is_ok_and(|distance| distance <= limit))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stamp_is_near_before_and_after_in_every_form() {
        let now = of_text("2026-11-22T08:00:00Z").unwrap();
        let is_near = |value: Value| is_within(&value, Duration::from_secs(5), now);
        for near in [
            json!("2026-11-22T08:00:05Z"),
            json!("2026-11-22T07:59:55.000Z"),
            json!("2026-11-22T09:00:01+01:00"),
            json!("2026-11-22T08:00:01.25"),
            json!("2026-11-22 08:00:01"),
            json!("Sun, 22 Nov 2026 08:00:03 GMT"),
            json!(now.timestamp()),
            json!(now.timestamp_millis() - 4_999),
            json!(now.timestamp() as f64 + 0.5),
            json!(now.timestamp().to_string()),
        ] {
            assert!(is_near(near.clone()), "{near}");
        }
        for far in [
            json!("2026-11-22T08:00:05.001Z"),
            json!("2026-11-22"),
            json!(0),
            json!(1e300),
            json!("soon"),
            json!(null),
        ] {
            assert!(!is_near(far.clone()), "{far}");
        }
    }
}
