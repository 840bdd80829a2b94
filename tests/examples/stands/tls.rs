//! TLS, as servers speak it here.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::folder::Authority;

/// For a server of this name, that lets everybody in.
pub(super) fn acceptor(authority: &Authority, name: &str) -> TlsAcceptor {
    with(authority, name, Arc::new(NoClientAuth), &[])
}

/// For one of HTTP/2 that lets in only those who show a certificate of the same authority.
pub(super) fn strict_acceptor(authority: &Authority, name: &str) -> TlsAcceptor {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::new(default_provider()));
    with(authority, name, verifier.build().unwrap(), &[b"h2"])
}

fn with(
    authority: &Authority,
    name: &str,
    clients: Arc<dyn ClientCertVerifier>,
    protocols: &[&[u8]],
) -> TlsAcceptor {
    let (certificate, key) = authority.server(name);
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}
