//! One question to one server, and all of its answer.

use std::net::IpAddr;
use std::time::Duration;

use cutover::{AbortCause, FailureKind};
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::{MX, TXT};
use hickory_proto::rr::{Name, RData, Record};
use probes::dns::{Data, Question, RecordKind};
use probes::{Fault, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::dns::zone;
use crate::support::{NEW, Task, addresses, dns, mute};

fn question(kind: RecordKind, name: &str) -> Question {
    Question::new(kind, name).unwrap()
}

#[tokio::test]
async fn all_of_an_answer_is_given() {
    let origin = Name::from_ascii("acme.example.").unwrap();
    let record = |data| Record::from_rdata(origin.clone(), 60, data);
    let (at, mut server) = zone(vec![
        record(RData::MX(MX::new(10, Name::from_ascii("mx.acme.example.").unwrap()))),
        record(RData::TXT(TXT::new(vec!["v=spf1 ".to_owned(), "-all".to_owned()]))),
    ])
    .await;
    let limit = Duration::from_secs(5);
    let udp = Resolver::connect_small("zone", at, limit).await.unwrap();
    let mail = udp.query(&question(RecordKind::Mx, "acme.example"), limit).await.unwrap();
    assert!(mail.is_fine() && mail.authoritative);
    assert_eq!((mail.records.len(), mail.ttl()), (1, Some(60)));
    let exchange = "mx.acme.example".to_owned();
    assert_eq!(mail.records[0].data, Data::Mail { preference: 10, exchange });
    let text = udp.query(&question(RecordKind::Txt, "acme.example"), limit).await.unwrap();
    assert_eq!(text.records[0].data, Data::Text("v=spf1 -all".to_owned()));
    let gone = udp.query(&question(RecordKind::A, "gone.acme.example"), limit).await.unwrap();
    assert_eq!((gone.rcode.as_ref(), gone.records.len(), gone.ttl()), ("NXDOMAIN", 0, None));
    let other = udp.query(&question(RecordKind::A, "elsewhere.example"), limit).await.unwrap();
    assert_eq!(other.rcode, "REFUSED");
    server.shutdown_gracefully().await.unwrap();
}

#[tokio::test]
async fn a_server_can_be_asked_over_tcp_alone() {
    let tcp = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = tcp.local_addr().unwrap();
    let _server = Task::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let mut query = vec![0; usize::from(stream.read_u16().await.unwrap())];
            stream.read_exact(&mut query).await.unwrap();
            let query = Message::from_vec(&query).unwrap();
            let answer = addresses(&query, &[NEW]).to_vec().unwrap();
            stream.write_u16(answer.len().try_into().unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    });
    let limit = Duration::from_secs(5);
    let resolver = Resolver::over_tcp("test", at, limit);
    let found = resolver.query(&question(RecordKind::A, "api.acme.example"), limit).await.unwrap();
    assert_eq!(found.addresses().collect::<Vec<_>>(), [IpAddr::V4(NEW)]);
}

#[tokio::test]
async fn a_server_that_is_the_target_answers_for_its_silence() {
    let (mute, _socket) = mute().await;
    let asked = question(RecordKind::A, "api.acme.example");
    let error = mute.query(&asked, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Aborted(AbortCause::Resolver));
    assert_eq!(error.fault_of_the_target(), Fault::Failed(FailureKind::Timeout));
    assert!(error.to_string().ends_with("gave no answer for `api.acme.example` within 100ms"), "{error}");

    let (at, server) = dns(|_| vec![]).await;
    server.end().await;
    for gone in [
        Resolver::connect_small("gone", at, Duration::from_secs(5)).await.unwrap(),
        Resolver::over_tcp("gone", at, Duration::from_secs(5)),
    ] {
        let error = gone.query(&asked, Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(error.fault_of_the_target(), Fault::Failed(FailureKind::Refused), "{error}");
    }
}
