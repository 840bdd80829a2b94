//! Durations in JSON: seconds, as everywhere in this field.

use std::time::Duration;

use serde::Serializer;

/// A duration as a number of seconds.
pub(crate) fn one<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

/// The same, or null.
pub(crate) fn some<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => one(duration, serializer),
        None => serializer.serialize_none(),
    }
}
