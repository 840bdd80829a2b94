//! Client certificates: a broker that asks for one, and what comes of having the right one, none, or a stranger's.

use std::net::SocketAddr;

use cutover::FailureKind::Tls;
use probes::{MqttOptions, MqttSession, ProbeError, Trust};

use crate::broker::secure;
use crate::mqtt::{is, target};
use crate::support::{Ca, short};

async fn open(at: SocketAddr, trust: &Trust) -> Result<MqttSession, ProbeError> {
    let options = MqttOptions::new("d");
    let opened = MqttSession::open(at, &target(at, "mqtts"), &options, trust, &short()).await;
    opened.map(|(session, _)| session)
}

#[tokio::test]
async fn a_certificate_of_ones_own() {
    let (ca, stranger) = (Ca::new(), Ca::new());
    let (at, _broker) = secure(ca.strict_server("mqtt.acme.example")).await;
    let (chain, key) = ca.identity("thermostats-000001");
    let trust = ca.trust();
    open(at, &trust.with_identity(&chain, &key).unwrap()).await.unwrap();
    is(&open(at, &trust).await.unwrap_err(), Tls, "TLS alert CertificateRequired");
    let (chain, key) = stranger.identity("thermostats-000001");
    is(&open(at, &trust.with_identity(&chain, &key).unwrap()).await.unwrap_err(), Tls, "TLS alert");
}

#[test]
fn an_identity_that_is_none_is_refused_with_its_reason() {
    let (ca, other) = (Ca::new(), Ca::new());
    let ((chain, key), (_, others_key)) = (ca.identity("a"), other.identity("a"));
    let trust = ca.trust();
    let refused = |chain: &[u8], key: &[u8]| trust.with_identity(chain, key).unwrap_err().to_string();
    assert!(
        refused(&key, &key).ends_with("there is no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)")
    );
    assert!(
        refused(&chain, &chain)
            .ends_with("there is no private key in PEM form (`-----BEGIN PRIVATE KEY-----`)")
    );
    let mismatch = refused(&chain, &others_key);
    assert!(mismatch.starts_with("the client certificate cannot be used: "), "{mismatch}");
}
