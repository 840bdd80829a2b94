//! One user's HTTP client.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use cutover::{AbortCause, FailureKind, Part, Parts};
use http::header::CONNECTION;
use http::{HeaderValue, Version};
use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::cookie::Jar;
use reqwest::redirect::Policy;
use rustls::client::Resumption;
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::exchange::{Exchange, Progress};
use super::failure;
use super::hooks::{HandshakeStart, Listen, Lookup, link};
use super::{HttpRequest, HttpResponse};
use crate::{Aim, Fault, ProbeError, Timeouts, Trust};

/// How many headers an answer may have; their bytes are bounded by the client's read buffer (about 400 kB).
const MAX_HEADERS: usize = 256;

/// One user's HTTP client: its own connections, cookies and view of DNS. Made fresh for each run.
///
/// Redirects are not followed, nothing is retried, and no proxy is taken from the environment. Where a host has
/// several addresses they are tried in order: one that refuses leads to the next, one that stays silent uses up the
/// limit for connecting.
pub struct HttpSession {
    client: reqwest::Client,
    aim: Aim,
    timeouts: Timeouts,
    trust: Trust,
    user_agent: Arc<str>,
    cookies: Arc<Jar>,
    /// To which target the last exchange has left a connection open.
    open: Option<Target>,
}

/// How long the connection of the exchange before may need to become free for this one.
const PATIENCE: Duration = Duration::from_millis(2);

/// What is known of the target when something about it has to be said.
#[derive(PartialEq)]
struct Target {
    tls: bool,
    host: String,
    literal: Option<IpAddr>,
    port: u16,
}

impl HttpSession {
    /// A client without connections and cookies, aimed by `aim`.
    ///
    /// # Errors
    /// [`Aborted(Local)`](Fault::Aborted) when the client cannot be made; [`Aborted(Script)`](Fault::Aborted) when
    /// `user_agent` is no header value.
    pub fn new(aim: Aim, trust: &Trust, timeouts: Timeouts, user_agent: &str) -> Result<Self, ProbeError> {
        Self::with(aim, trust.clone(), timeouts, user_agent.into(), Arc::default())
    }

    /// The same user, with the same cookies, for whom `host` is at `address` and nowhere else.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn at(&self, host: &str, address: IpAddr) -> Result<Self, ProbeError> {
        let (aim, trust) = (self.aim.at(host, address), self.trust.clone());
        Self::with(aim, trust, self.timeouts, self.user_agent.clone(), self.cookies.clone())
    }

    fn with(
        aim: Aim,
        trust: Trust,
        timeouts: Timeouts,
        user_agent: Arc<str>,
        cookies: Arc<Jar>,
    ) -> Result<Self, ProbeError> {
        let mut tls = (**trust.config()).clone();
        tls.resumption = Resumption::store(Arc::new(HandshakeStart));
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Lookup(aim.clone()))
            .connector_layer(Listen)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .cookie_provider(cookies.clone())
            .http1_max_headers(MAX_HEADERS)
            .user_agent(&*user_agent)
            .build()
            .map_err(|error| {
                let cause = if error.is_builder() { AbortCause::Script } else { AbortCause::Local };
                ProbeError::new(Fault::Aborted(cause), format!("no HTTP client can be made: {error:?}"))
            })?;
        Ok(Self { client, aim, timeouts, trust, user_agent, cookies, open: None })
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Any status is an answer, not an error. An error names the host, the address and what was being done; its
    /// [`Fault`] tells the target's failures from the canary's own.
    pub async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, ProbeError> {
        let HttpRequest { method, url, headers, body, timeouts, keep } = request;
        let timeouts = timeouts.unwrap_or(self.timeouts);
        let target = Target::of(&url)?;
        let started = Instant::now();
        let open = self.open.take().is_some_and(|open| open == target);
        let exchange = Exchange::begin(target.literal, if open { PATIENCE } else { Duration::ZERO });
        let request = self.client.request(method, url).headers(headers).body(body);

        let response = head(request, &exchange, &timeouts).await;
        let mut response = response.map_err(|stop| {
            let progress = exchange.progress();
            let parts = Parts { total: started.elapsed(), ..progress.parts };
            target.failure(stop, &progress, progress.peer(target.port)).after(parts)
        })?;

        let progress = exchange.progress();
        let answered = Instant::now();
        let mut parts = Parts::default();
        let used = response.extensions().get::<HttpInfo>().map(link);
        let mut asked = started;
        if used.is_some() && used == progress.link {
            parts = progress.parts;
            asked = progress.since;
        }
        parts.wait = Some(answered.duration_since(asked));
        let peer = used.map(|used| used.peer).ok_or_else(|| {
            let message = format!("{}: the connection does not say who its peer is", target.host);
            ProbeError::new(Fault::Aborted(AbortCause::Local), message)
        })?;

        let read = body_of(&mut response, keep, answered, &timeouts).await;
        parts.total = started.elapsed();
        let (body, body_len) = read.map_err(|stop| {
            let progress = Progress { part: Part::Transfer, ..progress };
            target.failure(stop, &progress, Some(peer)).after(parts)
        })?;
        parts.transfer = Some(answered.elapsed());
        parts.total = started.elapsed();
        self.open = stays_open(&response).then_some(target);
        Ok(HttpResponse {
            status: response.status(),
            version: response.version(),
            truncated: body_len > body.len() as u64,
            body,
            body_len,
            peer,
            reached: self.aim.side_of(peer),
            parts,
            headers: std::mem::take(response.headers_mut()),
        })
    }
}

