//! Certificates of a step's own.

use std::fmt;

use probes::{Trust, TrustError};

/// Certificates of a step's own, in PEM form: with which it shows who it is, and whom it believes beside all others.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Certificates {
    /// The certificate and its key.
    pub(crate) identity: Option<(Vec<u8>, Vec<u8>)>,
    pub(crate) ca: Option<Vec<u8>>,
}

impl Certificates {
    /// The trust that has these beside those of `all`.
    pub(crate) fn upon(&self, all: &Trust) -> Result<Trust, TrustError> {
        let trust = match &self.ca {
            Some(ca) => all.with_ca(ca)?,
            None => all.clone(),
        };
        match &self.identity {
            Some((certificate, key)) => trust.with_identity(certificate, key),
            None => Ok(trust),
        }
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}
