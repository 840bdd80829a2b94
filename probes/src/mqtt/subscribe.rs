//! How a session asks for messages.

use std::future::poll_fn;

use cutover::FailureKind;
use tokio::time::{Instant, timeout};

use super::flight::Awaits;
use super::{Event, MqttSession, MqttVersion, Qos, codec, reason, topic};
use crate::ProbeError;

impl MqttSession {
    /// Subscribes to `filter` and waits for the broker's answer. Messages that come before it are given by
    /// [`next`](Self::next) afterwards.
    ///
    /// # Errors
    /// [`Failed(Status)`](crate::Fault::Failed) when the broker refuses the subscription (section 3.9.3).
    pub async fn subscribe(&mut self, filter: &str, qos: Qos) -> Result<(), ProbeError> {
        if !topic::is_filter(filter) {
            return Err(self.misused(&format!("`{filter}` is no topic filter")));
        }
        let (id, version) = (self.next_id(), self.wire.version());
        codec::subscribe(self.line(), version, id, filter, qos);
        self.flight.send(id, Awaits::SubAck, None);
        self.granted = None;
        let asked = Instant::now();
        loop {
            if let Some((answered, code)) = self.granted.take()
                && answered == id
            {
                let words = match (code, version) {
                    (..0x80, _) => return Ok(()),
                    (_, MqttVersion::V3_1_1) => "",
                    (_, MqttVersion::V5) => reason::reason(code).unwrap_or("a reason that has no meaning"),
                };
                let colon = if words.is_empty() { "" } else { ": " };
                let message = format!(
                    "the broker refused the subscription to `{filter}` (SUBACK {code:#04x}{colon}{words})"
                );
                return Err(self.refused(&message));
            }
            // Looked at each time: a timeout by itself says nothing while there is always another packet.
            let limit = self.wait;
            let Some(left) = limit.checked_sub(asked.elapsed()) else {
                let words = format!("no answer to the subscription to `{filter}` within {limit:?}");
                return Err(self.late(&words));
            };
            let Ok(heard) = timeout(left, poll_fn(|cx| self.poll_heard(cx))).await else { continue };
            if let Some(event) = heard? {
                self.keep(event)?;
            }
        }
    }

    /// Keeps what comes before it is asked for.
    pub(super) fn keep(&mut self, event: Event) -> Result<(), ProbeError> {
        if self.pending.push(event) {
            return Ok(());
        }
        let message = "the broker sent too many messages in place of the answer that was due";
        Err(self.failed(FailureKind::Protocol, message))
    }
}
