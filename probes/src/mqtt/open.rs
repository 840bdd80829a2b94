//! How a session begins.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cutover::{AbortCause, FailureKind, Parts};
use tokio::time::{Instant, timeout};

use super::codec::{self, ConnAck, Packet};
use super::flight::Flight;
use super::limits::Limits;
use super::pending::Pending;
use super::pulse::Pulse;
use super::stream::Stream;
use super::web::Web;
use super::wire::Wire;
use super::{MqttOptions, MqttSession, MqttTarget, MqttVersion, reason, topic};
use crate::opening::Opening;
use crate::websocket::Refusal;
use crate::{Fault, ProbeError, Timeouts, Trust, tcp};

impl MqttSession {
    /// Connects to `address` and introduces itself; TLS is checked against the target's host, wherever the address
    /// leads. Gives the parts `connect`, `tls` and `wait` (from CONNECT, or from the WebSocket's request, to CONNACK).
    ///
    /// # Errors
    /// [`Failed(Status)`](Fault::Failed) when the broker refuses (section 3.2.2 of both standards); the other kinds as
    /// the connection fails.
    pub async fn open(
        address: SocketAddr,
        target: &MqttTarget,
        options: &MqttOptions,
        trust: &Trust,
        timeouts: &Timeouts,
    ) -> Result<(Self, Parts), ProbeError> {
        let mut opening = Opening::begin(address);
        let opened = Self::try_open(address, target, options, trust, timeouts, &mut opening.parts).await;
        opening.end(opened)
    }

    async fn try_open(
        address: SocketAddr,
        target: &MqttTarget,
        options: &MqttOptions,
        trust: &Trust,
        timeouts: &Timeouts,
        parts: &mut Parts,
    ) -> Result<Self, ProbeError> {
        check(options)?;
        let config = target.tls.then(|| trust.config());
        let connected =
            tcp::Stream::open(&target.host, address, options.source, config, timeouts, parts).await?;
        let asked = Instant::now();
        let stream = match target.web {
            // Boxed, as it is large and rare.
            Some(_) => Box::pin(upgraded(connected, address, target, options, timeouts)).await?,
            None => Stream::Tcp(connected),
        };
        let mut session = Self {
            wire: Wire::new(stream, options.version, options.max_packet),
            pulse: Pulse::new(options.keep_alive, Instant::now()),
            alarm: None,
            pending: Pending::default(),
            flight: Flight::default(),
            granted: None,
            last_id: 0,
            resumed: false,
            persistent: options.persistent(),
            over: false,
            limits: None,
            peer: address,
            host: Arc::clone(&target.host),
            wait: timeouts.wait,
            transfer: timeouts.transfer,
        };
        codec::connect(session.line(), options);
        let left = timeouts.wait.saturating_sub(asked.elapsed());
        let answer = timeout(left, poll_fn(|cx| session.wire.poll_packet(cx))).await;
        let answer = answer
            .map_err(|_| session.late(&format!("no CONNACK within {:?}", timeouts.wait)))?
            .map_err(|error| session.broken(&error))?;
        let Packet::ConnAck(answer) = answer else {
            return Err(
                session.failed(FailureKind::Protocol, "the broker answered CONNECT with another packet")
            );
        };
        session.accepted(*answer, options)?;
        parts.wait = Some(asked.elapsed());
        Ok(session)
    }

    fn accepted(&mut self, answer: ConnAck, options: &MqttOptions) -> Result<(), ProbeError> {
        let ConnAck { session_present, farewell, old_code, limits } = answer;
        let code = farewell.answer.code;
        if code != 0 {
            let words =
                if old_code { reason::refusal(code) } else { reason::reason(code).filter(|_| code >= 0x80) };
            let Some(words) = words else {
                let message =
                    format!("the broker answered CONNECT with the code {code:#04x}, which has no meaning");
                return Err(self.failed(FailureKind::Protocol, &message));
            };
            let code = if old_code { code.to_string() } else { format!("{code:#04x}") };
            let message = format!("the broker refused the session: {code}, {words}{}", farewell.more());
            return Err(self.failed(FailureKind::Status, &message));
        }
        if old_code && options.version == MqttVersion::V5 {
            return Err(self.failed(FailureKind::Protocol, "the broker answered MQTT 5 with MQTT 3.1.1"));
        }
        if session_present && options.clean_session {
            // Section 3.2.2.2: to go on would be to hear what another one has subscribed to.
            let message = "the broker goes on with an old session where a clean one was asked for";
            return Err(self.failed(FailureKind::Protocol, message));
        }
        self.resumed = session_present;
        if session_present {
            // An earlier process may have left ids that the broker holds and that nobody here knows: a new message under one
            // of them is taken for a repetition (section 4.3.3). To begin anywhere makes that unlikely.
            self.last_id = rand::random();
        }
        let every = limits.keep_alive.map_or(options.keep_alive, |told| Duration::from_secs(told.into()));
        self.pulse = Pulse::new(every, Instant::now());
        self.limits = (limits != Limits::default()).then(|| Box::new(limits));
        Ok(())
    }
}

async fn upgraded(
    stream: tcp::Stream,
    address: SocketAddr,
    target: &MqttTarget,
    options: &MqttOptions,
    timeouts: &Timeouts,
) -> Result<Stream, ProbeError> {
    let limit = timeouts.wait;
    match timeout(limit, Web::open(stream, target, options.max_packet)).await {
        Ok(Ok(web)) => Ok(Stream::Web(Box::new(web))),
        Ok(Err(refusal)) => Err(refusal.at(&target.host, address)),
        Err(_) => Err(Refusal::late(limit).at(&target.host, address)),
    }
}

/// That the options can be said in MQTT at all.
fn check(options: &MqttOptions) -> Result<(), ProbeError> {
    let misused = |message: String| Err(ProbeError::new(Fault::Aborted(AbortCause::Script), message));
    if let Some(field) = options.too_long() {
        return misused(format!("the {field} is longer than the 65535 bytes that MQTT has room for"));
    }
    if let Some(will) = options.will.as_ref().filter(|will| !topic::is_topic(&will.topic)) {
        return misused(format!("`{}` is no topic for a will", will.topic));
    }
    Ok(())
}
