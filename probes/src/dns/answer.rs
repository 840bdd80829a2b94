//! What an answer says about one host.

use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

/// The addresses of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// At least one, in the order of the answer: all IPv4, or, where there is none, all IPv6.
    pub addresses: Vec<IpAddr>,
    /// The least TTL on the way from the name to its addresses.
    pub ttl: Duration,
    /// From the question to the answer.
    pub took: Duration,
}

/// What one message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Addresses, and the least TTL.
    Addresses(Vec<IpAddr>, Duration),
    /// The name exists; no record of this type. The last alias, where there was one.
    Nothing(Option<Name>),
    /// There is no such name.
    NoSuchName,
    /// Any other response code.
    Error(&'static str),
}

/// The longest chain of aliases that is followed.
const MAX_ALIASES: usize = 16;

/// Reads the addresses of `name` off `message`, along the aliases (CNAME) within this answer.
pub(super) fn read(message: &Message, name: &Name, kind: RecordType) -> Said {
    match message.metadata.response_code {
        ResponseCode::NoError => {}
        ResponseCode::NXDomain => return Said::NoSuchName,
        other => return Said::Error(other.to_str()),
    }
    let mut at = name;
    let mut least = u32::MAX;
    for _ in 0..=MAX_ALIASES {
        let here = || message.answers.iter().filter(|record| record.name.eq_ignore_root(at));
        let found: Vec<_> = here()
            .filter_map(|record| address(&record.data, kind).map(|address| (address, seconds(record.ttl))))
            .collect();
        if !found.is_empty() {
            let least = found.iter().map(|(_, ttl)| *ttl).fold(least, u32::min);
            let addresses = found.into_iter().map(|(address, _)| address).collect();
            return Said::Addresses(addresses, Duration::from_secs(least.into()));
        }
        let alias = here().find_map(|record| match &record.data {
            RData::CNAME(target) => Some((&target.0, seconds(record.ttl))),
            _ => None,
        });
        let Some((target, ttl)) = alias else { break };
        least = least.min(ttl);
        at = target;
    }
    Said::Nothing((at != name).then(|| at.clone()))
}

fn address(data: &RData, kind: RecordType) -> Option<IpAddr> {
    match (data, kind) {
        (RData::A(address), RecordType::A) => Some(IpAddr::V4(address.0)),
        (RData::AAAA(address), RecordType::AAAA) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}

/// A TTL with its highest bit set counts as zero (RFC 2181 section 8).
pub(super) const fn seconds(ttl: u32) -> u32 {
    if ttl > i32::MAX.unsigned_abs() { 0 } else { ttl }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, CNAME};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    fn message(records: Vec<Record>) -> Message {
        let mut message = Message::new(7, MessageType::Response, OpCode::Query);
        message.insert_answers(records);
        message
    }

    fn alias(from: &str, to: &str, ttl: u32) -> Record {
        Record::from_rdata(name(from), ttl, RData::CNAME(CNAME(name(to))))
    }

    fn a(host: &str, last: u8, ttl: u32) -> Record {
        Record::from_rdata(name(host), ttl, RData::A(A::new(192, 0, 2, last)))
    }

    #[test]
    fn a_chain_is_followed_and_its_least_ttl_counts() {
        let message = message(vec![
            a("c.example.", 1, 300),
            a("other.example.", 9, 1),
            alias("A.example.", "b.example.", 60),
            alias("b.example.", "c.example.", 20),
            a("c.example.", 2, 300),
        ]);
        let said = read(&message, &name("a.example."), RecordType::A);
        let addresses = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap()).to_vec();
        assert_eq!(said, Said::Addresses(addresses, Duration::from_secs(20)));
    }

    #[test]
    fn a_chain_that_bites_its_tail_ends() {
        let message =
            message(vec![alias("a.example.", "b.example.", 1), alias("b.example.", "a.example.", 1)]);
        assert!(matches!(read(&message, &name("a.example."), RecordType::A), Said::Nothing(_)));
    }

    #[test]
    fn a_chain_that_leaves_the_answer_names_its_end() {
        let message = message(vec![alias("a.example.", "lb.cloud.example.", 1)]);
        let said = read(&message, &name("a.example."), RecordType::A);
        assert_eq!(said, Said::Nothing(Some(name("lb.cloud.example."))));
    }

    #[test]
    fn an_absurd_ttl_is_zero() {
        let message = message(vec![a("a.example.", 1, u32::MAX)]);
        let said = read(&message, &name("a.example."), RecordType::A);
        assert_eq!(said, Said::Addresses(vec!["192.0.2.1".parse().unwrap()], Duration::ZERO));
    }

    #[test]
    fn an_address_of_another_name_is_no_answer() {
        let message = message(vec![a("b.example.", 1, 1)]);
        assert_eq!(read(&message, &name("a.example."), RecordType::A), Said::Nothing(None));
    }
}
