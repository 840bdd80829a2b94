//! What a peer's certificate says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, Utc};
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};

/// What a peer's certificate says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// For whom it is, as `CN=api.acme.example`.
    pub subject: String,
    /// Who issued it, as `C=US, O=Let's Encrypt, CN=R11`.
    pub issuer: String,
    /// The names and addresses for which it stands (subject alternative names, RFC 5280 section 4.2.1.6).
    pub names: Vec<String>,
    /// When it expires.
    pub not_after: DateTime<Utc>,
}

impl Certificate {
    /// Reads a certificate; `None` where it is none. The handshake has accepted it by then.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let mut names = Vec::new();
        for extension in certificate.extensions() {
            if let ParsedExtension::SubjectAlternativeName(alternatives) = extension.parsed_extension() {
                names.extend(alternatives.general_names.iter().filter_map(name));
            }
        }
        Some(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            names,
            not_after: DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)?,
        })
    }

    /// The whole days until it expires; less than 0 once it has.
    pub fn days_left(&self, now: DateTime<Utc>) -> i64 {
        (self.not_after - now).num_seconds().div_euclid(24 * 60 * 60)
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| IpAddr::from(Ipv4Addr::from(bytes)));
            let v6 = |_| <[u8; 16]>::try_from(*bytes).map(|bytes| IpAddr::from(Ipv6Addr::from(bytes)));
            v4.or_else(v6).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use chrono::TimeDelta;
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    #[test]
    fn a_certificate_says_for_whom_by_whom_and_until_when() {
        let names = vec!["api.acme.example".to_owned(), "127.0.1.1".to_owned(), "::1".to_owned()];
        let mut params = CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "api.acme.example");
        params.distinguished_name.push(DnType::OrganizationName, "Acme");
        params.not_after = rcgen::date_time_ymd(2030, 1, 1);
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = Certificate::read(der.der()).unwrap();
        assert_eq!(read.names, names);
        assert_eq!(read.subject, "CN=api.acme.example, O=Acme");
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.not_after, "2030-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        assert_eq!(Certificate::read(b"\x30\x03\x02\x01\x01"), None);
        assert_eq!(Certificate::read(b""), None);
    }

    #[test]
    fn days_are_whole_ones_and_count_on_below_zero() {
        let not_after = DateTime::<Utc>::UNIX_EPOCH;
        let certificate =
            Certificate { subject: String::new(), issuer: String::new(), names: Vec::new(), not_after };
        let left = |hours| certificate.days_left(not_after - TimeDelta::hours(hours));
        assert_eq!([49, 24, 23, 0, -1, -25].map(left), [2, 1, 0, 0, -1, -2]);
    }
}
