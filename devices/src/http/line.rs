//! One device's line to its API.
//!
//! To the rest of the device it is what a session with a broker is: it stands from its first poll that succeeds until
//! an exchange that does not, it says what comes, and it is at one address until the device moves. Its connection is
//! kept between two exchanges; where the API closes it meanwhile, the next exchange makes another one to the same
//! address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use cutover::{AbortCause, Route, Side};
use http::{HeaderMap, HeaderValue, header};
use probes::{Aim, HttpRequest, HttpResponse, HttpSession, Pins, ProbeError};
use tokio::time::{Instant, sleep_until};

use crate::data::Fill;
use crate::device::{Heard, own, refused};
use crate::fleet::Fleet;
use crate::plan::{HttpPlan, Request};

/// The longest command that is kept, in bytes.
const COMMAND: usize = 4096;

/// One device's line to its API.
pub(crate) struct HttpLine {
    fleet: Arc<Fleet>,
    index: u32,
    authorization: Option<HeaderValue>,
    peer: SocketAddr,
    /// The client, between two exchanges.
    idle: Option<Box<HttpSession>>,
    exchange: Option<Exchange>,
    /// The datapoint that goes out when the exchange under way is over.
    next: Option<(u16, Bytes)>,
    /// A command that came with the first poll.
    heard: Option<Bytes>,
    poll_at: Instant,
    /// When the last datapoint went out.
    posted: Instant,
    last_id: u16,
}

/// An exchange under way, which gives the client back.
type Exchange =
    Pin<Box<dyn Future<Output = (Box<HttpSession>, Asked, Result<HttpResponse, ProbeError>)> + Send>>;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Poll,
    Post(u16),
}

impl HttpLine {
    /// Opens a line to the API at `address`, by a first poll.
    pub(crate) async fn open(
        fleet: Arc<Fleet>,
        plan: &HttpPlan,
        index: u32,
        authorization: Option<HeaderValue>,
        address: IpAddr,
    ) -> Result<Self, ProbeError> {
        let context = &fleet.context;
        let mut pins = Pins::default();
        pins.pin(Side::Old, plan.host(), address);
        let aim = Aim::new(Route::Old, Arc::clone(&context.sides), Arc::new(pins), None);
        let client = HttpSession::new(aim, &context.trust, context.timeouts, &context.user_agent)?;
        let mut line = Self {
            index,
            authorization,
            peer: SocketAddr::new(address, plan.port()),
            idle: Some(Box::new(client)),
            exchange: None,
            next: None,
            heard: None,
            poll_at: Instant::now(),
            posted: Instant::now(),
            last_id: 0,
            fleet,
        };
        line.begin(Asked::Poll, Bytes::new());
        if let Some(Heard::Command(command)) = line.finish().await? {
            line.heard = Some(command);
        }
        Ok(line)
    }

    /// The other end.
    pub(crate) const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// When the last datapoint went out.
    pub(crate) const fn posted(&self) -> Instant {
        self.posted
    }

    /// Hands over a datapoint with the next exchange; gives the id with which it will be acknowledged.
    pub(crate) fn post(&mut self, payload: Bytes) -> u16 {
        self.last_id = self.last_id.wrapping_add(1);
        self.next = Some((self.last_id, payload));
        self.last_id
    }

    /// What comes next. Safe to cancel: an exchange under way stays so.
    pub(crate) async fn next(&mut self) -> Result<Heard, ProbeError> {
        if let Some(command) = self.heard.take() {
            return Ok(Heard::Command(command));
        }
        loop {
            if self.exchange.is_none() {
                match self.next.take() {
                    Some((id, payload)) => self.begin(Asked::Post(id), payload),
                    None => {
                        sleep_until(self.poll_at).await;
                        self.begin(Asked::Poll, Bytes::new());
                    }
                }
            }
            if let Some(heard) = self.finish().await? {
                return Ok(heard);
            }
        }
    }

    fn begin(&mut self, asked: Asked, body: Bytes) {
        let Some(mut client) = self.idle.take() else { return };
        if matches!(asked, Asked::Post(_)) {
            self.posted = Instant::now();
        }
        let request = self.request(asked, body);
        self.exchange = Some(Box::pin(async move {
            let answer = match request {
                Ok(request) => client.send(request).await,
                Err(error) => Err(error),
            };
            (client, asked, answer)
        }));
    }

    /// Waits for the exchange under way. `None`: it brought nothing to tell.
    async fn finish(&mut self) -> Result<Option<Heard>, ProbeError> {
        let Some(exchange) = &mut self.exchange else { return Ok(None) };
        let (client, asked, answer) = exchange.await;
        self.exchange = None;
        self.idle = Some(client);
        let answer = answer?;
        if !answer.status.is_success() {
            let message = format!("{}: answered {}", answer.peer, answer.status);
            return Err(refused(message, answer.peer));
        }
        match asked {
            Asked::Post(id) => Ok(Some(Heard::Acknowledged(id))),
            Asked::Poll => {
                self.poll_at =
                    Instant::now() + self.plan().map_or_else(Default::default, |plan| plan.poll_every);
                Ok((!answer.body.is_empty()).then_some(Heard::Command(answer.body)))
            }
        }
    }

    fn plan(&self) -> Option<&HttpPlan> {
        self.fleet.plan.http()
    }

    fn request(&self, asked: Asked, body: Bytes) -> Result<HttpRequest, ProbeError> {
        let script = |message: String| own(AbortCause::Script, message);
        let plan = self.plan().ok_or_else(|| script("this fleet talks with no API".to_owned()))?;
        let Request { method, url } = match asked {
            Asked::Poll => &plan.poll,
            Asked::Post(_) => &plan.post,
        };
        let device = self.fleet.plan.device(self.index);
        let text = url.fill(Fill { device: &device, fleet: &self.fleet.plan.name, reading: None });
        let url = plan.at(&text).map_err(|error| script(error.to_string()))?;
        let mut request = HttpRequest::new(method.clone(), url);
        let mut headers = HeaderMap::new();
        headers.extend(self.authorization.clone().map(|value| (header::AUTHORIZATION, value)));
        if matches!(asked, Asked::Post(_)) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request.headers = headers;
        request.body = body;
        request.keep = COMMAND;
        Ok(request)
    }
}

impl fmt::Debug for HttpLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpLine({})", self.peer)
    }
}
