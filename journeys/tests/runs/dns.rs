//! DNS steps: what resolvers answer, and what it means when they do not.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use cutover::{AbortCause, FailureKind, Outcome, Reached, Route, Side, Sides};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, MX};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use journeys::RunContext;
use probes::{Pins, Resolver};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::support::{NEW, OLD, aims, run, world};

/// A DNS server at this address: `api` is on both sides, new first; `gone` is not there; `broken` fails.
struct Server(SocketAddr, JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.1.abort();
    }
}

async fn server(address: Ipv4Addr) -> Server {
    let socket = UdpSocket::bind((address, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).unwrap();
            if let Some(answer) = answer(&query) {
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        }
    });
    Server(at, task)
}

fn answer(query: &Message) -> Option<Message> {
    let asked = &query.queries[0];
    let mut answer = query.clone();
    answer.metadata.message_type = MessageType::Response;
    let record = |ttl, data| Record::from_rdata(asked.name.clone(), ttl, data);
    let records = match (asked.name.to_string().as_str(), asked.query_type) {
        ("api.acme.example.", RecordType::A) => {
            vec![record(30, RData::A(A(NEW))), record(20, RData::A(A(OLD)))]
        }
        ("acme.example.", RecordType::MX) => {
            vec![record(60, RData::MX(MX::new(10, Name::from_ascii("mx.acme.example.").unwrap())))]
        }
        ("gone.acme.example.", _) => {
            answer.metadata.response_code = ResponseCode::NXDomain;
            vec![]
        }
        ("broken.acme.example.", _) => {
            answer.metadata.response_code = ResponseCode::ServFail;
            vec![]
        }
        ("mute.acme.example.", _) => return None,
        _ => vec![],
    };
    answer.insert_answers(records);
    Some(answer)
}

/// A world whose resolver is at `live`.
async fn context(live: SocketAddr) -> RunContext {
    let resolver = Resolver::connect("office", live, Duration::from_millis(300)).await.unwrap();
    let sides = Sides::new(vec!["127.0.61.0/24".parse().unwrap()], vec!["127.0.62.0/24".parse().unwrap()]);
    let mut pins = Pins::default();
    pins.pin(Side::Old, "ns.acme.example", IpAddr::V4(OLD));
    pins.pin(Side::New, "ns.acme.example", IpAddr::V4(NEW));
    world(aims(&sides.unwrap().into(), pins, &resolver), &[], Default::default())
}

#[tokio::test]
async fn the_live_resolver_is_asked_where_none_is_named() {
    let server = server(Ipv4Addr::LOCALHOST).await;
    let context = context(server.0).await;
    let yaml = r#"
journey: j
steps:
  - name: addresses
    dns: A api.acme.example
    expect:
      - rcode == NOERROR
      - addresses count == 2
      - addresses contains 127.0.61.1
      - ttl == 20
      - reached == new
      - json $.answers[0].data == "127.0.62.1"
      - json $.authoritative == false
      - duration < 10s
  - name: mail
    dns: MX acme.example
    expect: json $.answers[0].data.exchange == "mx.acme.example"
    save: { ttl: ttl, server: "json $.answers[0].data.exchange" }
  - name: no such name
    dns: AAAA gone.{{ server|replace("mx.", "") }}
    expect: [rcode == NXDOMAIN, addresses empty, not ttl exists]
  - name: nothing of that type
    dns: TXT api.acme.example
    expect: [addresses empty]
"#;
    let run = run(&context, yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    let first = run.steps[0].last().unwrap();
    assert_eq!((first.reached, first.peer), (Some(Reached::New), None));
    assert!(first.parts.wait.is_some());
}

#[tokio::test]
async fn an_error_that_is_not_asked_for_fails() {
    let server = server(Ipv4Addr::LOCALHOST).await;
    let context = context(server.0).await;
    for (name, more, kind, words) in [
        ("gone", "", FailureKind::Resolve, "expected an answer without error, got NXDOMAIN"),
        ("gone", "failure: lost", FailureKind::Lost, "got NXDOMAIN"),
        ("broken", "failure: lost", FailureKind::Resolve, "got SERVFAIL"),
        ("gone", "expect: addresses contains 192.0.2.1", FailureKind::Resolve, "got NXDOMAIN"),
        ("api", "expect: rcode == NXDOMAIN", FailureKind::Resolve, "got \"NOERROR\""),
        ("api", "expect: addresses contains 192.0.2.1", FailureKind::Assertion, "127.0.62.1"),
    ] {
        let yaml = format!("journey: j\nsteps:\n  - name: ask\n    dns: A {name}.acme.example\n    {more}\n");
        let run = run(&context, &yaml).await;
        assert_eq!(run.outcome, Outcome::Failed { step: "ask".to_owned(), kind }, "{}", run.detail);
        assert!(run.detail.contains(words), "{}", run.detail);
    }
}

#[tokio::test]
async fn silence_is_the_canarys_fault_or_that_of_the_one_who_is_named() {
    let server = server(Ipv4Addr::LOCALHOST).await;
    let context = context(server.0).await;
    let yaml = "journey: j\nsteps:\n  - name: ask\n    dns: A mute.acme.example\n";
    let live = run(&context, yaml).await;
    assert_eq!(live.outcome, Outcome::Aborted { cause: AbortCause::Resolver }, "{}", live.detail);
    assert!(live.detail.contains("resolver office"), "{}", live.detail);

    let named = format!("{yaml}    resolver: udp://{}\n    timeout: 200ms\n", server.0);
    let run = run(&context, &named).await;
    assert_eq!(run.outcome, Outcome::Failed { step: "ask".to_owned(), kind: FailureKind::Timeout });
    assert!(run.detail.ends_with("gave no answer for `mute.acme.example` within 200ms"), "{}", run.detail);
}

#[tokio::test]
async fn a_server_that_is_named_is_that_of_the_route() {
    let (old, unheard) = (server(OLD).await, server(Ipv4Addr::LOCALHOST).await);
    let context = context(unheard.0).await;
    let port = old.0.port();
    let yaml = format!(
        "journey: j\nsteps:\n  - name: ask\n    dns: A api.acme.example\n    resolver: udp://ns.acme.example:{port}\n    \
         expect: addresses count == 2\n    timeout: 500ms\n"
    );
    let run_old = run(&context, &yaml).await;
    assert_eq!(run_old.outcome, Outcome::Passed, "{}", run_old.detail);
    // Nobody is there on the new side, nor over TCP on the old one.
    let run_new = run(&RunContext { route: Route::New, ..context.clone() }, &yaml).await;
    let refused = Outcome::Failed { step: "ask".to_owned(), kind: FailureKind::Refused };
    assert_eq!(run_new.outcome, refused, "{}", run_new.detail);
    let over_tcp = run(&context, &yaml.replace("udp://", "tcp://")).await;
    assert_eq!(over_tcp.outcome, refused, "{}", over_tcp.detail);
}
