//! How a device comes to its sessions, moves and loses them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use cutover::{DeviceEvent, Reached};
use probes::{ProbeError, Resolution};
use tokio::time::Instant;

use super::left::Left;
use super::life::{Device, dice};
use super::line::Line;
use super::link::Link;
use super::personality::Event;
use super::work::{self, Done, Opening, Place};
use crate::board::Standing;
use crate::pass::Pass;
use crate::plan::Login;

impl Device {
    /// Sees to it that the device has the sessions that its mind names, and no others; a session at an address that
    /// is no longer wanted goes when the one that replaces it stands.
    pub(super) async fn settle(&mut self, now: Instant) {
        let (Some(main), beside) = (self.mind.main(), self.mind.beside()) else { return };
        if let Some(mut other) = self.beside.take_if(|_| beside.is_none()) {
            if other.address() == Some(main) && self.main.address() != Some(main) {
                std::mem::swap(&mut self.main, &mut other);
            }
            self.left.keep(other.close(now).await);
        }
        if let (Some(_), None) = (beside, &self.beside) {
            let mut other = Box::new(Link::new(now));
            if self.main.address() == beside {
                std::mem::swap(&mut self.main, &mut other);
            }
            self.beside = Some(other);
        }
        let moves = self.main.address().is_some_and(|address| address != main);
        if self.work.is_none() && (moves || self.main.wants(now)) {
            self.open(Place::Main, main);
        }
        self.stand(now);
    }

    /// Begins to open a session. A device that moves takes its time for it; one that comes back had it already.
    pub(super) fn open(&mut self, place: Place, address: IpAddr) {
        let moves = self.link(place).is_some_and(|link| link.address().is_some());
        let wait = if moves { self.fleet.delay(self.index, dice()) } else { Duration::ZERO };
        let pass = match &self.fleet.plan.login {
            Login::Account(account) => Some(Pass::Account(account.clone())),
            Login::Listed(accounts) => accounts.account(self.index).cloned().map(Pass::Account),
            Login::Anonymous | Login::Register(_) => self.pass.as_deref().cloned(),
        };
        let (identity, known) = (self.identity.clone(), self.left.knows(address));
        let opening = Opening { index: self.index, pass, identity, place, address, wait, known };
        self.work = Some(work::open(Arc::clone(&self.fleet), opening));
    }

    pub(super) async fn done(&mut self, done: Done, now: Instant) {
        match done {
            Done::Registered(Ok(pass), side) => {
                self.fleet.board.happened(DeviceEvent::Registered, side);
                self.pass = Some(Box::new(pass));
                self.main = Link::new(now);
            }
            Done::Registered(Err(why), side) => {
                self.log("could not register", &why);
                self.fleet.board.happened(DeviceEvent::RegisterFailed, side);
                self.main.failed(now, dice());
            }
            Done::Resolved(result) => self.resolved(result, now).await,
            Done::Opened(place, address, Ok((line, identity))) => {
                self.identity = identity;
                self.opened(place, address, line, now).await;
            }
            Done::Opened(place, _, Err(error)) => {
                self.log("got no session", &error);
                self.fleet.board.happened(DeviceEvent::ConnectFailed, self.fleet.blame(&error));
                let Some(wait) = self.link(place).map(|link| link.failed(now, dice())) else { return };
                if place == Place::Main && self.main.address().is_some() {
                    // It wanted to move. It stays where it is, and looks again.
                    self.decide(Event::Failed { wait }, now).await;
                }
            }
        }
    }

