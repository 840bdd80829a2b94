//! `now(format="%Y-%m-%d", offset="-1d")`.

use std::sync::Arc;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value};

use super::{Sources, refused};

pub(super) fn register(environment: &mut Environment<'static>, sources: &Arc<Sources>) {
    let from = sources.clone();
    environment.add_function("now", move |options: Kwargs| -> Result<Value, Error> {
        let (format, offset) =
            (options.get::<Option<String>>("format")?, options.get::<Option<String>>("offset")?);
        options.assert_all_used()?;
        now(from.now(), format.as_deref(), offset.as_deref())
    });
}

/// The time `offset` from `now`: in RFC 3339 with milliseconds, or as `format` says.
fn now(now: DateTime<Utc>, format: Option<&str>, offset: Option<&str>) -> Result<Value, Error> {
    let at = match offset {
        Some(offset) => now
            .checked_add_signed(signed(offset)?)
            .ok_or_else(|| refused(format!("now: `{offset}` leads out of all calendars")))?,
        None => now,
    };
    Ok(match format {
        None => at.to_rfc3339_opts(SecondsFormat::Millis, true).into(),
        Some("unix") => at.timestamp().into(),
        Some("unix-ms") => at.timestamp_millis().into(),
        Some(format) => {
            let items: Vec<_> = StrftimeItems::new(format).collect();
            if items.contains(&Item::Error) {
                let way = "as in strftime, `%Y-%m-%d %H:%M:%S`, or `unix`, or `unix-ms`";
                return Err(refused(format!("now: `{format}` is no format; {way}")));
            }
            at.format_with_items(items.into_iter()).to_string().into()
        }
    })
}

/// `-1h`, `2d`, `+90s`.
fn signed(text: &str) -> Result<TimeDelta, Error> {
    let (sign, time) = match text.strip_prefix('-') {
        Some(time) => (-1, time),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let time = humantime::parse_duration(time.trim()).ok().and_then(|time| TimeDelta::from_std(time).ok());
    let time =
        time.ok_or_else(|| refused(format!("now: `{text}` is no offset; write `-1h`, `2d`, `90s`")))?;
    Ok(time * sign)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_as_it_is_asked_for() {
        let at = DateTime::from_timestamp(1_800_000_000, 250_000_000).unwrap();
        let told = |format, offset| now(at, format, offset).map(|value| value.to_string());
        assert_eq!(told(None, None).unwrap(), "2027-01-15T08:00:00.250Z");
        assert_eq!(told(Some("%d.%m.%Y %H:%M"), Some("-1h")).unwrap(), "15.01.2027 07:00");
        assert_eq!(told(Some("unix"), Some("+90s")).unwrap(), "1800000090");
        assert_eq!(told(Some("unix-ms"), Some("1d")).unwrap(), "1800086400250");
        assert!(told(Some("%Q"), None).unwrap_err().to_string().contains("`%Q` is no format"));
        assert!(told(None, Some("soon")).unwrap_err().to_string().contains("`soon` is no offset"));
    }
}
