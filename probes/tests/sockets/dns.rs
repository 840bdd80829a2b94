//! The resolver against servers on loopback: an honest zone, and hostile ones.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{NEW, OLD, Task, addresses, aim, dns, dns_on, mute, udp_and_tcp};
use cutover::{AbortCause, FailureKind, Route};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_server::Server;
use hickory_server::net::runtime::TokioRuntimeProvider;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use probes::dns::LookupError;
use probes::{Fault, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENT: Duration = Duration::from_secs(5);

async fn resolver(answer: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static) -> (Resolver, Task) {
    let (at, task) = dns(answer).await;
    (Resolver::connect("office", at, PATIENT).await.unwrap(), task)
}

fn refusal(query: &Message, code: ResponseCode) -> Vec<Vec<u8>> {
    let mut answer = query.clone();
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.response_code = code;
    vec![answer.to_vec().unwrap()]
}

#[tokio::test]
async fn a_name_has_its_addresses_in_the_order_of_the_answer() {
    let (resolver, _server) = resolver(|query| vec![addresses(query, &[NEW, OLD]).to_vec().unwrap()]).await;
    let answer = resolver.lookup("api.acme.example").await.unwrap();
    assert_eq!(answer.addresses, [NEW, OLD]);
    assert_eq!(answer.ttl, Duration::from_secs(30));
    assert!(answer.took > Duration::ZERO);
}

#[tokio::test]
async fn a_name_without_ipv4_is_asked_for_ipv6() {
    let (resolver, _server) = resolver(|query| {
        let mut answer = addresses(query, &[]);
        let question = &query.queries[0];
        if question.query_type == RecordType::AAAA {
            let data = RData::AAAA(AAAA("2001:db8::7".parse().unwrap()));
            answer.add_answer(Record::from_rdata(question.name.clone(), 5, data));
        }
        vec![answer.to_vec().unwrap()]
    })
    .await;
    let answer = resolver.lookup("api.acme.example").await.unwrap();
    assert_eq!(answer.addresses, ["2001:db8::7".parse::<std::net::IpAddr>().unwrap()]);
}

#[tokio::test]
async fn an_answer_that_says_no_is_the_targets_fault() {
    for (code, words) in [
        (ResponseCode::NXDomain, "there is no name `api.acme.example` (NXDOMAIN)"),
        (ResponseCode::ServFail, "with an error: Server Failure"),
        (ResponseCode::Refused, "with an error: Query Refused"),
        (ResponseCode::NoError, "knows `api.acme.example` but no address of it"),
    ] {
        let (resolver, _server) = resolver(move |query| refusal(query, code)).await;
        let error = resolver.lookup("api.acme.example").await.unwrap_err();
        assert_eq!(error.fault(), Fault::Failed(FailureKind::Resolve), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_resolver_that_is_silent_or_absent_is_our_own_fault() {
    let (silent, _socket) = mute().await;
    let error = silent.lookup("api.acme.example").await.unwrap_err();
    assert!(matches!(error, LookupError::Silent { .. }), "{error}");
    assert_eq!(error.fault(), Fault::Aborted(AbortCause::Resolver));

    let (at, server) = dns(|_| vec![]).await;
    server.end().await;
    let absent = Resolver::connect("absent", at, Duration::from_millis(500)).await.unwrap();
    let error = absent.lookup("api.acme.example").await.unwrap_err();
    assert_eq!(error.fault(), Fault::Aborted(AbortCause::Resolver), "{error}");
}

#[tokio::test]
async fn a_lost_question_is_sent_again() {
    let seen = std::sync::atomic::AtomicU32::new(0);
    let (at, _server) = dns(move |query| {
        let first = seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        if first { vec![] } else { vec![addresses(query, &[OLD]).to_vec().unwrap()] }
    })
    .await;
    let resolver = Resolver::connect("lossy", at, Duration::from_millis(800)).await.unwrap();
    assert_eq!(resolver.lookup("api.acme.example").await.unwrap().addresses, [OLD]);
}

#[tokio::test]
async fn forged_and_broken_answers_are_passed_over() {
    let (resolver, _server) = resolver(|query| {
        let honest = addresses(query, &[OLD]);
        let mut other_id = addresses(query, &[NEW]);
        other_id.metadata.id = query.metadata.id.wrapping_add(1);
        let mut other_question = addresses(query, &[NEW]);
        other_question.queries[0].name = Name::from_ascii("evil.example.").unwrap();
        let mut no_answer = addresses(query, &[NEW]);
        no_answer.metadata.message_type = MessageType::Query;
        let garbage = [&query.metadata.id.to_be_bytes()[..], &[0xff; 60]].concat();
        let messages = [other_id, other_question, no_answer];
        let mut all: Vec<_> = messages.iter().map(|message| message.to_vec().unwrap()).collect();
        all.extend([garbage, vec![1], vec![], honest.to_vec().unwrap()]);
        all
    })
    .await;
    assert_eq!(resolver.lookup("api.acme.example").await.unwrap().addresses, [OLD]);
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_over_tcp() {
    let truncated = |query: &Message| {
        let mut answer = addresses(query, &[]);
        answer.metadata.truncation = true;
        vec![answer.to_vec().unwrap()]
    };
    let (at, _udp) = dns(truncated).await;
    let resolver = Resolver::connect("office", at, PATIENT).await.unwrap();
    // Without anybody on TCP the resolver counts as unreachable.
    let error = resolver.lookup("api.acme.example").await.unwrap_err();
    assert_eq!(error.fault(), Fault::Aborted(AbortCause::Resolver), "{error}");

    let (at, udp, listener) = udp_and_tcp().await;
    let _udp = dns_on(udp, truncated);
    let resolver = Resolver::connect("office", at, PATIENT).await.unwrap();
    let _tcp = Task::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut query = vec![0; stream.read_u16().await.unwrap().into()];
        stream.read_exact(&mut query).await.unwrap();
        let many: Vec<_> = (1..=200).map(|last| Ipv4Addr::new(127, 0, 1, last)).collect();
        let answer = addresses(&Message::from_vec(&query).unwrap(), &many).to_vec().unwrap();
        stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
        stream.write_all(&answer).await.unwrap();
    });
    assert_eq!(resolver.lookup("api.acme.example").await.unwrap().addresses.len(), 200);
}

#[tokio::test]
async fn hundreds_of_questions_at_once_get_their_own_answers() {
    let (resolver, _server) = resolver(|query| {
        let label = query.queries[0].name.iter().next().unwrap().to_vec();
        let number: u16 = String::from_utf8(label).unwrap().trim_start_matches('d').parse().unwrap();
        let [high, low] = number.to_be_bytes();
        vec![addresses(query, &[Ipv4Addr::new(127, 1, high, low)]).to_vec().unwrap()]
    })
    .await;
    // No more at once than a socket's buffer holds: what it drops is asked again only much later.
    for wave in 0..5 {
        let mut lookups = tokio::task::JoinSet::new();
        for number in wave * 200..(wave + 1) * 200_u16 {
            let resolver = resolver.clone();
            lookups.spawn(async move {
                let [high, low] = number.to_be_bytes();
                let answer = resolver.lookup(&format!("d{number}.acme.example")).await.unwrap();
                assert_eq!(answer.addresses, [Ipv4Addr::new(127, 1, high, low)]);
            });
        }
        lookups.join_all().await;
    }
}

#[tokio::test]
async fn a_pinned_route_asks_nobody_for_the_names_that_move() {
    let (silent, _socket) = mute().await;
    let new = aim(Route::New, silent.clone()).resolve("api.acme.example").await.unwrap();
    assert_eq!((new.addresses, new.ttl), (vec![NEW.into()], None));
    let old = aim(Route::Old, silent.clone()).resolve("API.acme.example.").await.unwrap();
    assert_eq!(old.addresses, [OLD]);
    let literal = aim(Route::New, silent.clone()).resolve("[::1]").await.unwrap();
    assert_eq!(literal.addresses, ["::1".parse::<std::net::IpAddr>().unwrap()]);
    let local = aim(Route::Live, silent.clone()).resolve("localhost").await.unwrap();
    assert_eq!(local.addresses, [Ipv4Addr::LOCALHOST]);
    // A third party's name, and any name on the live route, are asked for.
    for (route, host) in [(Route::New, "login.other.example"), (Route::Live, "api.acme.example")] {
        let error = aim(route, silent.clone()).resolve(host).await.unwrap_err();
        assert_eq!(error.fault, Fault::Aborted(AbortCause::Resolver), "{error}");
        assert!(error.parts.resolve.is_some());
    }
}

#[tokio::test]
async fn what_is_no_name_is_the_scripts_fault() {
    let (silent, _socket) = mute().await;
    for host in ["", "a..b", &"x".repeat(64), &"x.".repeat(200)] {
        let error = silent.lookup(host).await.unwrap_err();
        assert_eq!(error.fault(), Fault::Aborted(AbortCause::Script), "{error}");
    }
}

/// A zone on hickory-server, over UDP and TCP on the same port.
pub(crate) async fn zone(records: Vec<Record>) -> (SocketAddr, Server<Catalog>) {
    let origin = Name::from_ascii("acme.example.").unwrap();
    let mut zone = InMemoryZoneHandler::<TokioRuntimeProvider>::empty(
        origin.clone(),
        ZoneType::Primary,
        AxfrPolicy::Deny,
    );
    let soa = SOA::new(Name::from_ascii("ns.acme.example.").unwrap(), origin.clone(), 1, 60, 10, 3600, 5);
    zone.upsert_mut(Record::from_rdata(origin.clone(), 5, RData::SOA(soa)), 1);
    for record in records {
        zone.upsert_mut(record, 1);
    }
    let mut catalog = Catalog::new();
    catalog.upsert(origin.into(), vec![Arc::new(zone)]);
    let mut server = Server::new(catalog);
    let (at, udp, tcp) = udp_and_tcp().await;
    server.register_socket(udp);
    server.register_listener(tcp, PATIENT, 4096);
    (at, server)
}

#[tokio::test]
async fn an_authoritative_server_is_understood() {
    let name = |text: &str| Name::from_ascii(text).unwrap();
    let mut records = vec![
        Record::from_rdata(name("lb.acme.example."), 60, RData::A(A(NEW))),
        Record::from_rdata(name("api.acme.example."), 20, RData::CNAME(CNAME(name("lb.acme.example.")))),
        Record::from_rdata(name("out.acme.example."), 20, RData::CNAME(CNAME(name("lb.cloud.example.")))),
    ];
    let many = (0..100).map(|last| RData::A(A::new(127, 0, 1, last)));
    records.extend(many.map(|data| Record::from_rdata(name("many.acme.example."), 20, data)));
    let (at, mut server) = zone(records).await;
    let resolver = Resolver::connect("zone", at, PATIENT).await.unwrap();

    let answer = resolver.lookup("api.acme.example").await.unwrap();
    assert_eq!((answer.addresses, answer.ttl), (vec![NEW.into()], Duration::from_secs(20)));
    // Too many for UDP: asked for again over TCP.
    assert_eq!(resolver.lookup("many.acme.example").await.unwrap().addresses.len(), 100);
    let error = resolver.lookup("gone.acme.example").await.unwrap_err();
    assert!(matches!(error, LookupError::NoSuchName { .. }), "{error}");
    let error = resolver.lookup("acme.example").await.unwrap_err();
    assert!(matches!(error, LookupError::NoAddress { .. }), "{error}");
    let error = resolver.lookup("out.acme.example").await.unwrap_err();
    assert!(error.to_string().contains("it is an alias of `lb.cloud.example.`"), "{error}");
    let error = resolver.lookup("elsewhere.example").await.unwrap_err();
    assert!(matches!(error, LookupError::ServerFailure { .. }), "{error}");
    server.shutdown_gracefully().await.unwrap();
}
