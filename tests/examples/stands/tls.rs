//! TLS, as servers speak it here.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::folder::Authority;

/// For a server of this name, that lets everybody in.
pub(super) fn acceptor(authority: &Authority, name: &str) -> TlsAcceptor {
    with(authority, name, Arc::new(NoClientAuth))
}

/// For one that lets in only those who show a certificate of the same authority.
pub(super) fn strict_acceptor(authority: &Authority, name: &str) -> TlsAcceptor {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::new(default_provider()));
    with(authority, name, verifier.build().unwrap())
}

fn with(authority: &Authority, name: &str, clients: Arc<dyn ClientCertVerifier>) -> TlsAcceptor {
    let (certificate, key) = authority.server(name);
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A listener whose connections speak TLS. Whoever does not is passed over.
pub(super) struct Tls {
    pub(super) listener: TcpListener,
    pub(super) acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, from) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
