//! Certificates that are right, and those that are wrong in one way each.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// The name that all of them but one are for.
const NAMES: &str = "*.acme.example";

/// Writes `NAME.pem` and `NAME.key` for `site`, `expired`, `misnamed`, `self-signed`, `untrusted`, `client` and
/// `stranger`, and the authorities `ca.pem`, which vouches for the site, and `other-ca.pem`.
pub(super) fn write(folder: &Path) {
    let (authority, other) = (authority("Acme's own"), authority("Somebody else's"));
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("other-ca.pem"), other.pem()).unwrap();
    let site = || named(&[NAMES, "192.0.2.1"]);
    signed(folder, "site", &site(), &authority);
    let mut expired = site();
    (expired.not_before, expired.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    signed(folder, "expired", &expired, &authority);
    signed(folder, "misnamed", &named(&["elsewhere.example"]), &authority);
    signed(folder, "untrusted", &site(), &other);
    for (name, issuer) in [("client", &authority), ("stranger", &other)] {
        let mut client = named(&[]);
        client.distinguished_name.push(DnType::CommonName, name);
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        signed(folder, name, &client, issuer);
    }
    let key = KeyPair::generate().unwrap();
    let alone = site().self_signed(&key).unwrap();
    keep(folder, "self-signed", &alone.pem(), &key);
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn named(names: &[&str]) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "site.acme.example");
    params
}

fn signed(folder: &Path, name: &str, params: &CertificateParams, issuer: &Authority) {
    let key = KeyPair::generate().unwrap();
    keep(folder, name, &params.clone().signed_by(&key, issuer).unwrap().pem(), &key);
}

fn keep(folder: &Path, name: &str, pem: &str, key: &KeyPair) {
    fs::write(folder.join(format!("{name}.pem")), pem).unwrap();
    fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}
