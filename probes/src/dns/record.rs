//! One record of an answer.

use std::net::IpAddr;

use hickory_proto::rr::{self, Name, RData};

/// One record of an answer. Names are without the root's dot, as people write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub name: String,
    /// Its type: `A`, `CNAME`, also one that cannot be asked for.
    pub kind: String,
    /// For how long it may be kept, in seconds. With its highest bit set it counts as zero (RFC 2181 section 8).
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `A` and `AAAA`.
    Address(IpAddr),
    /// `CNAME`, `NS` and `PTR`.
    Name(String),
    /// `MX`.
    Mail {
        /// Less is better.
        preference: u16,
        /// The server.
        exchange: String,
    },
    /// `TXT`: its pieces put together.
    Text(String),
    /// `SOA` (RFC 1035 section 3.3.13).
    Authority {
        /// The zone's first server.
        mname: String,
        /// The address of who is responsible, as a name.
        rname: String,
        /// The zone's version.
        serial: u32,
        /// Seconds between two looks of a secondary server.
        refresh: i32,
        /// Seconds after which it looks again when that failed.
        retry: i32,
        /// Seconds after which it gives up.
        expire: i32,
        /// For how many seconds "no such name" may be kept.
        minimum: u32,
    },
    /// `SRV` (RFC 2782).
    Service {
        /// Less is better.
        priority: u16,
        /// The share among those of the same priority.
        weight: u16,
        /// The port.
        port: u16,
        /// The host.
        target: String,
    },
    /// `CAA` (RFC 8659).
    Issuers {
        /// Whether whoever does not understand the tag must not issue.
        critical: bool,
        /// `issue`, `issuewild`, `iodef`.
        tag: String,
        /// Its value.
        value: String,
    },
    /// Any other, as zone files write it.
    Other(String),
}

impl Record {
    pub(super) fn read(record: &rr::Record) -> Self {
        Self {
            name: plain(&record.name),
            kind: record.record_type().to_string(),
            ttl: super::answer::seconds(record.ttl),
            data: Data::read(&record.data),
        }
    }
}

impl Data {
    fn read(data: &RData) -> Self {
        match data {
            RData::A(address) => Self::Address(address.0.into()),
            RData::AAAA(address) => Self::Address(address.0.into()),
            RData::CNAME(name) => Self::Name(plain(&name.0)),
            RData::NS(name) => Self::Name(plain(&name.0)),
            RData::PTR(name) => Self::Name(plain(&name.0)),
            RData::MX(mail) => Self::Mail { preference: mail.preference, exchange: plain(&mail.exchange) },
            RData::TXT(text) => Self::Text(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            RData::SOA(soa) => Self::Authority {
                mname: plain(&soa.mname),
                rname: plain(&soa.rname),
                serial: soa.serial,
                refresh: soa.refresh,
                retry: soa.retry,
                expire: soa.expire,
                minimum: soa.minimum,
            },
            RData::SRV(service) => Self::Service {
                priority: service.priority,
                weight: service.weight,
                port: service.port,
                target: plain(&service.target),
            },
            RData::CAA(issuers) => Self::Issuers {
                critical: issuers.issuer_critical,
                tag: issuers.tag.clone(),
                value: String::from_utf8_lossy(&issuers.value).into_owned(),
            },
            // It has no form of its own, and nothing to do in an answer.
            RData::OPT(_) => Self::Other(String::new()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// The name without the root's dot; the root is `.` itself.
fn plain(name: &Name) -> String {
    let text = name.to_ascii();
    match text.strip_suffix('.') {
        Some(plain) if !plain.is_empty() => plain.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use hickory_proto::rr::rdata::{CAA, CNAME, HINFO, MX, SOA, SRV, TXT};

    use super::*;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    #[test]
    fn each_type_has_its_parts() {
        let read = |data| Record::read(&rr::Record::from_rdata(name("Acme.example."), 60, data));
        let alias = read(RData::CNAME(CNAME(name("new.acme.example."))));
        assert_eq!((alias.name.as_str(), alias.kind.as_str(), alias.ttl), ("Acme.example", "CNAME", 60));
        assert_eq!(alias.data, Data::Name("new.acme.example".to_owned()));
        assert_eq!(
            read(RData::MX(MX::new(10, Name::root()))).data,
            Data::Mail { preference: 10, exchange: ".".to_owned() }
        );
        let text = TXT::new(vec!["v=spf1 ".to_owned(), "-all".to_owned()]);
        assert_eq!(read(RData::TXT(text)).data, Data::Text("v=spf1 -all".to_owned()));
        let soa = SOA::new(name("ns1.acme.example."), name("ops.acme.example."), 7, 1, 2, 3, 4);
        assert!(matches!(read(RData::SOA(soa)).data, Data::Authority { serial: 7, minimum: 4, .. }));
        assert_eq!(
            read(RData::SRV(SRV::new(1, 2, 443, name("a.example.")))).data,
            Data::Service { priority: 1, weight: 2, port: 443, target: "a.example".to_owned() }
        );
        let caa = CAA::new_issue(true, Some(name("letsencrypt.org")), vec![]);
        assert_eq!(
            read(RData::CAA(caa)).data,
            Data::Issuers { critical: true, tag: "issue".to_owned(), value: "letsencrypt.org".to_owned() }
        );
        let other = read(RData::HINFO(HINFO::new("CPU".to_owned(), "OS".to_owned())));
        assert_eq!((other.kind.as_str(), other.data), ("HINFO", Data::Other("CPU OS".to_owned())));
    }

    #[test]
    fn a_ttl_that_is_none_counts_as_zero() {
        let record = rr::Record::from_rdata(name("a."), u32::MAX, RData::A("192.0.2.1".parse().unwrap()));
        assert_eq!(Record::read(&record).ttl, 0);
    }
}
