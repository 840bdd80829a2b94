//! One DNS server, and how it is asked.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::answer::{self, Answer, Said};
use super::error::LookupError;
use super::lane::{Lane, is_answer};
use super::name;
use crate::{Fault, ProbeError, io_fault};

/// How many sockets are shared: few enough to cost nothing, enough that one full buffer does not stop all.
const LANES: usize = 4;

/// One DNS server, asked over UDP, and over TCP where an answer is truncated (RFC 1035 section 4.2.1, RFC 7766).
///
/// Nothing is cached and no two questions are merged. Cheap to clone; all clones share a few sockets, and the tasks
/// that read them end with the last clone.
#[derive(Clone)]
pub struct Resolver {
    inner: Arc<Inner>,
}

struct Inner {
    name: Arc<str>,
    at: SocketAddr,
    timeout: Duration,
    /// None for a server that is asked over TCP only.
    lanes: Vec<Lane>,
}

impl Resolver {
    /// A resolver at `at`, called `name` in messages, that is given up after `timeout` for each question. Nothing is
    /// sent yet.
    ///
    /// # Errors
    /// [`Aborted(Local)`](Fault::Aborted) when no socket can be opened.
    pub async fn connect(name: &str, at: SocketAddr, timeout: Duration) -> Result<Self, ProbeError> {
        Self::with_lanes(name, at, timeout, LANES).await
    }

    /// The same for a few questions, one after the other.
    ///
    /// # Errors
    /// [`Aborted(Local)`](Fault::Aborted) when no socket can be opened.
    pub async fn connect_small(name: &str, at: SocketAddr, timeout: Duration) -> Result<Self, ProbeError> {
        Self::with_lanes(name, at, timeout, 1).await
    }

    /// The same, asked over TCP only; a connection is made for each question.
    pub fn over_tcp(name: &str, at: SocketAddr, timeout: Duration) -> Self {
        Self { inner: Arc::new(Inner { name: name.into(), at, timeout, lanes: Vec::new() }) }
    }

    async fn with_lanes(
        name: &str,
        at: SocketAddr,
        timeout: Duration,
        count: usize,
    ) -> Result<Self, ProbeError> {
        let mut lanes = Vec::with_capacity(count);
        for _ in 0..count {
            let lane = Lane::open(at).await.map_err(|error| {
                let fault = Fault::Aborted(cutover::AbortCause::Local);
                let (_, words) = io_fault::classify(&error, Some(at));
                ProbeError::new(fault, format!("resolver {name} ({at}) cannot be asked: {words}"))
            })?;
            lanes.push(lane);
        }
        Ok(Self { inner: Arc::new(Inner { name: name.into(), at, timeout, lanes }) })
    }

    /// This machine's own resolver: the first name server of `/etc/resolv.conf`.
    ///
    /// # Errors
    /// [`Aborted(Local)`](Fault::Aborted) when the file names none, or no socket can be opened.
    pub async fn system(timeout: Duration) -> Result<Self, ProbeError> {
        let at = super::system::name_server().await?;
        Self::connect("system", at, timeout).await
    }

    /// The name by which messages call it.
    pub fn name(&self) -> &Arc<str> {
        &self.inner.name
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.inner.at
    }

    pub(super) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    /// Asks for the addresses of `host`: for IPv4, and for IPv6 only where there is no IPv4.
    ///
    /// # Errors
    /// See [`LookupError`]; its `fault` tells an answer that says no from a resolver that says nothing.
    pub async fn lookup(&self, host: &str) -> Result<Answer, LookupError> {
        let started = Instant::now();
        let name = name::parse(host)?;
        let mut end = None;
        for kind in [RecordType::A, RecordType::AAAA] {
            let message = self.ask(host, &name, kind, self.inner.timeout).await?;
            let resolver = || Arc::clone(&self.inner.name);
            match answer::read(&message, &name, kind) {
                Said::Addresses(addresses, ttl) => {
                    return Ok(Answer { addresses, ttl, took: started.elapsed() });
                }
                Said::Nothing(last) => end = end.or(last),
                Said::NoSuchName => {
                    return Err(LookupError::NoSuchName { host: host.to_owned(), resolver: resolver() });
                }
                Said::Error(code) => {
                    return Err(LookupError::ServerFailure {
                        host: host.to_owned(),
                        resolver: resolver(),
                        code,
                    });
                }
            }
        }
        let beyond = end.map_or_else(String::new, |end| {
            format!(": it is an alias of `{end}`, and the answer ends there")
        });
        Err(LookupError::NoAddress { host: host.to_owned(), resolver: Arc::clone(&self.inner.name), beyond })
    }

