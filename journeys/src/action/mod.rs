//! What a step can do: a closed set, one file each.

mod askable;
mod body;
mod browser;
mod certificates;
mod dns;
mod enclosed;
mod http;
mod json;
mod mqtt;
mod pause;
mod records;
mod target;
mod tcp;
mod trouble;
mod wanted;
mod websocket;

use std::time::Duration;

use crate::answer::Answer;
use crate::session::{Call, MARKER_WAIT, PAGE_WAIT, Session};
use crate::vars::Vars;

use askable::{PAGE, SIDE};
use http::header_value;

pub(crate) use askable::{Askable, CONTENT};
pub(crate) use body::{Body, Field};
pub(crate) use browser::{Awaited, BrowserAction, Doing};
pub(crate) use certificates::Certificates;
pub(crate) use dns::DnsAction;
pub(crate) use enclosed::Enclosed;
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
        match self {
            Self::Http(_) => Askable {
                described: "an HTTP answer",
                queries: &[
                    &["status", "header", "cookie"],
                    PAGE,
                    &["duration", "certificate", "redirects", "url"],
                    SIDE,
                    &["version"],
                ],
            },
            Self::Browser(_) => Askable {
                described: "a page in a browser",
                queries: &[
                    &["status", "header"],
                    PAGE,
                    &["duration", "url", "title", "ttfb", "fcp", "lcp", "cls"],
                    SIDE,
                ],
            },
            Self::Mqtt(action) => action.askable(),
            Self::Dns(_) => Askable {
                described: "an answer of DNS",
                queries: &[&["rcode", "addresses", "ttl", "json", "duration", "reached"]],
            },
            Self::Tcp(action) => action.askable(),
            Self::WebSocket(action) => action.askable(),
            Self::Pause(_) => Askable { described: "a pause", queries: &[] },
        }
    }
}
