//! Peers on loopback that do what a test tells them to, and end with it.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cutover::{FailureKind, Route, Side, Sides};
use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use probes::{Aim, Fault, Pins, ProbeError, Resolver, Timeouts, Trust};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

/// The old side's address in these tests.
pub(crate) const OLD: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 1);
/// The new side's address in these tests.
pub(crate) const NEW: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// A task that ends with the test.
pub(crate) struct Task(JoinHandle<()>);

impl Task {
    pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }

    /// Ends the task now: its sockets are closed on return.
    pub(crate) async fn end(mut self) {
        self.0.abort();
        drop((&mut self.0).await);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Limits short enough for a test to wait for, long enough for a busy machine.
pub(crate) fn short() -> Timeouts {
    let limit = Duration::from_millis(400);
    Timeouts { resolve: limit, connect: limit, tls: limit, wait: limit, transfer: limit }
}

/// Listens on `address` and hands each connection to `serve`.
pub(crate) async fn listen<F>(
    address: Ipv4Addr,
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, Task)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((address, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let task = Task::spawn(async move {
        let mut serving = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            serving.spawn(serve(stream));
        }
    });
    (at, task)
}

/// A DNS server that answers each datagram with those that `answer` gives.
pub(crate) async fn dns(answer: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static) -> (SocketAddr, Task) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    (socket.local_addr().unwrap(), dns_on(socket, answer))
}

/// The same, on a socket of one's own.
pub(crate) fn dns_on(socket: UdpSocket, answer: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static) -> Task {
    Task::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).unwrap();
            for datagram in answer(&query) {
                socket.send_to(&datagram, from).await.unwrap();
            }
        }
    })
}

/// UDP and TCP on one port: a free one of either may be taken on the other, so it is tried until both are to be had.
pub(crate) async fn udp_and_tcp() -> (SocketAddr, UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = tcp.local_addr().unwrap();
        if let Ok(udp) = UdpSocket::bind(at).await {
            return (at, udp, tcp);
        }
    }
}

/// The answer to `query` that it has these addresses, and no others.
pub(crate) fn addresses(query: &Message, found: &[Ipv4Addr]) -> Message {
    let mut answer = query.clone();
    answer.metadata.message_type = MessageType::Response;
    if query.queries[0].query_type == RecordType::A {
        let name = &query.queries[0].name;
        let record = |address: &Ipv4Addr| Record::from_rdata(name.clone(), 30, RData::A(A(*address)));
        answer.insert_answers(found.iter().map(record).collect());
    }
    answer
}

/// A resolver that knows every name to be at `address`.
pub(crate) async fn knows(address: Ipv4Addr) -> (Resolver, Task) {
    let (at, task) = dns(move |query| vec![addresses(query, &[address]).to_vec().unwrap()]).await;
    (Resolver::connect("test", at, Duration::from_secs(2)).await.unwrap(), task)
}

/// A resolver that never answers: the socket is bound and not read.
pub(crate) async fn mute() -> (Resolver, UdpSocket) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = socket.local_addr().unwrap();
    (Resolver::connect("mute", at, Duration::from_millis(200)).await.unwrap(), socket)
}

/// An aim along `route`, with `api.acme.example` pinned to [`OLD`] and [`NEW`].
pub(crate) fn aim(route: Route, resolver: Resolver) -> Aim {
    let net = |text: &str| vec![text.parse().unwrap()];
    let sides = Sides::new(net("127.0.1.0/24"), net("127.0.2.0/24")).unwrap();
    let mut pins = Pins::default();
    pins.pin(Side::Old, "api.acme.example", IpAddr::V4(OLD));
    pins.pin(Side::New, "API.acme.example.", IpAddr::V4(NEW));
    Aim::new(route, Arc::new(sides), Arc::new(pins), resolver)
}

/// A CA of one's own.
pub(crate) struct Ca(CertifiedIssuer<'static, KeyPair>);

impl Ca {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the CA of a test");
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The trust of a client that knows this CA.
    pub(crate) fn trust(&self) -> Trust {
        Trust::new(&[self.pem().into_bytes()]).unwrap()
    }

    /// The CA's certificate, in PEM form.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// The roots that a verifier of this CA's certificates needs.
    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }

    /// A client's certificate and key, in PEM form.
    pub(crate) fn identity(&self, name: &str) -> (Vec<u8>, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (certificate.pem().into_bytes(), key.serialize_pem().into_bytes())
    }

    /// A server's side of TLS that wants a certificate of this CA's from its clients.
    pub(crate) fn strict_server(&self, name: &str) -> tokio_rustls::TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(self.roots(), Arc::clone(&provider)).build().unwrap();
        let (chain, key) = self.identity(name);
        let chain = vec![CertificateDer::from_pem_slice(&chain).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(&key).unwrap();
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
        Arc::new(config).into()
    }

    /// A server's side of TLS, with a certificate for `name`, valid from 2020 until `year`.
    pub(crate) fn server(&self, name: &str, year: i32, alpn: &[&[u8]]) -> tokio_rustls::TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let chain = vec![certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Arc::new(config).into()
    }
}

/// That an exchange failed in this way, at a peer that is known, with these words among others.
pub(crate) fn failed(error: &ProbeError, kind: FailureKind, words: &str) {
    assert_eq!(error.fault, Fault::Failed(kind), "{error}");
    assert!(error.message.contains(words), "{error}");
    assert!(error.peer.is_some(), "{error}");
}

/// The trust of a client that knows no CA of these tests.
pub(crate) fn public_trust() -> Trust {
    Trust::new(&[]).unwrap()
}
