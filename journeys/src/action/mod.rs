//! What a step can do: a closed set, one file each.

mod body;
mod browser;
mod certificates;
mod dns;
mod http;
mod json;
mod mqtt;
mod pause;
mod tcp;
mod trouble;
mod wanted;
mod websocket;

use std::time::Duration;

use crate::answer::Answer;
use crate::session::{Call, MARKER_WAIT, PAGE_WAIT, Session};
use crate::vars::Vars;

use http::header_value;

pub(crate) use body::{Body, Field};
pub(crate) use browser::{Awaited, BrowserAction, Doing};
pub(crate) use certificates::Certificates;
pub(crate) use dns::DnsAction;
pub(crate) use http::HttpAction;
pub(crate) use json::JsonTemplate;
pub(crate) use mqtt::{Deed, MqttAction, Payload};
pub(crate) use pause::PauseAction;
pub(crate) use tcp::TcpAction;
pub(crate) use trouble::Trouble;
pub(crate) use wanted::{PassedOver, Wanted};
pub(crate) use websocket::WebSocketAction;

/// What a step does.
#[derive(Debug)]
pub(crate) enum Action {
    /// A request over HTTP.
    Http(HttpAction),
    /// What a user does in a browser.
    Browser(BrowserAction),
    /// A message over MQTT, sent or awaited.
    Mqtt(MqttAction),
    /// A question to a DNS server.
    Dns(DnsAction),
    /// Bytes over TCP, sent and read.
    Tcp(TcpAction),
    /// Messages over a WebSocket, sent and awaited.
    WebSocket(WebSocketAction),
    /// A pause.
    Pause(PauseAction),
}

/// What can be asked, and of what, in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Askable {
    /// `an HTTP answer`
    pub(crate) described: &'static str,
    /// The words of the queries.
    pub(crate) queries: &'static [&'static str],
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
            Self::Dns(action) => action.perform(session, call).await,
            Self::Tcp(action) => action.perform(session, call).await,
            Self::WebSocket(action) => action.perform(session, call).await,
            Self::Pause(action) => Ok(action.perform(session).await),
        }
    }

    /// How long a question of our own may take meanwhile, for which the step is not to pay.
    pub(crate) const fn own_question(&self) -> Duration {
        match self {
            Self::Browser(_) => PAGE_WAIT,
            Self::Mqtt(_) => MARKER_WAIT,
            _ => Duration::ZERO,
        }
    }

    /// Whether it goes to a name that may have several addresses.
    pub(crate) const fn goes_to_a_host(&self) -> bool {
        matches!(self, Self::Http(_) | Self::Tcp(_) | Self::WebSocket(_))
    }

    /// The host whose addresses it can go to.
    pub(crate) fn host(&self, vars: &Vars) -> Result<String, Trouble> {
        match self {
            Self::Http(action) => action.host(vars),
            Self::Tcp(action) => action.host(vars),
            Self::WebSocket(action) => action.host(vars),
            Self::Browser(_) | Self::Mqtt(_) | Self::Dns(_) | Self::Pause(_) => {
                Err(Trouble::script("this action does not go to the addresses of a name"))
            }
        }
    }

    /// What its answer can be asked.
    pub(crate) const fn askable(&self) -> Askable {
        Askable { described: self.described(), queries: self.answers() }
    }

    const fn answers(&self) -> &'static [&'static str] {
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
            Self::Dns(_) => &["rcode", "addresses", "ttl", "json", "duration", "reached"],
            Self::Tcp(action) => action.answers(),
            Self::WebSocket(action) => action.answers(),
            Self::Pause(_) => &[],
        }
    }

    const fn described(&self) -> &'static str {
        match self {
            Self::Http(_) => "an HTTP answer",
            Self::Browser(_) => "a page in a browser",
            Self::Mqtt(action) => action.described(),
            Self::Dns(_) => "an answer of DNS",
            Self::Tcp(action) => action.described(),
            Self::WebSocket(action) => action.described(),
            Self::Pause(_) => "a pause",
        }
    }
}
