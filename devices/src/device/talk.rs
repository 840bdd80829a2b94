//! What a device says and hears in its sessions.

use std::time::Duration;

use bytes::Bytes;
use cutover::{DeviceEvent, Reached};
use probes::mqtt::Event as Packet;
use tokio::time::Instant;

use super::life::{Device, dice};
use super::reset::ResetId;
use super::work::Place;

/// A device obeys a reset after at least this long, and up to `RESET_SPREAD` more: a fleet that gets it at one
/// instant must not ask DNS at one instant. Meanwhile its sessions stand, so that the copy of the instruction that
/// comes on the other side or another topic is seen, too.
const RESET_WAIT: Duration = Duration::from_millis(50);
const RESET_SPREAD: Duration = Duration::from_millis(450);

impl Device {
    /// Deals with what came in a session.
    pub(super) fn heard(&mut self, place: Place, packet: &Packet, now: Instant) {
        match packet {
            Packet::Message(message) => {
                let Some(id) = ResetId::read(&message.payload) else { return };
                if !self.obeyed.is_new(id) {
                    return self.happened_on(place, DeviceEvent::ResetAgain);
                }
                self.happened_on(place, DeviceEvent::Reset);
                self.reset_at.get_or_insert(now);
                self.obey_at.get_or_insert(now + RESET_WAIT + RESET_SPREAD.mul_f64(dice()));
            }
            Packet::Acknowledged(id) => {
                if !self.link(place).is_some_and(|link| link.acknowledged(*id)) {
                    return;
                }
                self.acknowledged = true;
                self.happened_on(place, DeviceEvent::Datapoint);
                // An acknowledgement that was on its way before the sessions are dropped is no return.
                if self.obey_at.is_none()
                    && let Some(reset_at) = self.reset_at.take()
                {
                    let side = self.link(place).and_then(|link| link.reached()).and_then(Reached::side);
                    self.fleet.board.returned(now.saturating_duration_since(reset_at), side);
                }
            }
        }
    }

    /// Sends a datapoint on every session. One that was on its way when the device dropped the session of its own
    /// accord counts neither as acknowledged nor as failed: it goes again, with the same number, on the next session.
    pub(super) async fn datapoint(&mut self, now: Instant) {
        let every = self.fleet.plan.datapoint_every;
        self.datapoint_at = now + every.mul_f64(0.9 + 0.2 * dice());
        if std::mem::take(&mut self.acknowledged) {
            self.seq += 1;
        }
        let plan = &self.fleet.plan;
        let topic = plan.datapoints.fill(&plan.name, &plan.device(self.index));
        let value =
            20.0 + f64::from(u32::try_from((self.seq + u64::from(self.index)) % 40).unwrap_or(0)) / 10.0;
        let payload = Bytes::from(format!(r#"{{"seq":{},"value":{value}}}"#, self.seq));
        let deadline = now + self.fleet.context.timeouts.wait;
        for place in [Place::Main, Place::Beside] {
            let Some(link) = self.link(place) else { continue };
            if let Err(error) = link.publish(&topic, payload.clone(), deadline).await {
                self.broke(place, &error, now);
            }
        }
    }
}