    pub(super) async fn resolved(&mut self, result: Result<Resolution, ProbeError>, now: Instant) {
        match result {
            Ok(Resolution { addresses, ttl, took }) => {
                self.looks.reset();
                if ttl.is_some() {
                    let first = addresses.first().map(|address| self.fleet.context.sides.side_of(*address));
                    self.fleet.board.resolved(took, first.and_then(Reached::side));
                }
                let before = self.mind.main();
                let action = self.mind.step(Event::Answered { addresses: &addresses, ttl }, now, dice());
                if self.mind.main() != before {
                    // What failed at the former address says nothing about this one.
                    self.main.retry_at = self.main.retry_at.min(now);
                }
                self.act(action, now).await;
            }
            Err(error) => {
                self.log("got no address", &error);
                self.fleet.board.happened(DeviceEvent::ResolveFailed, None);
                let wait = self.looks.next(dice());
                self.main.retry_at = now + wait;
                self.decide(Event::Failed { wait }, now).await;
            }
        }
    }

    pub(super) async fn opened(&mut self, place: Place, address: IpAddr, line: Line, now: Instant) {
        let reached = self.fleet.aim.side_of(line.peer());
        self.fleet.board.happened(DeviceEvent::Connected, reached.side());
        let deadline = now + self.fleet.context.timeouts.wait;
        let wanted = match place {
            Place::Main => self.mind.main(),
            Place::Beside => self.mind.beside(),
        };
        let Some(link) = self.link(place) else { return line.close().await };
        if wanted != Some(address) {
            return line.close().await;
        }
        // The former session, if this is a move: the new one stands, so now it goes.
        if link.address().is_some() {
            let left = link.close(now).await;
            self.left.keep(left);
        }
        let left = self.left.take(address);
        left.iter().flat_map(Left::datapoints).for_each(|seq| self.sends_again(seq));
        let wanted = (!self.acknowledged).then_some(self.reading.seq);
        let Some(link) = self.link(place) else { return };
        let held = link.hold(line, reached, left, wanted, [now, deadline]).await;
        if let Err(error) = held {
            return self.broke(place, &error, now);
        }
        self.stand(now);
        self.datapoint(now).await;
    }

    /// Obeys a reset: it drops its sessions, and its personality decides what follows.
    pub(super) async fn obey(&mut self, now: Instant) {
        self.obey_at = None;
        if !std::mem::take(&mut self.restarting) {
            self.fleet.board.obeyed(self.index);
            self.leave(now).await;
            self.stand(now);
            let wait = self.fleet.delay(self.index, dice());
            if !wait.is_zero() {
                self.restarting = true;
                self.obey_at = Some(now + wait);
                return;
            }
        }
        self.decide(Event::Reset, now).await;
    }

    /// Says goodbye wherever it is, and drops whatever was under way.
    pub(super) async fn leave(&mut self, now: Instant) {
        self.work = None;
        self.left.give_up();
        self.left.keep(self.main.close(now).await);
        if let Some(mut beside) = self.beside.take() {
            self.left.keep(beside.close(now).await);
        }
    }

    pub(super) fn broke(&mut self, place: Place, error: &ProbeError, now: Instant) {
        self.log("lost a session", error);
        let side = self.fleet.blame(error);
        let Some(link) = self.link(place) else { return };
        let broken = link.broke(now, dice());
        self.fleet.board.happened(DeviceEvent::Disconnected, side);
        if broken.gave_up {
            self.fleet.board.happened(DeviceEvent::DatapointFailed, side);
        }
        self.left.keep(broken.left);
        self.stand(now);
    }

    /// Says on the fleet's board where it stands.
    pub(super) fn stand(&mut self, now: Instant) {
        let reached = [Some(&self.main), self.beside.as_deref()].map(|link| link.and_then(Link::reached));
        let holds = |side| reached.contains(&Some(side));
        let standing = match (holds(Reached::Old), holds(Reached::New)) {
            (true, true) => Standing::Both,
            (true, false) => Standing::Old,
            (false, true) => Standing::New,
            (false, false) if holds(Reached::Other) => Standing::Other,
            (false, false) => Standing::Without(*self.without.get_or_insert(now)),
        };
        if !matches!(standing, Standing::Without(_)) {
            self.without = None;
        }
        self.fleet.board.stand(self.index, standing);
    }
}
