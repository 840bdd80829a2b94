//! Messages over a WebSocket, sent and awaited.

use http::HeaderMap;
use http::HeaderName;
use probes::WebSocketTarget;
use probes::websocket::WebSocketTargetError;

use super::{Payload, Trouble, Wanted, header_value};
use crate::answer::Answer;
use crate::grammar::Expectation;
use crate::session::{Call, Session, WebSocketPlace};
use crate::template::Template;
use crate::vars::Vars;

/// A message sent, and the one that is awaited.
#[derive(Debug)]
pub(crate) struct WebSocketAction {
    pub(crate) url: Template,
    pub(crate) headers: Vec<(HeaderName, Template)>,
    pub(crate) send: Option<Payload>,
    /// What must hold of the message that is awaited; `None` when none is.
    pub(crate) awaited: Option<Vec<Expectation>>,
}

impl WebSocketAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let place = WebSocketPlace {
            route: call.route,
            target: self.target(call.vars)?,
            headers: self.headers(call.vars)?,
            at: call.at.map(|(_, address)| address),
        };
        // Rendered before anything is connected: what is wrong with the script is no business of the peer's.
        let send = self.send.as_ref().map(|payload| payload.text(call.vars)).transpose()?;
        let wanted = self.awaited.as_ref().map(|awaited| Wanted::new(awaited, call.vars, call.route));
        let mut answer = session.websocket(place, call).await?.exchange(send, wanted, call).await?;
        answer.answered = Some(session.markers().of_answer(&answer));
        Ok(answer)
    }

    /// The host that it goes to.
    pub(super) fn host(&self, vars: &Vars) -> Result<String, Trouble> {
        Ok(self.target(vars)?.host.to_string())
    }

    fn target(&self, vars: &Vars) -> Result<WebSocketTarget, Trouble> {
        let text = vars.render(&self.url)?;
        text.parse().map_err(|error: WebSocketTargetError| Trouble::script(error.to_string()))
    }

    fn headers(&self, vars: &Vars) -> Result<HeaderMap, Trouble> {
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            headers.append(name, header_value(name, &vars.render(template)?)?);
        }
        Ok(headers)
    }

    pub(super) const fn answers(&self) -> &'static [&'static str] {
        match self.awaited {
            Some(_) => &[
                "header",
                "body",
                "json",
                "regex",
                "bytes",
                "sha256",
                "duration",
                "certificate",
                "reached",
                "answered",
            ],
            None => &["header", "duration", "certificate", "reached", "answered"],
        }
    }

    pub(super) const fn described(&self) -> &'static str {
        match self.awaited {
            Some(_) => "a message over a WebSocket",
            None => "a `websocket` step that awaits nothing",
        }
    }
}
