//! Bytes over TCP, sent and read.

use bytes::Bytes;
use probes::TcpTarget;
use probes::tcp::Until;

use super::askable::{CONTENT, SIDE};
use super::target::target;
use super::{Askable, Trouble};
use crate::answer::Answer;
use crate::session::{Call, Session, TcpPlace};
use crate::template::Template;
use crate::vars::Vars;

/// Bytes sent to a server, and what it says to them.
#[derive(Debug)]
pub(crate) struct TcpAction {
    pub(crate) target: Template,
    pub(crate) tls: bool,
    pub(crate) send: Option<Template>,
    pub(crate) read: Option<Until>,
}

impl TcpAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let target = target(&self.target, call.vars)?;
        let send = match &self.send {
            Some(template) => Bytes::from(call.vars.render(template)?),
            None => Bytes::new(),
        };
        let place =
            TcpPlace { route: call.route, target, tls: self.tls, at: call.at.map(|(_, address)| address) };
        let mut answer = session.tcp(place, call).await?.exchange(&send, self.read.as_ref(), call).await?;
        answer.answered = Some(session.markers().of_answer(&answer));
        Ok(answer)
    }

    /// The host that it goes to.
    pub(super) fn host(&self, vars: &Vars) -> Result<String, Trouble> {
        Ok(target::<TcpTarget>(&self.target, vars)?.host.to_string())
    }

    pub(super) const fn askable(&self) -> Askable {
        match (&self.read, self.tls) {
            (Some(_), false) => {
                Askable { described: "a `tcp` step without `tls`", queries: &[CONTENT, &["duration"], SIDE] }
            }
            (Some(_), true) => {
                Askable { described: "a `tcp` step", queries: &[CONTENT, &["duration", "certificate"], SIDE] }
            }
            (None, false) => {
                Askable { described: "a `tcp` step that reads nothing", queries: &[&["duration", "reached"]] }
            }
            (None, true) => Askable {
                described: "a `tcp` step that reads nothing",
                queries: &[&["duration", "certificate", "reached"]],
            },
        }
    }
}
