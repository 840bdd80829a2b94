//! A question to a DNS server.

use std::net::SocketAddr;

use cutover::{AbortCause, Parts};
use probes::Fault;
use probes::dns::{Data, LookupError, Question, Record, RecordKind, Response, Server};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Trouble;
use super::target::target;
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
        let lookup = Lookup { rcode: response.rcode.to_string(), ttl: response.ttl(), addresses };
        let first = lookup.addresses.first();
        Ok(Answer {
            parts,
            // Where the answer leads: whoever gave it is no side.
            reached: first.map(|address| session.side_of(SocketAddr::new(*address, 0))),
            json: Ok(document(&response)).into(),
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

/// The answer as a document: `{rcode, authoritative, answers: [{name, type, ttl, data}]}`.
fn document(response: &Response) -> Value {
    let answers: Vec<_> = response.records.iter().map(answer).collect();
    json!({ "rcode": response.rcode, "authoritative": response.authoritative, "answers": answers })
}

fn answer(Record { name, kind, ttl, data }: &Record) -> Value {
    json!({ "name": name, "type": kind, "ttl": ttl, "data": content(data) })
}

fn content(data: &Data) -> Value {
    match data {
        Data::Address(address) => json!(address),
        Data::Name(text) | Data::Text(text) | Data::Other(text) => json!(text),
        Data::Mail { preference, exchange } => json!({ "preference": preference, "exchange": exchange }),
        Data::Authority { mname, rname, serial, refresh, retry, expire, minimum } => json!({
            "mname": mname,
            "rname": rname,
            "serial": serial,
            "refresh": refresh,
            "retry": retry,
            "expire": expire,
            "minimum": minimum,
        }),
        Data::Service { priority, weight, port, target } => {
            json!({ "priority": priority, "weight": weight, "port": port, "target": target })
        }
        Data::Issuers { critical, tag, value } => {
            json!({ "critical": critical, "tag": tag, "value": value })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_document() {
        let record = |kind: &str, data| Record {
            name: "acme.example".to_owned(),
            kind: kind.to_owned(),
            ttl: 60,
            data,
        };
        let mail = Data::Mail { preference: 10, exchange: "mx.acme.example".to_owned() };
        let response = Response {
            rcode: "NOERROR".into(),
            authoritative: true,
            records: vec![
                record("A", Data::Address([192, 0, 2, 1].into())),
                record("MX", mail),
                record("TXT", Data::Text("v=spf1 -all".to_owned())),
            ],
        };
        let wanted = json!({
            "rcode": "NOERROR",
            "authoritative": true,
            "answers": [
                { "name": "acme.example", "type": "A", "ttl": 60, "data": "192.0.2.1" },
                {
                    "name": "acme.example", "type": "MX", "ttl": 60,
                    "data": { "preference": 10, "exchange": "mx.acme.example" },
                },
                { "name": "acme.example", "type": "TXT", "ttl": 60, "data": "v=spf1 -all" },
            ],
        });
        assert_eq!(document(&response), wanted);
    }
}
