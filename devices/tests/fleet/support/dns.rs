//! A DNS server with one name, whose address moves.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the name's address is; `None`: the server fails.
#[derive(Clone)]
pub(crate) struct Dns {
    address: Arc<Mutex<Option<Ipv4Addr>>>,
    pub(crate) at: SocketAddr,
}

/// Every answer's TTL, in seconds.
const TTL: u32 = 1;

impl Dns {
    pub(crate) async fn start(address: Ipv4Addr, stop: CancellationToken, tracker: &TaskTracker) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        let dns = Self { address: Arc::new(Mutex::new(Some(address))), at };
        let answers = dns.clone();
        tracker.spawn(async move {
            let serve = async {
                let mut buffer = [0; 512];
                loop {
                    let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                    let answer = answers.answer(&Message::from_vec(&buffer[..length]).unwrap());
                    socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
                }
            };
            tokio::select! { () = stop.cancelled() => {} () = serve => {} }
        });
        dns
    }

    pub(crate) fn point(&self, address: Option<Ipv4Addr>) {
        *self.address.lock().unwrap() = address;
    }

    fn answer(&self, question: &Message) -> Message {
        let query = question.queries.first().unwrap().clone();
        let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
        answer.add_query(query.clone());
        match *self.address.lock().unwrap() {
            None => answer.metadata.response_code = ResponseCode::ServFail,
            Some(address) if query.query_type() == RecordType::A => {
                answer.add_answer(Record::from_rdata(query.name().clone(), TTL, RData::A(A(address))));
            }
            Some(_) => {}
        }
        answer
    }
}
