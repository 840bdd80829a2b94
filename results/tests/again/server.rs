//! A server that writes down what arrives, over HTTP/1.1 and HTTP/2, with TLS or without.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// The token that every answer gives.
pub(crate) const TOKEN: &str = "tok-4711-4711";

/// What arrived, without what names the run, and with one and the same boundary between pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Got {
    line: String,
    host: String,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

/// A server; it ends with the test.
pub(crate) struct Server {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(crate) async fn start(address: Ipv4Addr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&got);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, tls.clone(), Arc::clone(&all)));
            }
        });
        Self { port, got, task }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// What has arrived since the last time.
    pub(crate) fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

async fn converse(stream: TcpStream, tls: Option<TlsAcceptor>, got: Arc<Mutex<Vec<Got>>>) {
    let service = service_fn(move |request| answer(request, Arc::clone(&got)));
    match tls {
        Some(tls) => {
            let Ok(stream) = tls.accept(stream).await else { return };
            let two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            let stream = TokioIo::new(stream);
            drop(if two {
                http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
            } else {
                http1::Builder::new().serve_connection(stream, service).await
            });
        }
        None => {
            // With prior knowledge HTTP/2 begins with `PRI` (RFC 9113 section 3.4).
            let mut first = [0; 3];
            let two = stream.peek(&mut first).await.is_ok() && &first == b"PRI";
            let stream = TokioIo::new(stream);
            drop(if two {
                http2::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await
            } else {
                http1::Builder::new().serve_connection(stream, service).await
            });
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    got: Arc<Mutex<Vec<Got>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    let authority = head.uri.authority().map(ToString::to_string);
    let host = head.headers.get(HOST).map(|host| host.to_str().unwrap().to_owned());
    let (headers, body) = told(&head.headers, &body);
    let target = head.uri.path_and_query().unwrap();
    let line = format!("{} {target} {:?}", head.method, head.version);
    got.lock().unwrap().push(Got { line, host: authority.or(host).unwrap(), headers, body });

    let mut response = Response::new(Full::new(format!("{{\"token\":\"{TOKEN}\"}}").into()));
    let mut set = |name, value: &'static str| response.headers_mut().append(name, value.parse().unwrap());
    match path.as_str() {
        "/cookies" => {
            set(SET_COOKIE, "sid=1; Path=/");
            set(SET_COOKIE, "theme=dark; Path=/");
        }
        "/sign-in" => {
            set(SET_COOKIE, "sid=2; Path=/");
            set(LOCATION, "/home?from=sign-in");
            *response.status_mut() = StatusCode::SEE_OTHER;
        }
        "/moved" => {
            set(LOCATION, "/there");
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
        }
        _ => {}
    }
    Ok(response)
}

/// What is compared: all headers but those that name the run, each name with its values, and the body.
fn told(headers: &HeaderMap, body: &[u8]) -> (BTreeMap<String, Vec<String>>, String) {
    let kind = headers.get(CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
    let boundary = kind.split_once("boundary=").map(|(_, boundary)| boundary.to_owned());
    let told = |text: String| match &boundary {
        Some(boundary) => text.replace(boundary, "BOUNDARY"),
        None => text,
    };
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers {
        // How long a body in pieces is depends on what stands between them.
        let length = name == CONTENT_LENGTH && boundary.is_some();
        if !length && !matches!(name.as_str(), "host" | "traceparent" | "x-serin-run") {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            all.entry(name.to_string()).or_default().push(told(value));
        }
    }
    // Each byte a character: nothing is lost of what is no text.
    (all, told(body.iter().map(|byte| char::from(*byte)).collect()))
}

/// A CA, and those whom it vouches for.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        // By its name curl tells it from those whom it vouches for.
        params.distinguished_name.push(DnType::CommonName, "authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key, in PEM form.
    pub(crate) fn identity(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    /// A server's side of TLS, which wants a certificate from its clients.
    pub(crate) fn acceptor(&self, name: &str) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config).into()
    }
}
