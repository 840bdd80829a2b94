//! Where real canaries check in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use cutover::{CanarySeen, Side, UnknownWord};
use serde::Deserialize;
use tokio::time::Instant;

use super::api::{bearer, refused};
use super::{Command, Surface, Token};

/// One canary checks in no oftener than this; what comes sooner is refused.
const PACE: Duration = Duration::from_secs(1);
const EXAMPLE: &str = r#"write {"canary": "lobby-thermostat", "side": "new"}"#;

/// The canaries that may check in.
#[derive(Debug, Default)]
pub struct CheckIns {
    desks: BTreeMap<Arc<str>, Desk>,
}

struct Desk {
    /// What the canary must know; without one of its own it is the token of those who command.
    token: Option<Token>,
    last: Mutex<Option<Instant>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    canary: String,
    side: Option<String>,
    at: Option<DateTime<Utc>>,
}

/// A check-in, understood.
struct CheckIn {
    canary: String,
    side: Option<Side>,
    told_at: Option<DateTime<Utc>>,
}

impl CheckIns {
    /// A desk for each of these canaries, with the token that it alone has. Whoever may command may check in for any.
    pub fn new(canaries: impl IntoIterator<Item = (Arc<str>, Option<Token>)>) -> Self {
        let desk = |(name, token)| (name, Desk { token, last: Mutex::default() });
        Self { desks: canaries.into_iter().map(desk).collect() }
    }

    fn unknown(&self, canary: &str) -> String {
        if self.desks.is_empty() {
            return "no canary checks in here: name one under `canaries:`".to_owned();
        }
        let hint = document::did_you_mean(canary, self.desks.keys().map(|name| &**name));
        let shown: String = canary.chars().take(80).collect();
        format!("no canary `{shown}` checks in here: {hint}")
    }
}

impl Desk {
    fn admits(&self, commander: Option<&Token>, given: &str) -> bool {
        // Both are compared, so that the time tells nothing of which one it was.
        let [own, all] =
            [self.token.as_ref(), commander].map(|token| token.is_some_and(|it| it.admits(given)));
        own || all
    }

    /// How long it is until the next check-in is taken; `None`: this one is.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match last.map(|last| now.saturating_duration_since(last)).filter(|since| *since < PACE) {
            Some(since) => Some(PACE - since),
            None => {
                *last = Some(now);
                None
            }
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("token", &self.token).finish_non_exhaustive()
    }
}

/// Takes a sign of life.
pub(super) async fn check_in(
    State(surface): State<Arc<Surface>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = match bearer(&headers) {
        Ok(given) => given,
        Err(refusal) => return *refusal,
    };
    let CheckIn { canary, side, told_at } = match read(&body) {
        Ok(read) => read,
        Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
    };
    let check_ins = &surface.check_ins;
    let commander = surface.token.as_ref();
    let Some((name, desk)) = check_ins.desks.get_key_value(canary.as_str()) else {
        let known = check_ins.desks.values().any(|desk| desk.admits(commander, given));
        if known || commander.is_some_and(|token| token.admits(given)) {
            return refused(StatusCode::NOT_FOUND, &check_ins.unknown(&canary));
        }
        return refused(StatusCode::FORBIDDEN, "this is not the token of any canary");
    };
    if !desk.admits(commander, given) {
        let why = if desk.token.is_none() && commander.is_none() {
            "this canary process was started without a token, and the canary has none of its own"
        } else {
            "this is not the canary's token"
        };
        return refused(StatusCode::FORBIDDEN, why);
    }
    if let Some(wait) = desk.wait(Instant::now()) {
        let why = format!("checked in less than a second ago: again in {} ms", wait.as_millis());
        return refused(StatusCode::TOO_MANY_REQUESTS, &why);
    }
    let seen = CanarySeen { at: Utc::now(), canary: name.clone(), side, told_at };
    match surface.commands.try_send(Command::CheckIn(seen)) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE, "too many commands are waiting: try again"),
    }
}

fn read(body: &[u8]) -> Result<CheckIn, String> {
    let said: Said = serde_json::from_slice(body).map_err(|error| format!("{error}: {EXAMPLE}"))?;
    let side = said.side.map(|side| side.parse()).transpose();
    let side = side.map_err(|error: UnknownWord| error.to_string())?;
    Ok(CheckIn { canary: said.canary, side, told_at: said.at })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_canary_checks_in_once_a_second_and_its_token_is_its_own() {
        let desk = Desk { token: Token::new("its own"), last: Mutex::default() };
        let commander = Token::new("all of them");
        assert!(desk.admits(commander.as_ref(), "its own") && desk.admits(commander.as_ref(), "all of them"));
        assert!(!desk.admits(commander.as_ref(), "another") && !desk.admits(None, ""));
        let now = Instant::now();
        assert_eq!(desk.wait(now), None);
        assert_eq!(desk.wait(now + PACE / 4), Some(PACE * 3 / 4));
        assert_eq!(desk.wait(now + PACE), None);
    }

    #[test]
    fn what_a_check_in_says_is_read_or_refused_with_an_example() {
        let CheckIn { canary, side, told_at } =
            read(br#"{"canary": "van", "side": "new", "at": "2027-01-15T08:00:00Z"}"#).ok().unwrap();
        assert_eq!((canary.as_str(), side), ("van", Some(Side::New)));
        assert_eq!(told_at, DateTime::from_timestamp(1_800_000_000, 0));
        assert_eq!(read(br#"{"canary": "van"}"#).ok().unwrap().side, None);
        for wrong in [&b""[..], b"{}", br#"{"canary": "van", "at": "soon"}"#, br#"{"canary": "van", "x": 1}"#]
        {
            assert!(read(wrong).err().unwrap().ends_with(EXAMPLE));
        }
        assert!(read(br#"{"canary": "van", "side": "left"}"#).err().unwrap().contains("left"));
    }
}
