//! What lies beside the examples: the files that they send, and the certificates that they show.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::example::examples;

/// An account that is there before any example begins.
pub(crate) const ACCOUNT: (&str, &str) = ("ann@acme.example", "hunter2hunter2");

/// What the environment holds.
pub(crate) const ENVIRONMENT: [(&str, &str); 3] =
    [("ACME_PASSWORD", ACCOUNT.1), ("ACME_SIGNING_KEY", "open sesame"), ("ACME_REGION", "eu-west")];

/// What a fragment finds done: an account of the run's own, known on both sides.
const ACCOUNT_STEPS: &str = r#"steps:
  - name: given an account
    http: POST {{ api }}/users
    route: old
    json: { email: "{{ email }}", password: "{{ password }}" }
    save: { user: json $.id }
  - name: given a session
    http: POST {{ api }}/sessions
    route: old
    json: { email: "{{ email }}", password: "{{ password }}" }
    save: { token: json $.token }
  - name: given on this side too
    http: GET {{ api }}/datapoints?user={{ user }}
    headers: { authorization: "Bearer {{ token }}" }
    until: 10s
    every: 20ms
"#;

/// The same for a device.
const DEVICE_STEPS: &str = r#"steps:
  - name: given a device
    http: POST {{ api }}/devices
    json: { device: "{{ device }}", fleet: canaries }
    save: { username: json $.username, password: json $.password }
"#;

/// The account that is there before, made.
pub(crate) const SETTING: &str = r#"journey: setting
secrets: { password: { env: ACME_PASSWORD } }
steps:
  - name: sign up
    http: POST {{ api }}/users
    route: old
    json: { email: ann@acme.example, password: "{{ secret.password }}" }
    expect: [status == 201]
  - name: on new too
    http: POST {{ api }}/sessions
    route: new
    json: { email: ann@acme.example, password: "{{ secret.password }}" }
    until: 20s
    expect: [status == 200]
"#;

/// An authority of the examples' own; its key is never written anywhere.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate, and the key to it.
pub(crate) type Identity = (CertificateDer<'static>, PrivateKeyDer<'static>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Acme authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// What a server of this name shows.
    pub(crate) fn server(&self, name: &str) -> Identity {
        let (certificate, key) = self.signed(name, ExtendedKeyUsagePurpose::ServerAuth);
        (certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }

    fn signed(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }
}

/// Fills the folder in which the examples are run.
pub(crate) fn fill(folder: &Path, authority: &Authority) {
    let write = |name: &str, text: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let (mine, key) = authority.signed("canary.acme.example", ExtendedKeyUsagePurpose::ClientAuth);
    write("journeys/me.pem", mine.pem().as_bytes());
    write("journeys/me.key", key.serialize_pem().as_bytes());
    write("journeys/acme-ca.pem", authority.0.pem().as_bytes());
    write("journeys/photo.png", &[0x89; 1000]);
    let (email, password) = ACCOUNT;
    write("journeys/users.csv", format!("email,password\n{email},{password}\n").as_bytes());
    write("journeys/lamps.json", br#"[{ "lamp": "lamp & shade" }, { "lamp": "torch" }]"#);
    write("secrets/seed", b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
    write("given/account.yaml", ACCOUNT_STEPS.as_bytes());
    write("given/device.yaml", DEVICE_STEPS.as_bytes());
    write("given/setting.yaml", SETTING.as_bytes());
    for example in examples() {
        write(&example.file, example.text.as_bytes());
    }
}
