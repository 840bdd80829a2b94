//! Runs of journeys against a server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover::{Outcome, Route, Sides};
use journeys::{Aims, Journey, Known, Run, RunContext, Secrets};
use probes::{Aim, Pins, Resolver, Trust};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// Puts a certificate for 127.0.0.1 and `cache.acme.example` into a folder, as `chain.pem` and `key.pem`; gives the CA
/// that has signed it.
pub(crate) fn certified(folder: &Path) -> Vec<u8> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "the CA of a test");
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "cache.acme.example".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &ca).unwrap();
    std::fs::write(folder.join("chain.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    ca.pem().into_bytes()
}

/// A world in which `at` is known by the variable `at`, on the old side, and `office` is the resolver.
pub(crate) async fn context(at: SocketAddr, own_ca: &[Vec<u8>]) -> RunContext {
    let resolver = Resolver::connect("office", at, Duration::from_secs(2)).await.unwrap();
    let net = |text: &str| vec![text.parse().unwrap()];
    let sides = Arc::new(Sides::new(net("127.0.0.0/24"), net("127.0.62.0/24")).unwrap());
    let pins = Arc::new(Pins::default());
    let aim = |route| Aim::new(route, sides.clone(), pins.clone(), resolver.clone());
    let vars =
        BTreeMap::from([("at".to_owned(), at.to_string()), ("port".to_owned(), at.port().to_string())]);
    let aims = Aims { old: aim(Route::Old), new: aim(Route::New), live: aim(Route::Live) };
    RunContext { vars: Arc::new(vars), ..RunContext::new(aims, Trust::new(own_ca).unwrap(), "serin/test") }
}

/// Runs a journey that is written out.
pub(crate) async fn run(context: &RunContext, yaml: &str) -> Run {
    let journey =
        Journey::parse(yaml, "test.yaml", Known { vars: &context.vars, secrets: &Secrets::default() });
    journey.unwrap_or_else(|rejected| panic!("{rejected}")).run(context).await
}

/// The same, which passes.
pub(crate) async fn passes(context: &RunContext, yaml: &str) -> Run {
    let run = run(context, yaml).await;
    assert_eq!(run.outcome, Outcome::Passed, "{}", run.detail);
    run
}
