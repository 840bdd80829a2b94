//! The certificates of the two sides, and the authority that signs them.

use std::{fs, path::Path, path::PathBuf, sync::Arc};

use chrono::{Datelike, Days, NaiveDate, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

use super::WorldError;
use crate::side::Side;

/// How long the certificates are valid: long enough for every check of "days left", and no longer.
const VALID_DAYS: u64 = 90;

/// An authority made for one world. Its key is never written anywhere.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    domain: String,
}

impl Authority {
    /// A new authority for one domain.
    pub(super) fn new(domain: &str) -> Result<Self, WorldError> {
        let mut params = params(&[], "Rehearsal authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(no)?).map_err(no)?;
        Ok(Self { issuer, domain: domain.to_owned() })
    }

    /// Writes the authority's certificate to `ca.pem` in `directory`; gives its path.
    pub(super) fn write(&self, directory: &Path) -> Result<PathBuf, WorldError> {
        let path = directory.join("ca.pem");
        match fs::write(&path, self.issuer.pem()) {
            Ok(()) => Ok(path),
            Err(source) => Err(WorldError::Write { path, source }),
        }
    }

    /// What a side needs to speak TLS: a key of its own, and a certificate for `*.DOMAIN` that names the side as its
    /// organizational unit.
    pub(super) fn acceptor(&self, side: Side) -> Result<TlsAcceptor, WorldError> {
        let wildcard = format!("*.{}", self.domain);
        let mut params = params(&[wildcard.clone(), self.domain.clone()], &wildcard)?;
        params.distinguished_name.push(DnType::OrganizationalUnitName, side.as_str());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(no)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(no)?;

        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(no)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(no)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn params(names: &[String], common_name: &str) -> Result<CertificateParams, WorldError> {
    let mut params = CertificateParams::new(names).map_err(no)?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    let part = |n: u32| u8::try_from(n).unwrap_or(1); // months and days are below 32
    let date = |day: NaiveDate| date_time_ymd(day.year(), part(day.month()), part(day.day()));
    let today = Utc::now().date_naive();
    // From yesterday on, for clocks that are a little behind.
    params.not_before = date(today.pred_opt().unwrap_or(today));
    params.not_after = date(today.checked_add_days(Days::new(VALID_DAYS)).unwrap_or(today));
    Ok(params)
}

fn no(error: impl std::fmt::Display) -> WorldError {
    WorldError::Certificates(error.to_string())
}
