//! A client of the API of a running `serin run`.

use std::sync::Arc;

use cutover::{Route, Sides};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use ipnet::IpNet;
use probes::{Aim, HttpRequest, HttpSession, Pins, ProbeError, Resolver, Timeouts, Trust};
use serde_json::Value;
use url::Url;

use crate::config::Secret;
use crate::engine::USER_AGENT;
use crate::failure::Failure;
use crate::resolvers;

/// A client of one API.
#[derive(Debug)]
pub(crate) struct Api {
    at: Url,
    session: HttpSession,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body; `null` where it is no JSON.
    pub body: Value,
}

impl Api {
    /// A client of the API at `at`, which follows this machine's own resolver: the API is no part of any side.
    ///
    /// # Errors
    /// When `at` is a name and this machine has no resolver, or `at` is no place of an API.
    pub(crate) async fn new(at: Url) -> Result<Self, Failure> {
        Self::asking(Resolver::system(resolvers::TIMEOUT), at).await
    }

    /// The same with a `resolver` that is made only where there is something to ask: a machine that has none can speak to
    /// an address all the same.
    async fn asking(
        resolver: impl Future<Output = Result<Resolver, ProbeError>>,
        at: Url,
    ) -> Result<Self, Failure> {
        let canary = |error: &dyn std::fmt::Display| Failure::canary(error.to_string());
        if !matches!(at.scheme(), "http" | "https") {
            return Err(Failure::usage(format!(
                "{at}: the API is at an address such as http://127.0.0.1:9900"
            )));
        }
        let resolver = if at.host_str().is_some_and(probes::needs_no_resolver) {
            None
        } else {
            Some(resolver.await.map_err(|error| canary(&error))?)
        };
        let nowhere = |host: [u8; 4]| vec![IpNet::from(std::net::IpAddr::from(host))];
        // The addresses of documentation (RFC 5737): nothing that answers is on either side.
        let sides = Sides::new(nowhere([192, 0, 2, 1]), nowhere([198, 51, 100, 1]))
            .map_err(|error| canary(&error))?;
        let aim = Aim::new(Route::Live, Arc::new(sides), Arc::new(Pins::default()), resolver);
        let trust = Trust::new(&[]).map_err(|error| canary(&error))?;
        let session = HttpSession::new(aim, &trust, Timeouts::default(), USER_AGENT);
        Ok(Self { at, session: session.map_err(|error| canary(&error))? })
    }

    /// Reads what is at `path`.
    ///
    /// # Errors
    /// When nobody answers. Any status is an answer.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let request = HttpRequest::new(Method::GET, self.url(path)?);
        self.send(request).await
    }

    /// Sends `body` to `path`, with the token that admits to commands.
    ///
    /// # Errors
    /// When nobody answers, or the token cannot be sent.
    pub(crate) async fn post(&mut self, path: &str, token: &Secret, body: &Value) -> Result<Answer, Failure> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
            .map_err(|_| Failure::usage("the token holds characters that no header can carry".to_owned()))?;
        bearer.set_sensitive(true);
        let mut request = HttpRequest::new(Method::POST, self.url(path)?);
        request.headers.insert(AUTHORIZATION, bearer);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.body = body.to_string().into();
        self.send(request).await
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        self.at.join(path).map_err(|error| Failure::usage(format!("{}: {error}", self.at)))
    }

    async fn send(&mut self, request: HttpRequest) -> Result<Answer, Failure> {
        let answer = self.session.send(request).await.map_err(|error| {
            Failure::canary(format!("{error}; is `serin run` there? (--at URL names another place)"))
        })?;
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(Answer { status: answer.status, body })
    }
}

impl Answer {
    /// The words of a refusal.
    pub(crate) fn said(&self) -> String {
        self.body["error"].as_str().map_or_else(|| self.status.to_string(), str::to_owned)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use cutover::AbortCause;
    use probes::Fault;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// The resolver of a machine that has none.
    async fn none() -> Result<Resolver, ProbeError> {
        let (fault, message) =
            (Fault::Aborted(AbortCause::Local), "/etc/resolv.conf cannot be read".to_owned());
        Err(ProbeError { fault, message, peer: None, parts: Box::default() })
    }

    #[tokio::test]
    async fn an_address_is_asked_on_a_machine_without_a_resolver() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["127.0.0.1", "localhost"] {
            let at = format!("http://{host}:{port}").parse().unwrap();
            let mut api = Api::asking(none(), at).await.unwrap();
            let peer = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let read = stream.read(&mut [0; 4096]).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\"go\"").await.unwrap();
                read
            };
            let (answer, read) = tokio::join!(api.get("api/v1/gate"), peer);
            assert!(read > 0);
            assert_eq!(answer.unwrap().body, "go");
        }
        let named = Api::asking(none(), "http://canary.example".parse().unwrap()).await;
        assert_eq!(named.unwrap_err().to_string(), "/etc/resolv.conf cannot be read");
    }
}
