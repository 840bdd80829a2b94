//! Whether the canary itself is well: what a supervisor asks.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};

use super::Surface;

/// A picture is published twice a second: when ten of them are missing, whoever should publish them hangs.
const STALE: TimeDelta = TimeDelta::seconds(5);

/// 200 while everything that must live does, 503 with a line that says why not.
pub(super) async fn alive(State(surface): State<Arc<Surface>>) -> Response {
    let broken = surface.broken.borrow().clone();
    match ailment(broken.as_deref(), surface.snapshot().now, Utc::now()) {
        None => "alive\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// What is wrong with the canary, if anything: what has broken off, or the age of the `picture`. One from the future is
/// as old as the clock was set back, until the next one comes.
fn ailment(broken: Option<&str>, picture: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let age = now - picture;
    match broken {
        Some(broken) => Some(broken.to_owned()),
        None if age.abs() > STALE => {
            Some(format!("the last picture is {} s old: the recorder hangs", age.num_seconds()))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_is_said_and_so_is_an_old_picture() {
        let now = DateTime::UNIX_EPOCH;
        let ago = |seconds| now - TimeDelta::seconds(seconds);
        assert_eq!(ailment(None, ago(0), now), None);
        assert_eq!(ailment(None, ago(5), now), None);
        let old = ailment(None, ago(6), now);
        assert_eq!(old.as_deref(), Some("the last picture is 6 s old: the recorder hangs"));
        assert!(ailment(None, ago(-6), now).is_some());
        assert_eq!(
            ailment(Some("the recorder broke off"), now, now).as_deref(),
            Some("the recorder broke off")
        );
    }
}
