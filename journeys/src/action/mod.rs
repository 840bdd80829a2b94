//! What a step can do: a closed set, one file each.

mod http;
mod json;
mod mqtt;
mod trouble;

use crate::answer::Answer;
use crate::session::{Call, Session};

pub(crate) use http::{Body, HttpAction};
pub(crate) use json::JsonTemplate;
pub(crate) use mqtt::{Deed, MqttAction, Payload};
pub(crate) use trouble::Trouble;

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// A request over HTTP.
    Http(HttpAction),
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
            Self::Mqtt(action) => action.perform(session, call).await,
        }
    }

    /// The queries that its answer can be asked.
    pub(crate) const fn answers(&self) -> &'static [&'static str] {
        match self {
            Self::Http(_) => {
                &["status", "header", "body", "json", "duration", "reached", "answered", "version"]
            }
            Self::Mqtt(action) => action.answers(),
        }
    }

    /// What it is called in messages.
    pub(crate) const fn described(&self) -> &'static str {
        match self {
            Self::Http(_) => "an HTTP answer",
            Self::Mqtt(action) => action.described(),
        }
    }
}
