//! A moment, as it is typed.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// A time (RFC 3339, or without a zone for UTC), or how long ago it was: `6h`, `90m`.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    let ago = |text: &str| {
        let ago = TimeDelta::from_std(humantime::parse_duration(text).ok()?).ok()?;
        Utc::now().checked_sub_signed(ago)
    };
    let plain = |format| NaiveDateTime::parse_from_str(text, format).ok().map(|time| time.and_utc());
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| plain("%Y-%m-%d %H:%M:%S"))
        .or_else(|| plain("%Y-%m-%d %H:%M"))
        .or_else(|| ago(text))
        .ok_or_else(|| {
            "a time such as 2027-01-15T22:00:00Z or \"2027-01-15 22:00\" (UTC), or so long ago: 6h".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_how_long_ago_are_read_and_nonsense_gets_an_example() {
        let eight = parse("2027-01-15T08:00:00Z");
        assert_eq!(eight.as_ref().map(DateTime::timestamp), Ok(1_800_000_000));
        assert_eq!(parse("2027-01-15 08:00"), eight);
        assert_eq!(parse("2027-01-15T09:00:00+01:00"), eight);
        assert!(parse("6h").is_ok_and(|time| time < Utc::now()));
        assert!(parse("yesterday").is_err_and(|error| error.contains("2027-01-15T22:00:00Z")));
        assert!(parse("99999999999y").is_err());
    }
}
