//! One user's HTTP client.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cutover::{FailureKind, Parts};
use http::header::CONNECTION;
use http::{HeaderValue, Version, response};
use tokio::time::{Instant, timeout, timeout_at};

use super::body::{self, Packing, Stop};
use super::connection::Connection;
use super::cookies::Cookies;
use super::message::message;
use super::target::{Target, script};
use super::{HttpRequest, HttpResponse, Redirect, failure, redirect};
use crate::{Aim, Fault, ProbeError, Timeouts, Trust};

/// One user's HTTP client: its own connections, cookies and view of DNS. Made fresh for each run.
///
/// Redirects are followed only where a request says so, nothing is retried, and no proxy is taken from the environment.
/// Where a host has several addresses they are tried in order: one that refuses leads to the next, one that stays silent
/// uses up the limit for connecting.
pub struct HttpSession {
    aim: Aim,
    trust: Trust,
    timeouts: Timeouts,
    user_agent: HeaderValue,
    /// Shared with those who are the same user.
    cookies: Arc<Mutex<Cookies>>,
    /// Connections that the exchanges before have left open, the last one last.
    open: Vec<Connection>,
}

/// How many connections are left open: about as many as a browser has to one host.
const MOST_OPEN: usize = 8;

impl HttpSession {
    /// A client without connections and cookies, aimed by `aim`.
    ///
    /// # Errors
    /// [`Aborted(Script)`](Fault::Aborted) when `user_agent` is no header value.
    pub fn new(aim: Aim, trust: &Trust, timeouts: Timeouts, user_agent: &str) -> Result<Self, ProbeError> {
        let user_agent = HeaderValue::from_str(user_agent)
            .map_err(|_| script(format!("`{}` is no user agent", user_agent.escape_debug())))?;
        let trust = trust.clone();
        Ok(Self { aim, trust, timeouts, user_agent, cookies: Arc::default(), open: Vec::new() })
    }

    /// The same user, with the same cookies, for whom `host` is at `address` and nowhere else.
    #[must_use]
    pub fn at(&self, host: &str, address: IpAddr) -> Self {
        Self {
            aim: self.aim.at(host, address),
            trust: self.trust.clone(),
            timeouts: self.timeouts,
            user_agent: self.user_agent.clone(),
            cookies: Arc::clone(&self.cookies),
            open: Vec::new(),
        }
    }

    /// Sends a request and reads the whole answer, after as many redirects as the request allows.
    ///
    /// # Errors
    /// Any status is an answer, not an error. An error names the host, the address and what was being done; its
    /// [`Fault`] tells the target's failures from the canary's own.
    pub async fn send(&mut self, mut request: HttpRequest) -> Result<HttpResponse, ProbeError> {
        let mut redirects = Vec::new();
        let mut spent = Parts::default();
        loop {
            let outcome = self.exchange(&mut request).await;
            let mut answer = outcome.map_err(|error| {
                let parts = error.parts.and(&spent);
                error.after(parts)
            })?;
            let own = answer.parts;
            answer.parts = own.and(&spent);
            let refuse = |answer: &HttpResponse, words: String| {
                let host = request.url.host_str().unwrap_or_default();
                let message = format!("{host} ({}): {words}", answer.peer);
                let error = ProbeError::new(Fault::Failed(FailureKind::Protocol), message);
                error.at(answer.peer).after(answer.parts)
            };
            let to = match redirect::location(answer.status, &answer.headers, &request.url) {
                Ok(Some(to)) if request.redirects > 0 => to,
                Err(words) if request.redirects > 0 => return Err(refuse(&answer, words)),
                _ => {
                    answer.redirects = redirects;
                    return Ok(answer);
                }
            };
            if redirects.len() == request.redirects {
                let followed = redirects.len();
                let s = if followed == 1 { "" } else { "s" };
                let words = format!("redirects to `{to}` after {followed} redirect{s}: no more are followed");
                return Err(refuse(&answer, words));
            }
            spent = answer.parts;
            let HttpResponse { status, url, peer, reached, .. } = answer;
            redirects.push(Redirect { status, url, peer, reached, parts: own });
            redirect::follow(&mut request, status, to);
        }
    }

