//! Certificates of a step's own.

use probes::{Trust, TrustError};

use super::Enclosed;

/// Certificates of a step's own, in PEM form: with which it shows who it is, and whom it believes beside all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificates {
    /// The certificate and its key.
    pub(crate) identity: Option<(Enclosed, Enclosed)>,
    pub(crate) ca: Option<Enclosed>,
}

impl Certificates {
    /// The trust that has these beside those of `all`.
    pub(crate) fn upon(&self, all: &Trust) -> Result<Trust, TrustError> {
        let trust = match &self.ca {
            Some(ca) => all.with_ca(&ca.content)?,
            None => all.clone(),
        };
        match &self.identity {
            Some((certificate, key)) => trust.with_identity(&certificate.content, &key.content),
            None => Ok(trust),
        }
    }
}
