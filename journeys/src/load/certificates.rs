//! `certificate` and `ca`: with which certificate a step shows who it is, and whom it believes.

use document::{Fields, Node};
use probes::{Trust, TrustError};

use super::Loader;
use crate::action::{Certificates, Enclosed};

/// Far beyond any chain of certificates.
const LARGEST: u64 = 1 << 20;

impl Loader<'_> {
    /// `certificate: { cert: FILE, key: FILE }` and `ca: FILE`, if either is there. Whether they can be used is tried.
    pub(super) fn certificates(&mut self, fields: &mut Fields<'_>) -> Option<Option<Certificates>> {
        let identity = fields.take("certificate");
        let ca = fields.take("ca");
        if identity.is_none() && ca.is_none() {
            return Some(None);
        }
        let mut certificates = Certificates { identity: None, ca: None };
        let mut fine = true;
        if let Some(node) = ca {
            certificates.ca = self.enclosed(node, LARGEST);
            fine &= certificates.ca.is_some() && self.usable(node, &certificates);
        }
        if let Some(node) = identity {
            let own = Certificates { identity: self.identity(node), ca: None };
            fine &= own.identity.is_some() && self.usable(node, &own);
            certificates.identity = own.identity;
        }
        fine.then_some(Some(certificates))
    }

    fn identity(&mut self, node: &Node) -> Option<(Enclosed, Enclosed)> {
        let example = "{ cert: client.pem, key: client.key }";
        let mut fields = Fields::like(node, "`certificate`", example, &mut self.source)?;
        let certificate = fields.require("cert").map(|node| self.enclosed(node, LARGEST));
        let key = fields.require("key").map(|node| self.enclosed(node, LARGEST));
        fields.finish(&mut self.source);
        Some((certificate??, key??))
    }

    fn usable(&mut self, node: &Node, certificates: &Certificates) -> bool {
        let words = match Trust::new(&[]).and_then(|trust| certificates.upon(&trust)) {
            Ok(_) => return true,
            Err(TrustError::NoCertificate(_)) => {
                "this file holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)".to_owned()
            }
            Err(TrustError::Unusable { why, .. }) => {
                format!("this file holds a certificate that cannot be used: {why}")
            }
            Err(error) => error.to_string(),
        };
        self.source.complain(node.place(), words, None);
        false
    }
}
