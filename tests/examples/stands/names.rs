//! A resolver: it knows the names of the servers that stand in, and asks the world's for all others.

use std::net::{IpAddr, SocketAddr};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CAA, CNAME, MX, NS, PTR, SRV, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use super::NAMES;
use crate::stage::{ALSO_OLD, OLD, SERVICES};

pub(super) async fn serve(world: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let socket = UdpSocket::bind((SERVICES, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let answer = match answer(&buffer[..length]) {
                Some(answer) => answer,
                None => relayed(&buffer[..length], world).await,
            };
            socket.send_to(&answer, from).await.unwrap();
        }
    });
    (at, task)
}

/// What the world's resolver says.
async fn relayed(query: &[u8], world: SocketAddr) -> Vec<u8> {
    let socket = UdpSocket::bind((SERVICES, 0)).await.unwrap();
    socket.send_to(query, world).await.unwrap();
    let mut buffer = vec![0; 4096];
    let length = socket.recv(&mut buffer).await.unwrap();
    buffer.truncate(length);
    buffer
}

/// What is known here; of a name that stands in, everything.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let query = Message::from_vec(query).unwrap();
    let asked = &query.queries[0];
    let name = asked.name.to_string();
    let host = name.trim_end_matches('.').to_lowercase();
    let data = records(&host, asked.query_type);
    if data.is_empty() && !NAMES.contains(&&*host) {
        return None;
    }
    let mut answer = query.clone();
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.response_code = ResponseCode::NoError;
    answer.insert_answers(
        data.into_iter().map(|data| Record::from_rdata(asked.name.clone(), 60, data)).collect(),
    );
    Some(answer.to_vec().unwrap())
}

fn records(host: &str, kind: RecordType) -> Vec<RData> {
    let name = |name: &str| Name::from_ascii(name).unwrap();
    match (host, kind) {
        ("shop.acme.example", RecordType::A) => vec![RData::A(A(OLD)), RData::A(A(ALSO_OLD))],
        ("shop.acme.example", RecordType::AAAA) => vec![],
        (host, RecordType::A) if NAMES.contains(&host) => vec![RData::A(A(OLD))],
        ("www.acme.example", RecordType::CNAME) => vec![RData::CNAME(CNAME(name("shop.acme.example.")))],
        ("ipv6.acme.example", RecordType::AAAA) => {
            let Ok(IpAddr::V6(address)) = "2001:db8::7".parse() else { return vec![] };
            vec![RData::AAAA(AAAA(address))]
        }
        ("acme.example", RecordType::MX) => vec![RData::MX(MX::new(10, name("mail.acme.example.")))],
        ("acme.example", RecordType::NS) => vec![RData::NS(NS(name("ns.acme.example.")))],
        ("acme.example", RecordType::TXT) => vec![RData::TXT(TXT::new(vec!["v=spf1 mx -all".to_owned()]))],
        ("acme.example", RecordType::CAA) => {
            vec![RData::CAA(CAA::new_issue(false, Some(name("ca.acme.example.")), vec![]))]
        }
        ("_mqtt._tcp.acme.example", RecordType::SRV) => {
            vec![RData::SRV(SRV::new(0, 5, 1883, name("mqtt.acme.example.")))]
        }
        ("7.2.0.192.in-addr.arpa", RecordType::PTR) => vec![RData::PTR(PTR(name("shop.acme.example.")))],
        _ => vec![],
    }
}
