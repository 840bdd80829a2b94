//! One TCP connection of a run.

use std::net::IpAddr;

use cutover::{Parts, Reached, Route};
use probes::tcp::Until;
use probes::{TcpSession, TcpTarget, Timeouts};
use tokio::time::Instant;

use super::Call;
use super::dial::{Opening, aim, dial};
use crate::action::Trouble;
use crate::answer::Answer;
use crate::run::RunContext;

/// With whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TcpPlace {
    pub(crate) route: Route,
    pub(crate) target: TcpTarget,
    pub(crate) tls: bool,
    /// The host's address, where one is named.
    pub(crate) at: Option<IpAddr>,
}

/// A connection, and what was learned when it was opened.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) place: TcpPlace,
    session: TcpSession,
    /// The parts of connecting, until the first exchange has taken them for its own.
    opening: Option<Parts>,
    reached: Reached,
    broken: bool,
}

impl Wire {
    /// Connects.
    pub(crate) async fn open(
        world: &RunContext,
        place: TcpPlace,
        timeouts: &Timeouts,
    ) -> Result<Self, Trouble> {
        let aim = aim(world, place.route, &place.target.host, place.at);
        let TcpPlace { target, tls, .. } = &place;
        let open = |address| -> Opening<'_, _> {
            Box::pin(TcpSession::open(address, target, *tls, &world.trust, timeouts))
        };
        let (session, opening) = dial(&aim, &target.host, target.port, timeouts, open).await?;
        let reached = aim.side_of(session.peer());
        Ok(Self { place, session, opening: Some(opening), reached, broken: false })
    }

    /// Whether it can no longer be used: after a failure nobody knows what is still to come of the exchange before.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken || self.session.is_closed()
    }

    /// Sends, and reads what is to be read.
    pub(crate) async fn exchange(
        &mut self,
        send: &[u8],
        read: Option<&Until>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        // Until it is over, for it may be cancelled.
        self.broken = true;
        let answer = self.converse(send, read, call).await?;
        self.broken = false;
        Ok(answer)
    }

    async fn converse(
        &mut self,
        send: &[u8],
        read: Option<&Until>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let started = Instant::now();
        if !send.is_empty() {
            self.session.send(send, call.timeouts.transfer).await?;
        }
        let heard = match read {
            Some(until) => Some(self.session.read(until, &call.timeouts).await?),
            None => None,
        };
        let opening = self.opening.take().unwrap_or_default();
        let total = opening.total + started.elapsed();
        let (wait, transfer) = (heard.as_ref().map(|it| it.wait), heard.as_ref().map(|it| it.transfer));
        Ok(Answer {
            parts: Parts { wait, transfer, total, ..opening },
            body: heard.map(|heard| heard.bytes).unwrap_or_default(),
            certificate: self.session.certificate().cloned(),
            peer: Some(self.session.peer()),
            reached: Some(self.reached),
            ..Answer::default()
        })
    }

    /// Ends the connection.
    pub(crate) async fn close(self) {
        if !self.broken {
            self.session.close().await;
        }
    }
}
