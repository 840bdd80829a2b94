//! One question to one server, and all of its answer.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::Name;

use super::error::LookupError;
use super::name::parse;
use super::rcode;
use super::record::{Data, Record};
use super::{RecordKind, Resolver};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    kind: RecordKind,
    asked: String,
    name: Name,
}

/// All of an answer. "No such name" and errors are answers, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The response code: `NOERROR`, `NXDOMAIN`, `SERVFAIL` (RFC 6895 section 2.3).
    pub rcode: Cow<'static, str>,
    /// Whether the server knows it of itself.
    pub authoritative: bool,
    /// The records that answer, in their order.
    pub records: Vec<Record>,
}

impl Question {
    /// Asks for the records of `name` that are of this kind. A PTR record may be asked for by an address: its name is
    /// made of it (RFC 1035 section 3.5, RFC 3596 section 2.5).
    ///
    /// # Errors
    /// [`BadName`](LookupError::BadName) when it is no name that DNS could hold.
    pub fn new(kind: RecordKind, name: &str) -> Result<Self, LookupError> {
        let address = name.parse::<IpAddr>().ok();
        let bad = |why: &str| LookupError::BadName { host: name.to_owned(), why: why.to_owned() };
        let absolute = match address {
            Some(address) if kind == RecordKind::Ptr => Name::from(address),
            Some(_) => return Err(bad("it is an address; the name of an address is asked for with PTR")),
            None => parse(name)?,
        };
        Ok(Self { kind, asked: name.to_owned(), name: absolute })
    }
}

impl Response {
    fn read(message: &Message) -> Self {
        Self {
            rcode: rcode::name(message.metadata.response_code),
            authoritative: message.metadata.authoritative,
            records: message.answers.iter().map(Record::read).collect(),
        }
    }

    /// Whether the server says that nothing went wrong; there may be no records all the same.
    pub fn is_fine(&self) -> bool {
        self.rcode == rcode::name(ResponseCode::NoError)
    }

    /// The addresses among the records, in their order.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.records.iter().filter_map(|record| match record.data {
            Data::Address(address) => Some(address),
            _ => None,
        })
    }

    /// The least time for which any of it may be kept, in seconds; `None` without records.
    pub fn ttl(&self) -> Option<u32> {
        self.records.iter().map(|record| record.ttl).min()
    }
}

impl Resolver {
    /// Asks one question and gives all of the answer. The server is given up after `limit`, or its own timeout if that
    /// is shorter.
    ///
    /// # Errors
    /// Only where nothing was answered: see [`LookupError`], whose `fault` takes the resolver for a part of the canary
    /// and whose `fault_of_the_target` takes it for the target.
    pub async fn query(&self, question: &Question, limit: Duration) -> Result<Response, LookupError> {
        let Question { kind, asked, name } = question;
        let message = self.ask(asked, name, kind.record_type(), limit.min(self.timeout())).await?;
        Ok(Response::read(&message))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_asked_for_by_its_name() {
        let name = |kind, text| Question::new(kind, text).map(|question| question.name.to_string());
        assert_eq!(name(RecordKind::Ptr, "192.0.2.1").unwrap(), "1.2.0.192.in-addr.arpa.");
        assert!(name(RecordKind::Ptr, "2001:db8::1").unwrap().ends_with("8.b.d.0.1.0.0.2.ip6.arpa."));
        assert_eq!(name(RecordKind::Ptr, "a.example").unwrap(), "a.example.");
        let error = name(RecordKind::A, "192.0.2.1").unwrap_err().to_string();
        assert_eq!(
            error,
            "`192.0.2.1` is no DNS name: it is an address; the name of an address is asked for with PTR"
        );
        assert!(Question::new(RecordKind::Srv, "_mqtt._tcp.acme.example").is_ok());
    }
}
