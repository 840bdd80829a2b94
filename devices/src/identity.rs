//! By which certificate a device shows who it is.

use std::fmt;
use std::path::Path;

use probes::Trust;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
};
use tokio::io::AsyncReadExt;

use crate::plan::Identities;

/// A certificate authority that makes a certificate for each device, with the device's name as its common name.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// Why a device has no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The authority's certificate or key cannot be used.
    #[error("this is no certificate authority with its key, both as PEM: {0}")]
    Authority(String),
    /// A certificate cannot be made.
    #[error("no certificate can be made: {0}")]
    Make(String),
    /// A file of the device's cannot be used.
    #[error("{0}")]
    File(String),
}

/// The largest file with a device's certificates or key that is read, in bytes.
const LARGEST: u64 = 64 << 10;

impl Authority {
    /// An authority by its certificate and its key, both in PEM form.
    ///
    /// # Errors
    /// When they are none.
    pub fn new(certificate: &str, key: &str) -> Result<Self, IdentityError> {
        let unusable = |error: rcgen::Error| IdentityError::Authority(error.to_string());
        let pair = KeyPair::from_pem(key).map_err(unusable)?;
        let issuer = Issuer::from_ca_cert_pem(certificate, pair).map_err(unusable)?;
        Ok(Self { issuer, certificate: certificate.to_owned() })
    }

    /// A device's certificate with the authority's behind it, and its key, both in PEM form.
    fn issue(&self, device: &str) -> Result<(String, String), IdentityError> {
        let failed = |error: rcgen::Error| IdentityError::Make(error.to_string());
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, device);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok((certificate.pem() + &self.certificate, key.serialize_pem()))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

/// The trust of a device, with the certificate that is its own; `None`: the fleet's own trust will do.
pub(crate) async fn trust(
    identities: &Identities,
    device: &str,
    trust: &Trust,
) -> Result<Option<Trust>, IdentityError> {
    let (chain, key) = match identities {
        Identities::None => return Ok(None),
        Identities::Folder(folder) => (
            file(&folder.join(format!("{device}.pem"))).await?,
            file(&folder.join(format!("{device}.key"))).await?,
        ),
        Identities::Authority(authority) => {
            let (chain, key) = authority.issue(device)?;
            (chain.into_bytes(), key.into_bytes())
        }
    };
    let own = trust.with_identity(&chain, &key);
    own.map(Some).map_err(|error| IdentityError::File(format!("{device}: {error}")))
}

async fn file(path: &Path) -> Result<Vec<u8>, IdentityError> {
    let read = async {
        let mut content = Vec::new();
        tokio::fs::File::open(path).await?.take(LARGEST).read_to_end(&mut content).await?;
        Ok::<_, std::io::Error>(content)
    };
    read.await.map_err(|error| IdentityError::File(format!("{} cannot be read: {error}", path.display())))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use rcgen::{BasicConstraints, IsCa};

    use super::*;

    fn authority() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[tokio::test]
    async fn each_device_gets_a_certificate_that_fits_its_key() {
        let (certificate, key) = authority();
        let authority = Authority::new(&certificate, &key).unwrap();
        let (chain, _) = authority.issue("lamps-000007").unwrap();
        assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
        let identities = Identities::Authority(authority.into());
        let shared = Trust::new(&[]).unwrap();
        assert!(trust(&identities, "lamps-000007", &shared).await.unwrap().is_some());
        assert!(trust(&Identities::None, "lamps-000007", &shared).await.unwrap().is_none());
        assert!(Authority::new(&key, &certificate).is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_missing_is_named() {
        let folder = Identities::Folder("/nowhere".into());
        let error = trust(&folder, "lamps-000007", &Trust::new(&[]).unwrap()).await.unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/lamps-000007.pem cannot be read: "), "{error}");
    }
}
