//! Each route has a browser of its own, which goes where the route leads; what does not is found out.

use std::sync::Arc;

use cutover::{AbortCause, FailureKind, Reached, Route};
use probes::{Fault, Trust};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::site::{NEW, OLD, Site};
use crate::support::{Bench, HOST, aim, fail, goto, perform};

#[tokio::test]
async fn the_same_url_leads_to_either_side() {
    let Some(bench) = Bench::new() else { return };
    let old = Site::start(OLD, 0, "old").await;
    let new = Site::start(NEW, old.at.port(), "new").await;
    let url = format!("http://{HOST}:{}/", old.at.port());
    for (route, reached, at, name) in
        [(Route::Old, Reached::Old, old.at, "old"), (Route::New, Reached::New, new.at, "new")]
    {
        let mut page = bench.open(route).await;
        let visit = perform(&mut page, &[goto(&url)]).await.unwrap();
        assert_eq!((visit.reached, visit.peer), (Some(reached), Some(at)));
        assert_eq!(visit.headers.get("x-served-by").unwrap(), name);
        page.close().await;
    }
    bench.end().await;
}

#[tokio::test]
async fn a_pin_that_did_not_take_is_our_own_fault() {
    // Of two contradicting arguments the last one counts.
    let site = Site::start("127.0.0.1".parse().unwrap(), 0, "astray").await;
    let arguments = vec![format!("--host-resolver-rules=MAP {HOST} 127.0.0.1")];
    let Some(bench) = Bench::with(|settings| settings.arguments = arguments) else { return };
    let mut page = bench.open(Route::Old).await;
    let error = fail(&mut page, &[goto(&format!("http://{HOST}:{}/", site.at.port()))]).await;
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Local), "{error}");
    assert!(
        error.message.contains("was told that console.acme.test is at 127.0.1.1, and went to 127.0.0.1"),
        "{error}"
    );
    page.close().await;
    bench.end().await;
}

#[tokio::test]
async fn a_ca_of_ones_own_is_trusted_and_no_other_certificate() {
    let mut issuer = CertificateParams::default();
    issuer.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
    let Some(mut bench) = Bench::new() else { return };
    bench.trust = Trust::new(&[issuer.pem().into_bytes()]).unwrap();
    for (name, passes) in [(HOST, true), ("other.acme.test", false)] {
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(leaf.pem().as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((OLD, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut request = [0; 4096];
                    if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 33\r\n\r\n<title>TLS</title><img src=/x.png>";
                        drop(stream.write_all(answer).await);
                        drop(stream.shutdown().await);
                    }
                });
            }
        });
        let mut page = bench.open(Route::Old).await;
        let url = format!("https://{HOST}:{port}/");
        if passes {
            let visit = perform(&mut page, &[goto(&url)]).await.unwrap();
            assert_eq!((visit.title.as_str(), visit.reached), ("TLS", Some(Reached::Old)));
        } else {
            let error = fail(&mut page, &[goto(&url)]).await;
            assert_eq!(error.fault, Fault::Failed(FailureKind::Tls), "{error}");
            assert!(error.message.contains("its certificate is for other.acme.test, not for "), "{error}");
        }
        page.close().await;
        serving.abort();
    }
    bench.end().await;
}

#[tokio::test]
async fn a_host_that_nobody_knows_is_told_as_by_every_other_probe() {
    let Some(bench) = Bench::new() else { return };
    // Not pinned on the live route, and there is no resolver.
    let error = bench.try_open(&aim(Route::Live)).await.unwrap_err();
    assert_eq!(error.fault, Fault::Aborted(AbortCause::Resolver), "{error}");
    bench.end().await;
}
