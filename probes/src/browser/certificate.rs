//! A certificate that Chromium does not accept by itself: it knows only public CAs, and a journey's own are ours to know.
//!
//! Chromium asks what to do about it (`Security.certificateError`: deprecated for as long as there are no successors),
//! and is answered by a handshake of our own with the same host along the same route, under the same rules as every
//! other probe's.

use chromiumoxide::cdp::CustomEvent;
use chromiumoxide::types::{Command, Method, MethodId, MethodType};
use cutover::{FailureKind, Parts};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Aim, Fault, ProbeError, Timeouts, Trust, tcp};

/// Chromium found something wrong with a certificate, and waits for an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateError {
    event_id: i64,
    error_type: String,
    #[serde(rename = "requestURL")]
    pub(super) request_url: String,
}

impl CertificateError {
    /// That its CA is not public is all that our own trust may make good.
    pub(super) fn only_unknown(&self) -> Result<(), ProbeError> {
        if self.error_type == "ERR_CERT_AUTHORITY_INVALID" {
            return Ok(());
        }
        let host = Url::parse(&self.request_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.as_deref().unwrap_or(&self.request_url);
        let message =
            format!("{host}: TLS failed: the browser refuses its certificate ({})", self.error_type);
        Err(ProbeError::new(Fault::Failed(FailureKind::Tls), message))
    }
}

impl MethodType for CertificateError {
    fn method_id() -> MethodId {
        "Security.certificateError".into()
    }
}

impl CustomEvent for CertificateError {}

/// Has Chromium ask.
#[derive(Debug, Serialize)]
pub(super) struct Ask {
    #[serde(rename = "override")]
    pub(super) asked: bool,
}

impl Method for Ask {
    fn identifier(&self) -> MethodId {
        "Security.setOverrideCertificateErrors".into()
    }
}

impl Command for Ask {
    type Response = Nothing;
}

/// Answers it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    event_id: i64,
    action: &'static str,
}

impl Answer {
    pub(super) const fn to(error: &CertificateError, accepted: bool) -> Self {
        Self { event_id: error.event_id, action: if accepted { "continue" } else { "cancel" } }
    }
}

impl Method for Answer {
    fn identifier(&self) -> MethodId {
        "Security.handleCertificateError".into()
    }
}

impl Command for Answer {
    type Response = Nothing;
}

/// There is nothing in it.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Whether a host's certificate is one that we accept: by a handshake.
pub(super) async fn judge(url: &Url, aim: &Aim, trust: &Trust) -> Result<(), ProbeError> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Ok(()) };
    let timeouts = Timeouts::default();
    let found = aim.resolve(host).await?;
    let mut parts = Parts::default();
    let mut last = Ok(());
    for address in found.addresses {
        let address = (address, port).into();
        match tcp::dial(host, address, None, &timeouts, &mut parts).await {
            Ok(stream) => {
                let secured = tcp::secure(host, stream, address, trust.config(), &timeouts, &mut parts).await;
                return secured.map(drop);
            }
            Err(error) => last = Err(error),
        }
    }
    last
}
