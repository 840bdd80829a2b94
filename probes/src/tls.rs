//! Which certificates are trusted, and what a failed handshake says.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};

use crate::verifier::Explaining;
use crate::{Fault, ProbeError};

/// Whom to believe: the public roots (webpki-roots) and a user's own CAs. Cheap to clone: all sessions share it.
#[derive(Clone)]
pub struct Trust(Arc<Shared>);

struct Shared {
    config: Arc<ClientConfig>,
    roots: Arc<RootCertStore>,
    /// The same configuration, offering these protocols: made when a connection first offers them.
    offering: [OnceLock<Arc<ClientConfig>>; 3],
}

/// What a connection offers to speak (ALPN, RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// HTTP/2, or else HTTP/1.1.
    Either,
    /// HTTP/1.1 alone.
    One,
    /// HTTP/2 alone.
    Two,
}

/// Why a file of CAs could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The text is not PEM, or holds no certificate.
    #[error("CA file {0} holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)")]
    NoCertificate(usize),
    /// A certificate in it cannot be read.
    #[error("CA file {index} holds a certificate that cannot be used: {why}")]
    Unusable {
        /// Which of the files, from 1.
        index: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A client's certificate or its key cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    Identity(String),
    /// The TLS library refused its own settings.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

impl Trust {
    /// The public roots and the CAs in `own`, each the content of one PEM file.
    ///
    /// # Errors
    /// When a file holds no certificate, or one that cannot be used; the message counts the files from 1.
    pub fn new(own: &[Vec<u8>]) -> Result<Self, TrustError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for (index, pem) in own.iter().enumerate() {
            add(&mut roots, pem, index + 1)?;
        }
        Self::of(roots)
    }

    fn of(roots: RootCertStore) -> Result<Self, TrustError> {
        let (roots, provider) = (Arc::new(roots), Arc::new(ring::default_provider()));
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(&provider));
        let verifier = verifier.build().map_err(|error| rustls::Error::General(error.to_string()))?;
        // The provider is given here and never installed for the process: a library has no say in that.
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous() // It need not be: all that is put before rustls' own verifier is words.
            .with_custom_certificate_verifier(Arc::new(Explaining(verifier)))
            .with_no_client_auth();
        // Every session is that of a fresh user: no ticket of another one shortens its handshake.
        config.resumption = Resumption::disabled();
        Ok(Self::sharing(config, roots))
    }

    fn sharing(config: ClientConfig, roots: Arc<RootCertStore>) -> Self {
        Self(Arc::new(Shared { config: Arc::new(config), roots, offering: Default::default() }))
    }

    /// The same trust, and that in the CAs of one PEM file more. A certificate of one's own is to be added afterwards.
    ///
    /// # Errors
    /// When the file holds no certificate, or one that cannot be used.
    pub fn with_ca(&self, pem: &[u8]) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::clone(&self.0.roots);
        add(&mut roots, pem, 1)?;
        Self::of(roots)
    }

    /// The same trust, with a certificate of one's own for peers that ask for one: `chain` and `key` in PEM form, the
    /// certificate itself first. What it costs is the certificate and its key; all else is shared.
    ///
    /// # Errors
    /// [`Identity`](TrustError::Identity) when either holds nothing of its kind, or when the key is not the
    /// certificate's.
    pub fn with_identity(&self, chain: &[u8], key: &[u8]) -> Result<Self, TrustError> {
        let unusable = |error: &dyn fmt::Display| TrustError::Identity(error.to_string());
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| unusable(&error))?;
        if chain.is_empty() {
            return Err(unusable(&"there is no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)"));
        }
        let key = match PrivateKeyDer::from_pem_slice(key) {
            Ok(key) => key,
            Err(pem::Error::NoItemsFound) => {
                return Err(unusable(&"there is no private key in PEM form (`-----BEGIN PRIVATE KEY-----`)"));
            }
            Err(error) => return Err(unusable(&error)),
        };
        let identity = CertifiedKey::from_der(chain, key, self.0.config.crypto_provider());
        let identity = identity.map_err(|error| unusable(&error))?;
        let mut config = ClientConfig::clone(&self.0.config);
        config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(identity));
        Ok(Self::sharing(config, Arc::clone(&self.0.roots)))
    }

    /// The configuration that all connections share.
    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        &self.0.config
    }

    /// The configuration of connections that offer to speak HTTP.
    pub(crate) fn offering(&self, offer: Offer) -> &Arc<ClientConfig> {
        let protocols: &[&[u8]] = match offer {
            Offer::Either => &[b"h2", b"http/1.1"],
            Offer::One => &[b"http/1.1"],
            Offer::Two => &[b"h2"],
        };
        self.0.offering[offer as usize].get_or_init(|| {
            let mut config = ClientConfig::clone(&self.0.config);
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Arc::new(config)
        })
    }

    /// Whether this is one and the same trust, and not one that is just like it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Adds the certificates of a PEM file, the one at `index`.
fn add(roots: &mut RootCertStore, pem: &[u8], index: usize) -> Result<(), TrustError> {
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let unusable = |why: String| TrustError::Unusable { index, why };
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
        found = true;
    }
    if found { Ok(()) } else { Err(TrustError::NoCertificate(index)) }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

/// The name against which the peer's certificate is checked.
pub(crate) fn server_name(host: &str) -> Result<ServerName<'static>, ProbeError> {
    ServerName::try_from(host.to_owned()).map_err(|_| {
        let fault = Fault::Aborted(cutover::AbortCause::Script);
        ProbeError::new(fault, format!("`{host}` is no host name that a certificate could bear"))
    })
}

/// What `error` says about the peer, in words for people.
pub(crate) fn reason(error: &rustls::Error) -> String {
    use CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            C::Expired => "its certificate has expired".to_owned(),
            C::ExpiredContext { time, not_after } => {
                let days = time.as_secs().saturating_sub(not_after.as_secs()) / 86_400;
                format!("its certificate expired {days} days ago")
            }
            C::NotValidYet | C::NotValidYetContext { .. } => {
                "its certificate is not valid yet: compare the clocks".to_owned()
            }
            C::Revoked => "its certificate is revoked".to_owned(),
            // What was explained already.
            C::Other(refused) => refused.to_string(),
            other => format!("its certificate is not acceptable: {other}"),
        },
        rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            "the peer speaks no version of HTTP that it was offered (ALPN)".to_owned()
        }
        rustls::Error::AlertReceived(alert) => format!("the peer broke off with the TLS alert {alert:?}"),
        rustls::Error::InvalidMessage(_) => "the peer does not speak TLS on this port".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_named() {
        let error = Trust::new(&[b"no pem at all".to_vec()]).map_err(|error| error.to_string());
        let expected = "CA file 1 holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)";
        assert_eq!(error.err().as_deref(), Some(expected));
    }

    #[test]
    fn a_broken_certificate_is_refused() {
        let pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        assert!(matches!(Trust::new(&[pem]), Err(TrustError::Unusable { index: 1, .. })));
    }
}
