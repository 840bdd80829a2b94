//! What a device says and hears in its sessions.

use bytes::Bytes;
use chrono::Utc;
use cutover::{DeviceEvent, Reached};
use probes::mqtt::Qos;
use tokio::time::Instant;

use super::life::{Device, dice};
use super::line::Heard;
use super::work::Place;
use crate::data::{Fill, Reading};
use crate::verify::{Claim, Word};

impl Device {
    /// Deals with what came in a session.
    pub(super) fn heard(&mut self, place: Place, heard: &Heard, now: Instant) {
        match heard {
            Heard::Command(payload) => self.instructed(place, payload, now),
            Heard::Acknowledged(packet) => {
                let awaited = self.link(place).and_then(|link| link.acknowledged(*packet));
                if let Some(awaited) = awaited {
                    self.delivered(place, awaited.seq, awaited.sent, now);
                }
            }
        }
    }

    /// A datapoint has arrived, as far as the other end says.
    fn delivered(&mut self, place: Place, seq: u64, sent: Instant, now: Instant) {
        self.acknowledged |= seq == self.reading.seq;
        self.happened_on(place, DeviceEvent::Datapoint);
        let reached = self.link(place).and_then(|link| link.reached()).unwrap_or(Reached::Other);
        let sends = match self.reading.seq.checked_sub(seq) {
            Some(0) => self.sends,
            Some(1) => self.sends_before,
            // Its time is long over, and how often it was sent is forgotten.
            _ => u8::MAX,
        };
        self.fleet.tell(self.index, || Word::Claim(Claim { seq, sent, sends, reached }));
        // An acknowledgement that was on its way before the sessions are dropped is no return.
        if self.obey_at.is_none()
            && let Some(reset_at) = self.reset_at.take()
        {
            let after = now.saturating_duration_since(reset_at);
            self.fleet.board.returned(self.index, after, reached.side());
        }
    }

    /// Sends a datapoint on every session. One that was on its way when the device dropped the session of its own
    /// accord counts neither as acknowledged nor as failed: it goes again, with the same number, on the next session.
    pub(super) async fn datapoint(&mut self, now: Instant) {
        let plan = &self.fleet.plan;
        let wait = plan.datapoint_every.mul_f64(1.0 - plan.jitter + 2.0 * plan.jitter * dice());
        self.datapoint_at = self.fleet.on_beat(now + wait);
        if std::mem::take(&mut self.acknowledged) || self.reading.seq == 0 {
            self.measure();
        }
        if !self.main.is_free() && !self.beside.as_ref().is_some_and(|link| link.is_free()) {
            return;
        }
        let plan = &self.fleet.plan;
        let (device, seq) = (plan.device(self.index), self.reading.seq);
        let fill = Fill { device: &device, fleet: &plan.name, reading: Some(&self.reading) };
        let payload = Bytes::from(plan.payload.fill(fill));
        let (topic, qos) = plan.mqtt().map_or((String::new(), Qos::AtLeastOnce), |mqtt| {
            (mqtt.datapoints.fill(&plan.name, &device), mqtt.qos)
        });
        let deadline = now + self.fleet.context.timeouts.wait;
        // Counted before any of them can be acknowledged: what is read back is measured by it.
        let places = [Place::Main, Place::Beside].map(|place| {
            let free = self.link(place).is_some_and(|link| link.is_free());
            self.sends = self.sends.saturating_add(u8::from(free));
            free.then_some(place)
        });
        for place in places.into_iter().flatten() {
            let Some(link) = self.link(place) else { continue };
            match link.publish(seq, &topic, payload.clone(), qos, deadline).await {
                Ok(true) => {}
                Ok(false) => self.delivered(place, seq, now, now),
                Err(error) => self.broke(place, &error, now),
            }
        }
    }

    /// A datapoint goes once more, with a session that goes on: its number of copies is known to who reads back before
    /// one of them can be.
    pub(super) fn sends_again(&mut self, seq: u64) {
        let sends = match self.reading.seq.checked_sub(seq) {
            Some(0) => Some(&mut self.sends),
            Some(1) => Some(&mut self.sends_before),
            _ => None,
        };
        sends.into_iter().for_each(|sends| *sends = sends.saturating_add(1));
        self.fleet.tell(self.index, || Word::Again(seq));
    }

    /// Takes the next datapoint: from here on it goes by its number, its value and its time, however often it is sent.
    fn measure(&mut self) {
        let (at, last) = (Utc::now(), (self.reading.seq > 0).then_some(self.reading.value));
        let seq = last.map_or(self.fleet.first_seq, |_| self.reading.seq + 1);
        let nth = seq - self.fleet.first_seq + 1;
        let value = self.fleet.plan.generator.value(last, self.index, nth, at, dice());
        self.reading = Reading { seq, value, at };
        (self.sends_before, self.sends) = (self.sends, 0);
    }
}
