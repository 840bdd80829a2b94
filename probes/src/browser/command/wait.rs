//! Waits for something.

use std::fmt;
use std::time::Duration;

use cutover::FailureKind;
use regex::Regex;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout_at};

use crate::browser::page::{Act, Page};
use crate::{Fault, ProbeError};

/// The network is idle when nothing has been under way for so long.
const IDLE: Duration = Duration::from_millis(500);

const SEEN: &str = "(selector) => {
  const found = find(selector, 'look');
  return found.element ? { ok: true } : found;
}";
const TEXT: &str = "(text) => document.body && document.body.innerText.includes(text)
  ? { ok: true } : { wait: 'the page does not say it' }";
const URL: &str = "() => ({ ok: location.href })";

/// What is waited for.
#[derive(Debug, Clone)]
pub enum Wait {
    /// An element that can be seen: a CSS selector.
    Selector(String),
    /// A text that can be seen.
    Text(String),
    /// An address that matches.
    Url(Regex),
    /// That nothing has been loaded for half a second, and the page has loaded.
    Idle,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Selector(selector) => write!(f, "`{selector}`"),
            Self::Text(text) => write!(f, "the text \"{text}\""),
            Self::Url(regex) => write!(f, "an address like /{regex}/"),
            Self::Idle => f.write_str("an idle network"),
        }
    }
}

pub(super) async fn perform(page: &mut Page, act: Act, wait: &Wait) -> Result<(), ProbeError> {
    match wait {
        Wait::Selector(selector) => page.ready(act, SEEN, &[json!(selector)]).await.map(drop),
        Wait::Text(text) => page.ready(act, TEXT, &[json!(text)]).await.map(drop),
        Wait::Url(regex) => {
            let there = |url: &Value| url.as_str().is_some_and(|url| regex.is_match(url));
            let accept = |url: &Value| if there(url) { Ok(()) } else { Err("it is elsewhere") };
            page.ready_when(act, URL, &[], accept).await.map(drop)
        }
        Wait::Idle => idle(page, act).await,
    }
}

async fn idle(page: &mut Page, act: Act) -> Result<(), ProbeError> {
    page.settled(act).await?;
    let quiet = async {
        loop {
            page.watch().until(|seen| seen.quiet.is_some()).await;
            let since = page.watch().seen().quiet;
            let left = since.map_or(IDLE, |since| IDLE.saturating_sub(since.elapsed()));
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    };
    timeout_at(act.until, quiet).await.map_err(|_| {
        let message = format!("the network was never idle within {:?}", act.given);
        page.failure(Fault::Failed(FailureKind::Timeout), message)
    })
}
