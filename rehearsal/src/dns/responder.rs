//! DNS messages in and out, whoever knows the answers.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use hickory_proto::{
    op::{Edns, Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode},
    rr::{DNSClass, LowerName, RData, Record, RecordType, rdata::A},
};
use hickory_server::{
    net::runtime::Time,
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo, Server},
    zone_handler::MessageResponseBuilder,
};
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What is known about a name and a record type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The name has this address, for so many seconds.
    Address { at: Ipv4Addr, ttl: u32 },
    /// The zone's SOA record was asked for.
    Authority,
    /// The name exists, but has no record of that type.
    NoData,
    /// There is no such name.
    NoName,
    /// Not a name that is answered for here.
    Refused,
    /// The server is not able to answer.
    Failed,
    /// Nothing is sent at all.
    Silence,
}

/// Whoever knows the answers.
pub(crate) trait Source: Send + Sync + 'static {
    /// Whether the answers are the zone's own (the AA bit, RFC 1035 §4.1.1) or out of a cache.
    const AUTHORITATIVE: bool;

    fn answer(&self, name: &LowerName, kind: RecordType) -> Answer;

    /// The zone's SOA record.
    fn authority(&self) -> Record;
}

/// Answers from `source` over UDP and TCP, in a task of `tasks`, until `stop`.
pub(crate) fn serve<S: Source>(
    source: Arc<S>,
    (udp, tcp): (UdpSocket, TcpListener),
    tasks: &TaskTracker,
    stop: CancellationToken,
) {
    const TCP_IDLE: Duration = Duration::from_secs(10);
    const TCP_RESPONSES: usize = 16;
    let mut server = Server::new(Responder(source));
    server.register_socket(udp);
    server.register_listener(tcp, TCP_IDLE, TCP_RESPONSES);
    tasks.spawn(async move {
        stop.cancelled().await;
        if let Err(error) = server.shutdown_gracefully().await {
            tracing::warn!(%error, "a DNS server did not end well");
        }
    });
}

struct Responder<S>(Arc<S>);

impl<S: Source> Responder<S> {
    /// Code, answers and authority; `None`: nothing is sent.
    fn answer(&self, request: &Request) -> Option<(ResponseCode, Vec<Record>, Vec<Record>)> {
        let refuse = |code| Some((code, Vec::new(), Vec::new()));
        if request.metadata.message_type != MessageType::Query {
            return refuse(ResponseCode::FormErr);
        }
        if request.metadata.op_code != OpCode::Query {
            return refuse(ResponseCode::NotImp);
        }
        if request.version() > 0 {
            return refuse(ResponseCode::BADVERS); // RFC 6891 §6.1.3
        }
        let [query] = request.queries.queries() else { return refuse(ResponseCode::FormErr) };
        if query.query_class() != DNSClass::IN {
            return refuse(ResponseCode::Refused);
        }
        match self.0.answer(query.name(), query.query_type()) {
            Answer::Address { at, ttl } => {
                // The name as it was asked, in its own mixture of cases: some clients check that.
                let name = query.original().name().clone();
                let record = Record::from_rdata(name, ttl, RData::A(A(at)));
                Some((ResponseCode::NoError, vec![record], Vec::new()))
            }
            Answer::Authority => Some((ResponseCode::NoError, vec![self.0.authority()], Vec::new())),
            Answer::NoData => Some((ResponseCode::NoError, Vec::new(), vec![self.0.authority()])),
            Answer::NoName => Some((ResponseCode::NXDomain, Vec::new(), vec![self.0.authority()])),
            Answer::Refused => refuse(ResponseCode::Refused),
            Answer::Failed => refuse(ResponseCode::ServFail),
            Answer::Silence => None,
        }
    }
}

#[async_trait::async_trait]
impl<S: Source> RequestHandler for Responder<S> {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let Some((code, answers, authority)) = self.answer(request) else {
            return ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() });
        };
        metadata.response_code = code;
        metadata.authoritative =
            S::AUTHORITATIVE && matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
        metadata.recursion_available = !S::AUTHORITATIVE;

        let edns = request.edns.as_ref().map(|_| {
            let mut edns = Edns::new();
            edns.set_max_payload(1232).set_version(0);
            edns
        });
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let message = builder.build(metadata, &answers, [], &authority, []);
        response.send_response(message).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "a DNS answer could not be sent");
            ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() })
        })
    }
}
