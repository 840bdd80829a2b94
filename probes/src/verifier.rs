//! Why a peer's certificate is not accepted, in words that name it: whoever reads them has seconds, not openssl.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};

use crate::certificate::Certificate;

/// So many of a certificate's names are told, and so much of each: they are the peer's word, and may be of any length.
const NAMES: usize = 5;
const LONGEST: usize = 100;

/// rustls' own verifier: it accepts and refuses the same, and says more of what it refuses.
#[derive(Debug)]
pub(crate) struct Explaining(pub(crate) Arc<WebPkiServerVerifier>);

/// What is wrong with a certificate.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verified.map_err(|error| {
            let words = explained(&error, end_entity, intermediates, server_name);
            words.map_or(error, |words| {
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refused(words)))))
            })
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.0.root_hint_subjects()
    }
}

/// What the error does not say by itself; nothing where it says enough, or the certificate cannot be read.
fn explained(
    error: &Error,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    server_name: &ServerName<'_>,
) -> Option<String> {
    let Error::InvalidCertificate(refused) = error else { return None };
    match refused {
        CertificateError::UnknownIssuer => untrusted(end_entity, intermediates),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names = Certificate::read(end_entity)?.names;
            Some(format!("its certificate is for {}, not for {}", several(&names), server_name.to_str()))
        }
        _ => None,
    }
}

fn untrusted(end_entity: &CertificateDer<'_>, intermediates: &[CertificateDer<'_>]) -> Option<String> {
    let own = Certificate::read(end_entity)?;
    if own.issuer == own.subject {
        let subject = short(&own.subject);
        return Some(format!("its certificate is self-signed (`{subject}`), and is not trusted here"));
    }
    let chain: Vec<_> = intermediates.iter().filter_map(|der| Certificate::read(der)).collect();
    // Up from issuer to issuer, as far as the peer has shown them; each once, for a chain may bite its tail.
    let mut top = own.issuer.as_str();
    for _ in &chain {
        match chain.iter().find(|one| one.subject == top) {
            Some(issuer) => top = &issuer.issuer,
            None => break,
        }
    }
    let missing = if chain.is_empty() { "; or is an intermediate missing?" } else { "" };
    let top = short(top);
    Some(format!("its certificate comes from `{top}`, which is not trusted here{missing}"))
}

fn several(names: &[String]) -> String {
    let told: Vec<_> = names.iter().take(NAMES).map(|name| short(name)).collect();
    match names.len() {
        0 => "no name at all".to_owned(),
        many if many > NAMES => format!("{} and {} more", told.join(", "), many - NAMES),
        _ => told.join(", "),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_a_few_are_told() {
        let names = |count: usize| (1..=count).map(|n| format!("n{n}")).collect::<Vec<_>>();
        assert_eq!(several(&names(0)), "no name at all");
        assert_eq!(several(&names(2)), "n1, n2");
        assert_eq!(several(&names(7)), "n1, n2, n3, n4, n5 and 2 more");
        assert_eq!(several(&["a".repeat(300)]).len(), LONGEST + 3);
    }
}
