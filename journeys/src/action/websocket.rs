//! Messages over a WebSocket, sent and awaited.

use http::HeaderMap;
use http::HeaderName;
use probes::WebSocketTarget;

use super::askable::{CONTENT, SIDE};
use super::target::target;
use super::{Askable, Payload, Trouble, Wanted, header_value};
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
            target: target(&self.url, call.vars)?,
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
        Ok(target::<WebSocketTarget>(&self.url, vars)?.host.to_string())
    }

    fn headers(&self, vars: &Vars) -> Result<HeaderMap, Trouble> {
        let mut headers = HeaderMap::new();
        for (name, template) in &self.headers {
            headers.append(name, header_value(name, &vars.render(template)?)?);
        }
        Ok(headers)
    }

    pub(super) const fn askable(&self) -> Askable {
        match self.awaited {
            Some(_) => Askable {
                described: "a message over a WebSocket",
                queries: &[&["header"], CONTENT, &["duration", "certificate"], SIDE],
            },
            None => Askable {
                described: "a `websocket` step that awaits nothing",
                queries: &[&["header", "duration", "certificate"], SIDE],
            },
        }
    }
}