    /// One question. Over UDP it is sent a second time when there is no answer after about half of the `limit`: not
    /// after exactly half, or a fleet whose questions overran the server together would overrun it together again.
    pub(super) async fn ask(
        &self,
        host: &str,
        name: &Name,
        kind: RecordType,
        limit: Duration,
    ) -> Result<Message, LookupError> {
        let lanes = &self.inner.lanes;
        let started = Instant::now();
        let left = || limit.saturating_sub(started.elapsed());
        let silent = || LookupError::Silent {
            host: host.to_owned(),
            resolver: Arc::clone(&self.inner.name),
            at: self.inner.at,
            limit,
        };
        let question = Query::query(name.clone(), kind);
        if lanes.is_empty() {
            return timeout(limit, self.ask_tcp(rand::random(), &question)).await.map_err(|_| silent())?;
        }
        let full = || self.local("too many questions are open at once".to_owned());
        let start = rand::random::<u32>() as usize % lanes.len();
        let (lane, mut ticket) = (0..lanes.len())
            .filter_map(|step| lanes.get((start + step) % lanes.len()))
            .find_map(|lane| lane.ticket(&question).map(|ticket| (lane, ticket)))
            .ok_or_else(full)?;
        let wire = encode(ticket.id, question.clone()).map_err(|why| self.local(why))?;
        for patience in [limit.mul_f64(rand::random_range(0.33..0.67)), limit] {
            lane.send(&wire).await.map_err(|error| self.broken(&error))?;
            match timeout(patience.min(left()), &mut ticket.answer).await {
                Ok(Ok(Ok(message))) if message.metadata.truncation => {
                    return timeout(left(), self.ask_tcp(ticket.id, &question))
                        .await
                        .map_err(|_| silent())?;
                }
                Ok(Ok(Ok(message))) => return Ok(message),
                Ok(Ok(Err(error))) => return Err(self.broken(&error)),
                // The reader is gone only when the runtime is being shut down.
                Ok(Err(_)) => return Err(self.local("the canary is being stopped".to_owned())),
                Err(_) => {}
            }
        }
        Err(silent())
    }

    /// A question over TCP: a length before each message (RFC 1035 section 4.2.2).
    async fn ask_tcp(&self, id: u16, question: &Query) -> Result<Message, LookupError> {
        let wire = encode(id, question.clone()).map_err(|why| self.local(why))?;
        self.exchange(&wire, id, question).await.map_err(|error| self.broken(&error))
    }

    async fn exchange(&self, wire: &[u8], id: u16, question: &Query) -> io::Result<Message> {
        let mut stream = TcpStream::connect(self.inner.at).await?;
        let length = u16::try_from(wire.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let framed = [&length.to_be_bytes(), wire].concat();
        stream.write_all(&framed).await?;
        let mut answer = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut answer).await?;
        let message = Message::from_vec(&answer).map_err(io::Error::other)?;
        if is_answer(&message, id, question) {
            Ok(message)
        } else {
            Err(io::Error::other("it answered another question than the one that was asked"))
        }
    }

    fn local(&self, why: String) -> LookupError {
        LookupError::Local { resolver: Arc::clone(&self.inner.name), at: self.inner.at, why }
    }

    fn broken(&self, error: &io::Error) -> LookupError {
        match io_fault::classify(error, Some(self.inner.at)) {
            (Fault::Aborted(_), why) => self.local(why),
            (Fault::Failed(kind), why) => LookupError::Unreachable {
                resolver: Arc::clone(&self.inner.name),
                at: self.inner.at,
                kind,
                why,
            },
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resolver({} at {})", self.inner.name, self.inner.at)
    }
}

fn encode(id: u16, question: Query) -> Result<Vec<u8>, String> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(question);
    message.to_vec().map_err(|error| error.to_string())
}