impl fmt::Debug for HttpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpSession({:?})", self.aim)
    }
}

/// Why an exchange ended early.
enum Stop {
    /// A part took too long.
    Late(Part, Duration),
    Broken(reqwest::Error),
}

/// Sends, and waits for the answer's headers; each part on the way under its own limit.
async fn head(
    request: reqwest::RequestBuilder,
    exchange: &Exchange,
    timeouts: &Timeouts,
) -> Result<reqwest::Response, Stop> {
    let mut watch = exchange.watch();
    let mut sending = pin!(exchange.polling(request.send()));
    loop {
        let (part, since, limit) = {
            let progress = watch.borrow_and_update();
            (progress.part, progress.since, progress.limit(timeouts))
        };
        tokio::select! {
            biased;
            answer = &mut sending => return answer.map_err(Stop::Broken),
            // Another part has begun: its own limit counts now. The sender lives as long as `exchange`.
            _ = watch.changed() => {}
            () = tokio::time::sleep(limit.saturating_sub(since.elapsed())) => return Err(Stop::Late(part, limit)),
        }
    }
}

/// Reads a body to its end, keeping its first `keep` bytes.
async fn body_of(
    response: &mut reqwest::Response,
    keep: usize,
    since: Instant,
    timeouts: &Timeouts,
) -> Result<(Bytes, u64), Stop> {
    let limit = timeouts.transfer;
    let mut kept = BytesMut::new();
    let mut length = 0;
    loop {
        // Looked at each time: a timeout by itself says nothing while there is always another chunk.
        let late = || Stop::Late(Part::Transfer, limit);
        let left = limit.checked_sub(since.elapsed()).ok_or_else(late)?;
        let chunk = timeout(left, response.chunk()).await.map_err(|_| late())?;
        let Some(chunk) = chunk.map_err(Stop::Broken)? else { return Ok((kept.freeze(), length)) };
        length += chunk.len() as u64;
        let room = keep.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
}

/// Whether the peer lets the connection be used again (RFC 9112 section 9.3).
fn stays_open(response: &reqwest::Response) -> bool {
    let close = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
    response.version() >= Version::HTTP_11 && !response.headers().get(CONNECTION).is_some_and(close)
}

impl Target {
    fn of(url: &Url) -> Result<Self, ProbeError> {
        match (url.scheme(), url.host_str(), url.port_or_known_default()) {
            (scheme @ ("http" | "https"), Some(host), Some(port)) => {
                let literal = match url.host() {
                    Some(Host::Ipv4(address)) => Some(address.into()),
                    Some(Host::Ipv6(address)) => Some(address.into()),
                    _ => None,
                };
                Ok(Self { tls: scheme == "https", host: host.to_owned(), literal, port })
            }
            _ => {
                let message = format!("`{url}` is no http or https URL");
                Err(ProbeError::new(Fault::Aborted(AbortCause::Script), message))
            }
        }
    }

    /// Says what stopped the exchange in words, and whose fault it was.
    fn failure(&self, stop: Stop, progress: &Progress, peer: Option<SocketAddr>) -> ProbeError {
        if let Some(error) = &progress.unresolved {
            return error.clone();
        }
        let (fault, words) = match stop {
            Stop::Late(Part::Resolve, limit) => (
                Fault::Aborted(AbortCause::Resolver),
                format!("the resolver gave no answer within {limit:?}"),
            ),
            Stop::Late(part, limit) => (Fault::Failed(FailureKind::Timeout), late(part, limit)),
            Stop::Broken(error) => {
                let first = progress.addresses.first().map(|address| SocketAddr::new(*address, self.port));
                failure::classify(&error, progress.part, peer.or(first))
            }
        };
        let host = &self.host;
        let message = match peer {
            Some(peer) => format!("{host} ({peer}): {words}"),
            None => format!("{host}:{}: {words}", self.port),
        };
        ProbeError { peer, ..ProbeError::new(fault, message) }
    }
}

fn late(part: Part, limit: Duration) -> String {
    match part {
        Part::Connect => format!("no TCP connection within {limit:?}"),
        Part::Tls => format!("connected, but no TLS handshake within {limit:?}"),
        Part::Transfer => format!("the answer began, but its body was not complete within {limit:?}"),
        _ => format!("connected, but no answer within {limit:?}"),
    }
}
