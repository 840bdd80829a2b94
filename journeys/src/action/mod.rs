//! What a step can do: a closed set, one file each.

mod body;
mod browser;
mod certificates;
mod http;
mod json;
mod mqtt;
mod trouble;

use std::time::Duration;

use crate::answer::Answer;
use crate::session::{Call, MARKER_WAIT, PAGE_WAIT, Session};
use crate::vars::Vars;

pub(crate) use body::{Body, Field};
pub(crate) use browser::{Awaited, BrowserAction, Doing};
pub(crate) use certificates::Certificates;
pub(crate) use http::HttpAction;
pub(crate) use json::JsonTemplate;
pub(crate) use mqtt::{Deed, MqttAction, Payload};
pub(crate) use trouble::Trouble;

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// A request over HTTP.
    Http(HttpAction),
    /// What a user does in a browser.
    Browser(BrowserAction),
    /// A message over MQTT, sent or awaited.
    Mqtt(MqttAction),
}

impl Action {
    /// Does it once.
    pub(crate) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        match self {
            Self::Http(action) => action.perform(session, call).await,
            Self::Browser(action) => action.perform(session, call).await,
            Self::Mqtt(action) => action.perform(session, call).await,
        }
    }

    /// How long a question of our own may take meanwhile, for which the step is not to pay.
    pub(crate) const fn own_question(&self) -> Duration {
        match self {
            Self::Http(_) => Duration::ZERO,
            Self::Browser(_) => PAGE_WAIT,
            Self::Mqtt(_) => MARKER_WAIT,
        }
    }

    /// Whether it goes to a name that may have several addresses.
    pub(crate) const fn goes_to_a_host(&self) -> bool {
        matches!(self, Self::Http(_))
    }

    /// The host whose addresses it can go to.
    pub(crate) fn host(&self, vars: &Vars) -> Result<String, Trouble> {
        match self {
            Self::Http(action) => action.host(vars),
            Self::Browser(_) | Self::Mqtt(_) => {
                Err(Trouble::script("this action does not go to the addresses of a name"))
            }
        }
    }

    /// The queries that its answer can be asked.
    pub(crate) const fn answers(&self) -> &'static [&'static str] {
        match self {
            Self::Http(_) => &[
                "status",
                "header",
                "cookie",
                "body",
                "json",
                "css",
                "regex",
                "bytes",
                "sha256",
                "duration",
                "certificate",
                "redirects",
                "url",
                "reached",
                "answered",
                "version",
            ],
            Self::Browser(_) => &BrowserAction::ANSWERS,
            Self::Mqtt(action) => action.answers(),
        }
    }

    /// What it is called in messages.
    pub(crate) const fn described(&self) -> &'static str {
        match self {
            Self::Http(_) => "an HTTP answer",
            Self::Browser(_) => "a page in a browser",
            Self::Mqtt(action) => action.described(),
        }
    }
}
