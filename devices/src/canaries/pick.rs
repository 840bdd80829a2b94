//! One value out of a payload: `json $.at`.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::Value;
use serde_json_path::JsonPath;

/// Numbers from here on are milliseconds since 1970, below it seconds: in seconds it is the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// One value out of a JSON payload (RFC 9535), written as in a journey: `json $.at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick(JsonPath);

/// Why a text picks nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PickError {
    /// What is wrong.
    message: String,
    /// The byte of the text at which it is.
    pub at: usize,
}

impl Pick {
    fn find<'v>(&self, payload: &'v Value) -> Option<&'v Value> {
        self.0.query(payload).first()
    }

    /// Whether the value is this text, or a number that is written so.
    pub(super) fn is(&self, payload: &Value, text: &str) -> bool {
        match self.find(payload) {
            Some(Value::String(found)) => found == text,
            Some(Value::Number(found)) => found.to_string() == text,
            _ => false,
        }
    }

    /// The value as a time: RFC 3339, or the seconds or milliseconds since 1970.
    pub(super) fn time(&self, payload: &Value) -> Option<DateTime<Utc>> {
        let seconds = match self.find(payload)? {
            Value::String(text) => match DateTime::parse_from_rfc3339(text) {
                Ok(time) => return Some(time.to_utc()),
                Err(_) => text.parse().ok()?,
            },
            Value::Number(number) => number.as_f64()?,
            _ => return None,
        };
        let milliseconds = if seconds.abs() < MILLISECONDS_FROM { seconds * 1e3 } else { seconds };
        // Whatever no calendar holds is no time.
        DateTime::from_timestamp_millis(milliseconds.round() as i64)
    }
}

impl FromStr for Pick {
    type Err = PickError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |message: String, at| PickError { message, at };
        let Some(path) = text.strip_prefix("json ") else {
            return Err(error(format!("`{text}` picks nothing: write `json $.name`"), 0));
        };
        let from = text.len() - path.trim_start().len();
        JsonPath::parse(path.trim()).map(Self).map_err(|why| {
            error(
                format!("`{}` is no JSONPath: write `json $.name`", path.trim()),
                from + why.position().min(path.len()),
            )
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_however_it_is_usually_written() {
        let pick: Pick = "json $.at".parse().unwrap();
        let time = |at: Value| pick.time(&json!({ "at": at })).map(|time| time.timestamp_millis());
        let expected = Some(1_800_000_000_250);
        assert_eq!(time(json!("2027-01-15T09:00:00.25+01:00")), expected);
        assert_eq!(time(json!(1_800_000_000.25)), expected);
        assert_eq!(time(json!(1_800_000_000_250_i64)), expected);
        assert_eq!(time(json!("1800000000250")), expected);
        for none in
            [json!("soon"), json!(null), json!(f64::MAX), json!(["2027-01-15T09:00:00Z"]), json!("NaN")]
        {
            assert!(time(none.clone()).is_none_or(|time| time == 0), "{none}");
        }
        assert_eq!(pick.time(&json!([])), None);
    }

    #[test]
    fn a_device_is_known_by_text_or_number() {
        let pick: Pick = "json $.meta.id".parse().unwrap();
        assert!(
            pick.is(&json!({ "meta": { "id": "t-1" } }), "t-1")
                && pick.is(&json!({ "meta": { "id": 7 } }), "7")
        );
        assert!(!pick.is(&json!({ "id": "t-1" }), "t-1") && !pick.is(&json!(null), ""));
    }

    #[test]
    fn what_picks_nothing_is_told_with_its_place() {
        let refused =
            |text: &str| text.parse::<Pick>().map_err(|error| (error.to_string(), error.at)).unwrap_err();
        assert_eq!(refused("$.at"), ("`$.at` picks nothing: write `json $.name`".to_owned(), 0));
        assert_eq!(refused("json $.at[").0, "`$.at[` is no JSONPath: write `json $.name`");
        assert!(refused("json at").1 >= 5);
    }
}
