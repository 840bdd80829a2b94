//! A question to a DNS server.

use std::net::SocketAddr;

use cutover::{AbortCause, Parts};
use probes::Fault;
use probes::dns::{LookupError, Question, RecordKind, Server};
use tokio::time::Instant;

use super::target::target;
use super::{Trouble, records};
use crate::answer::{Answer, Lookup};
use crate::session::{Call, Session};
use crate::template::Template;
use crate::vars::Vars;

/// A question to a DNS server: the one that is named, or the one that the live route follows.
#[derive(Debug)]
pub(crate) struct DnsAction {
    pub(crate) kind: RecordKind,
    pub(crate) name: Template,
    pub(crate) resolver: Option<Template>,
}

impl DnsAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let name = call.vars.render(&self.name)?;
        let question = Question::new(self.kind, &name).map_err(|error| Trouble::script(error.to_string()))?;
        let started = Instant::now();
        let (resolver, mut parts) = match self.server(call.vars)? {
            Some(server) => session.resolver(server, call).await?,
            None => (session.live_resolver()?, Parts::default()),
        };
        let asked = Instant::now();
        let answered = resolver.query(&question, call.timeouts.resolve).await;
        parts.total = started.elapsed();
        let response = answered.map_err(|error| self.trouble(&error, parts))?;
        parts.wait = Some(asked.elapsed());
        let addresses: Vec<_> = response.addresses().collect();
        let lookup = Lookup {
            rcode: response.rcode.to_string(),
            ttl: response.ttl(),
            addresses,
            said: records::line(&response, &resolver),
        };
        let first = lookup.addresses.first();
        Ok(Answer {
            parts,
            // Where the answer leads: whoever gave it is no side.
            reached: first.map(|address| session.side_of(SocketAddr::new(*address, 0))),
            json: Ok(records::document(&response)).into(),
            lookup: Some(lookup),
            ..Answer::default()
        })
    }

    fn server(&self, vars: &Vars) -> Result<Option<Server>, Trouble> {
        self.resolver.as_ref().map(|template| target(template, vars)).transpose()
    }

    /// A resolver that the step names is what it looks at; the live one is a part of the canary.
    fn trouble(&self, error: &LookupError, parts: Parts) -> Trouble {
        let fault = match self.resolver {
            Some(_) => error.fault_of_the_target(),
            None => error.fault(),
        };
        Trouble { fault, parts: Box::new(parts), ..Trouble::script(error.to_string()) }
    }
}

impl Trouble {
    /// There is nobody to ask.
    pub(crate) fn no_resolver() -> Self {
        let message = "there is no resolver that the live route follows: name one with `resolver:`";
        Self { fault: Fault::Aborted(AbortCause::Resolver), ..Self::script(message) }
    }
}
