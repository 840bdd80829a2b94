//! What a DNS server answered, as a document and as a line.

use std::net::SocketAddr;

use probes::dns::{Data, Record, Resolver, Response};
use serde_json::{Value, json};

/// So many records are told in a line, and so many characters of each.
const RECORDS: usize = 8;
const LONGEST: usize = 100;

/// The answer as a document: `{rcode, authoritative, answers: [{name, type, ttl, data}]}`.
pub(super) fn document(response: &Response) -> Value {
    let answers: Vec<_> = response.records.iter().map(answer).collect();
    json!({ "rcode": response.rcode, "authoritative": response.authoritative, "answers": answers })
}

/// The answer in one line, and whose it is: `A 127.0.11.1, ttl 2, from office at 127.0.10.1:53`.
pub(super) fn line(response: &Response, resolver: &Resolver) -> String {
    let mut parts = Vec::new();
    if !response.is_fine() {
        parts.push(response.rcode.to_string());
    } else if response.records.is_empty() {
        parts.push("no record".to_owned());
    }
    parts.extend(response.records.iter().take(RECORDS).map(short));
    if response.records.len() > RECORDS {
        parts.push(format!("{} more", response.records.len() - RECORDS));
    }
    parts.extend(response.ttl().map(|ttl| format!("ttl {ttl}")));
    parts.push(source(resolver.name(), resolver.address()));
    parts.join(", ")
}

fn source(name: &str, at: SocketAddr) -> String {
    // One that is named by where it is need not be told twice.
    if name.contains(&at.to_string()) { format!("from {name}") } else { format!("from {name} at {at}") }
}

fn short(Record { kind, data, .. }: &Record) -> String {
    let text = plain(data);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{kind} {}...", &text[..end]),
        None => format!("{kind} {text}"),
    }
}

/// As a zone file has it (RFC 1035 section 5.1).
fn plain(data: &Data) -> String {
    match data {
        Data::Address(address) => address.to_string(),
        Data::Name(text) | Data::Text(text) | Data::Other(text) => text.clone(),
        Data::Mail { preference, exchange } => format!("{preference} {exchange}"),
        Data::Authority { mname, rname, serial, .. } => format!("{mname} {rname} {serial}"),
        Data::Service { priority, weight, port, target } => format!("{priority} {weight} {port} {target}"),
        Data::Issuers { tag, value, .. } => format!("{tag} {value}"),
    }
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
    use std::time::Duration;

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

    #[test]
    fn an_answer_is_a_line() {
        let resolver = Resolver::over_tcp("office", ([192, 0, 2, 53], 53).into(), Duration::from_secs(1));
        let record =
            |kind: &str, ttl, data| Record { name: "a".to_owned(), kind: kind.to_owned(), ttl, data };
        let mut response = Response {
            rcode: "NOERROR".into(),
            authoritative: false,
            records: vec![
                record("CNAME", 60, Data::Name("b.acme.example".to_owned())),
                record("A", 2, Data::Address([192, 0, 2, 1].into())),
            ],
        };
        let told = |response: &Response| line(response, &resolver);
        assert_eq!(told(&response), "CNAME b.acme.example, A 192.0.2.1, ttl 2, from office at 192.0.2.53:53");
        response.records = vec![record("TXT", 1, Data::Text("x".repeat(5_000))); 99];
        let long = told(&response);
        assert!(long.len() < 2_000 && long.contains(", 91 more, ttl 1, from"), "{long}");
        response.records.clear();
        assert_eq!(told(&response), "no record, from office at 192.0.2.53:53");
        response.rcode = "NXDOMAIN".into();
        assert_eq!(told(&response), "NXDOMAIN, from office at 192.0.2.53:53");
        assert_eq!(source("udp://192.0.2.53:53", resolver.address()), "from udp://192.0.2.53:53");
    }
}