    /// One request and its answer.
    async fn exchange(&mut self, request: &mut HttpRequest) -> Result<HttpResponse, ProbeError> {
        let started = Instant::now();
        let mut parts = Parts::default();
        let outcome = self.attempt(request, &mut parts).await;
        parts.total = started.elapsed();
        match outcome {
            Ok(answer) => Ok(HttpResponse { parts, ..answer }),
            Err(error) => Err(error.after(parts)),
        }
    }

    async fn attempt(
        &mut self,
        request: &mut HttpRequest,
        parts: &mut Parts,
    ) -> Result<HttpResponse, ProbeError> {
        let timeouts = request.timeouts.unwrap_or(self.timeouts);
        let target = Target::of(request, &self.trust)?;
        // Only who may be redirected needs the headers again.
        let headers = if request.redirects > 0 {
            request.headers.clone()
        } else {
            std::mem::take(&mut request.headers)
        };
        let mut message = message(request, headers, &target, &self.user_agent, &self.cookies())?;
        if let Some(transcript) = &request.transcript {
            transcript.note(request, message.headers());
        }
        let (mut connection, response) = loop {
            let open = self.reuse(&target).await;
            let reused = open.is_some();
            let mut connection = match open {
                Some(connection) => connection,
                None => Connection::open(&target, &self.aim, &timeouts, parts).await?,
            };
            let peer = connection.peer;
            if let Some(transcript) = &request.transcript {
                transcript.connected(peer);
            }
            let asked = Instant::now();
            match timeout(timeouts.wait, connection.send(message)).await {
                Ok(Ok(response)) => {
                    parts.wait = Some(asked.elapsed());
                    break (connection, response);
                }
                Ok(Err(mut error)) => match error.take_message() {
                    // The peer closed the connection before any of it was sent: as if it had been closed at once.
                    Some(unsent) if reused => message = unsent,
                    _ => return Err(target.failed(peer, failure::classify(&error.into_error(), peer))),
                },
                Err(_) => return Err(target.silent(peer, timeouts.wait)),
            }
        };
        let answered = Instant::now();
        let (head, body) = response.into_parts();
        if let Some(transcript) = &request.transcript {
            transcript.answered(head.status);
        }
        let packing = Packing::of(&head.headers);
        let peer = connection.peer;
        let deadline = answered + timeouts.transfer;
        let reading = connection.drive(body::read(body, packing, request.keep, deadline));
        let (body, body_len) = match timeout_at(deadline, reading).await.unwrap_or(Err(Stop::Late)) {
            Ok(read) => read,
            Err(Stop::Late) => return Err(target.endless(peer, timeouts.transfer)),
            Err(Stop::Broken(error)) => return Err(target.failed(peer, failure::classify(&error, peer))),
            Err(Stop::Unpackable(packing, error)) => {
                return Err(target.failed(peer, packing.failure(&error)));
            }
        };
        parts.transfer = Some(answered.elapsed());
        self.cookies().keep(&head.headers, &request.url);
        let certificate = connection.certificate.as_ref().map(Arc::clone);
        if stays_open(&head) {
            self.keep(connection);
        }
        Ok(HttpResponse {
            status: head.status,
            version: head.version,
            headers: head.headers,
            truncated: body_len > body.len() as u64,
            body,
            body_len,
            url: request.url.clone(),
            redirects: Vec::new(),
            peer,
            reached: self.aim.side_of(peer),
            certificate,
            parts: Parts::default(),
        })
    }

    fn cookies(&self) -> MutexGuard<'_, Cookies> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to `target` that is open, if there is one.
    async fn reuse(&mut self, target: &Target) -> Option<Connection> {
        while let Some(index) = self.open.iter().rposition(|open| open.target == *target) {
            let mut connection = self.open.remove(index);
            if connection.is_ready().await {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&mut self, connection: Connection) {
        if self.open.len() == MOST_OPEN {
            self.open.remove(0);
        }
        self.open.push(connection);
    }
}

impl fmt::Debug for HttpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpSession({:?})", self.aim)
    }
}

/// Whether the peer lets the connection be used again (RFC 9112 section 9.3).
fn stays_open(head: &response::Parts) -> bool {
    let close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    head.version >= Version::HTTP_11 && !head.headers.get(CONNECTION).is_some_and(close)
}
